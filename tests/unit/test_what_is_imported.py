"""
What `import ommongo` imports, and what only the first use of something does.

The counts are exact: a module more is paid by every program that imports the library. What few
programs name, and what belongs to a later step (to ask, to write, to look into an error), is
imported with that. A package's door gives such names on demand.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections import Counter

import pytest

import ommongo

IMPORTED = {
    "ommongo": 17,
    "ommongo._persistence": 14,
    "ommongo._tracking": 13,
    "ommongo.document": 13,
    "ommongo.document._codec": 2,
    "ommongo.document._traits": 9,
    "ommongo.fields": 20,
    "ommongo.query_expression": 2,
    "ommongo.session": 13,
}

DOORS = [
    "ommongo",
    "ommongo._tracking",
    "ommongo.document",
    "ommongo.fields",
    "ommongo.ops",
    "ommongo.query_expression",
    "ommongo.session",
]
"""Packages that give names on demand."""

DECLARING = """
class Author(ommongo.Document):
    name = ommongo.StringField()

class Book(ommongo.Document):
    title = ommongo.StringField(min_length=1)
    pages = ommongo.IntField(required=False)
    published = ommongo.DateTimeField(optional=True)
    tags = ommongo.ListField(ommongo.StringField(), default_empty=True)
    author = ommongo.DocumentField(Author)
    i_title = ommongo.Index().ascending("title")

Book(title="Emma", author=Author(name="Jane")).wrap()
"""

READING = """
import pymongo

session = ommongo.Session(pymongo.MongoClient(connect=False)["library"])
session.query(Book).filter(Book.pages > 100).ascending(Book.title).limit(3).query
book = Book.unwrap({"title": "Emma", "pages": 474, "tags": ["novel"], "author": {"name": "Jane"}})
book.title, book.tags, book.author.name
"""


def imported_by(code, *, after="import pymongo"):
    """Give the modules that *code* imports in a new process, after another code was run there."""
    program = f"{after}\nimport sys\nbefore = {{*sys.modules}}\n{code}\n"
    program += "print(*{*sys.modules} - before)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def rooms_of(modules):
    """Give the packages that hold some modules of the library."""
    names = {name.rpartition(".")[0] for name in modules if name.startswith("ommongo.")}
    return names | {"ommongo"}


def test_importing_imports_as_many_modules_as_it_did():
    """Each room has as many modules that every program pays for as stand here."""
    own = [name for name in imported_by("import ommongo") if name.startswith("ommongo.")]

    assert Counter(name.rpartition(".")[0] for name in own) == IMPORTED


def test_importing_needs_nothing_of_python_that_the_driver_does_without():
    """What comes with pymongo is enough; of pymongo itself some versions import more later."""
    packages = {name.split(".")[0] for name in imported_by("import ommongo")}

    assert packages - {"pymongo"} == {"ommongo"}


def test_declaring_classes_and_making_objects_needs_no_queries_and_nothing_that_writes():
    """To declare and to construct takes little more than what the library imports with itself."""
    assert imported_by(DECLARING, after="import ommongo") == {
        "ommongo.document._codec.judging",
        "ommongo.document._codec.making",
        "ommongo.document._codec.source",
        "ommongo.document._codec.storing",
        "ommongo.document._traits.settings",
    }


def test_the_first_query_field_imports_what_queries_are_made_of():
    """A field's name of a class is a query field, and that asks nobody."""
    loaded = imported_by("Book.title == 'Emma'", after=f"import ommongo{DECLARING}")

    assert "ommongo.query_expression.field" in loaded
    assert rooms_of(loaded) == {"ommongo", "ommongo.query_expression"}


def test_reading_needs_nothing_that_writes():
    """What a session imports to ask, and to load, is not what it takes to write."""
    loaded = imported_by(READING, after=f"import ommongo{DECLARING}")

    assert "ommongo.document._codec.loading" in loaded
    assert rooms_of(loaded) <= {
        "ommongo",
        "ommongo.document._codec",
        "ommongo.fields",
        "ommongo.query",
        "ommongo.query_expression",
    }


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("AnythingField", "fields.choice"),
        ("BinaryField", "fields.binary"),
        ("ComputedField", "fields.computed"),
        ("DictDoc", "document.dictdoc"),
        ("DictField", "fields.mappings"),
        ("EnumField", "fields.choice"),
        ("GeoField", "fields.geo"),
        ("KVField", "fields.mappings"),
        ("Q", "query_expression.free_form"),
        ("RefField", "fields.references"),
        ("SRefField", "fields.id_references"),
        ("TupleField", "fields.tuples"),
        ("VersionField", "fields.version"),
        ("computed_field", "fields.computed"),
        ("scoped_session", "session.scoped"),
    ],
)
def test_what_few_programs_name_comes_with_its_name(name, module):
    """A name of the library whose module nothing else needs is not paid by those who go without."""
    loaded = imported_by(f"ommongo.{name}", after="import ommongo")

    assert f"ommongo.{module}" in loaded


@pytest.mark.parametrize("door", DOORS)
def test_a_door_knows_all_that_it_gives(door):
    """What is given on demand is listed, is what its module has, and stays once it was given."""
    module = importlib.import_module(door)
    for name in module.__all__:
        given = getattr(module, name)

        assert name in dir(module)
        assert vars(module)[name] is given
        if isinstance(given, type) and given.__module__.startswith("ommongo."):
            assert getattr(importlib.import_module(given.__module__), given.__name__) is given


@pytest.mark.parametrize("door", DOORS)
def test_a_door_has_no_other_names(door):
    """A name that is not there is refused as it is of any module."""
    module = importlib.import_module(door)

    assert not hasattr(module, "Nonsense")
    with pytest.raises(AttributeError, match=f"module '{door}' has no attribute 'Nonsense'"):
        _ = module.Nonsense
    with pytest.raises(ImportError, match="cannot import name 'Nonsense'"):
        exec(f"from {door} import Nonsense")


def test_a_module_that_cannot_be_imported_is_not_taken_for_a_missing_name(monkeypatch):
    """The error of an import on demand reaches who asked, and the next one gets the name."""
    monkeypatch.delitem(vars(ommongo.fields), "GeoField", raising=False)
    with monkeypatch.context() as broken:
        broken.setitem(sys.modules, "ommongo.fields.geo", None)
        with pytest.raises(ImportError, match=r"ommongo\.fields\.geo"):
            _ = ommongo.fields.GeoField

    assert ommongo.fields.GeoField.__name__ == "GeoField"
