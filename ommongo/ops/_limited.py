"""Updates that the server carries out only where they leave what their class can load."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from ommongo._bson import thaw
from ommongo._tracking import ARGUMENT_OPERATORS, Changes, Committed, is_known
from ommongo.ops._operation import Reply, encoded

if TYPE_CHECKING:
    from ommongo.update_expression import Limits

__all__ = ["LimitedFilter", "limits_of"]

log = logging.getLogger("ommongo")

_UNAUTHORIZED = 13

Send = Callable[[Mapping[str, Any], bool], Reply | None]
"""Sends an update with that filter; whether as an upsert."""


class LimitedFilter:
    """
    A filter with the limits of an update.

    Args:
        limits: The limits.
        condition: The filter without them.
        collection: The collection, by which it is encoded.
        array_filters: What identifiers in paths of the update stand for.
        multi: Whether the update is one of all that match.
    """

    __slots__ = ("_beyond", "_filter", "_inserting", "_limits", "_within", "size")

    def __init__(
        self,
        limits: Limits,
        condition: Mapping[str, Any],
        collection: Collection[Any],
        array_filters: Sequence[Mapping[str, Any]] = (),
        multi: bool = False,
    ) -> None:
        self._limits = limits
        self._beyond = (
            encoded(limits.beyond(condition, array_filters), collection) if multi else None
        )
        self._filter = encoded(condition, collection)
        self._within = encoded(limits.within(condition, array_filters), collection)
        self._inserting = encoded(limits.within(condition, array_filters, True), collection)
        self.size = len(self._within.raw)

    def send(
        self, send: Send, upsert: bool, collection: Collection[Any], session: ClientSession | None
    ) -> Reply | None:
        """
        Send an update.

        An upsert is tried as an update first: where a document is there and out of limits, it
        would insert another one.

        Args:
            send: Sends it.
            upsert: Whether to insert when nothing matches.
            collection: The collection.
            session: The driver's session, if one is in use.

        Returns:
            The server's reply; ``None`` when it was not asked to acknowledge.

        Raises:
            BadValueException: A document matched the filter, and none the limits.
        """
        skips = self._skips(collection, session)
        reply = send(self._within, False)
        if skips and reply is not None and reply["n"]:
            log.warning(
                "An update of many in the collection %r was carried out in %d documents, and not "
                "in all that match: in others it would leave what the field refuses (%s). Find "
                "them by a query, and change them in another way.",
                collection.name,
                reply["n"],
                ", ".join(self._limits.names),
            )
        if reply is None or reply["n"]:
            return reply
        if self._limits.is_to_blame(collection, self._filter, session):
            raise self._limits.refusal()
        return send(self._inserting, True) if upsert else reply

    def _skips(self, collection: Collection[Any], session: ClientSession | None) -> bool:
        """Tell whether an update of many is about to leave something alone."""
        if self._beyond is None or not collection.write_concern.acknowledged:
            return False
        try:
            return self._limits.is_to_blame(collection, self._beyond, session)
        except OperationFailure as error:
            if error.code == _UNAUTHORIZED:  # who may update need not be allowed to read
                return False
            raise


def limits_of(changes: Changes) -> Limits | None:
    """
    Give what the update of an object may not leave.

    The object knows what was stored when it was loaded, and the server what is stored now.

    Args:
        changes: What the update sends.

    Returns:
        The limits; ``None`` where there are none.

    Raises:
        BadValueException: It leaves what a field refuses, whatever is stored.
    """
    changed = [
        change
        for change in changes.sent
        if change.operator in ARGUMENT_OPERATORS
        and change.field is not None
        and change.field.valid_modifiers  # a version has none, and no limits
    ]
    if not changed:
        return None
    from ommongo.update_expression import Limits  # few updates of objects need them

    limits = Limits()
    for change in changed:
        field: Any = change.field
        name = f"{type(change.document).__name__}.{field._name}"
        old = Committed(change.document).of(field)
        limits.add_change(
            name,
            change.path,
            field,
            change.operator,
            change.value,
            stored=thaw(old) if is_known(old) else None,
        )
    return limits or None
