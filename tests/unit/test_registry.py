"""Classes by name and by collection, each in its namespace."""

from __future__ import annotations

import uuid
from collections import defaultdict

import pytest

from ommongo import Document, DocumentField, IntField, RefField, StringField
from ommongo.document import collection_registry, document_type_registry
from ommongo.exceptions import BadFieldSpecification


@pytest.fixture
def namespace():
    """A namespace that no other test uses."""
    name = f"tests.registry.{uuid.uuid4().hex}"
    yield name
    document_type_registry.pop(name, None)
    collection_registry.pop(name, None)


@pytest.mark.parametrize("registry", [document_type_registry, collection_registry])
def test_the_registries_are_plain_defaultdicts(registry):
    """Both registries are `defaultdict(dict)` objects."""
    assert type(registry) is defaultdict
    assert registry.default_factory is dict


def test_a_class_is_registered_in_the_global_namespace():
    """Without a setting a class is found under `global`."""

    class RegistryPlain(Document):
        pass

    assert document_type_registry["global"]["RegistryPlain"] is RegistryPlain
    assert collection_registry["global"]["RegistryPlain"] is RegistryPlain


def test_a_class_is_registered_in_its_namespace_only(namespace):
    """`config_namespace` says where a class is found, and it is found nowhere else."""

    class RegistrySpaced(Document):
        config_namespace = namespace

    assert document_type_registry[namespace] == {"RegistrySpaced": RegistrySpaced}
    assert "RegistrySpaced" not in document_type_registry["global"]
    assert "RegistrySpaced" not in collection_registry["global"]


def test_a_class_without_a_namespace_is_registered_nowhere():
    """`config_namespace = None` keeps a class out of both registries."""

    class RegistryHidden(Document):
        config_namespace = None

    held = [*document_type_registry.values(), *collection_registry.values()]
    assert not any(RegistryHidden in names.values() for names in held)
    assert None not in document_type_registry
    assert None not in collection_registry


def test_the_full_name_is_the_key(namespace):
    """`config_full_name` takes the place of the class name in the registry."""

    class RegistryNamed(Document):
        config_namespace = namespace
        config_full_name = "shop.Item"

    assert document_type_registry[namespace] == {"shop.Item": RegistryNamed}


def test_collections_are_registered_by_their_names(namespace):
    """The key of the second registry is the collection's name."""

    class RegistryNamed(Document):
        config_namespace = namespace
        config_collection_name = "items"

    assert collection_registry[namespace] == {"items": RegistryNamed}


def test_a_shared_collection_holds_the_base_class(namespace):
    """Subclasses in a shared polymorphic collection leave the base class in the registry."""

    class Animal(Document):
        config_namespace = namespace
        config_collection_name = "animals"
        config_polymorphic = "kind"
        config_polymorphic_collection = True
        kind = StringField()

    class Cat(Animal):
        config_polymorphic_identity = "cat"

    assert collection_registry[namespace] == {"animals": Animal}
    assert document_type_registry[namespace]["Cat"] is Cat


def test_a_class_of_the_same_name_takes_the_earlier_ones_place(namespace):
    """Declaring a class again is no error, and the later one is found."""
    made = [
        type(Document)("Twice", (Document,), {"config_namespace": namespace, "n": IntField()})
        for _ in range(2)
    ]

    assert document_type_registry[namespace]["Twice"] is made[1]
    assert collection_registry[namespace]["Twice"] is made[1]


def test_a_string_name_gives_the_class_declared_last(namespace):
    """A string name that is resolved later finds the class that took the place."""

    class Leaf(Document):
        config_namespace = namespace
        old = IntField()

    class Tree(Document):
        config_namespace = namespace
        leaf = DocumentField("Leaf")

    first = Leaf

    class Leaf(Document):
        config_namespace = namespace
        new = IntField()

    tree = Tree(leaf=Leaf(new=1))

    assert tree.wrap()["leaf"] == {"new": 1}
    assert first is not Leaf


def test_a_string_name_reaches_a_class_declared_later(namespace):
    """A class may name one that does not exist yet."""

    class Early(Document):
        config_namespace = namespace
        late = DocumentField("Late")

    class Late(Document):
        config_namespace = namespace
        n = IntField()

    assert Early(late=Late(n=2)).wrap()["late"] == {"n": 2}


def test_a_string_name_reaches_its_own_class(namespace):
    """A class may name itself."""

    class Node(Document):
        config_namespace = namespace
        n = IntField()
        child = DocumentField("Node", required=False)

    assert Node(n=1, child=Node(n=2)).wrap()["child"] == {"n": 2}


def test_a_string_name_is_looked_up_in_the_namespace_of_its_class(namespace):
    """A name of another namespace is not found."""

    class RegistryOutside(Document):
        n = IntField()

    class Inside(Document):
        config_namespace = namespace
        other = DocumentField("RegistryOutside")

    with pytest.raises(BadFieldSpecification, match="RegistryOutside"):
        Inside(other=RegistryOutside(n=1))


def test_an_unknown_string_name_says_what_is_missing_and_where(namespace):
    """The message of a failed look-up has the name, the namespace and the way out."""

    class Lost(Document):
        config_namespace = namespace
        other = DocumentField("Nowhere")

    with pytest.raises(BadFieldSpecification) as caught:
        Lost(other=5)

    assert "Nowhere" in str(caught.value)
    assert namespace in str(caught.value)


def test_a_string_name_in_an_unregistered_class_raises():
    """A class outside the registry cannot use names."""

    class Hidden(Document):
        config_namespace = None
        other = DocumentField("RegistryPlain")

    with pytest.raises(BadFieldSpecification):
        Hidden(other=5)


def test_a_failed_look_up_leaves_no_namespace_behind(namespace):
    """Asking for a name does not create the namespace it is asked in."""
    field = RefField("Nobody", namespace=namespace)

    with pytest.raises(BadFieldSpecification):
        field.wrap(1)  # an _id: only the class knows what it may be

    assert namespace not in document_type_registry
    assert namespace not in collection_registry


def test_the_registries_can_be_cleared(namespace):
    """After clearing a namespace its classes work and are only no longer found by name."""

    class Gone(Document):
        config_namespace = namespace
        n = IntField()

    document_type_registry[namespace].clear()
    collection_registry[namespace].clear()

    assert Gone(n=1).wrap() == {"n": 1}
    assert Gone.get_collection_name() == "Gone"
