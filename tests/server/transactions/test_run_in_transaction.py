"""`run_in_transaction`: a function that is called again by the driver's rules, and stored once."""

from __future__ import annotations

import pytest

from tests.models import Counter, User

# What the server says of a transaction that is to be tried again.
CONFLICT = {"errorCode": 112, "errorLabels": ["TransientTransactionError"]}
ABORTED = {"errorCode": 251, "errorLabels": ["TransientTransactionError"]}


class Mishap(Exception):
    """What goes wrong in an application."""


@pytest.fixture
def session(make_session, database):
    """A safe session that holds its objects, on a database with its collections."""
    for name in ("users", "counters"):
        database.create_collection(name)
    return make_session(safe=True, cache_size=None)


@pytest.fixture
def ada(session):
    """A stored user, whom the session does not hold."""
    user = User(name="ada", age=36)
    session.save(user)
    session.clear_cache()
    return user


def names_in(database):
    """Give the names of all users that are stored, sorted."""
    return sorted(user["name"] for user in database["users"].find())


def test_a_callback_is_given_the_session_and_its_result_is_returned(session, ada, database):
    """What the callback returns comes back when everything is stored."""

    def birthday(given):
        assert given is session
        found = given.query(User).one()
        found.age += 1
        given.save(found)
        return found.age

    assert session.run_in_transaction(birthday) == 37
    assert database["users"].find_one()["age"] == 37


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("command", ["find", "update", "commitTransaction"])
def test_a_callback_is_called_again_after_a_transient_error(
    session, ada, database, fail_command, command, times
):
    """The driver's rules say when; what it loads and changes counts once."""
    tries = []

    def birthday(session):
        tries.append(1)
        found = session.query(User).one()
        found.age += 1
        session.save(found)

    with fail_command(command, times=times, **CONFLICT):
        session.run_in_transaction(birthday)

    assert len(tries) == times + 1
    assert database["users"].find_one()["age"] == 37


def test_another_error_of_the_callback_is_raised_after_one_try(session, database):
    """The callback's own exceptions are no reason to call it again."""
    tries = []

    def fail(session):
        tries.append(session.save(User(name="ada")))
        raise Mishap

    with pytest.raises(Mishap):
        session.run_in_transaction(fail)
    assert len(tries) == 1
    assert names_in(database) == []


def test_before_each_try_everything_is_put_back(session, ada, fail_command, database):
    """Queue, identity map, dirty state, ids and loaded state are those of the first try."""
    counter, gone, new, added, upserted = (
        Counter(name="hits", count=10),
        User(name="gone"),
        User(name="new"),
        User(name="added"),
        User(name="upserted", hits=2),
    )
    session.save(counter)
    session.save(gone)
    seen, changed = [], counter.changed

    def change(session):
        documents = (ada, counter, gone, new, added, upserted)
        if not seen:
            ada.age, counter.count = 38, 5
        counter_ops = counter.get_dirty_ops()
        seen.append(
            (
                len(session.queue),
                len(session.cache),
                [document.has_id() for document in documents],
                ada.get_dirty_ops(),
                counter_ops["$inc"],
                counter.changed,
                gone.get_dirty_ops(),
                new.get_dirty_ops(),
                upserted.get_dirty_ops(),
                session.flush_report.applied if len(seen) > 1 else 0,
            )
        )
        session.save(new)
        session.save(ada)
        session.update(counter)
        session.update(upserted, User.name == "upserted", upsert=True)
        session.remove(gone)
        session.query(User).all()
        session.add(added)

    with fail_command("commitTransaction", times=2, **ABORTED):
        session.run_in_transaction(change)

    first, *others = seen
    assert len(others) == 2
    assert [one[:9] for one in others] == [first[:9]] * 2
    assert first[5] == changed
    assert names_in(database) == ["ada", "added", "new", "upserted"]
    assert database["users"].find_one({"name": "ada"})["age"] == 38
    assert database["users"].find_one({"name": "upserted"})["hits"] == 2
    assert database["counters"].find_one()["count"] == counter.count == 15
    assert not any(document.get_dirty_ops() for document in (ada, new, added, upserted))


def test_objects_of_a_try_that_failed_are_not_held_in_the_next(session, ada, fail_command):
    """Each try loads anew, so nothing that the failed one changed is counted."""
    loaded = []

    def change(session):
        found = session.get(User, ada.mongo_id)
        loaded.append((found, found.age))
        found.age += 1
        session.save(found)

    with fail_command("commitTransaction", times=2, **ABORTED):
        session.run_in_transaction(change)

    assert [age for _, age in loaded] == [36, 36, 36]
    assert len({id(found) for found, _ in loaded}) == 3
    assert loaded[-1][0].get_dirty_ops() == {}


def test_an_object_held_before_is_loaded_anew_in_the_callback(session, ada, fail_command):
    """A held object that was changed in a failed try would be changed twice."""
    held = session.query(User).one()

    def birthday(session):
        found = session.query(User).one()
        assert found is not held
        found.age += 1
        session.save(found)
        return found

    with fail_command("commitTransaction", times=1, **ABORTED):
        assert session.run_in_transaction(birthday).age == 37


def test_a_block_in_a_callback_is_tried_again_with_it(session, database, fail_command):
    """What the block queues is queued in each try, and stored once."""

    def write(session):
        with session:
            session.save(User(name="ada"))
            session.save(User(name="bob"))

    with fail_command("insert", times=2, **CONFLICT):
        session.run_in_transaction(write)

    assert names_in(database) == ["ada", "bob"]


def test_a_block_that_was_left_open_in_a_try_that_failed_is_closed(session, fail_command):
    """The next try begins outside of any block."""
    open_blocks = []

    def write(session):
        open_blocks.append(len(session.transactions))
        session.begin_trans()
        session.save(User(name="ada"))
        session.end_trans()

    with fail_command("insert", times=1, **CONFLICT):
        session.run_in_transaction(write)
    assert open_blocks == [0, 0]
    assert session.transactions == []


def test_two_writers_in_callbacks_lose_nothing(make_session, database):
    """A conflict with another transaction is settled by trying again."""
    database["users"].insert_one({"name": "ada", "hits": 0})
    one, other = make_session(), make_session()
    met = []

    def count(session):
        found = session.query(User).one()
        if not met:  # the first try meets another writer between its read and its write
            met.append(other.query(User).inc(User.hits).execute())
        session.query(User).set(User.hits, found.hits + 1).execute()

    one.run_in_transaction(count)
    assert database["users"].find_one()["hits"] == 2
