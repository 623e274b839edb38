"""
A block belongs to the function that entered it, also while that is suspended by a ``yield``.

The body of a loop over a generator that holds a block open is outside of it: what it saves is
stored at once, whether the generator is closed, fails or comes to its end; its own blocks are
blocks of their own. Generators that take turns each have theirs, and ends need not nest. What is
entered as a context (``@contextmanager``, a fixture, an ``ExitStack``) is a block for its body.
"""

from __future__ import annotations

from contextlib import ExitStack, contextmanager

import pytest

from ommongo.exceptions import TransactionException
from tests.models import User


class Mishap(Exception):
    """What goes wrong in an application."""


def names(database):
    """Give the names of all stored users, sorted."""
    return sorted(user["name"] for user in database["users"].find())


def imported(session, *lines, error=None):
    """Store lines in one block, and give each while that is open."""
    with session:
        for line in lines:
            session.add(User(name=line))
            yield line
        if error is not None:
            raise error


def test_what_a_loop_saves_is_stored_when_the_generator_is_closed(safe_session, database):
    """The lines of the generator are not."""
    for line in imported(safe_session, "a", "b", "c"):
        assert not safe_session.in_transaction
        safe_session.save(User(name=f"sum {line}"))
        assert f"sum {line}" in names(database)
        if line == "b":
            break

    assert names(database) == ["sum a", "sum b"]
    assert (safe_session.queue, safe_session.transactions) == ([], [])


def test_both_are_stored_when_the_loop_comes_to_its_end(safe_session, database):
    """The lines by the block, at its end."""
    for line in imported(safe_session, "a", "b"):
        safe_session.save(User(name=f"sum {line}"))

    assert names(database) == ["a", "b", "sum a", "sum b"]


def test_what_a_loop_saves_is_stored_when_the_generator_fails(safe_session, database):
    """Its error is not about what the loop has saved."""
    with pytest.raises(Mishap):
        for line in imported(safe_session, "a", error=Mishap()):
            safe_session.save(User(name=f"sum {line}"))

    assert names(database) == ["sum a"]


@pytest.mark.parametrize("error", [None, Mishap()])
def test_a_block_in_the_loop_is_one_of_its_own(safe_session, database, error):
    """It is stored or dropped when it is left."""
    for line in imported(safe_session, "a", "b"):
        try:
            with safe_session:
                safe_session.save(User(name=f"sum {line}"))
                assert names(database) == []
                if error is not None:
                    raise error
        except Mishap:
            pass
        break

    assert names(database) == ([] if error else ["sum a"])
    assert (safe_session.queue, safe_session.transactions) == ([], [])


def test_a_block_around_the_loop_holds_what_the_loop_saves(safe_session, database):
    """Also what the generator itself has queued, if it comes to its end."""
    with safe_session:
        for line in imported(safe_session, "a", "b"):
            safe_session.save(User(name=f"sum {line}"))
        assert names(database) == []
        for line in imported(safe_session, "c"):
            safe_session.save(User(name=f"sum {line}"))
            break

    assert names(database) == ["a", "b", "sum a", "sum b", "sum c"]


def test_generators_that_take_turns_each_have_their_block(safe_session, database):
    """The first one to end is the first one that began."""
    one, other = imported(safe_session, "a"), imported(safe_session, "b")
    next(one)
    next(other)
    one.close()
    assert [operation.document.name for operation in safe_session.queue] == ["b"]
    assert next(other, None) is None

    assert names(database) == ["b"]
    assert safe_session.transactions == []


@pytest.mark.parametrize("fails", [False, True])
def test_the_body_of_a_context_is_inside(safe_session, database, fails):
    """A function that yields once, for a ``with``, is no loop."""

    @contextmanager
    def stored_together():
        with safe_session:
            yield

    try:
        with stored_together():
            safe_session.save(User(name="a"))
            assert safe_session.in_transaction
            assert names(database) == []
            if fails:
                raise Mishap
    except Mishap:
        pass

    assert names(database) == ([] if fails else ["a"])
    assert safe_session.queue == []


def test_contexts_that_end_in_another_order(safe_session, database):
    """Each drops or keeps its own."""

    @contextmanager
    def block():
        with safe_session:
            yield

    first, second = block(), block()
    first.__enter__()
    safe_session.add(User(name="first"))
    second.__enter__()
    first.__exit__(None, None, None)
    assert names(database) == []
    second.__exit__(None, None, None)

    assert names(database) == ["first"]


def test_an_exit_stack_enters_and_leaves_a_block(safe_session, database):
    """It is no function that yields."""
    with ExitStack() as stack:
        stack.enter_context(safe_session)
        safe_session.save(User(name="a"))
        assert names(database) == []

    assert names(database) == ["a"]


def test_the_loop_cannot_end_the_block_of_the_generator(safe_session, database):
    """Nothing is dropped or sent."""
    lines = imported(safe_session, "a")
    for _ in lines:
        with pytest.raises(TransactionException):
            safe_session.end_trans()
        assert len(safe_session.queue) == 1

    assert names(database) == ["a"]
