"""Classes that share a collection: each object is found by its class and its ancestors alone."""

from __future__ import annotations

import pytest

from ommongo import Document, DocumentField, IntField, ListField, RefField, StringField


class Animal(Document):
    """A root with an identity, under a stored name of its own."""

    config_collection_name = "animals"
    config_polymorphic = "kind"
    config_polymorphic_identity = "animal"
    config_polymorphic_collection = True

    kind = StringField(db_field="k")
    name = StringField()


class Dog(Animal):
    """A class in the middle."""

    config_polymorphic_identity = "dog"
    barks = IntField(default=0)


class Puppy(Dog):
    """A class at the bottom."""

    config_polymorphic_identity = "puppy"


class Cat(Animal):
    """A class beside others."""

    config_polymorphic_identity = "cat"


class Shape(Document):
    """A root without an identity."""

    config_collection_name = "shapes"
    config_polymorphic = "kind"
    config_polymorphic_collection = True

    kind = StringField(required=False, allow_none=True)
    name = StringField()


class Circle(Shape):
    """Its subclass with one."""

    config_polymorphic_identity = "circle"


class Round(Shape):
    """A class in the middle without an identity."""

    sides = IntField(default=0)


class Oval(Round):
    """A class below it with one."""

    config_polymorphic_identity = "oval"


class Product(Document):
    """The first level is told by ``type``."""

    config_collection_name = "products"
    config_polymorphic = "type"
    config_polymorphic_identity = "product"
    config_polymorphic_collection = True

    type = StringField(db_field="t")
    subtype = StringField(required=False, db_field="s")
    name = StringField()


class Book(Product):
    """The level below is told by ``subtype``."""

    config_polymorphic = "subtype"
    config_polymorphic_identity = "book"


class Novel(Book):
    """A class on the second level."""

    config_polymorphic_identity = "novel"


class Thriller(Novel):
    """A class below it, told by the attribute that `Novel` inherits."""

    config_polymorphic_identity = "thriller"


class Atlas(Book):
    """Another class on the second level."""

    config_polymorphic_identity = "atlas"


class Pen(Product):
    """A class on the first level."""

    config_polymorphic_identity = "pen"


class Novelty(Product):
    """A class on the first level whose identity is one that the second level has too."""

    config_polymorphic_identity = "novel"


FAMILIES = {
    Animal: [Animal, Dog, Puppy, Cat],
    Shape: [Shape, Circle, Oval],
    Product: [Product, Book, Novel, Thriller, Atlas, Pen, Novelty],
}
CLASSES = [(root, cls) for root, family in FAMILIES.items() for cls in family]


@pytest.fixture(params=FAMILIES, ids=lambda root: root.__name__)
def family(request, session):
    """One object of each class of a family, saved; gives the root."""
    for cls in FAMILIES[request.param]:
        session.save(cls(name=cls.__name__))
    return request.param


def names(found):
    """Give the names of documents, in order of the alphabet."""
    return sorted(document.name for document in found)


def test_an_object_is_found_by_its_class_and_its_ancestors_alone(session, family):
    """Whatever the attributes of the levels: no object too many, none too few."""
    for cls in FAMILIES[family]:
        expected = [other.__name__ for other in FAMILIES[family] if issubclass(other, cls)]
        assert names(session.query(cls)) == sorted(expected)


def test_every_object_is_loaded_as_its_own_class(session, family):
    """A query for an ancestor gives objects of the classes that were saved."""
    for cls in FAMILIES[family]:
        for found in session.query(cls):
            assert type(found).__name__ == found.name


def test_without_subclasses_only_objects_of_the_class_are_found(session, family):
    """`exclude_subclasses` leaves the class's own objects, where it has an identity."""
    for cls in FAMILIES[family]:
        if cls.config_polymorphic_identity is not None:
            found = session.query(cls, exclude_subclasses=True)
            assert names(found) == [cls.__name__]


def test_a_class_in_the_middle_without_an_identity_finds_what_is_below_it(session):
    """It asks for its subclasses, not for objects of its base class."""
    for cls in FAMILIES[Shape]:
        session.save(cls(name=cls.__name__))

    assert names(session.query(Round)) == ["Oval"]


@pytest.mark.parametrize(("root", "cls"), CLASSES, ids=lambda cls: cls.__name__)
def test_one_object_of_each_class_is_found_by_its_id(session, root, cls):
    """An object that is looked up by its ``_id`` through the root has its own class."""
    saved = cls(name="a")
    session.save(saved)

    assert type(session.query(root).filter(root.mongo_id == saved.mongo_id).one()) is cls
    assert type(session.refresh(saved)) is cls


def test_objects_stored_with_none_are_found_by_a_root_without_an_identity(session, database):
    """A missing identity and a null are the same: the root's own."""
    database["shapes"].insert_many([{"name": "a"}, {"name": "b", "kind": None}])

    assert names(session.query(Shape)) == ["a", "b"]
    assert {type(shape) for shape in session.query(Shape)} == {Shape}
    assert names(session.query(Circle)) == []


def test_all_classes_are_stored_in_the_shared_collection(session, database, family):
    """A shared collection holds the objects of all levels."""
    assert database.list_collection_names() == [family.get_collection_name()]


def test_the_identity_is_stored_under_the_attributes_stored_name(session, database):
    """What selects the class is in the database without being set by hand."""
    session.save(Puppy(name="a"))
    session.save(Novel(name="a"))

    assert database["animals"].find_one({}, {"_id": 0}) == {"k": "puppy", "name": "a", "barks": 0}
    assert database["products"].find_one({}, {"_id": 0}) == {"t": "book", "s": "novel", "name": "a"}


def test_the_filter_of_the_class_is_part_of_a_filtered_query(session):
    """A condition narrows the class's objects, and does not replace its filter."""
    for cls in FAMILIES[Animal]:
        session.save(cls(name="a"))
        session.save(cls(name="b"))

    found = session.query(Dog).filter(Dog.name == "a").all()

    assert {type(dog) for dog in found} == {Dog, Puppy}
    assert names(found) == ["a", "a"]


def test_a_condition_on_the_polymorphic_attribute_narrows_the_class(session):
    """The attribute can be asked for as any other, within the class."""
    for cls in FAMILIES[Animal]:
        session.save(cls(name=cls.__name__))

    assert names(session.query(Animal).filter(Animal.kind == "cat")) == ["Cat"]
    assert names(session.query(Dog).filter(Dog.kind == "cat")) == []


def test_an_update_changes_objects_of_the_class_alone(session, database):
    """The class's filter is part of an update expression."""
    for cls in FAMILIES[Animal]:
        session.save(cls(name=cls.__name__))
    session.query(Dog).set(Dog.barks, 5).multi().execute()

    changed = database["animals"].find({"barks": 5})
    assert sorted(raw["name"] for raw in changed) == ["Dog", "Puppy"]


def test_a_removal_removes_objects_of_the_class_alone(session):
    """The class's filter is part of a remove query."""
    for cls in FAMILIES[Animal]:
        session.save(cls(name=cls.__name__))
    session.remove_query(Dog).execute()

    assert names(session.query(Animal)) == ["Animal", "Cat"]


def test_counting_counts_objects_of_the_class_alone(session):
    """The class's filter is part of a count."""
    for cls in FAMILIES[Product]:
        session.save(cls(name=cls.__name__))

    assert session.query(Novel).count() == 2
    assert session.query(Pen).count() == 1


def test_an_upsert_stores_the_identities_of_all_levels(session):
    """An inserted object is found by the class whose query made it."""
    session.query(Atlas).filter(Atlas.name == "new").set(Atlas.name, "new").upsert().execute()

    (found,) = session.query(Atlas)
    assert type(found) is Atlas
    assert type(session.query(Product).one()) is Atlas


def test_the_attribute_may_be_no_field(session, database):
    """A polymorphic attribute that is no field is looked at under its own name."""

    class Loose(Document):
        config_collection_name = "loose"
        config_polymorphic = "_cls"
        config_polymorphic_identity = "loose"
        config_polymorphic_collection = True
        config_extra_fields = "ignore"

    class Looser(Loose):
        config_polymorphic_identity = "looser"

    database["loose"].insert_many([{"_cls": "loose"}, {"_cls": "looser"}, {"_cls": "other"}])

    assert sorted(type(found).__name__ for found in session.query(Loose)) == ["Loose", "Looser"]
    assert [type(found) for found in session.query(Looser)] == [Looser]


def test_a_subclass_of_its_own_collection_is_not_in_the_shared_one(session, database):
    """A subclass that names its collection is stored and found there."""

    class Tree(Document):
        config_collection_name = "trees"
        config_polymorphic = "kind"
        config_polymorphic_identity = "tree"
        config_polymorphic_collection = True
        kind = StringField()

    class Bonsai(Tree):
        config_collection_name = "bonsais"
        config_polymorphic_identity = "bonsai"

    session.save(Tree())
    session.save(Bonsai())

    assert database["trees"].count_documents({}) == 1
    assert database["bonsais"].count_documents({}) == 1
    assert type(session.query(Bonsai).one()) is Bonsai


def test_a_reference_to_a_shared_collection_loads_the_right_class(session):
    """A reference to the root class follows to an object of the stored class."""

    class Owner(Document):
        pet_ref = RefField(Animal)
        pet = pet_ref.rel()

    puppy = Puppy(name="rex")
    session.save(puppy)
    session.save(Owner(pet_ref=puppy.to_ref()))

    assert type(session.query(Owner).one().pet) is Puppy


def test_embedded_documents_are_polymorphic_too(session):
    """Embedded documents load as the class that their identity selects."""

    class Engine(Document):
        config_polymorphic = "kind"
        config_polymorphic_identity = "engine"
        kind = StringField()

    class Diesel(Engine):
        config_polymorphic_identity = "diesel"
        litres = IntField()

    class Car(Document):
        engine = DocumentField(Engine)
        spare = ListField(DocumentField(Engine))

    session.save(Car(engine=Diesel(litres=3), spare=[Engine(), Diesel(litres=2)]))
    car = session.query(Car).one()

    assert (type(car.engine), car.engine.litres) == (Diesel, 3)
    assert [type(engine) for engine in car.spare] == [Engine, Diesel]


def test_a_partial_load_selects_the_class_too(session):
    """What selects the subclass is loaded beside the fields that were asked for."""
    session.save(Puppy(name="rex"))
    session.save(Thriller(name="t"))

    assert type(session.query(Animal).fields(Animal.name).one()) is Puppy
    assert type(session.query(Product).fields(Product.name).one()) is Thriller


def test_get_subclass_may_be_overridden_for_loading(session, database):
    """A class that chooses its subclass itself is asked on every load."""

    class Number(Document):
        config_collection_name = "numbers"
        config_polymorphic_collection = True
        value = IntField()

        @classmethod
        def get_subclass(cls, obj):
            return Big if obj["value"] > 100 else cls

    class Big(Number):
        pass

    database["numbers"].insert_many([{"value": 1}, {"value": 1000}])

    found = session.query(Number).sort((Number.value, 1)).all()
    assert [type(number) for number in found] == [Number, Big]
