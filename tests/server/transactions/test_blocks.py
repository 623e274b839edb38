"""`with session:` blocks: what they send at their end, and exactly what a failure drops."""

from __future__ import annotations

import pytest
from pymongo.errors import DuplicateKeyError

from ommongo.exceptions import MissingValueException, TransactionException
from tests.models import Account, Address, User


class Mishap(Exception):
    """What goes wrong in an application."""


def stored_names(database):
    """Give the names of all stored users, sorted."""
    return sorted(user["name"] for user in database["users"].find())


def test_a_block_sends_nothing_before_its_end(session, commands):
    """The operations of a block are queued until it is left."""
    with session:
        session.save(User(name="ada"))
        session.save(User(name="bob"))
        assert len(session.queue) == 2
        assert commands.names() == []

    assert commands.names("insert") != []


def test_leaving_a_block_flushes(session, database):
    """At the end of a block everything queued in it is stored."""
    with session:
        session.add(User(name="ada"))
        session.save(User(name="bob"))

    assert session.queue == []
    assert stored_names(database) == ["ada", "bob"]


def test_entering_a_block_gives_the_session(session):
    """`with session as s` binds the session itself."""
    with session as bound:
        assert bound is session


def test_begin_trans_gives_the_session(session):
    """`begin_trans` returns the session, too."""
    assert session.begin_trans() is session
    session.end_trans()


def test_begin_and_end_are_a_block(session, database):
    """`begin_trans` … `end_trans` without `with` queue and flush the same way."""
    session.begin_trans()
    session.save(User(name="ada"))
    assert stored_names(database) == []

    assert session.end_trans() is False
    assert stored_names(database) == ["ada"]


def test_end_trans_with_an_exception_gives_false(session, database):
    """`end_trans` never swallows an exception, and drops what was queued."""
    session.begin_trans()
    session.save(User(name="ada"))

    assert session.end_trans(Mishap, Mishap("no"), None) is False
    assert session.queue == []
    assert stored_names(database) == []


def test_end_trans_of_an_inner_block_gives_false(session):
    """Neither does it at an inner level."""
    session.begin_trans()
    session.begin_trans()

    assert session.end_trans(Mishap, Mishap("no"), None) is False
    assert session.end_trans() is False


def test_end_trans_without_begin_trans_is_refused(session):
    """There is nothing to end outside a block."""
    with pytest.raises(TransactionException):
        session.end_trans()


def test_end_trans_without_begin_trans_leaves_the_queue_alone(session, database):
    """A refused `end_trans` neither sends nor drops."""
    session.add(User(name="ada"))
    with pytest.raises(TransactionException):
        session.end_trans()

    assert len(session.queue) == 1
    assert stored_names(database) == []


def test_an_exception_goes_through(session):
    """What is raised in a block is raised by the block."""
    mishap = Mishap("no")
    with pytest.raises(Mishap) as caught:
        with session:
            raise mishap

    assert caught.value is mishap


@pytest.mark.parametrize("error", [Mishap, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_leaving_by_an_exception_writes_nothing(session, database, error):
    """Of a block that is left by any exception nothing is stored and nothing stays queued."""
    with pytest.raises(error):
        with session:
            session.save(User(name="ada"))
            raise error

    assert session.queue == []
    assert stored_names(database) == []
    assert session.in_transaction is False


def test_leaving_by_an_exception_keeps_what_was_queued_before(session, database):
    """Operations from before the block stay queued and can be flushed."""
    session.add(User(name="before"))
    with pytest.raises(Mishap):
        with session:
            session.add(User(name="inside"))
            raise Mishap

    assert len(session.queue) == 1
    assert stored_names(database) == []
    session.flush()
    assert stored_names(database) == ["before"]


def test_what_was_queued_before_a_block_goes_first(session, commands):
    """The flush at the end of a block begins with what was queued before it."""
    ada, bob = User(name="ada"), Account(email="bob@example.org")
    session.add(ada)
    with session:
        session.add(bob)

    sent = [event for event in commands.started if event.command_name == "insert"]
    assert [event.command["insert"] for event in sent] == ["users", "accounts"]


def test_leaving_by_an_exception_empties_the_identity_map(make_session):
    """A block that failed leaves no objects behind."""
    session = make_session(cache_size=10)
    session.save(User(name="ada"))
    with pytest.raises(Mishap):
        with session:
            session.add(User(name="bob"))
            raise Mishap

    assert len(session.cache) == 0


def test_leaving_a_block_ends_the_session(make_session):
    """After the outermost block the identity map is empty."""
    session = make_session(cache_size=10)
    with session:
        user = User(name="ada")
        session.add(user)
        assert len(session.cache) == 1

    assert len(session.cache) == 0
    assert session.query(User).one() is not user


def test_leaving_an_inner_block_keeps_the_identity_map(make_session):
    """Only the outermost block ends the session."""
    session = make_session(cache_size=10)
    with session:
        session.add(User(name="ada"))
        with session:
            pass
        assert len(session.cache) == 1


def test_leaving_an_inner_block_keeps_its_operations(session, database):
    """The operations of an inner block are sent at the end of the outermost one."""
    with session:
        session.add(User(name="outer"))
        with session:
            session.add(User(name="inner"))
        assert len(session.queue) == 2
        assert stored_names(database) == []

    assert stored_names(database) == ["inner", "outer"]


def test_leaving_an_inner_block_by_an_exception_drops_exactly_its_operations(session, database):
    """What the outer block queued before and after a failed inner one is stored."""
    with session:
        session.add(User(name="before"))
        with pytest.raises(Mishap):
            with session:
                session.add(User(name="inner 1"))
                session.add(User(name="inner 2"))
                raise Mishap
        assert len(session.queue) == 1
        session.add(User(name="after"))

    assert stored_names(database) == ["after", "before"]


def test_leaving_an_inner_block_that_queued_nothing_drops_nothing(session, database):
    """A failed inner block without operations leaves those of the outer one alone."""
    with session:
        session.add(User(name="outer"))
        with pytest.raises(Mishap):
            with session:
                raise Mishap

    assert stored_names(database) == ["outer"]


def test_a_failed_inner_block_drops_those_nested_in_it(session, database):
    """Blocks that were left normally inside a failed one are dropped with it."""
    with session:
        session.add(User(name="outer"))
        with pytest.raises(Mishap):
            with session:
                with session:
                    session.add(User(name="innermost"))
                session.add(User(name="inner"))
                raise Mishap

    assert stored_names(database) == ["outer"]


def test_a_failed_innermost_block_leaves_the_one_around_it(session, database):
    """Three levels deep, a failure drops the deepest level only."""
    with session:
        session.add(User(name="1"))
        with session:
            session.add(User(name="2"))
            with pytest.raises(Mishap):
                with session:
                    session.add(User(name="3"))
                    raise Mishap
            session.add(User(name="4"))

    assert stored_names(database) == ["1", "2", "4"]


def test_a_second_inner_block_is_not_dropped_with_the_first(session, database):
    """Blocks after one another fail on their own."""
    with session:
        with session:
            session.add(User(name="first"))
        with pytest.raises(Mishap):
            with session:
                session.add(User(name="second"))
                raise Mishap

    assert stored_names(database) == ["first"]


def test_an_inner_exception_that_reaches_the_outer_block_drops_all(session, database):
    """An exception that goes through every block leaves nothing of any."""
    with pytest.raises(Mishap):
        with session:
            session.add(User(name="outer"))
            with session:
                session.add(User(name="inner"))
                raise Mishap

    assert session.queue == []
    assert stored_names(database) == []


def test_a_dropped_document_is_dirty_again(session, database):
    """What a failed block changed is a change still, so that it can be saved."""
    user = User(name="ada", age=1)
    session.save(user)
    with pytest.raises(Mishap):
        with session:
            user.age = 2
            session.save(user)
            raise Mishap

    assert user.get_dirty_ops() == {"$set": {"age": 2}}
    session.update(user)
    assert database["users"].find_one()["age"] == 2


def test_a_dropped_update_is_dirty_again(session, database):
    """What a failed block updated is a change still."""
    user = User(name="ada", tags=["a"])
    session.save(user)
    with pytest.raises(Mishap):
        with session:
            user.tags.append("b")
            session.update(user)
            raise Mishap

    assert user.get_dirty_ops() == {"$set": {"tags": ["a", "b"]}}
    session.update(user)
    assert database["users"].find_one()["tags"] == ["a", "b"]


@pytest.mark.parametrize("write", ["save", "update"])
@pytest.mark.parametrize("origin", ["saved", "loaded"])
def test_a_dropped_change_inside_an_embedded_document_is_dirty_again(
    session, database, origin, write
):
    """What a failed block changed inside an embedded document is a change still."""
    user = User(name="ada", address=Address(city="London"))
    session.save(user)
    if origin == "loaded":
        user = session.query(User).one()
    with pytest.raises(Mishap):
        with session:
            user.address.city = "Paris"
            getattr(session, write)(user)
            raise Mishap

    assert user.get_dirty_ops() == {"$set": {"address.city": "Paris"}}
    session.update(user)
    assert database["users"].find_one()["address"] == {"city": "Paris"}


def test_a_dropped_increment_is_sent_once_later(session, database):
    """An increment that was dropped counts once when it is sent after all."""
    user = User(name="ada", hits=10)
    session.save(user)
    with pytest.raises(Mishap):
        with session:
            user.hits = 3
            session.update(user)
            raise Mishap
    session.update(user)

    assert database["users"].find_one()["hits"] == 13
    assert user.hits == 13


def test_a_dropped_new_document_can_be_saved(session, database):
    """An object that was never stored is stored once by its next save."""
    user = User(name="ada")
    with pytest.raises(Mishap):
        with session:
            session.save(user)
            raise Mishap
    session.save(user)

    assert database["users"].count_documents({"_id": user.mongo_id}) == 1
    assert database["users"].count_documents({}) == 1


def test_a_dropped_removal_leaves_the_document(session, database):
    """A removal in a failed block is forgotten; the object can be updated."""
    user = User(name="ada")
    session.save(user)
    with pytest.raises(Mishap):
        with session:
            session.remove(user)
            raise Mishap
    user.age = 7
    session.update(user)

    assert database["users"].find_one()["age"] == 7


def test_only_the_dropped_part_of_a_document_is_dirty(session, database):
    """A document saved outside and updated in a failed inner block keeps the outer change sent."""
    user = User(name="ada", age=1)
    session.save(user)
    with session:
        user.age = 2
        session.update(user)
        with pytest.raises(Mishap):
            with session:
                user.nick = "countess"
                session.update(user)
                raise Mishap

    stored = database["users"].find_one()
    assert stored["age"] == 2
    assert "n" not in stored
    assert user.get_dirty_ops() == {"$set": {"n": "countess"}}


def test_a_dropped_increment_leaves_the_one_before_it(session, database):
    """An outer block's increment is applied, that of a failed inner one is still to be sent."""
    user = User(name="ada", hits=10)
    session.save(user)
    with session:
        user.hits = 3
        session.update(user)
        with pytest.raises(Mishap):
            with session:
                user.hits = 4
                session.update(user)
                raise Mishap
    assert database["users"].find_one()["hits"] == 13
    session.update(user)

    assert database["users"].find_one()["hits"] == 17
    assert user.hits == 17


def test_dropped_documents_leave_the_identity_map(make_session):
    """A failed inner block takes its documents out of the map, and no others."""
    session = make_session(cache_size=10)
    with session:
        outer, inner = User(name="outer"), User(name="inner")
        session.add(outer)
        with pytest.raises(Mishap):
            with session:
                session.add(inner)
                raise Mishap
        assert session.cache_read(outer.mongo_id, User) is outer
        assert session.cache_read(inner.mongo_id, User) is None


def test_after_a_block_writes_flush_again(session, database):
    """Outside a block the session works as before it."""
    with session:
        pass
    session.save(User(name="ada"))

    assert stored_names(database) == ["ada"]
    assert session.autoflush is True


def test_blocks_can_follow_each_other(session, database):
    """A session can be used for one block after another, also after a failed one."""
    with session:
        session.add(User(name="1"))
    with pytest.raises(Mishap):
        with session:
            session.add(User(name="2"))
            raise Mishap
    with session:
        session.add(User(name="3"))

    assert stored_names(database) == ["1", "3"]


def test_an_empty_block_sends_nothing(session, commands):
    """A block without operations costs no round trip."""
    with session:
        pass

    assert commands.names() == []


def test_flush_inside_a_block_sends_now(session, database):
    """`flush` in a block is an explicit request, whatever becomes of the block."""
    with pytest.raises(Mishap):
        with session:
            session.add(User(name="sent"))
            session.flush()
            session.add(User(name="dropped"))
            raise Mishap

    assert stored_names(database) == ["sent"]


def test_flush_inside_a_block_sends_what_was_queued_before_it(session, database):
    """`flush` in a block sends the whole queue."""
    session.add(User(name="before"))
    with session:
        session.add(User(name="inside"))
        session.flush()
        assert stored_names(database) == ["before", "inside"]
        assert session.queue == []


def test_flush_inside_an_inner_block_leaves_nothing_to_drop(session, database):
    """What an outer block queued and an inner one flushed is not dropped by a failure."""
    with session:
        session.add(User(name="outer"))
        with pytest.raises(Mishap):
            with session:
                session.add(User(name="inner"))
                session.flush()
                raise Mishap
        session.add(User(name="after"))

    assert stored_names(database) == ["after", "inner", "outer"]


def test_after_a_flush_the_blocks_still_drop_exactly_their_own(session, database):
    """Counting from the start of a block is not confused by a flush in between."""
    with session:
        session.add(User(name="1"))
        with pytest.raises(Mishap):
            with session:
                session.flush()
                session.add(User(name="2"))
                raise Mishap
        session.add(User(name="3"))
        with pytest.raises(Mishap):
            with session:
                session.add(User(name="4"))
                raise Mishap

    assert stored_names(database) == ["1", "3"]


def test_flush_inside_a_block_stays_in_the_block(session):
    """The block goes on after a flush in it."""
    with session:
        session.flush()
        assert session.in_transaction is True


def test_end_inside_a_block_is_refused(session, database):
    """A block ends by leaving it; nothing was sent or dropped."""
    with session:
        session.add(User(name="ada"))
        with pytest.raises(TransactionException):
            session.end()
        assert len(session.queue) == 1
        assert stored_names(database) == []

    assert stored_names(database) == ["ada"]


def test_end_flushes_and_empties_the_identity_map(make_session, database):
    """Outside a block `end` sends what is pending and forgets the objects."""
    session = make_session(cache_size=10)
    session.add(User(name="ada"))
    session.end()

    assert stored_names(database) == ["ada"]
    assert session.queue == []
    assert len(session.cache) == 0


def test_a_session_can_be_used_after_end(session, database):
    """`end` closes nothing."""
    session.end()
    session.save(User(name="ada"))
    session.end()

    assert stored_names(database) == ["ada"]


def test_clear_queue_drops_everything(session, database):
    """Without an id all pending operations are dropped without executing any."""
    session.add(User(name="ada"))
    session.add(User(name="bob"))

    session.clear_queue()

    assert session.queue == []
    session.flush()
    assert stored_names(database) == []


def test_clear_queue_in_an_inner_block_drops_everything(session, database):
    """Without an id also what outer blocks queued, and what was queued before them, is dropped."""
    session.add(User(name="before"))
    with session:
        session.add(User(name="outer"))
        with session:
            session.add(User(name="inner"))
            session.clear_queue()
            assert session.queue == []
        session.add(User(name="after"))

    assert stored_names(database) == ["after"]


def test_clear_queue_with_an_id_drops_what_that_block_queued(session, database):
    """Operations queued since the given block began are dropped, those nested in it included."""
    session.add(User(name="before"))
    with session:
        session.add(User(name="outer"))
        with session:
            inner = session.transaction_id
            session.add(User(name="inner"))
            with session:
                session.add(User(name="innermost"))
                session.clear_queue(inner)
                session.add(User(name="later"))

    assert stored_names(database) == ["before", "later", "outer"]


def test_clear_queue_with_the_outermost_id_keeps_what_was_before(session, database):
    """The id of the outermost block drops all of it and nothing from before."""
    session.add(User(name="before"))
    with session:
        session.add(User(name="outer"))
        session.clear_queue(session.transaction_id)

    assert stored_names(database) == ["before"]


@pytest.mark.parametrize("wrong", ["nothing", 987654321, (), object()])
def test_clear_queue_with_an_id_that_is_not_open_drops_nothing(session, database, wrong):
    """An unknown id is no block, so nothing was queued since it began."""
    session.add(User(name="before"))
    with session:
        session.add(User(name="inside"))
        session.clear_queue(wrong)

    assert stored_names(database) == ["before", "inside"]


def test_clear_queue_with_the_id_of_a_block_that_was_left_drops_nothing(session, database):
    """A block that was left is not open any more, though its operations are pending."""
    with session:
        with session:
            left = session.transaction_id
            session.add(User(name="inner"))
        session.clear_queue(left)

    assert stored_names(database) == ["inner"]


def test_clear_queue_makes_documents_dirty_again(session):
    """A dropped change is a change still."""
    user = User(name="ada", age=1)
    session.save(user)
    user.age = 2
    session.add(user)
    session.clear_queue()

    assert user.get_dirty_ops() == {"$set": {"age": 2}}


def test_clear_queue_takes_documents_out_of_the_identity_map(make_session):
    """A dropped document is not held; one that is stored and was not dropped is."""
    session = make_session(cache_size=10)
    held, dropped = User(name="held"), User(name="dropped")
    session.save(held)
    session.add(dropped)
    session.clear_queue()

    assert session.cache_read(held.mongo_id, User) is held
    assert session.cache_read(dropped.mongo_id, User) is None


def test_a_cleared_document_can_be_saved_once(session, database):
    """A dropped new document is stored by its next save, once."""
    user = User(name="ada")
    session.add(user)
    session.clear_queue()
    session.save(user)

    assert stored_names(database) == ["ada"]


def test_a_cleared_new_document_is_an_insert_again(session, commands):
    """No write of a dropped document was ever sent, so the next save inserts it."""
    user = User(name="ada")
    session.add(user)
    session.clear_queue()
    commands.clear()
    session.save(user)

    assert commands.names("insert", "update") == ["insert"]


@pytest.mark.parametrize("flush", [lambda s: None, lambda s: s.flush()], ids=["leaving", "flush"])
def test_a_block_whose_flush_fails_is_left(safe_session, flush):
    """When the flush of a block fails the error is raised and no block is open any more."""
    session = safe_session
    session.save(Account(email="ada@example.org"))

    with pytest.raises(DuplicateKeyError):
        with session:
            session.add(Account(email="ada@example.org"))
            flush(session)

    assert session.in_transaction is False
    assert list(session.transactions) == []
    assert session.queue == []


def test_a_session_is_usable_after_a_block_that_failed(safe_session, database):
    """The error of one block does not reach the next."""
    session = safe_session
    session.save(Account(email="ada@example.org"))
    with pytest.raises(DuplicateKeyError):
        with session:
            session.add(Account(email="ada@example.org"))
    with session:
        session.add(Account(email="bob@example.org"))

    assert database["accounts"].count_documents({}) == 2


def test_a_failed_block_leaves_its_documents_dirty(safe_session, database):
    """The document that the server refused can be put right and saved."""
    session = safe_session
    session.save(Account(email="ada@example.org"))
    second = Account(email="ada@example.org")
    with pytest.raises(DuplicateKeyError):
        with session:
            session.add(second)

    assert second.get_dirty_ops()["$set"]["email"] == "ada@example.org"
    second.email = "bob@example.org"
    session.save(second)
    assert database["accounts"].count_documents({"_id": second.mongo_id}) == 1


def test_a_failed_block_leaves_the_identity_map_empty(make_session):
    """After a block whose flush failed no object is held."""
    session = make_session(safe=True, cache_size=10)
    session.save(Account(email="ada@example.org"))
    with pytest.raises(DuplicateKeyError):
        with session:
            session.add(Account(email="ada@example.org"))

    assert len(session.cache) == 0


def test_every_kind_of_write_is_dropped(session, database):
    """Saves, updates, removals and clearings of a failed block all leave no trace."""
    ada, bob = User(name="ada", age=1), User(name="bob", age=1)
    session.save(ada)
    session.save(bob)
    before = list(database["users"].find())
    with pytest.raises(Mishap):
        with session:
            session.save(User(name="eve"))
            ada.age = 2
            session.update(ada)
            session.remove(bob)
            session.query(User).set(age=9).multi().execute()
            session.remove_query(User).execute()
            session.clear_collection(User)
            raise Mishap

    assert list(database["users"].find()) == before


def test_invalid_documents_leave_a_block_usable(session, database):
    """A document that is refused when it is added fails alone, if the application goes on."""
    with session:
        session.add(User(name="ada"))
        with pytest.raises(MissingValueException):
            session.add(User())
        session.add(User(name="bob"))

    assert stored_names(database) == ["ada", "bob"]
