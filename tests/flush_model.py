"""A small model of a flush: its operations, and what is to be true after any of them failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from typing import Any, ClassVar

from pymongo.database import Database

from ommongo import Document, DocumentField, Index, IntField, ListField, Session, StringField
from ommongo._persistence.report import FlushReport

__all__ = [
    "KINDS",
    "LAYOUTS",
    "TAKEN",
    "TOO_LARGE",
    "Flush",
    "Gadget",
    "Outcome",
    "Record",
    "Step",
    "Thing",
    "Writes",
    "rows_of",
]

Row = dict[str, Any]

TAKEN: Row = {"name": "taken"}
TOO_LARGE: Row = {"size": 1000}


class Spot(Document):
    config_namespace = "tests.flush_model"

    city = StringField()


class Thing(Document):
    """What is written. The server refuses it with a name that is taken, or a large size."""

    config_namespace = "tests.flush_model"
    config_collection_name = "things"
    validator: ClassVar[Mapping[str, Any]] = {"size": {"$not": {"$gte": 1000}}}

    name = StringField()
    size = IntField(required=False)
    note = StringField(required=False, db_field="n")
    hits = IntField(required=False, on_update="$inc")
    tags = ListField(StringField(), required=False)
    spot = DocumentField(Spot, required=False)

    i_name = Index().ascending("name").unique()


class Gadget(Thing):
    """The same in another collection."""

    config_collection_name = "gadgets"


class Outcome(Enum):
    """What became of an operation, as far as the session can know."""

    APPLIED = "applied"
    FAILED = "failed"
    NOT_ATTEMPTED = "not attempted"
    UNKNOWN = "unknown"


class Step:
    """
    One operation of a flush; this one updates an object by ``$set``.

    Args:
        document_class: Whose collection it writes to.
        name: What tells it from the others.

    Attributes:
        run: The kind of operations that it shares a call with; None for none.
        gives_reply: Whether its result is a reply, which only a call of its own has.
        counted_as: What a report counts it as.
        loads: Whether it writes an object that is loaded before.
        holds: Whether the identity map holds its object once it was applied.
        values: What it assigns.
        before: The rows that it works on as they are stored before; None for one that is not.
        ids: The ids of these rows.
        document: The object that it writes; None for one that writes none.
        bad: What else it assigns, so that the server refuses it.
    """

    run: ClassVar[str | None] = "update"
    gives_reply: ClassVar[bool] = True
    counted_as: ClassVar[str] = "updated"
    loads: ClassVar[bool] = True
    holds: ClassVar[bool] = True
    values: ClassVar[Row] = {"size": 5}

    def __init__(self, document_class: type[Thing], name: str) -> None:
        self.document_class = document_class
        self.name = name
        self.before: list[Row | None] = [{"name": name, "size": 1, "hits": 10}]
        self.ids: list[Any] = []
        self.document: Any = None
        self.bad: Row = {}

    def lets_go_of(self, other: Step, is_in_front: bool) -> bool:
        """Whether the identity map forgets what another operation writes."""
        return False

    @property
    def after(self) -> list[Row | None]:
        """The rows as they are stored afterwards."""
        return [{**(row or {"name": self.name}), **self.values} for row in self.before]

    @property
    def collection(self) -> str:
        """The name of the collection that it writes to."""
        return self.document_class.get_collection_name()

    def queue(self, session: Session, **bad: Any) -> None:
        """Queue it, with *bad* values so that the server refuses it."""
        self.bad = bad
        for name, value in {**self.values, **bad}.items():
            setattr(self.document, name, value)
        session.update(self.document)

    def again(self, session: Session, outcome: Outcome, stored: bool) -> None:
        """Put right what was wrong and queue it once more; *stored* is what a look tells."""
        right = self.before[0] or {"name": self.name}
        for name in self.bad:
            if name in right:
                setattr(self.document, name, right[name])
            else:
                delattr(self.document, name)
        self.queue(session)

    def dirty(self, outcome: Outcome) -> Row:
        """Give what its document has to send."""
        return {} if outcome is Outcome.APPLIED else {"$set": {**self.values, **self.bad}}


class Insert(Step):
    """Save a new object."""

    run = "insert"
    gives_reply = False
    counted_as = "inserted"
    loads = False

    def __init__(self, document_class: type[Thing], name: str) -> None:
        super().__init__(document_class, name)
        self.before = [None]
        self.document = document_class(name=name)

    def queue(self, session: Session, **bad: Any) -> None:
        self.bad = bad
        for name, value in {**self.values, **bad}.items():
            setattr(self.document, name, value)
        session.add(self.document)
        self.ids = [self.document.mongo_id]

    def dirty(self, outcome: Outcome) -> Row:
        if outcome is Outcome.APPLIED:
            return {}
        return {"$set": {"name": self.name, **self.values, **self.bad}}


class Replace(Step):
    """Save a loaded object."""

    gives_reply = False
    counted_as = "replaced"

    def queue(self, session: Session, **bad: Any) -> None:
        self.bad = bad
        for name, value in {**self.values, **bad}.items():
            setattr(self.document, name, value)
        session.add(self.document)


class Increment(Step):
    """Update an object by ``$inc``."""

    values: ClassVar[Row] = {"hits": 5}

    @property
    def after(self) -> list[Row | None]:
        return [{"name": self.name, "size": 1, "hits": 15}]

    def again(self, session: Session, outcome: Outcome, stored: bool) -> None:
        if outcome is Outcome.UNKNOWN:
            # The field is not retrieved any more: whether it was counted, a look tells.
            session.reload(self.document, "hits")
            if self.document.hits == 15:
                return
        super().again(session, outcome, stored)

    def dirty(self, outcome: Outcome) -> Row:
        if outcome is Outcome.APPLIED:
            return {}
        changes = {"$set": self.bad} if self.bad else {}
        return changes if outcome is Outcome.UNKNOWN else {**changes, "$inc": self.values}


class Change(Step):
    """Update an object in which something is gone, in a list, and in an embedded document."""

    def __init__(self, document_class: type[Thing], name: str) -> None:
        super().__init__(document_class, name)
        self.before = [{"name": name, "n": "old", "tags": ["a"], "spot": {"city": "Bogor"}}]

    @property
    def after(self) -> list[Row | None]:
        return [{"name": self.name, "tags": ["a", "b"], "spot": {"city": "Medan"}}]

    def queue(self, session: Session, **bad: Any) -> None:
        self.bad = bad
        if "note" in self.document.__dict__:
            del self.document.note
            self.document.tags.append("b")
            self.document.spot.city = "Medan"
        for name, value in bad.items():
            setattr(self.document, name, value)
        session.update(self.document)

    def dirty(self, outcome: Outcome) -> Row:
        if outcome is Outcome.APPLIED:
            return {}
        changed = {"tags": ["a", "b"], "spot.city": "Medan", **self.bad}
        return {"$set": changed, "$unset": {"n": True}}


class Express(Step):
    """Execute an update expression."""

    loads = holds = False
    multi: ClassVar[bool] = False

    @property
    def after(self) -> list[Row | None]:
        return [{**row, "size": 5, "hits": 11} for row in self.before if row is not None]

    def queue(self, session: Session, **bad: Any) -> None:
        cls = self.document_class
        update = session.query(cls).filter(cls.name.startswith(self.name))
        update = update.set(**{**self.values, **bad}).inc(cls.hits)
        (update.multi() if self.multi else update).execute()

    def again(self, session: Session, outcome: Outcome, stored: bool) -> None:
        if not stored:
            self.queue(session)


class ExpressMany(Express):
    """Execute an update expression on several documents, which the driver does not retry."""

    run = None
    multi = True

    def __init__(self, document_class: type[Thing], name: str) -> None:
        super().__init__(document_class, name)
        self.before = [{"name": f"{name}{i}", "size": 1, "hits": 10} for i in range(2)]


class Remove(Step):
    """Remove an object."""

    run = "delete"
    counted_as = "removed"
    holds = False

    def __init__(self, document_class: type[Thing], name: str) -> None:
        super().__init__(document_class, name)
        self.before = [{"name": name, "size": 1}]

    @property
    def after(self) -> list[Row | None]:
        return [None for _ in self.before]

    def queue(self, session: Session, **bad: Any) -> None:
        session.remove(self.document)

    def dirty(self, outcome: Outcome) -> Row:
        # One that was removed is like a new one.
        return {"$set": {"name": self.name, "size": 1}} if outcome is Outcome.APPLIED else {}


class RemoveMatching(Remove):
    """Execute a removal query, which the driver does not retry."""

    run = None
    loads = False

    def __init__(self, document_class: type[Thing], name: str) -> None:
        super().__init__(document_class, name)
        self.before = [{"name": f"{name}{i}"} for i in range(2)]

    def queue(self, session: Session, **bad: Any) -> None:
        cls = self.document_class
        session.remove_query(cls).filter(cls.name.startswith(self.name)).execute()

    def lets_go_of(self, other: Step, is_in_front: bool) -> bool:
        # Of a name the server alone knows whether it matches. What is loaded is forgotten when the
        # removal is queued, and only a save behind it puts it back.
        is_saved = not other.gives_reply
        return other.document_class is self.document_class and (is_in_front or not is_saved)


KINDS: Sequence[type[Step]] = (
    *(Insert, Insert, Replace, Step, Increment, Change, Express, ExpressMany),
    *(Remove, Remove, RemoveMatching, Insert, Step, Replace, Increment),
)
"""The operations of a flush, in order."""

LAYOUTS: Mapping[str, Sequence[type[Thing]]] = {
    "one": [Thing] * len(KINDS),
    # By twos and threes, so that some share a call and some do not.
    "two": [(Thing, Gadget)[(place * 2 // 5) % 2] for place in range(len(KINDS))],
}
"""The classes that they write, by the number of their collections."""


class Flush:
    """
    The operations of a flush and the rows that they work on.

    Args:
        layout: How many collections they write to.
        wants_result: Whether the result of the last is wanted: not at the end of a block.
    """

    def __init__(self, layout: str, wants_result: bool) -> None:
        self._wants_result = wants_result
        self.steps = [
            kind(document_class, f"{kind.__name__}-{place}-")
            for place, (kind, document_class) in enumerate(zip(KINDS, LAYOUTS[layout], strict=True))
        ]

    @property
    def calls(self) -> list[list[int]]:
        """The places of the operations that share a call of the driver, call by call."""
        calls: list[list[int]] = []
        before: Any = None
        for place, step in enumerate(self.steps):
            is_result = self._wants_result and step is self.steps[-1]
            alone = step.run is None or (step.gives_reply and is_result)
            key = None if alone else (step.run, step.collection)
            if key is not None and key == before:
                calls[-1].append(place)
            else:
                calls.append([place])
            before = key
        return calls

    def store(self, database: Database[Row]) -> None:
        """Store what is there before, and a row whose name is taken."""
        for document_class in (Thing, Gadget):
            collection = database[document_class.get_collection_name()]
            collection.delete_many({})
            collection.insert_one({"_id": "taken", **TAKEN})
        for step in self.steps:
            rows = [dict(row) for row in step.before if row is not None]
            if rows:
                step.ids = list(database[step.collection].insert_many(rows).inserted_ids)

    def load(self, session: Session) -> None:
        """Load the objects that are written."""
        steps = {step.name: step for step in self.steps if step.loads}
        for document_class in (Thing, Gadget):
            for document in session.query(document_class).in_(document_class.name, *steps):
                steps[document.name].document = document

    def rows(self, stored: Collection[int]) -> dict[str, dict[Any, Row]]:
        """Give what the database holds when the operations at these places were applied."""
        rows: dict[str, dict[Any, Row]] = {
            document_class.get_collection_name(): {"taken": TAKEN}
            for document_class in (Thing, Gadget)
        }
        for place, step in enumerate(self.steps):
            now = step.after if place in stored else step.before
            for row_id, row in zip(step.ids, now, strict=True):
                if row is not None:
                    rows[step.collection][row_id] = row
        return rows

    def report(self, outcomes: Sequence[Outcome], server_calls: int, atomic: bool) -> FlushReport:
        """Give what the session reports."""
        applied = (
            step.counted_as
            for step, outcome in zip(self.steps, outcomes, strict=True)
            if outcome is Outcome.APPLIED
        )
        return FlushReport(
            **Counter(applied),
            failed=outcomes.count(Outcome.FAILED),
            not_attempted=outcomes.count(Outcome.NOT_ATTEMPTED),
            unknown=outcomes.count(Outcome.UNKNOWN),
            server_calls=server_calls,
            atomic=atomic,
        )


def rows_of(database: Database[Row]) -> dict[str, dict[Any, Row]]:
    """Give what a database holds."""
    names = [document_class.get_collection_name() for document_class in (Thing, Gadget)]
    return {name: {row.pop("_id"): row for row in database[name].find()} for name in names}


class Record(Document):
    """An object that one flush writes several times. The server refuses large numbers."""

    config_namespace = "tests.flush_model"
    config_collection_name = "records"
    validator: ClassVar[Mapping[str, Any]] = {
        name: {"$not": {"$gte": 1000}} for name in ("a", "b", "c", "d")
    }

    a = IntField()
    b = IntField()
    c = IntField()
    d = IntField()


class Writes:
    """
    Several writes of one object in one flush; each stores a number in a field of its own.

    Args:
        kinds: ``update`` or ``save`` for each.
        refused: Whether the number is one that the server refuses, for each.
        is_new: Whether the object is new, so that the first write is a save.
    """

    before: ClassVar[Row] = {"a": 1, "b": 1, "c": 1, "d": 1}

    def __init__(self, kinds: Sequence[str], refused: Sequence[bool], is_new: bool = False) -> None:
        self.kinds = ["save", *kinds[1:]] if is_new else kinds
        self.values = {
            name: (1000 if bad else 10) + place
            for place, (name, bad) in enumerate(zip("abcd", refused, strict=False))
        }
        self.row: Row | None = None if is_new else self.before
        self.document: Any = None

    @property
    def held(self) -> Row:
        """What the object holds once all of them are queued."""
        return {**self.before, **self.values}

    def start(self, database: Database[Row], session: Session) -> None:
        """Store what is there before, and load the object or make it."""
        database["records"].delete_many({})
        if self.row is None:
            self.document = Record(**self.before)
        else:
            database["records"].insert_one({**self.before})
            self.document = session.query(Record).one()

    def queue(self, session: Session) -> None:
        """Queue all writes."""
        for kind, (name, value) in zip(self.kinds, self.values.items(), strict=True):
            setattr(self.document, name, value)
            (session.update if kind == "update" else session.add)(self.document)

    def rows(self) -> tuple[list[Row | None], list[bool]]:
        """Give the row after each write when refused ones are passed over; which are applied."""
        rows, applied, held = [self.row], [], {**self.before}
        for kind, (name, value) in zip(self.kinds, self.values.items(), strict=True):
            held[name] = value
            row = rows[-1]
            new = {**held} if kind == "save" else row and {**row, name: value}
            applied.append(new is not None and max(new.values()) < 1000)
            rows.append(new if applied[-1] else row)
        return rows, applied

    def dirty(self, rows: Sequence[Row | None]) -> Row:
        """Give what the object has to send when one of these rows is stored."""
        changed = {
            name: value
            for name, value in self.held.items()
            if any(row is None or row[name] != value for row in rows)
        }
        return {"$set": changed} if changed else {}
