"""Find-and-modify on a real server: one atomic step that gives the object."""

from __future__ import annotations

import pytest
from pymongo.errors import DuplicateKeyError

from ommongo import Document, IntField, Q, StringField
from ommongo.exceptions import FieldNotRetrieved, TransactionException, UpdateException
from tests.helpers import bodies_of
from tests.models import Account, User


class Animal(Document):
    config_namespace = "tests.server.find_and_modify"
    config_collection_name = "animals"
    config_polymorphic = "kind"
    config_polymorphic_identity = "animal"
    config_polymorphic_collection = True
    config_default_sort = [("age", -1)]
    kind = StringField(db_field="k", default="animal")
    age = IntField()


class Dog(Animal):
    config_polymorphic_identity = "dog"
    kind = StringField(db_field="k", default="dog")


@pytest.fixture
def users(session):
    """Two users, and a query for them."""
    for name, age in [("ada", 36), ("bob", 18)]:
        session.save(User(name=name, age=age, nick=name[0]))
    return session.query(User)


def test_it_gives_the_object_before_the_change(session, users):
    """The object is what was there; the database holds the change."""
    ada = users.filter(User.name == "ada").find_and_modify().inc(User.age).execute()

    assert (type(ada), ada.age) == (User, 36)
    assert session.refresh(ada).age == 37


def test_it_gives_the_object_after_the_change(users):
    """With `new` the object has the change."""
    ada = users.filter(User.name == "ada").find_and_modify(new=True).inc(User.age).execute()

    assert ada.age == 37


def test_it_removes(session, users):
    """With `remove` the object is given and gone."""
    ada = users.filter(User.name == "ada").find_and_modify(remove=True).execute()

    assert ada.age == 36
    assert [user.name for user in session.query(User)] == ["bob"]


def test_it_is_one_command(users, commands):
    """No other client can come in between."""
    users.filter(User.name == "ada").find_and_modify().inc(User.age).execute()

    assert commands.names("find", "update", "findAndModify") == ["findAndModify"]


@pytest.mark.parametrize("remove", [False, True])
def test_nothing_matched(users, remove):
    """`None` says that there was nothing to change."""
    expression = users.filter(User.name == "cy").find_and_modify(remove=remove)

    assert (expression if remove else expression.set(age=1)).execute() is None


@pytest.mark.parametrize("remove", [False, True])
def test_the_sort_says_which(users, remove):
    """The first one in the query's order is changed."""
    expression = users.ascending(User.age).find_and_modify(remove=remove)

    assert (expression if remove else expression.set(age=1)).execute().name == "bob"


def test_the_default_sort_says_which(session):
    """Without an order of the query's own, that of the class counts."""
    for age in (1, 3, 2):
        session.save(Animal(age=age))

    assert session.query(Animal).find_and_modify(remove=True).execute().age == 3


def test_an_upsert_gives_nothing_before_it_was_there(session, users):
    """What was inserted had no state before."""
    expression = users.filter(User.name == "cy").find_and_modify().set(age=1).upsert()

    assert expression.execute() is None
    assert session.query(User).filter(User.name == "cy").one().age == 1


def test_an_upsert_gives_what_was_inserted(users):
    """With `new` there is something to give."""
    expression = users.filter(User.name == "cy").find_and_modify(new=True).set(age=1).upsert()

    assert expression.execute().age == 1


def test_an_upsert_inserts_an_object_of_the_class(session):
    """The class's identity is stored."""
    expression = session.query(Dog).find_and_modify(new=True).set(age=1).upsert()

    assert type(expression.execute()) is Dog


def test_it_heeds_the_class(session):
    """Documents of other classes in the collection stay, and a subclass loads as itself."""
    session.save(Animal(age=9))
    session.save(Dog(age=1))

    assert (
        type(session.query(Animal).ascending("age").find_and_modify().inc("age").execute()) is Dog
    )
    assert session.query(Dog).find_and_modify(remove=True).execute().age == 2
    assert [animal.age for animal in session.query(Animal)] == [9]


def test_fields_make_the_object_partial(users, commands):
    """Only what was asked for comes back."""
    query = users.filter(User.name == "ada").fields(User.nick)
    ada = query.find_and_modify(new=True).inc(User.age).execute()

    assert ada.nick == "a"
    with pytest.raises(FieldNotRetrieved):
        _ = ada.age
    (command,) = bodies_of(commands, "findAndModify")
    assert command["fields"] == {"n": True, "_id": True}


def test_the_options_of_the_query_are_sent(session, users, commands):
    """Hint, comment and time go along."""
    session.db["users"].create_index([("age", 1)])

    users.hint_asc(User.age).comment("why").max_time(5000).find_and_modify(remove=True).execute()

    (command,) = bodies_of(commands, "findAndModify")
    assert (command["hint"], command["comment"], command["maxTimeMS"]) == ({"age": 1}, "why", 5000)


def test_raw_output_gives_a_dict(users):
    """The document comes as it is stored."""
    query = users.filter(User.name == "ada").raw_output()

    raw = query.find_and_modify(new=True).inc(User.age).execute()

    assert (type(raw), raw["n"], raw["age"]) == (dict, "a", 37)


def test_free_form_find_and_modify(session, users):
    """Without a class nothing is checked or converted."""
    raw = session.query("users").filter(Q.n == "a").find_and_modify(new=True).set("x", 1).execute()

    assert (raw["n"], raw["x"]) == ("a", 1)


def test_array_filters_pick_items(session, users):
    """Identifiers in a path stand for the items that a condition describes."""
    session.db["users"].update_one({"n": "a"}, {"$set": {"tags": ["x", "y"]}})
    expression = session.query("users").filter(Q.n == "a").find_and_modify(new=True)

    raw = expression.set("tags.$[t]", "z").array_filters({"t": "y"}).execute()

    assert raw["tags"] == ["x", "z"]


def test_it_sees_what_is_pending(session, users):
    """The queue goes first."""
    session.add(User(name="cy", age=1))

    assert users.filter(User.name == "cy").find_and_modify().inc(User.age).execute().age == 1


def test_in_a_block_it_is_refused(session, users, commands):
    """Its result cannot wait for the end of the block."""
    with session:
        with pytest.raises(TransactionException):
            users.find_and_modify().set(age=1).execute()

    assert commands.names("findAndModify") == []


def test_nothing_to_change_sends_nothing(users, commands):
    """An empty change is a mistake, also where it would not erase anything."""
    with pytest.raises(UpdateException):
        users.find_and_modify().execute()

    assert commands.names() == []


def test_the_new_object_takes_the_held_ones_place(make_session, users):
    """With `new` the data is fresh, and so is what the identity map gives from then on."""
    session = make_session(cache_size=None)
    held = session.query(User).filter(User.name == "ada").one()

    new = (
        session.query(User)
        .filter(User.name == "ada")
        .find_and_modify(new=True)
        .inc(User.age)
        .execute()
    )

    assert new is not held
    assert (held.age, new.age) == (36, 37)
    assert session.query(User).filter(User.name == "ada").one() is new


def test_the_object_before_the_change_is_not_held(make_session, users):
    """Without `new` the object is a state of the past."""
    session = make_session(cache_size=None)
    query = session.query(User).filter(User.name == "ada")
    held = query.one()

    before = query.find_and_modify().inc(User.age).execute()

    assert before is not held
    assert query.one() is held


def test_a_partial_object_is_not_held(make_session, users):
    """The identity map holds whole objects."""
    session = make_session(cache_size=None)
    query = session.query(User).filter(User.name == "ada").fields(User.age)

    query.find_and_modify(new=True).inc(User.age).execute()

    assert len(session.cache) == 0


def test_an_error_of_the_server_is_raised(session):
    """What the server refuses is told, whatever the session's setting is."""
    session.save(Account(email="a"))
    session.save(Account(email="b"))
    query = session.query(Account).filter(Account.email == "b")

    with pytest.raises(DuplicateKeyError):
        query.find_and_modify().set(email="a").execute()
