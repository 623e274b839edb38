"""Every promised import path, name and signature, and nothing public beside them."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import subprocess
import sys

import bson
import pytest

import ommongo
from ommongo import Session, exceptions, fields

FIELD_CLASSES = {
    "AnythingField",
    "BinaryField",
    "BoolField",
    "ComputedField",
    "CreatedField",
    "DateTimeField",
    "DictField",
    "DocumentField",
    "EnumField",
    "Field",
    "FloatField",
    "GeoField",
    "IntField",
    "KVField",
    "ListField",
    "ModifiedField",
    "NumberField",
    "ObjectIdField",
    "RefField",
    "RegExStringField",
    "SRefField",
    "SetField",
    "StringField",
    "TupleField",
    "VersionField",
}

ROWS = {
    "ommongo": FIELD_CLASSES
    | {"Session", "Document", "DictDoc", "Index", "Q", "computed_field", "scoped_session"}
    | {"__version__", "typed"},
    "ommongo.session": {"FlushReport", "Session", "scoped_session"},
    "ommongo.document": {
        "Document",
        "DictDoc",
        "Index",
        "BadIndexException",
        "document_type_registry",
        "collection_registry",
        "DocumentField",
        "DocumentException",
        "MissingValueException",
        "ExtraValueException",
        "FieldNotRetrieved",
        "BadFieldSpecification",
        "typed",
    },
    "ommongo.fields": FIELD_CLASSES
    | {
        "computed_field",
        "Proxy",
        "ListProxy",
        "SCALAR_MODIFIERS",
        "NUMBER_MODIFIERS",
        "LIST_MODIFIERS",
        "ANY_MODIFIER",
        "BadValueException",
        "FieldNotRetrieved",
        "InvalidConfigException",
        "BadFieldSpecification",
        "MissingValueException",
        "ObjectId",
        "DBRef",
        "Binary",
    },
    "ommongo.query": {
        "Query",
        "QueryResult",
        "RemoveQuery",
        "BadQueryException",
        "BadResultException",
        "BadValueException",
        "FieldNotFoundException",
    },
    "ommongo.query_expression": {
        "QueryField",
        "QueryExpression",
        "ElemMatchQueryExpression",
        "Q",
        "FreeFormDoc",
        "FreeFormField",
        "BadQueryException",
        "flatten",
    },
    "ommongo.update_expression": {
        "UpdateExpression",
        "FindAndModifyExpression",
        "UpdateException",
        "InvalidModifierException",
        "ConflictingModifierException",
    },
    "ommongo.ops": {
        "Operation",
        "SaveOp",
        "UpdateDocumentOp",
        "UpdateOp",
        "RemoveOp",
        "RemoveDocumentOp",
        "ClearCollectionOp",
    },
    "ommongo.exceptions": set(exceptions.__all__),
    "ommongo.util": {"resolve_name", "classproperty", "UNSET", "FieldNotFoundException"},
}


def public_modules():
    """Give the name of every module of the library without an underscore in its path."""
    found = ["ommongo"]
    for module in pkgutil.walk_packages(ommongo.__path__, "ommongo."):
        if not any(part.startswith("_") for part in module.name.split(".")):
            found.append(module.name)
    return found


def parameters(function):
    """Give the positional parameters of a function, and the kinds of all that follow them."""
    found = list(inspect.signature(function).parameters.values())
    if found and found[0].name in {"self", "cls"}:
        del found[0]
    positional = [
        (p.name, p.default) if p.default is not p.empty else (p.name,)
        for p in found
        if p.kind is p.POSITIONAL_OR_KEYWORD
    ]
    rest = [p for p in found if p.kind is not p.POSITIONAL_OR_KEYWORD]
    return positional, rest


@pytest.mark.parametrize(
    ("path", "name"), sorted((path, name) for path, names in ROWS.items() for name in names)
)
def test_a_promised_name_is_importable(path, name):
    """Each name of the table of import paths is at its path."""
    assert hasattr(importlib.import_module(path), name)


@pytest.mark.parametrize("path", sorted(ROWS))
def test_a_star_import_gives_exactly_the_row(path):
    """`from … import *` gives every name of the module's row and no other."""
    given = {}
    exec(f"from {path} import *", given)
    del given["__builtins__"]

    assert set(given) == ROWS[path]


@pytest.mark.parametrize("path", public_modules())
def test_all_is_there_without_repeats(path):
    """Every public module says what is public in it, each name once."""
    names = importlib.import_module(path).__all__

    assert len(names) == len(set(names))


@pytest.mark.parametrize("path", public_modules())
def test_all_names_only_what_is_there(path):
    """No name of `__all__` is missing from the module."""
    module = importlib.import_module(path)

    assert set(module.__all__) <= set(dir(module))


@pytest.mark.parametrize("path", public_modules())
def test_what_a_module_defines_in_public_is_in_all(path):
    """A class or function of a public module without an underscore is in `__all__`."""
    module = importlib.import_module(path)
    defined = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__ == path
    }
    if path == "ommongo.util":
        defined.discard("Unset")  # its one instance is the public name

    assert defined <= set(module.__all__)


@pytest.mark.parametrize(
    ("path", "name"),
    sorted((path, name) for path, names in ROWS.items() for name in names & set(dir(exceptions))),
)
def test_an_exception_named_in_two_places_is_one_class(path, name):
    """What is caught under one import path is what is raised under the other."""
    assert getattr(importlib.import_module(path), name) is getattr(exceptions, name)


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Session", "ommongo.session"),
        ("scoped_session", "ommongo.session"),
        ("Document", "ommongo.document"),
        ("DictDoc", "ommongo.document"),
        ("Index", "ommongo.document"),
        ("Q", "ommongo.query_expression"),
        ("computed_field", "ommongo.fields"),
        *((name, "ommongo.fields") for name in sorted(FIELD_CLASSES)),
    ],
)
def test_the_front_door_gives_the_same_objects(name, path):
    """What `ommongo` exports is what the module of the name exports."""
    assert getattr(ommongo, name) is getattr(importlib.import_module(path), name)


@pytest.mark.parametrize("name", ["ObjectId", "DBRef", "Binary"])
def test_fields_exports_the_classes_of_bson(name):
    """The BSON types that come with the fields are the driver's own."""
    home = {"ObjectId": bson.objectid, "DBRef": bson.dbref, "Binary": bson.binary}

    assert getattr(fields, name) is getattr(home[name], name)


@pytest.mark.parametrize("name", sorted(FIELD_CLASSES - {"CreatedField", "Field"}))
def test_each_field_class_is_a_field(name):
    """Every name of the fields' table but `CreatedField` is a subclass of `Field`."""
    assert issubclass(getattr(fields, name), fields.Field)


def test_created_field_is_a_function():
    """`CreatedField` makes a `ComputedField`."""
    assert isinstance(fields.CreatedField(), fields.ComputedField)


def test_the_modifier_sets():
    """The sets of update operators hold what the specification lists."""
    scalar = {"$set", "$unset"}
    number = scalar | {"$inc", "$mul", "$min", "$max"}
    array = scalar | {"$push", "$addToSet", "$pull", "$pushAll", "$pullAll", "$pop"}

    assert set(fields.SCALAR_MODIFIERS) == scalar
    assert set(fields.NUMBER_MODIFIERS) == number
    assert set(fields.LIST_MODIFIERS) == array
    assert set(fields.ANY_MODIFIER) == number | array


def test_the_version_is_text_of_numbers():
    """`__version__` can be compared by the usual tools."""
    major, minor, *_ = ommongo.__version__.split(".")

    assert major.isdigit()
    assert minor.isdigit()


def test_importing_prints_nothing_and_warns_of_nothing():
    """`python -W error -c "import ommongo"` is silent."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", "import ommongo"],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


SIGNATURES = {
    "__init__": [
        ("database",),
        ("tz_aware", False),
        ("timezone", None),
        ("safe", False),
        ("cache_size", 0),
        ("auto_ensure", True),
    ],
    "add": [("item",), ("safe", None)],
    "add_to_session": [("obj",)],
    "auto_ensure_indexes": [("cls",)],
    "begin_trans": [],
    "clear_cache": [],
    "clear_index": [("collection",)],
    "clear_queue": [("trans_id", None)],
    "clone": [("document",)],
    "dereference": [("ref",), ("allow_none", False)],
    "end": [],
    "end_trans": [("exc_type", None), ("exc_val", None), ("exc_tb", None)],
    "ensure_indexes": [("cls",)],
    "execute_query": [("query",), ("session",)],
    "flush": [("safe", None)],
    "get_indexes": [("cls",)],
    "insert": [("item",), ("safe", None)],
    "query": [("type",), ("exclude_subclasses", False)],
    "refresh": [("document",)],
    "remove": [("obj",), ("safe", None)],
    "remove_query": [("type",)],
    "save": [("item",), ("safe", None)],
    "cache_write": [("obj",), ("mongo_id", None)],
    "cache_read": [("id",), ("cls", None)],
    "close": [],
    "after_commit": [("callback",)],
    "after_rollback": [("callback",)],
    "expunge": [("document",)],
    "get": [("cls",), ("id",)],
    "transaction": [
        ("read_concern", None),
        ("write_concern", None),
        ("read_preference", None),
        ("max_commit_time_ms", None),
    ],
}


@pytest.mark.parametrize("name", sorted(SIGNATURES))
def test_a_method_of_session_has_the_documented_signature(name):
    """Names, order and defaults are those of the founding document; additions are keyword-only."""
    positional, rest = parameters(getattr(Session, name))

    assert positional == SIGNATURES[name]
    assert all(p.kind is p.KEYWORD_ONLY and p.default is not p.empty for p in rest)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("reload", "document", ("fields", inspect.Parameter.VAR_POSITIONAL)),
        ("run_in_transaction", "callback", ("options", inspect.Parameter.VAR_KEYWORD)),
    ],
)
def test_a_method_with_any_number_of_arguments_has_the_documented_signature(name, first, last):
    """`reload` takes fields, and `run_in_transaction` the options of `transaction`."""
    positional, rest = parameters(getattr(Session, name))

    assert positional == [(first,)]
    assert [(p.name, p.kind) for p in rest] == [last]


@pytest.mark.parametrize("name", ["dirty", "flush_report", "pending"])
def test_what_a_session_knows_is_read_only(name):
    """State is looked at, never set."""
    found = inspect.getattr_static(Session, name)

    assert isinstance(found, property)
    assert found.fset is None


def test_connect_has_the_documented_signature():
    """`connect` passes further positional and keyword arguments on."""
    positional, rest = parameters(Session.connect)

    assert positional == [
        ("database",),
        ("timezone", None),
        ("cache_size", 0),
        ("auto_ensure", True),
        ("replica_set", None),
    ]
    assert [(p.name, p.kind) for p in rest] == [
        ("args", inspect.Parameter.VAR_POSITIONAL),
        ("kwds", inspect.Parameter.VAR_KEYWORD),
    ]


def test_connect_is_a_class_method():
    """`connect` is called on the class."""
    assert inspect.ismethod(Session.connect)
    assert Session.connect.__self__ is Session


def test_update_has_the_documented_signature():
    """`update` takes field names as further keywords."""
    positional, rest = parameters(Session.update)

    assert positional == [
        ("item",),
        ("id_expression", None),
        ("upsert", False),
        ("update_ops", {}),
        ("safe", None),
    ]
    assert [(p.name, p.kind) for p in rest] == [("kwargs", inspect.Parameter.VAR_KEYWORD)]


def test_clear_collection_has_the_documented_signature():
    """`clear_collection` takes any number of classes."""
    positional, rest = parameters(Session.clear_collection)

    assert positional == []
    assert [(p.name, p.kind) for p in rest] == [("classes", inspect.Parameter.VAR_POSITIONAL)]


def test_forget_indexes_takes_any_number_of_classes():
    """`forget_indexes` takes classes, or none for all."""
    positional, rest = parameters(Session.forget_indexes)

    assert positional == []
    assert [(p.name, p.kind) for p in rest] == [("classes", inspect.Parameter.VAR_POSITIONAL)]


@pytest.mark.parametrize("name", ["execute_remove", "execute_update", "execute_find_and_modify"])
def test_what_the_builders_call_takes_the_builder(name):
    """The `execute_…` methods have the builder as their one argument."""
    positional, rest = parameters(getattr(Session, name))

    assert len(positional) == 1
    assert rest == []


@pytest.mark.parametrize(
    "name",
    [name for name in dir(Session) if not name.startswith("_")],
)
def test_every_public_member_of_session_is_documented(name):
    """Whoever reads `help(Session)` finds a sentence for each name."""
    assert inspect.getdoc(getattr(Session, name))
