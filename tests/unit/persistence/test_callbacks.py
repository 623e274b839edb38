"""What waits for an outcome, and when it is called."""

from __future__ import annotations

import pytest

from ommongo._persistence.callbacks import Callbacks


@pytest.fixture
def called():
    """The names of the functions that were called, in order."""
    return []


@pytest.fixture
def waiting(called):
    """One function for each outcome, given in block 2 inside block 1, and one in block 1."""
    callbacks = Callbacks()
    callbacks.add(True, (1,), lambda: called.append("outer commit"))
    callbacks.add(True, (1, 2), lambda: called.append("inner commit"))
    callbacks.add(False, (1, 2), lambda: called.append("inner rollback"))
    callbacks.add(False, (1,), lambda: called.append("outer rollback"))
    return callbacks


@pytest.mark.parametrize(
    ("committed", "names"),
    [
        (True, ["outer commit", "inner commit"]),
        (False, ["inner rollback", "outer rollback"]),
        (None, []),
    ],
)
def test_an_outcome_calls_what_waits_for_it(waiting, called, committed, names):
    """In the order in which they were given; an unknown outcome calls nothing."""
    waiting.run(committed)

    assert called == names


@pytest.mark.parametrize("committed", [True, False, None])
def test_a_block_that_failed_is_rolled_back_whatever_follows(waiting, called, committed):
    """What waited for its commit is dropped, and what waited for its rollback is due."""
    waiting.fail(2)

    waiting.run(committed)

    assert "inner commit" not in called
    assert "inner rollback" in called


def test_each_is_called_once(waiting, called):
    """A second outcome finds nothing that waits."""
    waiting.run(True)
    called.clear()

    waiting.run(True)

    assert called == []


def test_what_is_cleared_is_not_called(waiting, called):
    """A try that is repeated leaves nothing of its own."""
    waiting.clear()

    waiting.run(True)

    assert called == []


def test_an_error_does_not_keep_the_others_from_being_called(called):
    """All are called, and then the first error is raised."""

    def fail(error):
        called.append(error)
        raise error

    callbacks = Callbacks()
    callbacks.add(True, (), lambda: fail(ValueError("first")))
    callbacks.add(True, (), lambda: fail(KeyError("second")))

    with pytest.raises(ValueError, match="first"):
        callbacks.run(True)

    assert len(called) == 2
