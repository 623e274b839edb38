"""
``unique=True`` and ``index=True`` on a field.

The members: every class of fields; a stored name of its own; optional, not required and required
fields; declared in the class, in a base, in a mixin, in a subclass with a collection of its own or
a shared one; an `Index` of the same field beside it, equal or not, by each way to name it. Refused:
on the ``_id``, on parts of fields, on coordinates, in documents that are embedded directly, in
lists, dicts and by name, whichever class is declared first.
"""

from __future__ import annotations

import itertools

import pytest
from pymongo.errors import DuplicateKeyError

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
    Index,
    IntField,
    KVField,
    ListField,
    ModifiedField,
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

_numbers = itertools.count()


def declare(*bases, **body):
    """Make a class under a name of its own."""
    return type(f"FieldIndex{next(_numbers)}", bases or (Document,), body)


@pytest.fixture
def safe(database):
    """A session that raises what the server refuses."""
    return Session(database, safe=True)


def indexes(session, cls):
    """Give what the server has, but for the index of the _id."""
    session.ensure_indexes(cls)
    found = {name: dict(index) for name, index in session.get_indexes(cls).items()}
    del found["_id_"]
    for index in found.values():
        del index["v"]
    return found


FIELDS = {
    "AnythingField": AnythingField,
    "BinaryField": BinaryField,
    "BoolField": BoolField,
    "CreatedField": CreatedField,
    "DateTimeField": DateTimeField,
    "DictField": lambda **kw: DictField(IntField(), **kw),
    "DocumentField": lambda **kw: DocumentField(declare(n=IntField()), **kw),
    "EnumField": lambda **kw: EnumField(IntField(), 1, **kw),
    "FloatField": FloatField,
    "IntField": IntField,
    "KVField": lambda **kw: KVField(IntField(), IntField(), **kw),
    "ListField": lambda **kw: ListField(IntField(), **kw),
    "ModifiedField": ModifiedField,
    "ObjectIdField": ObjectIdField,
    "RefField": RefField,
    "RegExStringField": lambda **kw: RegExStringField("a", **kw),
    "SRefField": lambda **kw: SRefField(declare(n=IntField()), **kw),
    "SetField": lambda **kw: SetField(IntField(), **kw),
    "StringField": StringField,
    "TupleField": lambda **kw: TupleField(IntField(), **kw),
}


@pytest.mark.parametrize("make", FIELDS.values(), ids=FIELDS)
def test_every_class_of_fields(safe, make):
    """Both options are those of `Field`, whatever the values are."""
    cls = declare(a=make(unique=True), b=make(index=True, db_field="stored"), c=make())

    assert indexes(safe, cls) == {
        "a_1": {"key": [("a", 1)], "unique": True},
        "stored_1": {"key": [("stored", 1)]},
    }


def test_the_first_write_makes_them(safe, commands):
    """They are created when the others are, and hold from the first document on."""
    cls = declare(email=StringField(unique=True), n=IntField(index=True))
    safe.save(cls(email="a", n=1))

    assert commands.names("createIndexes", "insert") == ["createIndexes", "createIndexes", "insert"]
    with pytest.raises(DuplicateKeyError):
        safe.save(cls(email="a", n=2))
    safe.save(cls(email="b", n=1))
    assert safe.query(cls).count() == 2


def test_both_options(safe):
    """What is unique is an index already."""
    cls = declare(a=IntField(unique=True, index=True), b=IntField(unique=False, index=False))

    assert indexes(safe, cls) == {"a_1": {"key": [("a", 1)], "unique": True}}


@pytest.mark.parametrize("name", [None, "stored"])
def test_an_optional_value_may_be_missing_more_than_once(safe, name):
    """The index is about the documents that have a value, and these are still unique."""
    cls = declare(a=StringField(unique=True, optional=True, db_field=name))
    for values in ({}, {}, {"a": None}, {"a": "x"}):
        safe.save(cls(**values))

    with pytest.raises(DuplicateKeyError):
        safe.save(cls(a="x"))
    assert safe.query(cls).count() == 4
    found = indexes(safe, cls)[f"{name or 'a'}_1"]
    assert found["partialFilterExpression"] == {name or "a": {"$exists": True}}


def test_a_value_that_is_not_required_may_be_missing_once(safe):
    """To the server what is missing is a value; only ``optional`` says that it is none."""
    cls = declare(a=StringField(unique=True, required=False))
    safe.save(cls())

    with pytest.raises(DuplicateKeyError):
        safe.save(cls())


def test_an_optional_value_with_an_index(safe):
    """An index that is not unique is about all documents."""
    assert indexes(safe, declare(a=IntField(index=True, optional=True))) == {
        "a_1": {"key": [("a", 1)]}
    }


def test_subclasses_inherit_them(safe):
    """Each collection has the index, as with an `Index` of the base."""
    base = declare(a=IntField(unique=True))
    below = declare(base, b=IntField(index=True))

    assert [*indexes(safe, base)] == ["a_1"]
    assert [*indexes(safe, below)] == ["a_1", "b_1"]
    assert below.get_indexes()[0] is base.get_indexes()[0]


def test_fields_of_a_mixin(safe):
    """A base that is no document gives its fields with their indexes."""

    class Mixin:
        a = IntField(unique=True)

    assert [*indexes(safe, declare(Mixin, Document))] == ["a_1"]
    assert [*indexes(safe, declare(Mixin, Document))] == ["a_1"]


def test_a_field_that_takes_the_place_of_another(safe):
    """The field that a class has decides, not the one that a base had."""
    base = declare(a=IntField(unique=True), b=IntField())
    below = declare(base, a=IntField(), b=IntField(index=True))

    assert [*indexes(safe, below)] == ["b_1"]


def test_a_subclass_in_the_same_collection(safe):
    """An index of a subclass is about its documents, as an `Index` there is."""
    base = declare(
        config_polymorphic="kind",
        config_polymorphic_collection=True,
        config_polymorphic_identity="base",
        kind=StringField(),
        a=IntField(unique=True, required=False),
    )
    below = declare(
        base, config_polymorphic_identity="below", b=IntField(unique=True, optional=True)
    )
    found = indexes(safe, below)

    assert found["a_1"] == {"key": [("a", 1)], "unique": True}
    assert found["b_1"]["partialFilterExpression"] == {"kind": "below", "b": {"$exists": True}}


BESIDE = {
    "ascending": lambda field: Index().ascending("a").unique(),
    "descending": lambda field: Index().descending("a").unique(),
    "by its stored name": lambda field: Index().ascending("stored").unique(),
    "by the field": lambda field: Index().ascending(field).unique(),
    "named": lambda field: Index(name="mine").ascending("a").unique(),
    "sparse": lambda field: Index(sparse=True).ascending("a").unique(),
}


@pytest.mark.parametrize("make", BESIDE.values(), ids=BESIDE)
@pytest.mark.parametrize("option", ["unique", "index"])
def test_an_index_of_the_same_field(safe, make, option):
    """The `Index` says it more precisely: it is the only one."""
    field = IntField(db_field="stored", **{option: True})
    cls = declare(a=field, i_a=make(field))

    assert cls.get_indexes() == [cls.i_a]
    [found] = indexes(safe, cls).values()
    assert found["unique"] is True


def test_an_index_of_the_same_field_that_is_not_unique(safe):
    """It serves where an index is wanted, and contradicts where a value is to be unique."""
    cls = declare(a=DateTimeField(index=True), i=Index().ascending("a").expire(after=60))
    assert indexes(safe, cls) == {"a_1": {"key": [("a", 1)], "expireAfterSeconds": 60}}

    with pytest.raises(InvalidConfigException, match=r"\.a says unique=True, and i is an index"):
        declare(a=IntField(unique=True), i=Index().ascending("a"))


@pytest.mark.parametrize(
    "other",
    [
        lambda: Index().ascending("a").ascending("b").unique(),
        lambda: Index().hashed("a"),
        lambda: Index().ascending("b"),
        lambda: Index().ascending("a.b"),
    ],
)
def test_an_index_of_something_else(safe, other):
    """It is no index of this field alone in its order, so both are there."""
    cls = declare(a=AnythingField(unique=True), b=IntField(), i=other())

    assert len(indexes(safe, cls)) == 2


@pytest.mark.parametrize("option", ["unique", "index"])
@pytest.mark.parametrize(
    "make",
    [
        lambda **kw: {"key": StringField(_id=True, **kw)},
        lambda **kw: {"key": StringField(db_field="_id", **kw)},
        lambda **kw: {"_id": StringField(**kw)},
        lambda **kw: {"mongo_id": ObjectIdField(db_field="_id", **kw)},
    ],
)
def test_the_id(make, option):
    """The _id has its index, and no other would be of use."""
    with pytest.raises(InvalidConfigException, match=r"is the _id, .* Leave \w+=True out"):
        declare(**make(**{option: True}))


PARTS = {
    "list": lambda part: ListField(part),
    "list of lists": lambda part: ListField(ListField(part)),
    "set": lambda part: SetField(part),
    "tuple": lambda part: TupleField(IntField(), part),
    "dict": lambda part: DictField(part),
    "keys": lambda part: KVField(part, IntField()),
    "values": lambda part: KVField(IntField(), part),
    "enum": lambda part: EnumField(part, 1),
}


@pytest.mark.parametrize("make", PARTS.values(), ids=PARTS)
@pytest.mark.parametrize("option", ["unique", "index"])
def test_a_part_of_a_field(make, option):
    """Only a whole field has an index; the message says where to put the option."""
    with pytest.raises(
        InvalidConfigException, match=rf"\.a: the IntField .* {option}=True, .*Give"
    ):
        declare(a=make(IntField(**{option: True})))


def test_items_are_unique_among_documents(safe):
    """The list has the option: no two documents share an item."""
    cls = declare(tags=ListField(StringField(), unique=True))
    safe.save(cls(tags=["a", "b"]))

    with pytest.raises(DuplicateKeyError):
        safe.save(cls(tags=["b"]))


def test_coordinates():
    """An ascending index of them is good for nothing."""
    with pytest.raises(InvalidConfigException, match=r"Index\(\)\.geo2d\('at'\)"):
        declare(at=GeoField(index=True))


EMBEDDING = {
    "directly": (lambda one: DocumentField(one), "at.zip"),
    "in a list": (lambda one: ListField(DocumentField(one)), "at.zip"),
    "in a list of lists": (lambda one: ListField(ListField(DocumentField(one))), "at.zip"),
    "under keys": (lambda one: KVField(IntField(), DocumentField(one)), "at.v.zip"),
}


@pytest.mark.parametrize(("make", "path"), EMBEDDING.values(), ids=EMBEDDING)
@pytest.mark.parametrize("option", ["unique", "index"])
def test_a_document_that_is_embedded(make, path, option):
    """The option would be ignored there: the class that embeds is to say what it wants."""
    place = declare(zip=IntField(**{option: True}))

    with pytest.raises(InvalidConfigException) as caught:
        declare(at=make(place))
    end = ".unique()" if option == "unique" else ""
    assert f"Index().ascending('{path}'){end} in " in str(caught.value)


@pytest.mark.parametrize("is_first", [False, True])
def test_a_document_that_is_embedded_by_name(is_first):
    """Whichever of the two is declared first, the second is refused, and not registered."""
    name = f"FieldIndexPlace{next(_numbers)}"
    place = {"zip": IntField(unique=True)}
    if is_first:
        type(name, (Document,), place)
        with pytest.raises(InvalidConfigException, match=r"ascending\('at\.zip'\)"):
            declare(at=DocumentField(name))
    else:
        holder = declare(at=DocumentField(name, required=False))
        with pytest.raises(InvalidConfigException, match=rf"in {holder.__name__}"):
            type(name, (Document,), place)
        type(name, (Document,), {"zip": IntField()})  # the name is free


def test_a_document_that_embeds_its_own_kind():
    """It would have the index for itself, and none for what is inside."""
    name = f"FieldIndexTree{next(_numbers)}"
    with pytest.raises(InvalidConfigException, match=r"ascending\('below\.serial'\)"):
        type(
            name,
            (Document,),
            {"serial": IntField(unique=True), "below": ListField(DocumentField(name))},
        )


def test_a_subclass_of_what_is_embedded():
    """It may stand in the place of its base."""
    base = declare(config_polymorphic="kind", kind=StringField(), config_polymorphic_identity="a")
    declare(at=DocumentField(base))

    with pytest.raises(InvalidConfigException, match=r"ascending\('at\.chip'\)"):
        declare(base, config_polymorphic_identity="b", chip=IntField(unique=True))


def test_a_document_that_is_referred_to():
    """A reference embeds nothing."""
    place = declare(zip=IntField(unique=True))
    cls = declare(at=SRefField(place), other=RefField(place), all=ListField(SRefField(place)))

    assert cls.get_indexes() == []
    declare(at=SRefField("Declared Later"), n=IntField(unique=True))
