"""What every part of a session stands on: the database, the queue, the identity map."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

import bson
from bson.raw_bson import RawBSONDocument
from pymongo.collection import Collection
from pymongo.database import Database

from ommongo._bson import snapshot_options
from ommongo._persistence.identity_map import IdentityMap
from ommongo._persistence.transactions import ServerTransaction
from ommongo._persistence.unit_of_work import UnitOfWork
from ommongo._tracking import LARGE, Retrieved, decodes_exactly
from ommongo.document import Document
from ommongo.exceptions import InvalidConfigException, TransactionException
from ommongo.ops import Operation

if TYPE_CHECKING:
    from pymongo.client_session import ClientSession

__all__ = ["SessionBase"]


open_sessions: weakref.WeakSet[SessionBase] = weakref.WeakSet()
"""Every session of the process, for the warning at its end."""


class SessionBase:
    """What every part of a session stands on; see `ommongo.Session` for the arguments."""

    def __init__(
        self,
        database: Database[Any],
        tz_aware: bool = False,
        timezone: tzinfo | None = None,
        safe: bool = False,
        cache_size: int | None = 0,
        auto_ensure: bool = True,
        *,
        atomic: bool | None = None,
    ) -> None:
        if not isinstance(database, Database):
            raise TypeError(
                f"Session() takes a pymongo.database.Database, not {type(database).__name__}. "
                f"Pass MongoClient(...)['name'], or use Session.connect('name', ...)."
            )
        if timezone is not None and not isinstance(timezone, tzinfo):
            raise TypeError(
                f"timezone takes a datetime.tzinfo (zoneinfo.ZoneInfo('Asia/Jakarta')), not "
                f"{type(timezone).__name__}."
            )
        if atomic is not None and not isinstance(atomic, bool):
            raise InvalidConfigException(
                f"atomic is {atomic!r}. It is None (where the server has transactions), True or "
                f"False."
            )
        options = database.codec_options.with_options(document_class=dict)
        if tz_aware or timezone is not None:
            options = options.with_options(tz_aware=True, tzinfo=timezone)
        self.db = database
        self.safe = safe
        self.timezone = timezone
        self.tz_aware = options.tz_aware
        self.auto_ensure = auto_ensure
        self.atomic = atomic
        self.cache = IdentityMap(cache_size)
        self.transactions: list[int] = []
        self._codec_options = options
        self._snapshot_options = snapshot_options(options)
        self._unit_of_work = UnitOfWork(database, self.cache, safe, auto_ensure)
        self._transaction_ids = itertools.count(1)
        self._transaction: ServerTransaction | None = None
        self._close_client: Any = None
        open_sessions.add(self)
        self._collections: dict[tuple[str | None, str], Collection[Any]] = {}
        # The wanted outcome (None: any), the blocks that were open, and the function.
        self._callbacks: list[tuple[bool | None, tuple[int, ...], Callable[[], Any]]] = []

    @property
    def queue(self) -> list[Operation]:
        """The pending operations, in the order in which they were asked for."""
        return self._unit_of_work.queue

    @property
    def cache_size(self) -> int | None:
        """How many objects the identity map holds; ``None`` for all."""
        return self.cache.size

    @property
    def transaction_id(self) -> int | None:
        """The id of the innermost open block, or ``None``."""
        return self.transactions[-1] if self.transactions else None

    @property
    def in_transaction(self) -> bool:
        """Whether a block is open."""
        return bool(self.transactions)

    @property
    def autoflush(self) -> bool:
        """Whether writes are sent at once, and reads see them: outside a block."""
        return not self.transactions

    def _queue(self, operation: Operation) -> None:
        if self.transactions:
            operation.transactions = tuple(self.transactions)
        self._unit_of_work.add(operation)

    def _autoflush(self) -> Any:
        """Flush outside a block."""
        return self.flush() if self.autoflush else None

    def flush(self, safe: bool | None = None) -> Any:
        """
        Perform all pending operations, in order.

        Args:
            safe: Whether errors of the server are raised, over what each operation says.

        Returns:
            The last operation's own result: a save's ``_id``, the server's reply to an update or
            a removal; ``None`` when nothing was pending.

        Raises:
            pymongo.errors.PyMongoError: The class that the single call would raise, with a note
                that says what was applied. What was not is dirty again.
            StaleDocumentException: A document to write is not there any more, or not at the
                version that was loaded.
            TransactionException: A block of a session with ``atomic=True`` is open, or the open
                transaction cannot go on.

        Example:
            >>> session.add(User(name="Ken"))
            >>> session.flush()
            ObjectId('...')
            >>> session.queue
            []

        MongoDB manual:
            https://www.mongodb.com/docs/manual/core/bulk-write-operations/
        """
        if self.transactions and self.atomic:
            raise TransactionException(
                "flush() inside a 'with session:' block of a session with atomic=True: what it "
                "sends would be no part of the block's transaction. Leave it to the block's end."
            )
        return self._send(safe)

    def _send(
        self,
        safe: bool | None = None,
        is_atomic: Callable[[], bool] = lambda: False,
        wants_result: bool = True,
    ) -> Any:
        """Send what is pending: alone, in a transaction of its own, or in the one that is open."""
        return self._unit_of_work.flush(safe, is_atomic, self._transaction, wants_result)

    @staticmethod
    def _check_document(item: Any) -> None:
        if not isinstance(item, Document):
            raise TypeError(
                f"A session stores instances of Document subclasses, not {type(item).__name__}."
            )

    @staticmethod
    def _check_class(cls: Any) -> None:
        if not (isinstance(cls, type) and issubclass(cls, Document)):
            raise TypeError(f"Pass a subclass of Document, not {cls!r}.")

    def _key(self, cls: Any, stored_id: Any) -> Any:
        return IdentityMap.key(self.db.name, cls.get_collection_name(), stored_id)

    def _before_read(self) -> None:
        """Let a read see what is pending."""
        if self.autoflush and self.queue:
            self.flush()

    def _collection(
        self, type: Any, database: str | None = None, name: str | None = None
    ) -> Collection[Any]:
        """Give the collection of a class, with the session's codec options."""
        name = name or type.get_collection_name()
        collection = self._collections.get((database, name))
        if collection is None:
            place = self.db
            if database is not None and database != self.db.name:
                place = self.db.client.get_database(database)
            collection = place.get_collection(name, codec_options=self._codec_options)
            self._collections[database, name] = collection
        return collection

    def _collection_to_read(self, type: Any) -> Collection[Any]:
        """Give the collection of a class after a flush of what is pending, where one is due."""
        self._before_read()
        return self._collection(type)

    @property
    def _client_session(self) -> ClientSession | None:
        """The driver's session that every call carries: that of the open transaction."""
        return None if self._transaction is None else self._transaction.client_session_in_use()

    def _load(
        self,
        cls: Any,
        raw: dict[str, Any],
        retrieved: Retrieved | None,
        place: tuple[str, str] | None = None,
    ) -> Any:
        """Make an object of a stored document, or find the one that the identity map holds."""
        if retrieved is not None or self.cache.size == 0:
            return cls._load(raw, self, retrieved)
        database, collection = place or (self.db.name, cls.get_collection_name())
        key = IdentityMap.key(database, collection, raw.get("_id"))
        held = self.cache.read(key)
        if held is not None and isinstance(held, cls):
            return held
        document = cls._load(raw, self, None)
        self.cache.write(key, document)
        return document

    def _load_encoded(self, cls: Any, stored: RawBSONDocument) -> Any:
        """As `_load`, of a document that may be large."""
        raw = bson.decode(stored.raw, self._codec_options)
        held = None
        if self.cache.size != 0:
            held = self.cache.read(self._key(cls, raw.get("_id")))
        document = self._load(cls, raw, None)
        if (
            document is not held
            and len(stored.raw) >= LARGE
            and decodes_exactly(self._codec_options)
        ):
            document._keep_bson(bytes(stored.raw))
        return document

    def _load_all(
        self, cls: Any, raws: list[dict[str, Any]], retrieved: Retrieved | None
    ) -> list[Any]:
        """As `_load`, of several documents."""
        if retrieved is not None or self.cache.size == 0:
            documents: list[Any] = cls._load_all(raws, self, retrieved)
            return documents
        return [self._load(cls, raw, None) for raw in raws]
