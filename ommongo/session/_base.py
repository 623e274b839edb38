"""What every part of a session stands on: the database, the queue, the identity map."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import tzinfo
from threading import get_ident
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from pymongo.collection import Collection
from pymongo.database import Database

from ommongo._bson import snapshot_options
from ommongo._habits import Habits
from ommongo._persistence.blocks import OpenBlocks
from ommongo._persistence.causality import Causality
from ommongo._persistence.identity_map import IdentityMap, Key
from ommongo._persistence.index_builder import IndexBuilder
from ommongo._persistence.loader import Loader
from ommongo._persistence.scope import Scope
from ommongo._persistence.turn import Turn, check_client
from ommongo._persistence.unit_of_work import UnitOfWork
from ommongo._persistence.watching import watched
from ommongo._tracking import State
from ommongo.document import Document
from ommongo.exceptions import InvalidConfigException, TransactionException
from ommongo.session._settings import Settings, yes_or_no
from ommongo.util import classproperty

if TYPE_CHECKING:
    from pymongo.client_session import ClientSession

    from ommongo._persistence.report import FlushReport
    from ommongo.ops import Operation

__all__ = ["SessionBase"]

C = TypeVar("C")

open_sessions: weakref.WeakSet[SessionBase] = weakref.WeakSet()
"""Every session of the process, for the warning at its end."""


class SessionBase(Settings, Habits):
    """What every part of a session stands on; see `ommongo.Session` for the arguments."""

    @classproperty
    def _elsewhere(cls) -> Mapping[str, str]:
        from ommongo.session._habits import ELSEWHERE  # seldom wanted

        return ELSEWHERE

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
        upsert_on_save: bool = True,
        causal: bool | None = None,
    ) -> None:
        if not isinstance(database, Database):
            from ommongo.session._connecting import no_database  # seldom wanted

            raise no_database(database)
        if causal is not None and not isinstance(causal, bool):
            raise InvalidConfigException(
                f"causal is {causal!r}. It is None (where reads may go to secondaries), True or "
                f"False."
            )
        check_client(database.client)
        self.db = database
        self._turn = Turn()
        self.cache: IdentityMap = IdentityMap(cache_size)
        self._snapshot_options = snapshot_options(database.codec_options)
        self._loader = Loader(database, database.codec_options, self.cache)
        self._causality = Causality(database, causal)
        self._unit_of_work = UnitOfWork(
            database,
            self.cache,
            self._causality,
            self._turn,
            yes_or_no("safe", safe),
            yes_or_no("auto_ensure", auto_ensure),
        )
        self.timezone = timezone
        if yes_or_no("tz_aware", tz_aware):
            self.tz_aware = tz_aware
        self.atomic = atomic
        self.upsert_on_save = upsert_on_save
        self.causal = causal
        self._scope = Scope(self._unit_of_work, self.cache, self._loader, self._turn)
        self.transactions: OpenBlocks = self._scope.blocks
        self._transaction_ids = itertools.count(1)
        self._close_client: Any = None
        open_sessions.add(self)

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        raise TypeError(
            f"A {type(self).__name__} cannot be copied or pickled: it stands for a connection, and "
            f"for what is pending. Make one in each process, and one for each piece of work."
        )

    def _carry_over(self) -> None:
        """Be what another process has made, from which this one was forked."""
        self._turn.carry()
        self._causality.let_go()
        if self._close_client is not None:
            self._close_client.detach()

    @property
    def queue(self) -> list[Operation]:
        """The pending operations, in the order in which they were asked for."""
        return self._unit_of_work.queue

    @property
    def transaction_id(self) -> int | None:
        """The id of the innermost block that the running code is inside, or ``None``."""
        entered = self.transactions.entered()
        return entered[-1] if entered else None

    @property
    def in_transaction(self) -> bool:
        """Whether the running code is inside a block."""
        return bool(self.transactions.entered())

    @property
    def autoflush(self) -> bool:
        """Whether writes are sent at once, and reads see them: outside a block."""
        blocks = self.transactions
        return not blocks or (not blocks.are_nested and not blocks.entered())

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
            SessionThreadError: Another thread is inside the session.
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
        if safe is not None and not isinstance(safe, int):
            self._refuse_safe("flush", safe)
        if self.atomic and self.in_transaction:
            raise TransactionException(
                "flush() inside a 'with session:' block of a session with atomic=True: what it "
                "sends would be no part of the block's transaction. Leave it to the block's end."
            )
        chosen = None if self.transactions.are_nested else self.transactions.is_own
        turn, me = self._turn, get_ident()  # as `take`, which would be a call more
        before = turn.thread
        if (before or me) != me or (turn.home or me) != me:
            before = turn.check()
        try:
            turn.thread = me
            transaction = self._scope.transaction
            return self._unit_of_work.flush(safe, transaction=transaction, chosen=chosen)
        finally:
            turn.thread = before

    @property
    def flush_report(self) -> FlushReport:
        """
        What the last flush did: counts of operations by outcome, and of calls.

        Example:
            >>> session.save(User(name="Ken"))
            >>> session.flush_report.inserted
            1
        """
        return self._unit_of_work.report

    def clear_queue(self, trans_id: int | None = None) -> None:
        """
        Drop pending operations without executing them; their documents are dirty again.

        Args:
            trans_id: The id of an open block: drop what was queued since it began. All when left
                out.

        Example:
            >>> session.add(User(name="Ken"))
            >>> session.clear_queue()
            >>> session.queue
            []
        """
        self._turn.check()
        if trans_id is None:
            self._unit_of_work.drop_all()
        elif trans_id in self.transactions:
            self._unit_of_work.drop_since(trans_id)

    def auto_ensure_indexes(self, cls: type[Document]) -> None:
        """
        Create the indexes of a class if the session does so, unless it did a short time ago.

        Args:
            cls: The class.

        Raises:
            Exception: As `ensure_indexes`.
        """
        self._turn.check()
        if self.auto_ensure:
            self._index_builder(cls).ensure_once(in_transaction=self._scope.has_begun)

    def _index_builder(self, cls: type[Document]) -> IndexBuilder:
        """Give what creates the indexes of a class."""
        in_transaction = self._scope.transaction is not None
        return IndexBuilder(self._loader.collection(cls), cls, is_patient=in_transaction)

    def _own_collection(self, item: Any) -> Collection[Any] | None:
        """Give the collection of a document in the session's place; ``None`` for one of another."""
        turn, me = self._turn, get_ident()
        if (turn.thread or me) != me or (turn.home or me) != me:
            turn.check()  # before anything is done to the document
        if not isinstance(item, Document):
            self._check_document(item)
        bound, known = item._session, item._known
        if (bound is None or bound is self) and (
            type(known) is not State or known.particulars.places is None
        ):
            return self._loader.collection(type(item))
        return self._loader.own_collection(item)

    def _key_in(self, collection: Collection[Any], stored_id: Any) -> Key | None:
        """Give the key in the identity map of what is stored in a collection."""
        return self.cache.key(collection.database.name, collection.name, stored_id)

    @staticmethod
    def _check_document(item: Any) -> None:
        if not isinstance(item, Document):
            from ommongo.session._slips import no_document

            raise no_document(item)

    @staticmethod
    def _check_class(cls: Any) -> None:
        if not (isinstance(cls, type) and issubclass(cls, Document)):
            from ommongo.session._slips import no_class

            raise no_class(cls)

    @staticmethod
    def _refuse_safe(method: str, safe: Any) -> NoReturn:
        """Refuse what is no bool where it is said whether errors of the server are raised."""
        from ommongo.session._slips import no_setting

        raise no_setting(method, safe)

    def _before_read(self) -> None:
        """Let a read see what is pending."""
        self._turn.check()
        if self.autoflush and self.queue:
            self.flush()

    def _collection_to_read(self, type: Any) -> Collection[Any]:
        """Give the collection of a class after a flush of what is pending, where one is due."""
        self._before_read()
        return self._loader.collection(type)

    @property
    def _client_session(self) -> ClientSession | None:
        """The driver's session that every call carries: that of the open transaction, if one is."""
        transaction = self._scope.transaction
        if transaction is None:
            return self._causality.client_session
        return transaction.client_session_in_use()

    @property
    def _sending(self) -> AbstractContextManager[ClientSession | None]:
        """
        The same for a command that is sent while it is entered.

        What that fails with is the end of the open transaction.
        """
        return self._turn_to_send()

    @contextmanager
    def _turn_to_send(self) -> Iterator[ClientSession | None]:
        with self._turn.taken():
            if self._scope.transaction is None:
                yield self._causality.client_session
            else:
                with self._scope.transaction as client_session:
                    yield client_session

    def _watched(self, cursor: C) -> C:
        """Have a cursor tell the open transaction what it fails with, if one is open."""
        transaction = self._scope.transaction
        return cursor if transaction is None else watched(cursor, transaction.note_failure)
