"""Objects with several pending writes: what is done to them, and what is true after."""

from __future__ import annotations

import contextlib
import copy
import pickle
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import bson
from bson import ObjectId
from pymongo import MongoClient
from pymongo.errors import AutoReconnect, OperationFailure

from ommongo import (
    AnythingField,
    CreatedField,
    DictField,
    Document,
    DocumentField,
    IntField,
    ListField,
    ModifiedField,
    SetField,
    StringField,
    VersionField,
)
from ommongo._tracking import UNKNOWN
from ommongo.exceptions import (
    BadResultException,
    FieldNotRetrieved,
    InvalidUpdateException,
    OmMongoException,
    StaleDocumentException,
)
from tests.link import WRITES, Bench, lost_after, lost_before

__all__ = [
    "CLASSES",
    "ENDINGS",
    "PARTIAL",
    "REFUSED",
    "Migrated",
    "Place",
    "Program",
]

REFUSED = 1000
"""From this on the server refuses numbers."""


class Deep(Document):
    """Embedded in what is embedded."""

    config_namespace = "tests.layers_model"

    text = StringField(required=False, db_field="t")
    number = IntField(required=False)
    words = ListField(StringField(), required=False)
    hits = IntField(required=False, on_update="$inc")


class Part(Deep):
    """Embedded, with another one inside."""

    deep = DocumentField(Deep, required=False, db_field="d")


class Plain(Document):
    """A document with everything that can be stored, of which nothing is made by itself."""

    config_namespace = "tests.layers_model"
    config_extra_fields = "ignore"

    text = StringField(required=False, db_field="t")
    number = IntField(required=False)
    code = IntField(required=False)
    words = ListField(StringField(), required=False)
    names = DictField(IntField(), required=False, db_field="n")
    uniques = SetField(StringField(), required=False)
    anything = AnythingField(required=False)
    part = DocumentField(Part, required=False, db_field="p")
    parts = ListField(DocumentField(Part), required=False)
    hits = IntField(required=False, on_update="$inc")
    marks = ListField(IntField(), required=False, on_update="$push")
    count = IntField(default=3)
    bag = ListField(StringField(), default_f=list)


class Timed(Plain):
    """The same with times."""

    created = CreatedField()
    modified = ModifiedField()


class Versioned(Plain):
    """The same with a version."""

    version = VersionField()


class Migrated(Plain):
    """The same, of which a name was stored otherwise once, and another is not wanted any more."""

    @classmethod
    def transform_incoming(cls, obj: dict[str, Any], session: Any) -> dict[str, Any]:
        """Rename the one, and remove the other."""
        if "old" in obj:
            obj["number"] = obj.pop("old")
        obj.pop("gone", None)
        return obj


CLASSES = [Plain, Timed, Versioned, Migrated]

PARTIAL = {
    "numbers": ["mongo_id", "number", "words"],
    "part": ["mongo_id", "part", "hits"],
    "words of the part": ["mongo_id", "part.words", "names"],
}
"""What is loaded of a partial document."""

_SMALL = {"$not": {"$gte": REFUSED}}
_VALIDATOR = dict.fromkeys(("number", "hits", "p.number", "p.d.number"), _SMALL)

ENDINGS = {
    "passed over": {"safe": False, "atomic": False},
    "passed over by a standalone": {"safe": False, "atomic": None},
    "stopped": {"safe": True, "atomic": False},
    "one by one": {"safe": False, "atomic": False},
    "atomic": {"safe": True, "atomic": None},
    "transaction": {"safe": True, "atomic": None},
    "transaction that raises": {"safe": True, "atomic": None},
    "lost before": {"safe": True, "atomic": False},
    "lost after": {"safe": True, "atomic": False},
}
"""How a flush ends, with the settings of its session."""

_TIMES = {"created", "modified"}
_MISSING = object()


class Place(Bench):
    """
    A bench whose server refuses some values, unless it is told not to.

    Args:
        admin: A client that goes straight to the server.
    """

    def __init__(self, admin: MongoClient[Any]) -> None:
        names = [cls.get_collection_name() for cls in CLASSES]
        super().__init__(admin, {name: {} for name in names}, retryWrites=False)
        self._loose = set(names)

    def prepare(self, name: str) -> Any:
        """Give a collection, empty, that refuses large numbers, and codes that are taken."""
        collection = self.database[name]
        collection.delete_many({})
        if name in self._loose:
            self.database.command("collMod", name, validator=_VALIDATOR)
            given = {"code": {"$exists": True}}
            collection.create_index("code", unique=True, partialFilterExpression=given, name="c")
            self._loose.discard(name)
        return collection

    def loosen(self, name: str) -> None:
        """Let a collection refuse nothing any more."""
        self.database.command("collMod", name, validator={})
        self.database[name].drop_index("c")
        self._loose.add(name)


class Stop(Exception):
    """What ends a block."""


def built(name: str, value: Any) -> Any:
    """Give a value of a field, of what a program says of it."""
    if name in ("part", "deep"):
        cls = Part if name == "part" else Deep
        return cls(**{key: built(key, inner) for key, inner in value.items()})
    if name == "parts":
        return [built("part", inner) for inner in value]
    return copy.deepcopy(value)


class Program:
    """
    What is done to objects of one class in one session, step by step.

    Args:
        place: Where they are stored.
        cls: Their class.
        ending: How the flush ends.

    Attributes:
        objects: The objects.
        copies: Copies that were made of them while writes were pending.
        is_known: Whether it is known what became of everything that was sent.
    """

    def __init__(self, place: Place, cls: Any, ending: str) -> None:
        self.place, self.cls, self.ending = place, cls, ending
        self.session = place.session(auto_ensure=False, **ENDINGS[ending])
        self.collection = place.prepare(cls.get_collection_name())
        self.objects: list[Any] = []
        self.copies: list[Any] = []
        self.is_known = True

    def make(self, origin: str, stored: dict[str, Any]) -> None:
        """Make an object that is new, was saved, or is loaded, as a whole or in part."""
        new_id = ObjectId(b"%012d" % len(self.objects))
        if origin in ("new", "given", "saved"):
            part = Part(text="a", hits=1, deep=Deep(words=[]))
            document = self.cls(number=1, words=["a"], part=part)
            if origin == "given":
                document.mongo_id = new_id
            elif origin == "saved":
                self.session.save(document)
        else:
            self.collection.insert_one({"_id": new_id, **stored})
            query = self.session.query(self.cls).filter(self.cls.mongo_id == new_id)
            if origin in PARTIAL:
                version = ["version"] if self.cls is Versioned else []
                query = query.fields(*PARTIAL[origin], *version)
            document = query.one()
        self.objects.append(document)

    # -- steps ------------------------------------------------------------------------------------

    def take(self, steps: Sequence[tuple[int, str, Any]]) -> None:
        """Take steps: the number of an object, what to do to it, and with what."""
        for number, what, argument in steps:
            getattr(self, what)(self.objects[number % len(self.objects)], argument)

    @contextlib.contextmanager
    def _refusing(self) -> Iterator[None]:
        """Go on where a step is refused, if a transaction can go on."""
        try:
            yield
        except (BadResultException, FieldNotRetrieved, InvalidUpdateException) as error:
            if "transaction" in self.ending and isinstance(error, StaleDocumentException):
                raise
        except (OmMongoException, OperationFailure):
            if "transaction" in self.ending:
                raise

    def _holder(self, document: Any, path: Sequence[str]) -> Any:
        """Give the document that holds the last field of a path, or ``None``."""
        for name in path[:-1]:
            document = getattr(document, name, None) if document._is_retrieved(name) else None
            if document is None:
                return None
        return document

    def assign(self, document: Any, argument: Any) -> None:
        """Assign a value somewhere."""
        path, value = argument
        holder = self._holder(document, path)
        if holder is not None:
            setattr(holder, path[-1], built(path[-1], value))

    def delete(self, document: Any, argument: Any) -> None:
        """Delete a value."""
        holder = self._holder(document, argument[0])
        if holder is not None and argument[0][-1] in vars(holder):
            delattr(holder, argument[0][-1])

    def read(self, document: Any, argument: Any) -> Any:
        """Read a value, which may be a default."""
        holder = self._holder(document, argument[0])
        if holder is None or not holder._is_retrieved(argument[0][-1]):
            return None
        return getattr(holder, argument[0][-1], None)

    def change(self, document: Any, argument: Any) -> None:
        """Change a value in place."""
        value = self.read(document, argument)
        if isinstance(value, list):
            if value and isinstance(value[-1], Part):
                value[-1].text = "changed"
                value[-1].words = [*vars(value[-1]).get("words", []), "z"]
            else:
                new = {"parts": Part(text="new"), "marks": 7}
                value.append(new.get(argument[0][-1], "z"))
        elif isinstance(value, dict):
            value["z"] = 7
        elif isinstance(value, set):
            value.add("z")

    def extra(self, document: Any, argument: Any) -> None:
        """Set or delete an extra field."""
        name, value = argument
        if value is None:
            document.get_extra_fields().pop(name, None)
        else:
            document.get_extra_fields()[name] = value

    def update(self, document: Any, options: Any) -> None:
        """Update an object, by an expression if that is said."""
        settings = dict(options)
        if settings.pop("by_expression", False):
            if not document.has_id():
                return
            settings["id_expression"] = {"_id": document.mongo_id}
        with self._refusing():
            self.session.update(document, **settings)

    def save(self, document: Any, _: Any) -> None:
        """Save an object."""
        with self._refusing():
            self.session.save(document)

    def remove(self, document: Any, _: Any) -> None:
        """Remove an object."""
        with self._refusing():
            self.session.remove(document)

    def reload(self, document: Any, names: Sequence[str]) -> None:
        """Reload an object, or some fields of it."""
        with self._refusing():
            self.session.reload(document, *names)

    def open(self, *_: Any) -> None:
        """Open an inner block."""
        if self.session.transactions:
            self.session.begin_trans()

    def close(self, *_: Any) -> None:
        """Leave an inner block, and keep what it queued."""
        if len(self.session.transactions) > 1:
            self.session.end_trans()

    def drop(self, *_: Any) -> None:
        """Leave an inner block, and drop what it queued."""
        if len(self.session.transactions) > 1:
            self.session.end_trans(Stop, Stop(), None)

    def clear(self, *_: Any) -> None:
        """Drop all that is queued."""
        self.session.clear_queue()

    # -- the end ----------------------------------------------------------------------------------

    def run(self, steps: Callable[[], None], fault_at: int, copied: str = "") -> None:
        """
        Take all steps, and flush.

        Args:
            steps: Takes the steps.
            fault_at: How many commands get through before the one that is lost.
            copied: How the first object is copied in front of the flush, if it is.
        """
        lost = {"lost before": lost_before, "lost after": lost_after}.get(self.ending)
        try:
            with contextlib.ExitStack() as around:
                if "transaction" in self.ending:
                    around.enter_context(self.session.transaction())
                if self.ending != "one by one" and ("transaction" not in self.ending or fault_at):
                    self.session.begin_trans()
                steps()
                if copied:
                    self.copies.append(_copied(self.objects[0], copied))
                if lost is not None:
                    self.place.link.plan(WRITES, fault_at, [lost])
                while self.session.transactions:
                    self.session.end_trans()
                if self.ending == "transaction that raises":
                    raise Stop
        except AutoReconnect:
            self.is_known = False
        except (OperationFailure, StaleDocumentException, Stop):
            pass
        finally:
            self.session.transactions.clear()
            self.place.link.plan((), 0, [])

    def stored(self, document: Any) -> Any:
        """Give what the server holds of an object."""
        return self.collection.find_one({"_id": vars(document).get("mongo_id")})

    def check(self) -> None:
        """See that each object is dirty wherever it does not hold what the server does."""
        for document in [*self.objects, *self.copies]:
            stored, dirty = self.stored(document), _dirty(document)
            if stored is None:
                held = {name for name in vars(document) if document._is_set(name)}
                own = held - {"mongo_id", "version"} - _TIMES
                assert dirty or not own or not self.is_known or not document._is_whole()
                continue
            for path, held, there in differences(document, stored):
                # Every write renews these; a copy is not told, and may be stale.
                is_told = self.is_known and not any(document is one for one in self.copies)
                if path == "modified":
                    assert not is_told or _MISSING in (held, there), (path, held, there)
                elif path == "version":
                    assert not is_told, (path, held, there)
                else:
                    assert any(_lead_to(one, path) for one in dirty), (path, held, there)

    def put_right(self) -> None:
        """Store each object where nothing is refused: then it holds what the server does."""
        self.place.loosen(self.collection.name)
        self.session.safe = True
        for document in self.objects:
            is_there = self.stored(document) is not None
            if not is_there and not document._is_whole():
                continue
            try:
                (self.session.update if is_there else self.session.save)(document)
            except StaleDocumentException:
                assert self.cls is Versioned
                assert not self.is_known
                continue
            except FieldNotRetrieved:  # what an operator made is not known, and save wants it all
                assert not self.is_known or not document._is_whole()
                continue
            untold = {"modified"} if self.is_known else {"version", "modified"}
            left = [*differences(document, self.stored(document))]
            assert [one for one in left if one[0] not in untold] == []
            # Of an embedded document of which nothing is known, an update may tell a part only.
            state = document._state
            in_doubt = state is not None and state.known("part") is UNKNOWN
            assert not _dirty(document) or (in_doubt and {p[0] for p in _dirty(document)} == {"p"})


def _copied(document: Any, how: str) -> Any:
    """Copy a document."""
    if how == "pickle":
        return pickle.loads(pickle.dumps(document))
    return copy.copy(document) if how == "copy" else copy.deepcopy(document)


def _dirty(document: Any) -> set[str]:
    """Give the paths at which a document is dirty, but for what goes along with a change."""
    return {path for paths in document.get_dirty_ops().values() for path in paths} - {"modified"}


def _lead_to(one: str, other: str) -> bool:
    """Whether one path leads to another, or the other way round."""
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def differences(
    document: Any, stored: dict[str, Any], prefix: str = ""
) -> Iterator[tuple[str, Any, Any]]:
    """
    Give the paths at which a document does not hold what is stored.

    Args:
        document: The document.
        stored: What is stored of it.
        prefix: What the paths begin with.

    Yields:
        The path, what is held, and what is stored.
    """
    for name, field in type(document).get_fields().items():
        path, held = prefix + field.db_field, vars(document).get(name, _MISSING)
        there = stored.get(field.db_field, _MISSING)
        if held is _MISSING:
            # A time that was reloaded away before it was stored reads as a new one.
            if there is not _MISSING and document._is_retrieved(name) and name != "created":
                yield path, held, there
        elif isinstance(held, Document) and isinstance(there, dict):
            yield from differences(held, there, f"{path}.")
        elif there is _MISSING:
            if not field.has_default or document._was_assigned(name) or held not in (3, []):
                yield path, held, there
        elif _form(field, held) != _form(field, there, is_stored=True):
            yield path, held, there
    if not prefix and document._is_whole():
        fields = {field.db_field for field in type(document).get_fields().values()}
        held, there = _extra(document), {n: v for n, v in stored.items() if n not in fields}
        for name in {*held, *there}:
            if held.get(name) != there.get(name):
                yield name, held.get(name), there.get(name)


def _form(field: Any, value: Any, is_stored: bool = False) -> Any:
    """Give a value in a form to compare."""
    if isinstance(field, SetField):
        return sorted(value)
    form = value if is_stored else field._partial_wrap(value)
    return bson.decode(bson.encode({"v": form}))["v"]


def _extra(document: Any) -> dict[str, Any]:
    """Give the extra fields, without letting the document know that somebody asked."""
    state = document._state
    return {} if state is None or state.extra is None else state.extra
