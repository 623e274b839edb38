"""
Names, parameters and signatures that applications of the historical library rely on.

Members: what a module gave beside its own names; every old keyword of a field's constructor, by
position and by name; what a field was told, read from it; base classes of fields; overrides of
`unwrap` and `set_value` with every signature, in every kind of field; overrides of `__set__`; what
a partial document says of itself; empty settings of a connection.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from pymongo.errors import ConfigurationError

import ommongo.document
import ommongo.fields
from ommongo import (
    BinaryField,
    BoolField,
    ComputedField,
    DateTimeField,
    DictField,
    Document,
    DocumentField,
    EnumField,
    FloatField,
    IntField,
    KVField,
    ListField,
    ObjectIdField,
    RefField,
    RegExStringField,
    Session,
    SetField,
    SRefField,
    StringField,
    TupleField,
)
from ommongo.exceptions import InvalidConfigException
from ommongo.fields import Field, PrimitiveField, SequenceField
from tests.models import Address, User


def test_a_module_gives_what_it_gave():
    """`DocumentField` is one class, wherever it is taken from."""
    assert ommongo.document.DocumentField is ommongo.fields.DocumentField
    assert "DocumentField" in ommongo.document.__all__


# -- parameters -------------------------------------------------------------------------------

OLD_NAMES = {
    "list": (ListField, {"item_type": StringField()}, {"min_capacity": 1, "required": False}),
    "set": (SetField, {"item_type": StringField()}, {"default_empty": True}),
    "dict": (DictField, {"value_type": StringField()}, {"default_empty": True}),
    "kv": (KVField, {"key_type": StringField(), "value_type": IntField()}, {"required": False}),
    "enum": (EnumField, {"item_type": StringField()}, {"required": False}),
    "document": (DocumentField, {"document_class": Address}, {"db_field": "a"}),
    "computed": (
        ComputedField,
        {"computed_type": IntField()},
        {"fun": lambda values: 1, "one_time": True},
    ),
}
BY_NAME = pytest.mark.parametrize(("cls", "told", "more"), OLD_NAMES.values(), ids=OLD_NAMES)


@BY_NAME
def test_old_keywords_are_taken(cls, told, more):
    """The field is the same as by the new names, and says what it was told by the old ones."""
    field = cls(**told, **more)

    assert [getattr(field, name) for name in told if name != "key_type"] == [
        value if cls is not KVField else field.value_field
        for name, value in told.items()
        if name != "key_type"
    ]
    assert field.schema_json() == cls(*told.values(), **more).schema_json()


@BY_NAME
def test_an_argument_that_is_given_twice_is_refused(cls, told, more):
    """By both names, or by position and by name."""
    with pytest.raises(TypeError):
        cls(*told.values(), **told, **more)
    new = {
        "item_type": "item_field",
        "value_type": "value_field",
        "key_type": "key_field",
        "document_class": "cls_or_name",
        "computed_type": "computed_field",
    }
    with pytest.raises(TypeError, match="twice"):
        cls(**told, **{new[name]: value for name, value in told.items()}, **more)


def test_a_missing_argument_is_still_missing():
    """There is no default by the way."""
    with pytest.raises(TypeError, match="item_field"):
        ListField()


# -- attributes -------------------------------------------------------------------------------

EARLY, LATE = datetime(2020, 1, 1), datetime(2030, 1, 1)
ITEM = IntField()
TOLD = [
    (StringField(max_length=3, min_length=1), {"max": 3, "min": 1, "constructor": str}),
    (StringField(), {"max": None, "min": None, "validator": None, "default_f": None}),
    (RegExStringField("a+", max_length=3), {"max": 3, "min": None}),
    (IntField(min_value=1), {"min": 1, "max": None, "constructor": int}),
    (FloatField(max_value=1.5), {"min": None, "max": 1.5, "constructor": float}),
    (BoolField(), {"constructor": bool}),
    (DateTimeField(EARLY, LATE), {"min": EARLY, "max": LATE, "constructor": datetime}),
    (ListField(ITEM, 1, 3), {"min": 1, "max": 3, "item_type": ITEM, "item_field": ITEM}),
    (SetField(ITEM), {"min": None, "max": None, "item_type": ITEM}),
    (TupleField(ITEM), {"types": (ITEM,)}),
    (DictField(ITEM), {"value_type": ITEM, "value_field": ITEM}),
    (EnumField(ITEM, 1, 2), {"item_type": ITEM, "values": (1, 2)}),
    (DocumentField(Address), {"type": Address, "document_class": Address}),
    (RefField(), {"type": None, "db": None, "db_required": False, "namespace": "global"}),
    (ObjectIdField(auto=True), {"auto": True, "session": None}),
    (ListField(ITEM, validator=len, wrap_validator=all), {"validator": len, "wrap_validator": all}),
    (ListField(ITEM, default_f=list), {"default_f": list, "unwrap_validator": None}),
]


@pytest.mark.parametrize(("field", "told"), TOLD, ids=lambda value: type(value).__name__)
def test_a_field_says_what_it_was_told(field, told):
    """And None where it was told nothing."""
    assert {name: getattr(field, name) for name in told} == told


def test_the_class_of_a_reference_is_a_field():
    """It is that whose schema the reference's own has."""
    for field in (RefField(User), SRefField(User)):
        assert isinstance(field.type, DocumentField)
        assert field.type.type is User


def test_the_field_of_the_parts_is_given():
    """Also by the old method."""
    assert ListField(ITEM).child_type() is ITEM
    assert SetField(ITEM).child_type() is ITEM
    assert DictField(ITEM).child_type() is ITEM
    assert isinstance(KVField(StringField(), ITEM).child_type(), IntField)
    assert isinstance(KVField(StringField(), ITEM).key_type, StringField)
    assert TupleField(ITEM).child_type() is None


def test_base_classes():
    """Lists, sets and tuples are sequences; text, numbers, dates and the like are primitive."""
    sequences = [ListField(ITEM), SetField(ITEM), TupleField(ITEM), KVField(ITEM, ITEM)]
    primitives = [StringField(), IntField(), FloatField(), BoolField(), DateTimeField()]
    assert all(isinstance(field, SequenceField) for field in sequences)
    assert all(isinstance(field, PrimitiveField) for field in [*primitives, BinaryField()])
    assert not any(isinstance(field, PrimitiveField) for field in sequences)


def test_fields_are_built_on_the_base_classes(session, database):
    """A primitive field has a type of its own, and turns into it what else it accepts."""

    class Level(PrimitiveField):
        def __init__(self, **kwargs):
            super().__init__(int, **kwargs)

        def validate_wrap(self, value):
            if not str(value).isdigit():
                self._fail_validation(value, "takes digits")

    class Game(Document):
        config_namespace = None
        config_collection_name = "games"
        level = Level()
        strict = type("Strict", (PrimitiveField,), {"constructor": int})(required=False)

    session.save(Game(level="7"))

    assert database["games"].find_one()["level"] == 7
    assert session.query(Game).one().level == 7
    assert not Game.strict.get_type().is_valid_wrap("7")


# -- overrides --------------------------------------------------------------------------------


def upper_by(signature):
    """Make a field class whose `unwrap` has this signature and makes text large."""
    code = f"def unwrap({signature}):\n    return value.upper()"
    made: dict = {}
    exec(code, made)
    return type("Upper", (StringField,), {"unwrap": made["unwrap"]})


SIGNATURES = [
    "self, value",
    "self, value, session",
    "self, value, session=None",
    "self, value, other=None",
    "self, value, *, session=None",
    "self, value, *more",
    "self, value, **more",
    "self, value, *more, **others",
    "self, value, fields=None, session=None",
    "self, value, /",
]
HOLDERS = {
    "alone": (lambda upper: upper(), "abc", "ABC"),
    "list": (lambda upper: ListField(upper()), ["abc"], ["ABC"]),
    "set": (lambda upper: SetField(upper()), {"abc"}, {"ABC"}),
    "dict": (lambda upper: DictField(upper()), {"k": "abc"}, {"k": "ABC"}),
    "kv": (lambda upper: KVField(upper(), upper()), {"k": "abc"}, {"K": "ABC"}),
    "tuple": (lambda upper: TupleField(upper()), ("abc",), ("ABC",)),
}


@pytest.mark.parametrize("signature", SIGNATURES)
@pytest.mark.parametrize(("hold", "value", "loaded"), HOLDERS.values(), ids=HOLDERS)
def test_an_override_of_unwrap_may_have_any_signature(session, signature, hold, value, loaded):
    """It is given no more than it takes, by every way of loading."""
    upper = upper_by(signature)

    class Code(Document):
        config_namespace = None
        config_collection_name = "codes"
        text = hold(upper)

    code = Code(text=value)
    session.save(code)

    assert session.query(Code).one().text == loaded
    assert session.query(Code).all()[0].text == loaded
    assert session.query(Code).fields(Code.text).one().text == loaded
    assert session.refresh(code).text == loaded
    assert Code.unwrap(code.wrap()).text == loaded


def test_the_session_comes_by_whatever_name_it_is_taken(session):
    """It is given where it is taken, also by keyword only; None without one."""
    seen = []

    class Noting(StringField):
        def unwrap(self, value, fields=None, *, session=None):
            seen.append((fields, session))
            return value

    class Code(Document):
        config_namespace = None
        config_collection_name = "codes"
        text = Noting()

    session.save(Code(text="abc"))
    session.query(Code).one()
    Code.unwrap({"text": "abc"})

    assert seen == [(None, session), (None, None)]


def test_a_short_override_of_a_date_keeps_its_zone(database):
    """The driver has decoded it in the session's time zone already."""

    class Day(DateTimeField):
        def unwrap(self, value):
            return super().unwrap(value)

    class Event(Document):
        config_namespace = None
        config_collection_name = "events"
        at = Day()

    zone = timezone(timedelta(hours=7))
    session = Session(database, timezone=zone)
    session.save(Event(at=EARLY))

    assert session.query(Event).one().at == EARLY.replace(tzinfo=timezone.utc)
    assert session.query(Event).one().at.utcoffset() == timedelta(hours=7)


@pytest.mark.parametrize(
    "signature",
    [
        "self, instance, value",
        "self, instance, value, from_db=False",
        "self, instance, value, **kw",
    ],
)
def test_an_override_of_set_value_may_have_any_signature(session, signature):
    """It is called in assignment, by the constructor and when a document is loaded."""
    made: dict = {"StringField": StringField}
    exec(
        f"def set_value({signature}):\n    StringField.set_value(self, instance, value.strip())",
        made,
    )
    stripped = type("Stripped", (StringField,), {"set_value": made["set_value"]})

    class Code(Document):
        config_namespace = None
        config_collection_name = "codes"
        text = stripped()

    code = Code(text=" a ")
    session.save(code)
    code.text = " b "
    session.update(code)

    loaded = session.query(Code).one()
    assert loaded.text == "b"
    assert loaded.get_dirty_ops() == {}


class Escaped(StringField):
    def __set__(self, instance, value):
        super().__set__(instance, value.replace("<", "&lt;"))


class EscapedBySetValue(StringField):
    def __set__(self, instance, value):
        self.set_value(instance, value.replace("<", "&lt;"))


@pytest.mark.parametrize("field_class", [Escaped, EscapedBySetValue])
def test_an_override_of_set_is_passed_by_nobody(session, database, field_class):
    """Assignment, `setattr` and the constructor go through it; loading does not."""

    class Comment(Document):
        config_namespace = None
        config_collection_name = "comments"
        text = field_class()

    assert Comment(text="<b>").wrap() == {"text": "&lt;b>"}
    comment = Comment()
    comment.text = "<i>"
    session.save(comment)
    setattr(comment, "text", "<u>")  # noqa: B010 - that is what is tried
    session.update(comment)
    assert database["comments"].find_one()["text"] == "&lt;u>"

    database["comments"].update_one({}, {"$set": {"text": "<stored>"}})
    assert session.query(Comment).one().text == "<stored>"


def test_a_field_of_an_own_kind_has_the_short_form(session):
    """One that derives from `Field` alone, too."""

    class Negative(Field):
        def validate_wrap(self, value):
            pass

        validate_unwrap = validate_wrap

        def wrap(self, value):
            return -value

        def unwrap(self, value):
            return -value

    class Account(Document):
        config_namespace = None
        config_collection_name = "accounts"
        amount = Negative()

    session.save(Account(amount=5))
    assert session.query(Account).one().amount == 5


# -- partial documents ------------------------------------------------------------------------


def test_a_partial_document_says_what_it_has(session):
    """By the names of its fields; a whole one says nothing, nor does a new one."""
    session.save(User(name="ada", age=3, address=Address(city="London")))
    part = session.query(User).fields(User.name, User.address.city).one()

    assert (part.partial, part.retrieved_fields) == (True, ["mongo_id", "name", "address"])
    assert part.address.partial
    assert part.address.retrieved_fields == ["city"]
    assert (User(name="bob").partial, User(name="bob").retrieved_fields) == (False, None)
    whole = session.query(User).one()
    assert (whole.partial, whole.retrieved_fields) == (False, None)
    assert (whole.address.partial, whole.address.retrieved_fields) == (False, None)
    given = User(retrieved_fields=["nick"], nick="x")
    assert (given.partial, given.retrieved_fields) == (True, ["nick"])


def test_a_field_of_that_name_goes_first():
    """They are names like any other to a class that declares them."""

    class Order(Document):
        config_namespace = None
        partial = BoolField(default=True)
        retrieved_fields = ListField(StringField(), required=False)

    assert Order().partial is True
    assert Order(partial=False).wrap() == {"partial": False}


# -- empty settings ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        {"replica_set": ""},
        {"replicaSet": ""},
        {"replicaset": ""},
        {"username": "", "password": "", "authSource": ""},
        {"readPreference": "", "w": "", "readConcernLevel": "", "appname": "", "maxPoolSize": ""},
    ],
    ids=str,
)
def test_an_empty_setting_is_none(server, database, options):
    """A session connects as if it had not been given."""
    session = Session.connect(
        database.name, host=server.uri, serverSelectionTimeoutMS=1000, safe=True, **options
    )
    session.save(User(name="ada"))
    assert session.query(User).count() == 1
    session.close()


@pytest.mark.parametrize("name", ["tls", "ssl", "tlsCAFile", "tlsCertificateKeyFile"])
def test_an_empty_setting_of_the_encryption_is_refused(name):
    """Without it the connection may be open to others."""
    with pytest.raises(InvalidConfigException, match=name):
        Session.connect("any", host="localhost", **{name: ""})


def test_an_empty_address_is_refused():
    """It is not the computer itself."""
    with pytest.raises(ConfigurationError, match="host"):
        Session.connect("any", host="")
