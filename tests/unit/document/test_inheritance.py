"""Subclasses: their fields, the filter that finds them, and the class that stored data has."""

from __future__ import annotations

import pytest
from bson import ObjectId

from ommongo import Document, IntField, ListField, StringField
from ommongo.exceptions import BadFieldSpecification
from ommongo.query import Query


class Animal(Document):
    """A shared collection whose root has an identity."""

    config_collection_name = "animals"
    config_polymorphic = "kind"
    config_polymorphic_identity = "animal"
    config_polymorphic_collection = True

    kind = StringField(db_field="k")
    name = StringField(required=False)


class Dog(Animal):
    """A subclass with subclasses."""

    config_polymorphic_identity = "dog"
    barks = IntField(required=False)


class Puppy(Dog):
    """A subclass of a subclass."""

    config_polymorphic_identity = "puppy"
    age = IntField(required=False)


class Cat(Animal):
    """A subclass beside another."""

    config_polymorphic_identity = "cat"


class Shape(Document):
    """A shared collection whose root has no identity."""

    config_polymorphic = "kind"
    config_polymorphic_collection = True

    kind = StringField(required=False)


class Circle(Shape):
    """A subclass with an identity."""

    config_polymorphic_identity = "circle"


class Product(Document):
    """Levels that use different attributes: the first level is told by ``type``."""

    config_polymorphic = "type"
    config_polymorphic_identity = "product"
    config_polymorphic_collection = True

    type = StringField()
    subtype = StringField(required=False, db_field="sub")


class Book(Product):
    """Its subclasses are told by ``subtype``."""

    config_polymorphic = "subtype"
    config_polymorphic_identity = "book"

    pages = IntField(required=False)


class Novel(Book):
    """A subclass on the second level."""

    config_polymorphic_identity = "novel"


class Atlas(Book):
    """Another subclass on the second level."""

    config_polymorphic_identity = "atlas"


class Pen(Product):
    """A subclass on the first level beside the one with subclasses."""

    config_polymorphic_identity = "pen"


class Loose(Document):
    """A class whose polymorphic attribute is no field."""

    config_polymorphic = "_cls"
    config_polymorphic_identity = "loose"
    config_polymorphic_collection = True
    config_extra_fields = "ignore"


class Looser(Loose):
    """A subclass of it."""

    config_polymorphic_identity = "looser"


def identities(base_query, stored_name):
    """Give the identities that a filter on one attribute asks for."""
    assert set(base_query) == {stored_name}
    assert set(base_query[stored_name]) == {"$in"}
    found = base_query[stored_name]["$in"]
    assert len(found) == len(set(found))
    return set(found)


def test_a_subclass_has_the_fields_of_its_base_class():
    """Fields are inherited, over all levels."""
    assert set(Puppy.get_fields()) == {"mongo_id", "kind", "name", "barks", "age"}
    assert Puppy(kind="puppy", name="rex", barks=1, age=2).wrap() == {
        "k": "puppy",
        "name": "rex",
        "barks": 1,
        "age": 2,
    }


def test_a_base_class_does_not_have_the_fields_of_its_subclasses():
    """Declaring a subclass adds nothing to its base class."""
    assert set(Animal.get_fields()) == {"mongo_id", "kind", "name"}


def test_a_subclass_may_declare_a_field_anew():
    """The field of the subclass takes the place of the inherited one, in the subclass only."""

    class Wide(Document):
        size = IntField()

    class Narrow(Wide):
        size = StringField(db_field="s")

    assert Narrow(size="xl").wrap() == {"s": "xl"}
    assert Wide(size=3).wrap() == {"size": 3}


def test_a_class_with_several_document_bases_has_the_fields_of_all():
    """Fields come from every base, as attributes do in Python."""

    class Named(Document):
        name = StringField()

    class Tagged(Document):
        tags = ListField(StringField())

    class Thing(Named, Tagged):
        size = IntField()

    assert set(Thing.get_fields()) == {"mongo_id", "name", "tags", "size"}
    thing = Thing(name="a", tags=["b"], size=1)
    assert thing.wrap() == {"name": "a", "tags": ["b"], "size": 1}
    assert Thing.unwrap(thing.wrap()).tags == ["b"]


def test_of_fields_of_one_name_the_first_base_wins():
    """Where two bases have a field of one name, it is the one that Python's own order gives."""

    class Left(Document):
        value = IntField()

    class Right(Document):
        value = StringField()

    class Both(Left, Right):
        pass

    assert isinstance(Both.get_fields()["value"], IntField)
    assert Both(value=1).wrap() == {"value": 1}


def test_a_diamond_of_document_bases_has_each_field_once():
    """Bases that share a base give its fields once."""

    class Top(Document):
        top = IntField()

    class West(Top):
        west = IntField()

    class East(Top):
        east = IntField()

    class Bottom(West, East):
        pass

    assert set(Bottom.get_fields()) == {"mongo_id", "top", "west", "east"}
    assert Bottom(top=1, west=2, east=3).wrap() == {"top": 1, "west": 2, "east": 3}


def test_base_query_of_a_class_that_is_not_polymorphic_is_empty():
    """Without polymorphism a query asks for every document of the collection."""

    class Plain(Document):
        pass

    class PlainDerived(Plain):
        pass

    assert Plain.base_query() == {}
    assert Plain.base_query(exclude_subclasses=True) == {}
    assert PlainDerived.base_query() == {}


def test_base_query_asks_for_the_class_and_all_its_subclasses():
    """The filter has the identities of all levels below, under the stored name."""
    assert identities(Animal.base_query(), "k") == {"animal", "dog", "puppy", "cat"}
    assert identities(Dog.base_query(), "k") == {"dog", "puppy"}
    assert identities(Puppy.base_query(), "k") == {"puppy"}
    assert identities(Cat.base_query(), "k") == {"cat"}


@pytest.mark.parametrize("is_alone", [False, True])
@pytest.mark.parametrize("cls", [Animal, Dog, Novel])
def test_base_query_belongs_to_the_caller(cls, is_alone):
    """What is done to the dict that it gave, at any level, reaches no later one and no query."""
    before, query = cls.base_query(is_alone), Query(cls, None, is_alone)
    for given in (cls.base_query(is_alone), query.query):
        for condition in given.values():
            if isinstance(condition, dict):
                condition["$in"].append("other")
        given["other"] = 1

    assert cls.base_query(is_alone) == query.query == before


def test_a_base_query_of_an_applications_own_is_asked_each_time():
    """A class may say itself what holds for its documents."""
    shown: list[str] = ["a"]

    class Shown(Document):
        config_namespace = "tests.inheritance.shown"
        shelf = StringField()

        @classmethod
        def base_query(cls, exclude_subclasses=False):
            return {"shelf": {"$in": shown}}

    query = Query(Shown, None)
    assert query.query == {"shelf": {"$in": ["a"]}}
    shown.append("b")
    assert query.query == {"shelf": {"$in": ["a", "b"]}}


def test_base_query_without_subclasses_asks_for_the_class_alone():
    """`exclude_subclasses` leaves one identity."""
    assert Animal.base_query(exclude_subclasses=True) == {"k": "animal"}
    assert Dog.base_query(exclude_subclasses=True) == {"k": "dog"}


def test_base_query_is_part_of_every_query():
    """A query of a polymorphic class sends the filter, also without subclasses."""
    assert identities(Query(Dog, None).query, "k") == {"dog", "puppy"}
    assert Query(Dog, None, exclude_subclasses=True).query == {"k": "dog"}


def test_a_root_without_an_identity_asks_also_for_objects_that_hold_none():
    """Its own objects hold no identity, and null finds what is missing."""
    assert identities(Shape.base_query(), "kind") == {None, "circle"}


def test_a_class_without_an_identity_has_no_filter_of_its_own():
    """`exclude_subclasses` of a class without an identity filters nothing."""
    assert Shape.base_query(exclude_subclasses=True) == {}


def test_a_subclass_declared_later_is_found_too():
    """The filter knows subclasses that were declared after it was first asked for."""

    class Plant(Document):
        config_polymorphic = "kind"
        config_polymorphic_identity = "plant"
        config_polymorphic_collection = True
        kind = StringField()

    assert identities(Plant.base_query(), "kind") == {"plant"}

    class Tree(Plant):
        config_polymorphic_identity = "tree"

    assert identities(Plant.base_query(), "kind") == {"plant", "tree"}
    assert type(Plant.unwrap({"kind": "tree"})) is Tree


def test_levels_with_different_attributes_are_all_asked_for():
    """A class on a lower level is found by its own attribute and those of the levels above."""
    assert Novel.base_query() == {"type": {"$in": ["book"]}, "sub": {"$in": ["novel"]}}


def test_the_attribute_that_selects_a_class_is_that_of_its_parent():
    """A class's own attribute tells its subclasses apart, not itself from others."""
    assert identities(Product.base_query(), "type") >= {"product", "book", "pen"}
    assert identities(Book.base_query(), "type") >= {"book"}
    assert identities(Book.base_query(), "type") & {"product", "pen"} == set()


def test_a_polymorphic_attribute_may_be_no_field():
    """A name that is no field is itself the stored name."""
    assert identities(Loose.base_query(), "_cls") == {"loose", "looser"}
    assert type(Loose.unwrap({"_cls": "looser"})) is Looser


@pytest.mark.parametrize(
    ("root", "raw", "cls"),
    [
        (Animal, {"k": "dog"}, Dog),
        (Animal, {"k": "puppy"}, Puppy),
        (Animal, {"k": "cat"}, Cat),
        (Dog, {"k": "puppy"}, Puppy),
        (Shape, {"kind": "circle"}, Circle),
        (Product, {"type": "pen"}, Pen),
        (Product, {"type": "book", "sub": "novel"}, Novel),
        (Book, {"type": "book", "sub": "atlas"}, Atlas),
        (Loose, {"_cls": "looser"}, Looser),
    ],
)
def test_get_subclass_finds_the_class_of_stored_data(root, raw, cls):
    """The stored identity selects the class, level by level."""
    assert root.get_subclass(raw) is cls


@pytest.mark.parametrize(
    ("root", "raw", "cls"),
    [
        (Animal, {"k": "animal"}, Animal),
        (Animal, {"k": "puppy"}, Puppy),
        (Dog, {"k": "dog"}, Dog),
        (Shape, {}, Shape),
        (Product, {"type": "book"}, Book),
        (Product, {"type": "book", "sub": "novel"}, Novel),
        (Product, {"type": "pen", "sub": "novel"}, Pen),
        (Product, {"type": "product", "sub": "novel"}, Product),
    ],
)
def test_unwrap_builds_an_object_of_the_selected_class(root, raw, cls):
    """Stored data loads as an object of the class that its identities select."""
    assert type(root.unwrap(raw)) is cls


def test_a_loaded_subclass_has_its_own_fields():
    """Loading by the root class loads the fields of the subclass."""
    dog = Animal.unwrap({"k": "dog", "barks": 3})

    assert (type(dog), dog.barks) == (Dog, 3)


def test_get_subclass_may_be_overridden():
    """A class may choose its subclass in its own way."""

    class Number(Document):
        config_polymorphic_collection = True
        value = IntField()

        @classmethod
        def get_subclass(cls, obj):
            return Big if obj["value"] > 100 else Small

    class Big(Number):
        pass

    class Small(Number):
        pass

    assert type(Number.unwrap({"value": 1000})) is Big
    assert type(Number.unwrap({"value": 1})) is Small


def test_the_identity_is_the_default_of_the_field_that_holds_it():
    """An object of a subclass need not be told its own identity."""
    assert Dog(name="rex").kind == "dog"
    assert Dog(name="rex").wrap() == {"k": "dog", "name": "rex"}
    assert Puppy().kind == "puppy"
    assert Animal().kind == "animal"


def test_the_identity_is_the_default_on_every_level():
    """Where levels use different attributes, each holds the identity of its level."""
    assert Novel().wrap() == {"type": "book", "sub": "novel"}
    assert Pen().wrap() == {"type": "pen"}
    assert Book().wrap() == {"type": "book"}


def test_objects_made_by_their_class_load_as_their_class():
    """What was stored with the default identity loads as the same class again."""
    for cls in (Animal, Dog, Puppy, Cat):
        assert type(Animal.unwrap(cls().wrap())) is cls
    for cls in (Product, Book, Novel, Atlas, Pen):
        assert type(Product.unwrap(cls().wrap())) is cls
    for cls in (Shape, Circle):
        assert type(Shape.unwrap(cls().wrap())) is cls


def test_a_default_of_its_own_is_the_identity():
    """The field that holds the identity may declare it as its default, and no other."""

    class Note(Document):
        config_polymorphic = "kind"
        config_polymorphic_identity = "note"
        kind = StringField(default="note")

    class Memo(Note):
        config_polymorphic_identity = "memo"

    assert Note().kind == "note"
    assert Memo().kind == "memo"
    with pytest.raises(BadFieldSpecification, match=r"Other\.kind has the default 'other'"):

        class Other(Note):
            config_polymorphic_identity = "another"
            kind = StringField(default="other")


def test_the_identity_of_one_class_is_not_the_default_of_another():
    """Sibling classes and the base class have each their own default."""
    assert (Animal().kind, Dog().kind, Cat().kind, Puppy().kind) == (
        "animal",
        "dog",
        "cat",
        "puppy",
    )


def test_the_default_identity_does_not_make_a_loaded_document_dirty():
    """The identity is a default as any other: reading it changes nothing."""
    dog = Dog.unwrap({"_id": ObjectId(), "name": "rex"})

    assert dog.kind == "dog"
    assert dog.get_dirty_ops() == {}


def test_a_class_without_an_identity_has_no_default_for_it():
    """There is no identity to take, so nothing is stored."""
    assert Shape().wrap() == {}


def test_add_subclass_makes_a_class_known_to_its_base():
    """`add_subclass` is what declares a subclass; doing it again changes nothing."""

    class Tool(Document):
        config_polymorphic = "kind"
        config_polymorphic_identity = "tool"
        config_polymorphic_collection = True
        kind = StringField()

    class Saw(Tool):
        config_polymorphic_identity = "saw"

    Tool.add_subclass(Saw)

    assert identities(Tool.base_query(), "kind") == {"tool", "saw"}
    assert Tool.get_subclass({"kind": "saw"}) is Saw
