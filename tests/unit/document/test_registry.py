"""What documents find in the registries (the registries themselves: ``tests/unit``)."""

from __future__ import annotations

from ommongo import Document, DocumentField, IntField, StringField
from ommongo.document import collection_registry, document_type_registry


def test_a_full_name_is_what_string_names_mean():
    """A string class name is looked up among the full names."""

    class Brick(Document):
        config_full_name = "app.models.Brick"
        weight = IntField()

    class Wall(Document):
        brick = DocumentField("app.models.Brick")

    assert Wall(brick=Brick(weight=3)).brick.weight == 3


def test_a_subclass_with_its_own_collection_is_registered_for_it():
    """A subclass that leaves the shared collection is the class of its own."""

    class Nut(Document):
        config_collection_name = "nuts"
        config_polymorphic = "kind"
        config_polymorphic_collection = True
        kind = StringField()

    class Walnut(Nut):
        config_collection_name = "walnuts"
        config_polymorphic_identity = "walnut"

    assert collection_registry["global"]["nuts"] is Nut
    assert collection_registry["global"]["walnuts"] is Walnut


def test_subclasses_of_a_shared_collection_are_found_by_their_names():
    """The base class stands for the collection; each class is registered under its name."""

    class Fruit(Document):
        config_namespace = "orchard"
        config_polymorphic = "kind"
        config_polymorphic_collection = True
        kind = StringField()

    class Apple(Fruit):
        config_polymorphic_identity = "apple"

    assert document_type_registry["orchard"] == {"Fruit": Fruit, "Apple": Apple}
    assert collection_registry["orchard"] == {"Fruit": Fruit}
