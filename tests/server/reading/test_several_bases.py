"""
A subclass belongs to every polymorphic base that it has.

Members: a diamond, its corners in both orders, classes below it, two roots in one collection with
one attribute and with two, levels with attributes of their own; in `base_query`, queries, removals,
updates, `get_subclass`, loading and identities of new objects.
"""

from __future__ import annotations

from typing import Any

import pytest

from ommongo import Document, Session, StringField

NS = "tests.several_bases"


class Worker(Document):
    config_namespace = NS
    config_polymorphic, config_polymorphic_identity = "kind", "worker"
    config_polymorphic_collection = True
    kind = StringField(default="worker")


class Cook(Worker):
    config_polymorphic_identity, kind = "cook", StringField(default="cook")


class Driver(Worker):
    config_polymorphic_identity, kind = "driver", StringField(default="driver")


class FoodTruck(Cook, Driver):
    config_polymorphic_identity, kind = "truck", StringField(default="truck")


class Bakery(Driver, Cook):
    config_polymorphic_identity, kind = "bakery", StringField(default="bakery")


class Van(FoodTruck):
    config_polymorphic_identity, kind = "van", StringField(default="van")


class Ship(Document):
    config_namespace = NS
    config_collection_name = "things"
    config_polymorphic, config_polymorphic_identity = "kind", "ship"
    config_polymorphic_collection = True
    kind = StringField(required=False)


class House(Document):
    config_namespace = NS
    config_collection_name = "things"
    config_polymorphic, config_polymorphic_identity = "form", "house"
    config_polymorphic_collection = True
    form = StringField(required=False)


class HouseBoat(Ship, House):
    config_polymorphic_identity = "houseboat"


FAMILIES: dict[type[Any], tuple[type[Any], ...]] = {
    Worker: (Worker, Cook, Driver, FoodTruck, Bakery, Van),
    Cook: (Cook, FoodTruck, Bakery, Van),
    Driver: (Driver, FoodTruck, Bakery, Van),
    FoodTruck: (FoodTruck, Van),
    Bakery: (Bakery,),
    Van: (Van,),
}


@pytest.fixture
def workers(database) -> Any:
    """A session on one object of each class."""
    session = Session(database, safe=True)
    for cls in FAMILIES[Worker]:
        session.save(cls())
    return session


@pytest.mark.parametrize("cls", FAMILIES)
def test_a_query_finds_what_is_of_its_class(workers, cls):
    """And nothing else, each as what it is."""
    found = workers.query(cls).all()

    assert {type(each) for each in found} == set(FAMILIES[cls])
    assert len(found) == len(FAMILIES[cls])
    [_, condition] = next(iter(workers.query(cls).query.items()))
    assert len(condition["$in"]) == len(set(condition["$in"])) == len(FAMILIES[cls])


@pytest.mark.parametrize("cls", FAMILIES)
def test_a_removal_and_an_update_change_what_is_of_the_class(workers, cls):
    """As the query does."""
    assert workers.query(cls).unset("kind", unchecked=True).multi().execute()["n"] == len(
        FAMILIES[cls]
    )
    workers.clear_collection(Worker)
    for other in FAMILIES[Worker]:
        workers.save(other())

    assert workers.remove_query(cls).execute()["n"] == len(FAMILIES[cls])


def test_the_class_of_a_stored_document_is_found_from_every_base():
    """By each of them, also for those below."""
    for base in (Worker, Cook, Driver):
        assert base.get_subclass({"kind": "truck"}) is FoodTruck
        assert base.get_subclass({"kind": "bakery"}) is Bakery
        assert base.get_subclass({"kind": "van"}) is Van
    assert Bakery.get_subclass({"kind": "van"}) is None


def test_two_roots_in_one_collection(database):
    """Each asks by its own attribute, and an object of both has both."""
    session = Session(database, safe=True)
    session.save(Ship())
    session.save(House())
    session.save(HouseBoat())

    assert database["things"].count_documents({"kind": "houseboat", "form": "houseboat"}) == 1
    for cls in (Ship, House):
        query = session.query(cls).filter({cls.config_polymorphic: {"$exists": True}})
        assert {type(each) for each in query} == {cls, HouseBoat}
    assert [type(each) for each in session.query(HouseBoat)] == [HouseBoat]
    assert House.get_subclass({"form": "houseboat"}) is HouseBoat
    assert Ship.get_subclass({"kind": "houseboat"}) is HouseBoat
