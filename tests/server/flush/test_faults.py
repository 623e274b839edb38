"""A flush that fails at any of its operations, by any fault: everything equals a small model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import product
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import (
    AutoReconnect,
    DuplicateKeyError,
    ExecutionTimeout,
    OperationFailure,
    WriteConcernError,
    WriteError,
)

from ommongo.testing import EmbeddedServer
from tests.flush_model import KINDS, LAYOUTS, TAKEN, TOO_LARGE, Flush, Outcome
from tests.flush_trial import VALIDATORS, Trial
from tests.helpers import note_of, numbers_of
from tests.link import WRITES, Bench, Fate, failing, lost_after, lost_before

APPLIED, FAILED, UNKNOWN = Outcome.APPLIED, Outcome.FAILED, Outcome.UNKNOWN
NOT_ATTEMPTED = Outcome.NOT_ATTEMPTED

LAST = len(KINDS)
Case = tuple[str, list[int]]


def at_each_call(wants_result: bool) -> list[Case]:
    """Give each call of the driver that a flush makes, with its layout."""
    return [(layout, call) for layout in LAYOUTS for call in Flush(layout, wants_result).calls]


def for_each(cases: list[Case]) -> pytest.MarkDecorator:
    """Run a test with each call of the driver."""
    ids = [f"{layout}-{call[0]}-to-{call[-1]}" for layout, call in cases]
    return pytest.mark.parametrize(("layout", "call"), cases, ids=ids)


CALLS = at_each_call(wants_result=True)
CALLS_OF_A_BLOCK = at_each_call(wants_result=False)
AT_EACH_CALL = for_each(CALLS)
AT_EACH_CALL_OF_A_BLOCK = for_each(CALLS_OF_A_BLOCK)
BY_LAYOUT = pytest.mark.parametrize("layout", LAYOUTS)
REMOVALS = [place for place, kind in enumerate(KINDS) if kind.counted_as == "removed"]
TAKEN_AT = [(place, TAKEN) for place in range(LAST) if place not in REMOVALS]
TOO_LARGE_AT = [(place, TOO_LARGE) for place in range(LAST)]


def at_each_place(*refusals: tuple[int, dict[str, Any]]) -> pytest.MarkDecorator:
    """Run a test with each operation refused."""
    ids = [f"{place}-{'taken' if bad is TAKEN else 'refused'}" for place, bad in refusals]
    return pytest.mark.parametrize(("place", "bad"), refusals, ids=ids)


@pytest.fixture(scope="module")
def admin(server: EmbeddedServer) -> Iterator[MongoClient[Any]]:
    """What makes faults and looks at the outcome, by no link."""
    with server.client() as client:
        client.admin.command("ping")
        yield client


@pytest.fixture(scope="module")
def bench(admin: MongoClient[Any]) -> Iterator[Bench]:
    """One bench for the tests whose faults leave the connection alone."""
    with Bench(admin, VALIDATORS) as bench:
        yield bench


@pytest.fixture(scope="module")
def bench_without_retries(admin: MongoClient[Any]) -> Iterator[Bench]:
    """The same with a client that retries nothing."""
    with Bench(admin, VALIDATORS, retryWrites=False) as bench:
        yield bench


def sent(places: Sequence[int], these: Outcome) -> list[Outcome]:
    """Give the outcomes when a flush stops with *places*; what is before them was applied."""
    after = LAST - places[-1] - 1
    return [APPLIED] * places[0] + [these] * len(places) + [NOT_ATTEMPTED] * after


def call_of(trial: Trial, place: int) -> tuple[int, int]:
    """Give the number of the call that an operation goes with, and its place therein."""
    calls = trial.flush.calls
    number = next(number for number, call in enumerate(calls) if place in call)
    return number, calls[number].index(place)


# -- an operation that the server refuses ---------------------------------------------------


def refuse(trial: Trial, place: int, bad: dict[str, Any]) -> Any:
    """Flush with one operation that the server refuses; give the error."""
    if place in REMOVALS:  # no data can make the server refuse one
        number, index = call_of(trial, place)
        fault = failing(trial.bench.admin, "failAllRemoves", mode={"skip": index})
        trial.bench.link.plan(WRITES, number, [fault])
    return trial.run(place, bad)


def check_refusal(error: Any, place: int, bad: dict[str, Any]) -> None:
    """Check the error of an operation that the server refused."""
    assert type(error) is (DuplicateKeyError if bad is TAKEN else WriteError)
    assert {place + 1, LAST} <= numbers_of(note_of(error))


@BY_LAYOUT
@at_each_place(*TAKEN_AT, *TOO_LARGE_AT)
def test_a_refused_operation(bench: Bench, layout: str, place: int, bad: dict[str, Any]) -> None:
    """What is before a refused operation is stored once, it and the rest can be saved again."""
    trial = Trial(bench, layout, "flush")
    error = refuse(trial, place, bad)

    check_refusal(error, place, bad)
    outcomes = sent([place], FAILED)
    trial.check(outcomes, range(place), call_of(trial, place)[0] + 1)
    trial.check_held([])
    trial.put_right(outcomes, range(place))


@BY_LAYOUT
@at_each_place(*TAKEN_AT, *TOO_LARGE_AT)
def test_a_refused_unsafe_operation(
    bench: Bench, layout: str, place: int, bad: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """All but a refused unsafe operation is stored once, and it is logged and can be saved."""
    trial = Trial(bench, layout, "flush", safe=False)
    error = refuse(trial, place, bad)

    assert error is None
    assert [(record.name, record.levelname) for record in caplog.records] == [("ommongo", "ERROR")]
    assert trial.flush.steps[place].document_class.__name__ in caplog.text
    outcomes = [FAILED if other == place else APPLIED for other in range(LAST)]
    others = [other for other in range(LAST) if other != place]
    number, index = call_of(trial, place)
    calls = trial.flush.calls
    # Behind a refused insert the server itself goes on.
    is_last = index == len(calls[number]) - 1 or trial.flush.steps[place].run == "insert"
    trial.check(outcomes, others, len(calls) + (not is_last))
    trial.check_held(others)
    trial.put_right(outcomes, others)


@pytest.mark.parametrize(("layout", "safe"), [("one", False), ("two", True)])
@at_each_place(*TAKEN_AT, *TOO_LARGE_AT)
def test_a_refused_operation_of_a_block(
    bench: Bench, layout: str, place: int, bad: dict[str, Any], safe: bool
) -> None:
    """Of a block with a refused operation nothing is stored, and all can be saved again."""
    trial = Trial(bench, layout, "atomic", safe)
    error = refuse(trial, place, bad)

    check_refusal(error, place, bad)
    outcomes = [FAILED if other == place else NOT_ATTEMPTED for other in range(LAST)]
    trial.check(outcomes, [], call_of(trial, place)[0] + 1)
    trial.check_held([])
    trial.put_right(outcomes, [])


@BY_LAYOUT
@at_each_place(*TAKEN_AT, *((place, TOO_LARGE) for place in REMOVALS))
def test_a_refused_operation_of_a_transaction(
    bench: Bench, layout: str, place: int, bad: dict[str, Any]
) -> None:
    """Of a transaction with a refused operation nothing is stored, and all can be saved again."""
    trial = Trial(bench, layout, "transaction")
    error = refuse(trial, place, bad)

    check_refusal(error, place, bad)
    outcomes = [FAILED if other == place else NOT_ATTEMPTED for other in range(LAST)]
    trial.check(outcomes, [], call_of(trial, place)[0] + 1)
    trial.check_held([])
    trial.put_right(outcomes, [])


# -- a command that fails -------------------------------------------------------------------


def is_retried(trial: Trial, call: Sequence[int]) -> bool:
    """Tell whether the driver can retry a call."""
    return all(trial.flush.steps[place].run is not None for place in call)


def lose(trial: Trial, call: list[int], fates: Sequence[Fate]) -> Any:
    """Flush with faults in a call of the driver; give the error."""
    trial.bench.link.plan(WRITES, trial.flush.calls.index(call), fates)
    return trial.run()


def check_lost(trial: Trial, error: Any, call: list[int], applied: bool) -> None:
    """Check a flush that has lost a call for good."""
    assert isinstance(error, AutoReconnect)
    assert {call[0] + 1, LAST} <= numbers_of(note_of(error))
    outcomes = sent(call, UNKNOWN)
    stored = range(call[-1] + 1 if applied else call[0])
    trial.check(outcomes, stored, trial.flush.calls.index(call) + 1)
    trial.check_held([])
    trial.put_right(outcomes, stored)


def check_hidden(trial: Trial, error: Any, server_calls: int) -> None:
    """Check a flush whose faults nobody notices."""
    assert error is None
    trial.check([APPLIED] * LAST, range(LAST), server_calls)


def check_rolled_back(trial: Trial, error: Any, call: list[int]) -> None:
    """Check a transaction that was rolled back because a call of it has failed."""
    assert isinstance(error, (AutoReconnect, OperationFailure))
    outcomes = [NOT_ATTEMPTED] * LAST
    trial.check(outcomes, [], trial.flush.calls.index(call) + 1)
    trial.check_held([])
    trial.put_right(outcomes, [])


def no_primary(bench: Bench) -> Fate:
    """Give the fate of a command to a server that is no primary any more."""
    return failing(bench.admin, failCommands=WRITES, errorCode=10107)


def transient(bench: Bench) -> Fate:
    """Give the fate of a command after which a transaction may be tried again."""
    labels = ["TransientTransactionError"]
    return failing(bench.admin, failCommands=WRITES, errorCode=112, errorLabels=labels)


@AT_EACH_CALL
def test_no_primary_any_more(bench_without_retries: Bench, layout: str, call: list[int]) -> None:
    """What was sent to a server that is no primary any more is unknown, and can be saved again."""
    trial = Trial(bench_without_retries, layout, "flush")
    error = lose(trial, call, [no_primary(trial.bench)])

    check_lost(trial, error, call, applied=False)


@AT_EACH_CALL
def test_no_primary_any_more_with_retries(bench: Bench, layout: str, call: list[int]) -> None:
    """When the driver's retry finds no primary either, the call is unknown."""
    trial = Trial(bench, layout, "flush", safe=False)
    tries = 2 if is_retried(trial, call) else 1
    error = lose(trial, call, [no_primary(bench)] * tries)

    check_lost(trial, error, call, applied=False)


@pytest.mark.parametrize(("fault", "times"), [(no_primary, 1), (transient, 3)])
@AT_EACH_CALL_OF_A_BLOCK
def test_a_block_that_is_tried_again(
    bench: Bench, layout: str, call: list[int], fault: Callable[[Bench], Fate], times: int
) -> None:
    """A block that fails for a while, first at whatever call, is stored once."""
    trial = Trial(bench, layout, "atomic")
    error = lose(trial, call, [fault(bench)] * times)

    calls = trial.flush.calls
    # The later tries end with their first call.
    check_hidden(trial, error, calls.index(call) + 1 + (times - 1) + len(calls))


@pytest.mark.parametrize("fault", [no_primary, transient])
@AT_EACH_CALL_OF_A_BLOCK
def test_a_transaction_that_is_not_tried_again(
    bench: Bench, layout: str, call: list[int], fault: Callable[[Bench], Fate]
) -> None:
    """Of a transaction that fails at any call nothing is stored, and all can be saved again."""
    trial = Trial(bench, layout, "transaction")
    error = lose(trial, call, [fault(bench)])

    check_rolled_back(trial, error, call)


# -- a connection that is lost --------------------------------------------------------------

Benches = list[Bench]


def many(admin: MongoClient[Any], **options: Any) -> Iterator[Benches]:
    """Give a bench for each call of a flush."""
    with ExitStack() as stack:
        yield [stack.enter_context(Bench(admin, VALIDATORS, **options)) for _ in CALLS]


@pytest.fixture(scope="module")
def benches(admin: MongoClient[Any]) -> Iterator[Benches]:
    """Benches that are used at the same time: the driver waits before it connects again."""
    yield from many(admin)


@pytest.fixture(scope="module")
def benches_without_retries(admin: MongoClient[Any]) -> Iterator[Benches]:
    """The same with clients that retry nothing."""
    yield from many(admin, retryWrites=False)


def side_by_side(body: Callable[..., None], benches: Benches, cases: Sequence[Any]) -> None:
    """Do something for each case, on a bench of its own, all at the same time."""
    with ThreadPoolExecutor(len(cases)) as pool:
        done = [
            pool.submit(body, bench, *case) for bench, case in zip(benches, cases, strict=False)
        ]
    for future, case in zip(done, cases, strict=True):
        try:
            future.result()
        except AssertionError as error:
            raise AssertionError(f"{case}: {error}") from error


@pytest.mark.parametrize("fate", [lost_before, lost_after])
def test_a_lost_connection(benches_without_retries: Benches, fate: Fate) -> None:
    """A call on which the connection is lost is unknown, and all can be saved again."""

    def body(bench: Bench, layout: str, call: list[int]) -> None:
        trial = Trial(bench, layout, "flush")
        error = lose(trial, call, [fate])
        check_lost(trial, error, call, applied=fate is lost_after)

    side_by_side(body, benches_without_retries, CALLS)


@pytest.mark.parametrize("fate", [lost_before, lost_after])
def test_a_connection_lost_twice(benches: Benches, fate: Fate) -> None:
    """A call on which the connection is lost on the driver's retry, too, is unknown."""

    def body(bench: Bench, layout: str, call: list[int]) -> None:
        trial = Trial(bench, layout, "flush")
        error = lose(trial, call, [fate] * (2 if is_retried(trial, call) else 1))
        check_lost(trial, error, call, applied=fate is lost_after)

    side_by_side(body, benches, CALLS)


@pytest.mark.parametrize("fate", [lost_before, lost_after])
def test_a_connection_lost_once(benches: Benches, fate: Fate) -> None:
    """What the driver can retry is stored once when the connection was lost once."""

    def body(bench: Bench, layout: str, call: list[int]) -> None:
        trial = Trial(bench, layout, "flush")
        if is_retried(trial, call):
            check_hidden(trial, lose(trial, call, [fate]), len(trial.flush.calls))

    side_by_side(body, benches, CALLS)


@pytest.mark.parametrize("fate", [lost_before, lost_after])
def test_a_connection_lost_in_a_block(benches: Benches, fate: Fate) -> None:
    """A block during which the connection is lost is stored once."""

    def body(bench: Bench, layout: str, call: list[int]) -> None:
        trial = Trial(bench, layout, "atomic")
        error = lose(trial, call, [fate])
        check_hidden(trial, error, trial.flush.calls.index(call) + 1 + len(trial.flush.calls))

    side_by_side(body, benches, CALLS_OF_A_BLOCK)


@pytest.mark.parametrize("fate", [lost_before, lost_after])
def test_a_connection_lost_in_a_transaction(benches: Benches, fate: Fate) -> None:
    """Of a transaction during which the connection is lost nothing is stored."""

    def body(bench: Bench, layout: str, call: list[int]) -> None:
        trial = Trial(bench, layout, "transaction")
        check_rolled_back(trial, lose(trial, call, [fate]), call)

    side_by_side(body, benches, CALLS_OF_A_BLOCK)


# -- a commit that fails --------------------------------------------------------------------

COMMIT = ("commitTransaction",)
IN_A_TRANSACTION = pytest.mark.parametrize("how", ["atomic", "transaction"])


def commit_fails(bench: Bench, **data: Any) -> Fate:
    """Give the fate of a commit that fails."""
    return failing(bench.admin, failCommands=COMMIT, **data)


def abandon(bench: Bench) -> None:
    """Let the server end transactions whose client has gone, as it does by itself in a minute."""
    bench.admin.admin.command("killAllSessions", [])


@BY_LAYOUT
@IN_A_TRANSACTION
@pytest.mark.parametrize("times", [1, 3])
def test_a_commit_in_doubt_for_a_while(bench: Bench, layout: str, how: str, times: int) -> None:
    """A commit is repeated as long as its outcome is not known."""
    trial = Trial(bench, layout, how)
    labels = ["UnknownTransactionCommitResult"]
    bench.link.plan(COMMIT, 0, [commit_fails(bench, errorCode=64, errorLabels=labels)] * times)

    check_hidden(trial, trial.run(), len(trial.flush.calls))


@BY_LAYOUT
@IN_A_TRANSACTION
def test_a_commit_that_is_not_done(bench: Bench, layout: str, how: str) -> None:
    """When a commit ends in doubt and was not done, everything can be saved again."""
    trial = Trial(bench, layout, how)
    bench.link.plan(COMMIT, 0, [commit_fails(bench, errorCode=50)])
    error = trial.run()
    abandon(bench)

    assert type(error) is ExecutionTimeout
    assert error.has_error_label("UnknownTransactionCommitResult")
    trial.check([UNKNOWN] * LAST, [], len(trial.flush.calls))
    trial.check_held([])
    trial.put_right([UNKNOWN] * LAST, [])


@BY_LAYOUT
@IN_A_TRANSACTION
def test_a_commit_that_is_done(bench: Bench, layout: str, how: str) -> None:
    """When a commit ends in doubt and was done, everything can be saved again and is there once."""
    trial = Trial(bench, layout, how)
    bench.link.plan(COMMIT, 0, [lost_after, commit_fails(bench, errorCode=50)])
    error = trial.run()

    assert type(error) is ExecutionTimeout
    trial.check([UNKNOWN] * LAST, range(LAST), len(trial.flush.calls))
    trial.put_right([UNKNOWN] * LAST, range(LAST))


@IN_A_TRANSACTION
def test_a_connection_lost_on_the_commit(benches: Benches, how: str) -> None:
    """A commit on which the connection is lost is repeated, and everything stored once."""

    def body(bench: Bench, layout: str, fate: Fate, times: int) -> None:
        trial = Trial(bench, layout, how)
        bench.link.plan(COMMIT, 0, [fate] * times)
        check_hidden(trial, trial.run(), len(trial.flush.calls))

    side_by_side(body, benches, list(product(LAYOUTS, (lost_before, lost_after), (1, 2))))


@BY_LAYOUT
@IN_A_TRANSACTION
def test_a_commit_that_is_not_confirmed(bench: Bench, layout: str, how: str) -> None:
    """A commit that is not confirmed as the write concern asks is an error, but done."""
    trial = Trial(bench, layout, how)
    concern = {"code": 100, "codeName": "UnsatisfiableWriteConcern", "errmsg": "too few members"}
    bench.link.plan(COMMIT, 0, [commit_fails(bench, writeConcernError=concern)])
    error = trial.run()

    assert type(error) is WriteConcernError
    trial.check([APPLIED] * LAST, range(LAST), len(trial.flush.calls))


@AT_EACH_CALL
def test_a_call_that_is_not_confirmed(bench: Bench, layout: str, call: list[int]) -> None:
    """A call that is not confirmed as the write concern asks was applied; then it stops."""
    trial = Trial(bench, layout, "flush")
    concern = {"code": 100, "codeName": "UnsatisfiableWriteConcern", "errmsg": "too few members"}
    fault = failing(bench.admin, failCommands=WRITES, writeConcernError=concern)
    error = lose(trial, call, [fault])

    assert type(error) is WriteConcernError
    outcomes = sent(call, APPLIED)
    trial.check(outcomes, range(call[-1] + 1), trial.flush.calls.index(call) + 1)
    trial.put_right(outcomes, range(call[-1] + 1))
