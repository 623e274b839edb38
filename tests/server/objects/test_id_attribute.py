"""
``id`` is the ``_id`` of every class that has no ``id`` of its own.

The kinds: the ``_id`` of every document, or a field declared for it, by either option; read,
assigned and deleted on an object that is new, saved, loaded, loaded in part or embedded; on the
class in expressions, sorts, partial loads, ``filter_by``, raw dicts and updates. A field, a
property, a method or any other attribute of that name goes before it, of the class, of a base or of
a mixin before or behind `Document`, and so does a field of a subclass where its base is asked.
"""

from __future__ import annotations

import copy
import pickle

import pytest
from bson import ObjectId

from ommongo import Document, DocumentField, IntField, ListField, SRefField, StringField
from ommongo.exceptions import (
    BadQueryException,
    BadValueException,
    ExtraValueException,
    FieldNotRetrieved,
    InvalidUpdateException,
)

SPACE = "tests.id_attribute"


class User(Document):
    config_namespace = SPACE
    config_collection_name = "users"

    name = StringField(default="Ani")


class City(Document):
    config_namespace = SPACE
    config_collection_name = "cities"

    code = StringField(_id=True)


class Country(Document):
    config_namespace = SPACE
    config_collection_name = "countries"

    number = IntField(db_field="_id")


class Capital(City):
    """Inherits what its ``_id`` is."""

    config_collection_name = "capitals"


MADE = {
    "of every document": (User, lambda: User(mongo_id=ObjectId()), "mongo_id"),
    "declared": (City, lambda: City(code="BGR"), "code"),
    "by its stored name": (Country, lambda: Country(number=7), "number"),
    "inherited": (Capital, lambda: Capital(code="JKT"), "code"),
}
every_class = pytest.mark.parametrize(("cls", "make", "name"), MADE.values(), ids=MADE)


@every_class
def test_it_reads_as_the_field(session, cls, make, name):
    """Of a new object, a saved one and a loaded one."""
    document = make()
    assert document.id == getattr(document, name)
    session.save(document)
    loaded = session.query(cls).one()
    assert loaded.id == document.id == getattr(loaded, name) == loaded.wrap()["_id"]
    assert loaded.get_dirty_ops() == {}
    for copied in (copy.copy(loaded), copy.deepcopy(loaded), pickle.loads(pickle.dumps(loaded))):
        assert copied.id == document.id


@every_class
def test_on_the_class_it_is_the_query_field(session, cls, make, name):
    """Wherever fields are named: what is sent is the stored name."""
    document = make()
    session.save(document)
    query, id = session.query(cls), document.id

    assert (str(cls.id), cls.id.get_type()) == ("_id", cls.get_fields()[name])
    assert query.clone().filter(cls.id == id).one() == document
    assert query.clone().filter(cls.id.in_([id])).one() == document
    assert query.clone().filter_by(id=id).query == {"_id": id}
    assert query.clone().filter({"id": id}).query == {"_id": id}
    assert query.clone().filter({"$or": [{"id": id}]}).query == {"$or": [{"_id": id}]}
    assert query.clone().filter_dict({"id": id}).query == {"_id": id}
    assert query.clone().sort(("id", -1))._sort == [("_id", -1)]
    assert query.clone().ascending(cls.id)._sort == [("_id", 1)]
    assert query.clone().fields("id").one().id == id
    assert query.clone().distinct("id") == [id]
    assert session.remove_query(cls).filter_by(id=id).execute()["n"] == 1


def test_it_takes_the_text_of_an_id(session):
    """As the field does."""
    user = User()
    session.save(user)

    assert session.query(User).filter(User.id == str(user.id)).one() == user
    assert session.query(User).filter_by(id=str(user.id)).one() == user
    assert session.get(User, str(user.id)) == user


def test_it_can_be_assigned_and_deleted(session):
    """It is the field that is, with the field's judgement."""
    id = ObjectId()
    user = User()
    assert not hasattr(user, "id")
    user.id = id
    assert (user.mongo_id, user.__dict__) == (id, {"mongo_id": id})
    del user.id
    assert not user.has_id()
    with pytest.raises(BadValueException, match=r"User\.mongo_id takes"):
        user.id = "short"
    user.id = str(id)
    session.save(user)
    assert session.query(User).one().id == id


def test_that_of_a_stored_object_never_changes(session, database):
    """By this name as by any other: nothing is written."""
    user = User()
    session.save(user)
    user.id = ObjectId()
    user.name = "Budi"

    for write in (session.save, session.update, session.remove):
        with pytest.raises(InvalidUpdateException, match="_id"):
            write(user)
    assert database["users"].find_one()["name"] == "Ani"


def test_a_partial_object(session):
    """It has the ``_id`` unless that was left out."""
    session.save(User())

    assert session.query(User).fields(User.name).one().id
    partial = session.query(User).fields(User.id.exclude()).one()
    with pytest.raises(FieldNotRetrieved):
        partial.id


def test_it_is_no_keyword(session, database):
    """A form or a request may bring an id: only the field's own name makes it that of an object."""
    with pytest.raises(ExtraValueException, match=r"has no field 'id'.* another name of mongo_id"):
        User(id=ObjectId())
    with pytest.raises(ExtraValueException, match=r"has no field 'id'.* another name of code"):
        City(id="BGR")

    class Open(Document):
        config_extra_fields = "ignore"

    session.save(Open(id=5))
    [raw] = database["Open"].find()
    assert (raw["id"], type(raw["_id"])) == (5, ObjectId)
    loaded = session.query(Open).filter({"id": 5}).one()
    assert (loaded.id, loaded.get_extra_fields()) == (raw["_id"], {"id": 5})
    assert session.query(Open).filter(Open.id == raw["_id"]).count() == 1


def test_in_an_embedded_document(session):
    """Where it has an ``_id``, which is asked for by the path."""

    class Person(Document):
        homes = ListField(DocumentField(City))
        user = DocumentField(User, required=False)

    session.save(Person(homes=[City(code="BGR")]))
    person = session.query(Person).one()

    assert person.homes[0].id == "BGR"
    assert (Person.homes.id == "BGR").obj == {"homes._id": "BGR"}
    assert session.query(Person).filter_by(**{"homes.id": "BGR"}).one() == person
    assert session.query(Person).filter({"homes.id": "BGR"}).one() == person
    assert str(Person.user.id) == "user._id"
    with pytest.raises(BadQueryException, match=r"name.ids is no field|homes.ids is no field"):
        Person.homes.ids


def test_it_can_be_referred_to(session):
    """The id of an object is given wherever one is taken."""

    class Post(Document):
        author_id = SRefField(User)
        author = author_id.rel()

    user = User()
    session.save(user)
    session.save(Post(author=user.id))
    assert session.query(Post).filter(Post.author == user.id).one().author == user


# -- an id of one's own ---------------------------------------------------------------------------


def test_a_field_of_that_name_is_that_field(session, database):
    """It is an ``_id`` only if it is declared so."""

    class Item(Document):
        id = IntField()

    class Numbered(Document):
        id = IntField(_id=True)

    session.save(Item(id=3))
    session.save(Numbered(id=4))
    [item], [numbered] = database["Item"].find(), database["Numbered"].find()
    assert (item["id"], type(item["_id"]), numbered) == (3, ObjectId, {"_id": 4})
    assert (str(Item.id), str(Numbered.id)) == ("id", "_id")
    assert session.query(Item).filter_by(id=3).one().id == 3
    assert session.query(Numbered).filter_by(id=4).one().id == 4


class PlainMixin:
    """Something that knows ids of its own."""

    id = "of the mixin"


class FieldMixin:
    """A field for whoever takes it."""

    id = IntField(required=False)


@pytest.mark.parametrize("first", [True, False], ids=["before Document", "behind it"])
def test_a_mixin_goes_before_it(session, database, first):
    """Wherever the mixin stands among the bases, and below them."""
    bases = (PlainMixin, Document) if first else (Document, PlainMixin)
    plain = type("Plain", bases, {})
    below = type("Below", (plain,), {})
    fields = (FieldMixin, Document) if first else (Document, FieldMixin)
    with_field = type("WithField", fields, {})

    assert plain.id == plain().id == below.id == below().id == "of the mixin"
    session.save(with_field(id=3))
    assert database["WithField"].find_one()["id"] == 3
    assert str(with_field.id) == "id"
    assert session.query(with_field).filter_by(id=3).one().id == 3


def test_a_mixin_behind_another_class(session):
    """Also where a base of the class has the alias."""

    class Named(User, PlainMixin):
        config_collection_name = "named"

    class Counted(User, FieldMixin):
        config_collection_name = "counted"

    assert Named().id == "of the mixin"
    counted = Counted(id=3)
    session.save(counted)
    assert session.query(Counted).filter(Counted.id == 3).one().id == 3
    assert str(User.id) == "_id"


def test_any_attribute_goes_before_it(session):
    """A property, a method, a value; an annotation alone is none."""

    class WithProperty(Document):
        @property
        def id(self):
            return "mine"

    class WithMethod(Document):
        def id(self):
            return "mine"

    class WithNone(Document):
        id = None

    class Annotated(Document):
        id: ObjectId

    assert WithProperty().id == WithMethod().id() == "mine"
    assert WithNone.id is WithNone().id is None
    assert str(Annotated.id) == "_id"
    for cls in (WithProperty, WithMethod, WithNone):
        with pytest.raises(Exception, match="has no field 'id'"):
            session.query(cls).filter_by(id=3)


def test_a_field_of_a_subclass(session):
    """By its base, the name means the field that documents of the collection store under it."""

    class Animal(Document):
        config_namespace = SPACE
        config_polymorphic = "kind"
        config_polymorphic_identity = "animal"
        kind = StringField()

    class Dog(Animal):
        config_polymorphic_collection = True
        config_polymorphic_identity = "dog"
        id = IntField()

    session.save(Animal())
    session.save(Dog(id=3))
    assert session.query(Animal).filter_by(id=3).one().id == 3
    assert session.query(Animal).filter({"id": 3}).one().id == 3
    assert (str(Animal.id), str(Dog.id)) == ("_id", "id")
    animal = session.query(Animal).filter({"kind": "animal"}).one()
    assert animal.id == animal.mongo_id
    assert session.query(Animal).filter(Animal.id == animal.id).one() == animal
