"""
What is embedded can be loaded as what it is, or is refused where it is assigned.

Members of the kind, by where the object is put: a field, an item, a value of a dict, an entry, an
element, an embedded document in an embedded one; by how: constructor, assignment, in place, update
expressions, a condition, a default. By the class: with fields of its own, with a field declared
anew, one that keeps extra fields where its base does not, without an identity in a family that has
them; and those that are loaded well: the class itself, one without fields of its own, one that its
identity tells, one that an application tells its own way.
"""

from __future__ import annotations

from typing import Any

import pytest

from ommongo import (
    DictField,
    Document,
    DocumentField,
    IntField,
    KVField,
    ListField,
    StringField,
    TupleField,
)
from ommongo.exceptions import BadValueException, InvalidConfigException

SPACE = "tests.embedded_subclasses"


class Pet(Document):
    config_namespace = SPACE
    name = StringField(default="Tom")


class Parrot(Pet):
    config_namespace = SPACE
    words = IntField(default=0)


class Renaming(Pet):
    config_namespace = SPACE
    name = StringField(default="Tom", db_field="n")


class Open(Pet):
    config_namespace = SPACE
    config_extra_fields = "ignore"


class Same(Pet):
    """Methods only: it is stored and loaded as its base."""

    config_namespace = SPACE

    def shout(self) -> str:
        return self.name.upper()


class Told(Document):
    config_namespace = SPACE
    config_polymorphic = "kind"
    config_polymorphic_identity = "told"
    kind = StringField()


class ToldWell(Told):
    config_namespace = SPACE
    config_polymorphic_identity = "well"
    more = IntField(default=1)


class Untold(Told):
    config_namespace = SPACE
    more = IntField(default=1)


class OwnWay(Document):
    config_namespace = SPACE
    name = StringField(default="a")

    @classmethod
    def get_subclass(cls, obj: Any) -> Any:
        return Longer if "more" in obj else None


class Longer(OwnWay):
    config_namespace = SPACE
    more = IntField(default=1)


class House(Document):
    config_namespace = SPACE
    pet = DocumentField(Pet, required=False)
    pets = ListField(DocumentField(Pet), required=False)


class Owner(Document):
    config_namespace = SPACE
    config_collection_name = "owners"

    pet = DocumentField(Pet, required=False)
    by_text = DocumentField("Pet", required=False)
    pets = ListField(DocumentField(Pet), required=False)
    by_name = DictField(DocumentField(Pet), required=False)
    by_key = KVField(IntField(), DocumentField(Pet), required=False)
    pair = TupleField(IntField(), DocumentField(Pet), required=False)
    house = DocumentField(House, required=False)
    told = DocumentField(Told, required=False)
    own_way = DocumentField(OwnWay, required=False)


BAD = {"Parrot": Parrot, "Renaming": Renaming, "Open": Open}
PUT = {
    "alone": lambda pet: {"pet": pet},
    "named by text": lambda pet: {"by_text": pet},
    "in a list": lambda pet: {"pets": [Pet(), pet]},
    "in a dict": lambda pet: {"by_name": {"a": pet}},
    "in an entry": lambda pet: {"by_key": {1: pet}},
    "in a tuple": lambda pet: {"pair": (1, pet)},
}


@pytest.mark.parametrize("cls", BAD)
@pytest.mark.parametrize("put", PUT)
def test_what_could_not_be_loaded_is_refused_where_it_is_assigned(safe_session, put, cls):
    """By the constructor and the assignment; the message says how the class can be told."""
    values = PUT[put](BAD[cls]())
    owner = Owner()

    for assign in (
        lambda: Owner(**values),
        lambda: [setattr(owner, name, value) for name, value in values.items()],
    ):
        with pytest.raises(BadValueException, match="config_polymorphic") as caught:
            assign()
        assert cls in str(caught.value)
        assert "Pet" in str(caught.value)

    safe_session.save(owner)
    assert safe_session.query(Owner).one().wrap() == owner.wrap()


@pytest.mark.parametrize("cls", BAD)
@pytest.mark.parametrize("way", ["save", "update"])
def test_what_was_put_in_place_is_refused_when_it_is_queued(safe_session, commands, way, cls):
    """A list cannot say so when it is appended to."""
    safe_session.save(Owner(pets=[Pet()], by_name={}))
    owner = safe_session.query(Owner).one()
    owner.pets.append(BAD[cls]())
    commands.clear()

    with pytest.raises(BadValueException, match="config_polymorphic"):
        getattr(safe_session, way)(owner)

    assert commands.names("update", "insert") == []
    assert len(safe_session.query(Owner).one().pets) == 1


@pytest.mark.parametrize("cls", BAD)
def test_it_is_refused_below_an_embedded_document_too(cls):
    """At any depth."""
    for house in (lambda: House(pet=BAD[cls]()), lambda: House(pets=[BAD[cls]()])):
        with pytest.raises(BadValueException, match="config_polymorphic"):
            Owner(house=house())


@pytest.mark.parametrize("cls", BAD)
def test_update_expressions_and_conditions_refuse_it(safe_session, cls):
    """They store it, or could never match it."""
    query = safe_session.query(Owner)
    for use in (
        lambda: query.set(Owner.pet, BAD[cls]()),
        lambda: query.append(Owner.pets, BAD[cls]()),
        lambda: query.add_to_set(Owner.pets, BAD[cls]()),
        lambda: query.find_and_modify().set(Owner.pet, BAD[cls]()),
        lambda: Owner.pet == BAD[cls](),
    ):
        with pytest.raises(BadValueException, match="config_polymorphic"):
            use()


def test_a_default_is_judged_when_the_class_is_made():
    """It would be stored with every object."""
    with pytest.raises(InvalidConfigException, match="config_polymorphic"):

        class Wrong(Document):
            config_namespace = None
            pet = DocumentField(Pet, default=Parrot())


def test_a_subclass_that_has_no_identity_is_refused_in_a_family(safe_session):
    """It would be loaded as its base, which has no field for what it holds."""
    with pytest.raises(BadValueException, match="config_polymorphic_identity"):
        Owner(told=Untold())


LOADED = {
    "the class": (lambda: {"pet": Pet()}, Pet, lambda owner: owner.pet),
    "no fields of its own": (lambda: {"pet": Same()}, Pet, lambda owner: owner.pet),
    "told by its identity": (lambda: {"told": ToldWell()}, ToldWell, lambda owner: owner.told),
    "the root": (lambda: {"told": Told()}, Told, lambda owner: owner.told),
    "its own way": (lambda: {"own_way": Longer()}, Longer, lambda owner: owner.own_way),
}


@pytest.mark.parametrize("way", LOADED)
def test_what_can_be_loaded_is_loaded_as_what_it_was(safe_session, way):
    """It is stored and loaded with all of its values, and is clean."""
    values, cls, held = LOADED[way]
    owner = Owner(**values())
    safe_session.save(owner)

    loaded = safe_session.query(Owner).one()

    assert type(held(loaded)) is cls
    assert loaded.wrap() == owner.wrap()
    assert loaded.get_dirty_ops() == {}
