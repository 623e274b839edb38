"""`refresh`, `clone` and `add_to_session`: one more object, or the same one in a session."""

from __future__ import annotations

import copy

import pytest

from ommongo import (
    AnythingField,
    DictField,
    Document,
    DocumentField,
    IntField,
    KVField,
    ListField,
    RefField,
    SRefField,
    StringField,
)
from ommongo.document import FieldNotRetrieved, collection_registry
from ommongo.exceptions import BadReferenceException, BadResultException
from tests.models import Address, Note, User

COLLECTION = "tests_refresh_clone_bind"


class Company(Document):
    config_collection_name = COLLECTION
    name = StringField()


class Worker(Document):
    config_namespace = "tests.refresh_clone_bind"
    name = StringField()
    employer_id = RefField(Company, required=False)
    employer = employer_id.rel()
    former_id = SRefField(Company, required=False)
    former = former_id.rel(allow_none=True)
    friend_ids = ListField(RefField(Company), required=False)
    friends = friend_ids.rel()


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


# -- refresh --------------------------------------------------------------------------------


def test_refresh_loads_what_the_database_holds(session, database, company):
    """`refresh` gives the state of the database in a new object of the same class."""
    database[COLLECTION].update_one({}, {"$set": {"name": "Umbrella"}})

    fresh = session.refresh(company)

    assert type(fresh) is Company
    assert fresh is not company
    assert (fresh.name, company.name) == ("Umbrella", "Acme")
    assert fresh.get_dirty_ops() == {}


def test_refresh_of_a_partial_document_loads_all(session):
    """A refreshed copy is whole."""
    session.save(User(name="ada", age=36))
    partial = session.query(User).fields(User.name).one()

    assert session.refresh(partial).age == 36
    with pytest.raises(FieldNotRetrieved):
        _ = partial.age


def test_refresh_drops_the_changes_in_the_copy_only(session, company):
    """The changed object passed in stays changed."""
    company.name = "Umbrella"

    assert session.refresh(company).name == "Acme"
    assert company.name == "Umbrella"


def test_refresh_of_a_removed_document_raises(session, database, company):
    """A document that no longer exists raises `BadResultException`."""
    database[COLLECTION].delete_many({})

    with pytest.raises(BadResultException) as caught:
        session.refresh(company)

    assert "Company" in str(caught.value)


def test_refresh_of_an_object_without_an_id_raises(session):
    """An object that was never stored cannot be loaded."""
    with pytest.raises((BadResultException, FieldNotRetrieved)) as caught:
        session.refresh(Company(name="Acme"))

    assert "Company" in str(caught.value)


def test_refresh_by_a_declared_id(session):
    """Documents with their own id field are refreshed by it."""
    note = Note(key="k", body=1)
    session.save(note)

    assert session.refresh(note).body == 1


# -- clone ----------------------------------------------------------------------------------


def test_a_clone_has_the_content_and_no_id(session):
    """`clone` gives an unsaved object with equal content."""
    user = User(name="ada", age=36, tags=["a"], address=Address(city="London"))
    session.save(user)

    clone = session.clone(user)

    assert type(clone) is User
    assert clone is not user
    assert not clone.has_id()
    assert (clone.name, clone.age, clone.tags) == ("ada", 36, ["a"])
    assert clone.address.city == "London"


def test_a_clone_shares_nothing(session):
    """Changing a clone in place does not reach the original."""
    user = User(name="ada", tags=["a"], address=Address(city="London"))
    clone = session.clone(user)
    clone.tags.append("b")
    clone.address.city = "Paris"

    assert user.tags == ["a"]
    assert user.address.city == "London"


def test_cloning_sends_and_queues_nothing(session, commands):
    """`clone` is no write."""
    session.clone(User(name="ada"))

    assert session.queue == []
    assert commands.names() == []


class Free(Document):
    """A class with everything that can hold dicts and lists as they come."""

    config_namespace = "tests.refresh_clone_bind"
    config_extra_fields = "ignore"

    d = DictField(AnythingField(), required=False)
    a = AnythingField(required=False)
    items = ListField(AnythingField(), required=False)
    kv = KVField(StringField(), AnythingField(), required=False)
    inner = DocumentField("Free", required=False)


@pytest.mark.parametrize("name", ["d", "a", "items", "kv", "inner", "extra"])
@pytest.mark.parametrize("saved", [True, False], ids=["saved", "new"])
def test_a_clone_shares_nothing_that_a_value_holds(session, name, saved):
    """At any depth, in fields that hold anything and in extra fields."""

    def make() -> Free:
        return Free(d={"x": [1]}, a={"x": [1]}, items=[{"x": [1]}], kv={"x": [1]}, extra={"x": [1]})

    original = make()
    original.inner = make()
    if saved:
        session.save(original)
    before = copy.deepcopy(original.wrap())
    clone = session.clone(original)
    held = {**clone.get_extra_fields(), **clone.__dict__}[name]
    if name == "inner":
        held = held.a
    inside = held[0] if name == "items" else held
    inside["x"].append(2)
    inside["y"] = 3

    assert original.wrap() == before
    assert bool(original.get_dirty_ops()) is not saved


def test_a_saved_clone_is_a_second_document(session, database):
    """Saving a clone stores it under an id of its own."""
    user = User(name="ada")
    session.save(user)
    clone = session.clone(user)
    session.save(clone)

    assert clone.mongo_id != user.mongo_id
    assert database["users"].count_documents({"name": "ada"}) == 2


def test_a_clone_is_dirty(session):
    """A clone was never stored, so all of it is to be sent."""
    user = User(name="ada", age=3)
    session.save(user)

    assert session.clone(user).get_dirty_ops() == {"$set": {"name": "ada", "age": 3}}


def test_a_clone_has_the_class_of_the_original(session):
    """A clone of a subclass is of the subclass."""

    class Animal(Document):
        config_namespace = "tests.refresh_clone_bind"
        config_polymorphic = "kind"
        config_polymorphic_collection = True
        kind = StringField()

    class Cat(Animal):
        config_polymorphic_identity = "cat"
        lives = IntField()

    clone = session.clone(Cat(kind="cat", lives=9))

    assert type(clone) is Cat
    assert clone.lives == 9


def test_a_clone_has_no_declared_id(session):
    """A declared id field is left out of the clone, too."""
    note = Note(key="k", body=1)
    session.save(note)

    clone = session.clone(note)

    assert clone.body == 1
    assert not clone.has_id()


def test_a_partial_document_cannot_be_cloned(session):
    """What was not retrieved cannot be copied."""
    session.save(User(name="ada", age=36))
    partial = session.query(User).fields(User.name).one()

    with pytest.raises(FieldNotRetrieved):
        session.clone(partial)


def test_a_partial_document_without_required_fields_cannot_be_cloned(session):
    """Neither can one whose optional fields alone are missing from it."""
    session.save(User(name="ada"))
    partial = session.query(User).fields(User.name).one()

    with pytest.raises(FieldNotRetrieved):
        session.clone(partial)


def test_a_clone_is_not_the_held_object(make_session):
    """The identity map keeps the original."""
    session = make_session(cache_size=10)
    user = User(name="ada")
    session.save(user)
    clone = session.clone(user)

    assert session.query(User).one() is user
    assert clone is not user


# -- add_to_session -------------------------------------------------------------------------


def test_add_to_session_binds_and_queues_nothing(session, commands):
    """An object that was added to a session can follow references; nothing is pending."""
    user = User(name="ada")
    session.add_to_session(user)

    assert user._get_session() is session
    assert session.queue == []
    assert commands.names() == []
    assert not user.has_id()


@pytest.mark.parametrize("wrong", [None, 5, "text", {"name": "ada"}, User])
def test_what_is_no_document_cannot_be_bound(session, wrong):
    """Only a document can be bound."""
    with pytest.raises(TypeError):
        session.add_to_session(wrong)


def test_a_bound_document_follows_its_references(session, company):
    """After `add_to_session` the reference of a new object can be read."""
    worker = Worker(name="ada", employer_id=company.to_ref(), former_id=company.mongo_id)
    session.add_to_session(worker)

    assert worker.employer == company
    assert worker.former == company


def test_an_unbound_document_says_what_to_do(company):
    """A reference of an object without a session raises and names `add_to_session`."""
    worker = Worker(name="ada", employer_id=company.to_ref())

    with pytest.raises(BadReferenceException, match="add_to_session"):
        _ = worker.employer


def test_an_object_may_be_bound_anew(make_session):
    """The last session that an object was bound to holds."""
    one, other = make_session(), make_session()
    user = User(name="ada")
    one.add_to_session(user)
    other.add_to_session(user)

    assert user._get_session() is other


def test_a_document_bound_anew_reads_through_the_new_session(make_session, client, database):
    """References are looked up in the database of the last session."""
    other_database = client[f"{database.name}_2"]
    try:
        here, there = make_session(), make_session(other_database)
        company = Company(name="Acme")
        there.save(company)
        worker = Worker(name="ada", employer_id=company.to_ref())
        here.add_to_session(worker)
        with pytest.raises(BadReferenceException):
            _ = worker.employer
        there.add_to_session(worker)
        assert worker.employer.name == "Acme"
    finally:
        client.drop_database(other_database.name)


def test_loaded_documents_are_bound(session):
    """What a query gives can follow its references."""
    session.save(User(name="ada"))

    assert session.query(User).one()._get_session() is session


def test_a_list_of_references_is_one_query(session, commands):
    """The targets of a whole list are loaded by one query of their collection."""
    companies = [Company(name=name) for name in "abc"]
    for company in companies:
        session.add(company)
    session.flush()
    worker = Worker(name="ada", friend_ids=[company.to_ref() for company in companies])
    session.add_to_session(worker)
    commands.clear()

    assert [company.name for company in worker.friends] == ["a", "b", "c"]
    assert commands.names("find") == ["find"]
