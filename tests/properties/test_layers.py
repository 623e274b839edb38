"""Several pending writes of an object, whatever becomes of each: none is lost or counted twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ommongo.testing import EmbeddedServer
from tests.layers_model import CLASSES, ENDINGS, PARTIAL, REFUSED, Migrated, Place, Program
from tests.properties.examples import examples

# -- values ---------------------------------------------------------------------------------------

TEXT = st.sampled_from(["", "a", "b"])
NUMBER = st.sampled_from([0, 1, 2, REFUSED])
HITS = st.sampled_from([1, 10, 100, REFUSED])
WORDS = st.lists(TEXT, max_size=2)
NAMES = st.dictionaries(st.sampled_from(["a", "b"]), st.integers(0, 1), max_size=2)

IN_DEEP = {"text": TEXT, "number": NUMBER, "words": WORDS, "hits": HITS}
DEEP = st.fixed_dictionaries({}, optional=IN_DEEP)
IN_PART = {**IN_DEEP, "deep": DEEP}
PART = st.fixed_dictionaries({}, optional=IN_PART)
IN_DOCUMENT = {
    "text": TEXT,
    "number": NUMBER,
    "code": st.integers(0, 1),
    "words": WORDS,
    "names": NAMES,
    "uniques": st.sets(TEXT, max_size=2),
    "anything": NAMES | WORDS | NUMBER,
    "part": PART,
    "parts": st.lists(PART, max_size=2),
    "hits": HITS,
    "marks": st.lists(st.integers(0, 2), max_size=2),
    "count": st.sampled_from([3, 4]),
    "bag": WORDS,
}
FIELD = st.one_of(
    st.tuples(st.just((*above, name)), value)
    for above, values in (((), IN_DOCUMENT), (("part",), IN_PART), (("part", "deep"), IN_DEEP))
    for name, value in values.items()
)

STORED_DEEP = {"t": TEXT, "words": WORDS, "hits": st.just(10)}
STORED_PART = {**STORED_DEEP, "d": st.fixed_dictionaries({}, optional=STORED_DEEP)}
STORED = st.fixed_dictionaries(
    {},
    optional={
        "t": TEXT,
        "number": st.just(1),
        "words": WORDS,
        "n": NAMES,
        "uniques": st.sampled_from([[], ["a"]]),
        "anything": NAMES | WORDS,
        "p": st.fixed_dictionaries({}, optional=STORED_PART),
        "parts": st.lists(
            st.fixed_dictionaries({}, optional={"t": TEXT, "words": WORDS}), max_size=2
        ),
        "hits": st.just(10),
        "marks": st.just([0]),
        "count": st.just(4),
        "bag": WORDS,
        "version": st.just(5),
        "x": TEXT,
        "gone": TEXT,
    },
)

# -- programs -------------------------------------------------------------------------------------

OPERATIONS = st.sampled_from(
    [
        ("words", "$push"),
        ("words", "$addToSet"),
        ("words", "$pullAll"),
        ("number", "$inc"),
        ("number", "$max"),
        ("number", "ignore"),
        ("count", "$inc"),
        ("marks", "$set"),
        ("marks", "$pull"),
        ("marks", "$pop"),
        ("hits", "$set"),
        ("hits", "$mul"),
        ("part.number", "$inc"),
        ("part.words", "$push"),
        ("bag", "$push"),
        ("uniques", "$addToSet"),
    ]
)
UPDATE = st.tuples(
    st.just("update"),
    st.sampled_from(
        [{}] * 3
        + [{"upsert": True}, {"by_expression": True}, {"by_expression": True, "upsert": True}]
    )
    | OPERATIONS.map(lambda operation: {"update_ops": dict([operation])}),
)
WRITE = UPDATE | st.tuples(st.sampled_from(["save", "save", "remove"]), st.none())
CHANGE = st.one_of(
    st.tuples(st.sampled_from(["assign", "assign", "change", "change", "delete", "read"]), FIELD),
    st.tuples(st.just("extra"), st.tuples(st.sampled_from(["x", "y", "gone"]), TEXT | st.none())),
)
OTHER = st.tuples(st.sampled_from(["open", "close", "drop", "clear"]), st.none()) | st.tuples(
    st.just("reload"), st.sampled_from([[], ["number"], ["part"], ["words", "hits"]])
)
STEP = st.builds(
    lambda number, step: (number, *step),
    st.sampled_from([0, 0, 0, 1]),
    CHANGE | CHANGE | WRITE | WRITE | OTHER,
)
ORIGIN = st.tuples(
    st.sampled_from(["loaded", "loaded", "loaded", "new", "given", "saved", *PARTIAL]), STORED
)


@pytest.fixture(scope="module")
def replica_set(server: EmbeddedServer) -> Iterator[Place]:
    """A place that has transactions."""
    with server.client() as admin, Place(admin) as place:
        yield place


@pytest.fixture(scope="module")
def alone(standalone: EmbeddedServer) -> Iterator[Place]:
    """A place that has none."""
    with standalone.client() as admin, Place(admin) as place:
        yield place


def on_servers(number: int) -> settings:
    """Give the settings of a test that tries a number of examples, each on a server."""
    # A document is drawn with all that is in it, which takes many choices.
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(
        max_examples=examples(number),
        deadline=None,
        derandomize=True,  # the same programs in every run; to search for more, take this out
        suppress_health_check=slow,
    )


@on_servers(400)
@given(
    cls=st.sampled_from(CLASSES),
    origins=st.lists(ORIGIN, min_size=1, max_size=2),
    steps=st.lists(STEP, min_size=1, max_size=10),
    ending=st.sampled_from([*ENDINGS]),
    fault_at=st.integers(0, 3),
    copied=st.sampled_from(["", "copy", "deepcopy", "pickle"]),
)
def test_what_is_not_stored_is_dirty(
    replica_set: Place,
    alone: Place,
    cls: Any,
    origins: Any,
    steps: Any,
    ending: str,
    fault_at: int,
    copied: str,
) -> None:
    """Whatever became of what was queued: what is clean is stored, and what is dirty can be."""
    program = Program(alone if "standalone" in ending else replica_set, cls, ending)
    for origin, stored in origins:
        if cls is Migrated and "number" in stored:
            stored = {**stored, "old": stored["number"] + 1}
            del stored["number"]
        program.make(origin, stored)
    program.run(lambda: program.take(steps), fault_at, copied)

    program.check()
    program.put_right()


# -- operators ------------------------------------------------------------------------------------

ADDED = st.one_of(
    st.tuples(st.sampled_from(["hits", "hits", "part.hits"]), HITS),
    st.tuples(st.just("marks"), st.integers(1, 99)),
    st.tuples(st.just("number"), NUMBER),
    st.tuples(st.just("words"), WORDS),
    st.tuples(st.sampled_from(["save", "open", "close", "drop", "clear"]), st.none()),
)


class Sums:
    """
    What is added to numbers and a list of an object, one update each.

    Args:
        program: What is done to the object.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.document = program.objects[0]
        held = {"p": {"hits": self.document.part.hits}}  # if it is new
        self.wanted = self.of(program.stored(self.document) or held)

    def of(self, stored: Any) -> dict[str, Any]:
        """Give the sums of a stored document."""
        inside = stored.get("p", {}).get("hits", 0)
        marks = sorted(stored.get("marks", []))
        return {"hits": stored.get("hits", 0), "part.hits": inside, "marks": marks}

    def take(self, steps: Any) -> None:
        """Take all steps."""
        for what, value in steps:
            pending = {"$inc", "$push"} & {*self.document.get_dirty_ops()}
            if what in self.wanted:
                if self.document.has_id() and not pending and self._is_whole():
                    self._add(what, value)
            elif what in ("number", "words"):
                setattr(self.document, what, value)
                self.program.update(self.document, {})
            elif what != "save" or not pending or not self.document.has_id():
                # An argument that is pending would be saved as it is.
                getattr(self.program, what)(self.document, None)

    def _is_whole(self) -> bool:
        """Whether an upsert, or an unknown outcome, has left nothing open."""
        part = vars(self.document).get("part")
        return self.document._is_whole() and part is not None and part._is_whole()

    def _add(self, what: str, value: int) -> None:
        """Add to what the server holds then."""
        if what == "marks":
            self.document.marks = [value]
            self.wanted[what] = sorted([*self.wanted[what], value])
        else:
            holder = self.document if what == "hits" else self.document.part
            holder.hits = value
            self.wanted[what] += value
        self.program.update(self.document, {})


@on_servers(250)
@given(
    cls=st.sampled_from(CLASSES),
    origin=st.sampled_from(["loaded", "new", "saved"]),
    steps=st.lists(ADDED, min_size=1, max_size=8),
    ending=st.sampled_from([*ENDINGS]),
    fault_at=st.integers(0, 3),
)
def test_what_is_added_counts_once(
    replica_set: Place, alone: Place, cls: Any, origin: str, steps: Any, ending: str, fault_at: int
) -> None:
    """What was added is stored once, whatever became of the first try; in doubt, at most once."""
    program = Program(alone if "standalone" in ending else replica_set, cls, ending)
    program.make(origin, {"hits": 10, "marks": [0], "p": {"hits": 10}})
    sums = Sums(program)
    program.run(lambda: sums.take(steps), fault_at)

    program.check()
    program.put_right()
    found = sums.of(program.stored(sums.document) or {})
    if program.is_known:
        assert found == sums.wanted
    else:
        for name in ("hits", "part.hits"):
            assert found[name] <= sums.wanted[name]
        assert len(found["marks"]) <= len(sums.wanted["marks"])
