"""`dereference`: what a reference leads to, and what is told of one that leads nowhere."""

from __future__ import annotations

import pytest
from bson import DBRef, ObjectId

from ommongo import Document, RefField, StringField
from ommongo.document import collection_registry
from ommongo.exceptions import BadReferenceException
from tests.models import User

COLLECTION = "tests_dereference"
CITIES = "tests_dereference_cities"


class Company(Document):
    config_collection_name = COLLECTION
    name = StringField()


class City(Document):
    """A class with an id of its own."""

    config_collection_name = CITIES
    code = StringField(_id=True)
    name = StringField(required=False)


class Worker(Document):
    config_namespace = "tests.dereference"
    name = StringField()
    employer_id = RefField(Company, required=False)
    employer = employer_id.rel()


@pytest.fixture(autouse=True)
def _registered():
    """`Company` is known for its collection, whatever other tests did to the registries."""
    collection_registry["global"][COLLECTION] = Company


@pytest.fixture
def company(session):
    """A stored company."""
    company = Company(name="Acme")
    session.save(company)
    return company


def test_a_document_is_returned_as_it_is(session, commands):
    """What is no reference any more needs no look-up."""
    user = User(name="ada")

    assert session.dereference(user) is user
    assert commands.names() == []


def test_a_reference_gives_its_document(session, company):
    """A `DBRef` is looked up in the session's database."""
    found = session.dereference(company.to_ref())

    assert type(found) is Company
    assert found == company
    assert found.name == "Acme"


def test_a_dereferenced_document_is_bound(session, company):
    """Its own references can be followed."""
    assert session.dereference(company.to_ref())._get_session() is session


def test_a_reference_to_a_held_object_gives_it(make_session, commands):
    """The identity map is asked first."""
    session = make_session(cache_size=10)
    company = Company(name="Acme")
    session.save(company)
    commands.clear()

    assert session.dereference(company.to_ref()) is company
    assert commands.names() == []


def test_a_reference_fills_the_identity_map(make_session, database):
    """What a reference loaded is held."""
    session = make_session(cache_size=10)
    given = database[COLLECTION].insert_one({"name": "Acme"}).inserted_id

    found = session.dereference(DBRef(COLLECTION, given))

    assert session.dereference(DBRef(COLLECTION, given)) is found
    assert session.query(Company).one() is found


def test_a_reference_that_names_its_database_is_looked_up_there(session, client, database):
    """The database of a `DBRef` goes before that of the session."""
    other = client[f"{database.name}_2"]
    try:
        given = other[COLLECTION].insert_one({"name": "Elsewhere"}).inserted_id
        found = session.dereference(DBRef(COLLECTION, given, other.name))
        assert found.name == "Elsewhere"
        assert session.dereference(DBRef(COLLECTION, given), allow_none=True) is None
    finally:
        client.drop_database(other.name)


def test_a_reference_that_names_the_own_database_is_the_same(make_session):
    """With or without the session's database in it, a reference leads to one object."""
    session = make_session(cache_size=10)
    company = Company(name="Acme")
    session.save(company)

    assert session.dereference(DBRef(COLLECTION, company.mongo_id, session.db.name)) is company


def test_a_missing_document_raises(session, database):
    """A reference that leads nowhere raises, and the message names it."""
    given = ObjectId()
    with pytest.raises(BadReferenceException) as caught:
        session.dereference(DBRef(COLLECTION, given))

    assert COLLECTION in str(caught.value)
    assert str(given) in str(caught.value)
    assert caught.value.reference == DBRef(COLLECTION, given)


def test_a_missing_document_is_none_when_allowed(session):
    """With `allow_none` a reference that leads nowhere gives `None`."""
    assert session.dereference(DBRef(COLLECTION, ObjectId()), allow_none=True) is None


@pytest.mark.parametrize("allow_none", [False, True])
def test_an_unknown_collection_raises(session, database, allow_none):
    """Without a class for the collection there is nothing to make, whatever `allow_none` says."""
    given = database["unknown_to_all"].insert_one({}).inserted_id
    with pytest.raises(BadReferenceException, match="unknown_to_all"):
        session.dereference(DBRef("unknown_to_all", given), allow_none)


def test_an_unknown_collection_leaves_the_registry_alone(session):
    """A failed look-up puts nothing into the registry."""
    with pytest.raises(BadReferenceException):
        session.dereference(DBRef("unknown_to_all", 1))

    assert "unknown_to_all" not in collection_registry["global"]


def test_a_class_of_another_namespace_is_not_found(session):
    """Only the global registry knows collections for a bare reference."""
    user = User(name="ada")
    session.save(user)

    with pytest.raises(BadReferenceException, match="users"):
        session.dereference(user.to_ref())


def test_a_reference_field_brings_its_class(session):
    """Where a reference field is followed its class is used, registered or not."""
    del collection_registry["global"][COLLECTION]
    company = Company(name="Acme")
    session.save(company)
    worker = Worker(name="ada", employer_id=company.to_ref())
    session.save(worker)

    assert worker.employer == company


@pytest.mark.parametrize("wrong", [None, 5, "text", ObjectId(), {"$ref": COLLECTION}])
def test_what_is_no_reference_is_refused(session, wrong):
    """Anything but a document or a `DBRef` raises and says what came."""
    with pytest.raises((TypeError, BadReferenceException)) as caught:
        session.dereference(wrong)

    assert type(wrong).__name__ in str(caught.value)


def test_a_reference_after_a_failure_can_be_followed(session, company):
    """The session is usable after a reference that leads nowhere."""
    with pytest.raises(BadReferenceException):
        session.dereference(DBRef(COLLECTION, ObjectId()))

    assert session.dereference(company.to_ref()) == company


def test_dereference_gives_a_document_back_as_it_is(session, commands):
    """A document needs no looking up."""
    company = Company(name="a")

    assert session.dereference(company) is company
    assert commands.names() == []


def test_dereference_loads_by_a_reference(session):
    """A `DBRef` is looked up and loaded as the class of its collection."""
    city = City(code="BGR", name="Bogor")
    session.save(city)

    found = session.dereference(DBRef(CITIES, "BGR"))
    assert (type(found), found.name) == (City, "Bogor")
    assert found == city


def test_dereference_of_a_missing_document(session):
    """A missing document raises, or gives ``None`` where that is allowed."""
    with pytest.raises(BadReferenceException, match="BGR"):
        session.dereference(DBRef(CITIES, "BGR"))
    assert session.dereference(DBRef(CITIES, "BGR"), allow_none=True) is None


def test_dereference_into_a_collection_without_a_class(session):
    """Where no class is known, it does not help to allow ``None``."""
    for allow_none in (False, True):
        with pytest.raises(BadReferenceException, match="NobodysCollection"):
            session.dereference(DBRef("NobodysCollection", 1), allow_none=allow_none)
