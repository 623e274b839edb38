"""
Options that a field does not have.

Habits of Django, SQLAlchemy, MongoEngine, peewee, pydantic and marshmallow are told by what they
are called here, slips of the pen by the option that is like them, for every class of fields that
the library has, and for those of applications.
"""

from __future__ import annotations

import pytest

from ommongo import (
    AnythingField,
    BinaryField,
    BoolField,
    CreatedField,
    DateTimeField,
    DictField,
    Document,
    DocumentField,
    EnumField,
    FloatField,
    GeoField,
    IntField,
    KVField,
    ListField,
    ModifiedField,
    ObjectIdField,
    RefField,
    RegExStringField,
    SetField,
    SRefField,
    StringField,
    TupleField,
    computed_field,
)
from ommongo.exceptions import InvalidConfigException


class Level(StringField):
    def __init__(self, steps=3, **kwargs):
        super().__init__(**kwargs)


CLASSES = {
    "AnythingField": AnythingField,
    "BinaryField": BinaryField,
    "BoolField": BoolField,
    "CreatedField": CreatedField,
    "DateTimeField": DateTimeField,
    "DictField": lambda **kw: DictField(IntField(), **kw),
    "DocumentField": lambda **kw: DocumentField("Any", **kw),
    "EnumField": lambda **kw: EnumField(IntField(), 1, **kw),
    "FloatField": FloatField,
    "GeoField": GeoField,
    "IntField": IntField,
    "KVField": lambda **kw: KVField(IntField(), IntField(), **kw),
    "ListField": lambda **kw: ListField(IntField(), **kw),
    "ModifiedField": ModifiedField,
    "ObjectIdField": ObjectIdField,
    "RefField": RefField,
    "RegExStringField": lambda **kw: RegExStringField("a", **kw),
    "SRefField": lambda **kw: SRefField("Any", **kw),
    "SetField": lambda **kw: SetField(IntField(), **kw),
    "StringField": StringField,
    "TupleField": lambda **kw: TupleField(IntField(), **kw),
    "computed_field": lambda **kw: computed_field(IntField(), **kw)(lambda values: 1),
    "a field of an application": Level,
}

HABITS = {
    "primary_key": "pass _id=True",
    "pk": "pass _id=True",
    "null": "optional=True; where None is a value that is stored, allow_none=True",
    "nullable": "optional=True; where None is a value that is stored, allow_none=True",
    "allow_null": "optional=True; where None is a value that is stored, allow_none=True",
    "blank": "required=False, or optional=True",
    "db_column": "pass db_field='stored_name'",
    "alias": "pass db_field='stored_name'",
    "data_key": "pass db_field='stored_name'",
    "db_index": "pass index=True",
    "unique_with": "Index().ascending('a').ascending('b').unique()",
    "sparse": "Index(sparse=True)",
    "expire_after": "expire(after=3600)",
    "default_factory": "pass default_f=a function",
    "server_default": "The server has no defaults",
    "choices": "EnumField(StringField(), 'a', 'b')",
    "pattern": "RegExStringField(pattern)",
    "validators": "pass validator=one function",
    "auto_now": "ModifiedField()",
    "onupdate": "ModifiedField()",
    "auto_now_add": "CreatedField()",
    "autoincrement": "is an ObjectId",
    "on_delete": "SRefField('User')",
    "related_name": "query for them",
    "verbose_name": "docstring of the class",
    "help_text": "docstring of the class",
    "max_digits": "IntField",
    "requird": "Did you mean 'required'?",
    "allow_None": "Did you mean 'allow_none'?",
    "dbfield": "Did you mean 'db_field'?",
    "defautl": "Did you mean 'default'?",
    "uniqe": "Did you mean 'unique'?",
}


@pytest.mark.parametrize("make", CLASSES.values(), ids=CLASSES)
@pytest.mark.parametrize(("option", "advice"), HABITS.items())
def test_a_habit_is_told_by_its_name_here(make, option, advice):
    """Whatever the class, the message says what to write instead."""
    with pytest.raises(TypeError) as caught:
        make(**{option: True})

    assert f"has no option {option!r}." in str(caught.value)
    assert advice in str(caught.value)


@pytest.mark.parametrize(
    ("make", "option", "named"),
    [
        (StringField, "max_len", "max_length"),
        (StringField, "maxlength", "max_length"),
        (StringField, "length", "max_length"),
        (StringField, "max", "max_length"),
        (StringField, "min_len", "min_length"),
        (IntField, "max", "max_value"),
        (IntField, "ge", "min_value"),
        (FloatField, "le", "max_value"),
        (IntField, "gt", "min_value"),
        (DateTimeField, "min_value", "min_date"),
        (DateTimeField, "max", "max_date"),
        (DateTimeField, "tz", "use_tz"),
        (CLASSES["ListField"], "max_length", "max_capacity"),
        (CLASSES["ListField"], "max_items", "max_capacity"),
        (CLASSES["SetField"], "min_items", "min_capacity"),
        (CLASSES["ListField"], "default_emtpy", "default_empty"),
        (Level, "stepps", "steps"),
    ],
)
def test_an_option_of_some_classes(make, option, named):
    """The name that this class has for it is told."""
    with pytest.raises(TypeError, match=named):
        make(**{option: 3})


@pytest.mark.parametrize("option", ["null", "nullable", "blank", "primary_key", "sparse"])
@pytest.mark.parametrize("value", [False, None])
def test_a_no_is_left_out(option, value):
    """``nullable=False`` says what is so of every field."""
    with pytest.raises(TypeError, match="Leave it out"):
        StringField(**{option: value})


def test_what_is_like_nothing():
    """Then it is told which options there are, without those that do nothing."""
    with pytest.raises(
        TypeError, match=r"It has max_length, min_length, required, .*unique, index"
    ):
        StringField(colour="red")
    with pytest.raises(TypeError) as caught:
        IntField(colour="red")
    assert "proxy" not in str(caught.value)
    assert "constructor" not in str(caught.value)


def test_no_value_is_told():
    """A message names what was given, and never its value."""
    with pytest.raises(TypeError) as caught:
        StringField(server_default="secret")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("option", ["unique", "index"])
@pytest.mark.parametrize("value", ["yes", 1, -1, None, "hashed"])
def test_an_index_of_another_kind(option, value):
    """The options are for the usual index; another one is an `Index` of its own."""
    with pytest.raises(InvalidConfigException, match=rf"StringField: {option} is a value of \w+\."):
        StringField(**{option: value})


def test_in_a_class_body():
    """The class is not made."""
    with pytest.raises(TypeError, match="_id=True"):

        class Lamp(Document):
            serial = StringField(primary_key=True)
