"""What an update may not leave: in which documents the server does not carry it out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pymongo import ReadPreference
from pymongo.client_session import ClientSession
from pymongo.collection import Collection

from ommongo.exceptions import BadValueException
from ommongo.update_expression._document import Each
from ommongo.update_expression._placing import placed
from ommongo.update_expression._rules import EXPR, KEY, Leaf, asks_python, violations

__all__ = ["Limits"]


class Limits:
    """
    Conditions on what is stored, by which an update leaves nothing that its class cannot load.

    They go along with the filter. They are negations, which never decide which item of an array
    ``$`` stands for.
    """

    __slots__ = ("_found",)

    def __init__(self) -> None:
        self._found: list[tuple[str, str, Any, Leaf]] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def add(self, name: str, path: str, field: Any, operator: str, operand: Any) -> None:
        """
        Take in what one operation must not meet.

        Args:
            name: The name of the field, for messages.
            path: The stored dotted name, with positions.
            field: The field that is changed.
            operator: The update operator.
            operand: What it is given, BSON-ready.

        Raises:
            BadValueException: It leaves what the field refuses whatever is stored, or only Python
                could tell.
        """
        try:
            for leaf in violations(field, operator, operand):
                self._found.append((name, path, operand, leaf))
        except BadValueException as error:
            raise error.within(name) from error

    def add_change(
        self, name: str, path: str, field: Any, operator: str, argument: Any, stored: Any
    ) -> None:
        """
        Take in what the operation of an object's update must not meet.

        Args:
            name: The name of the field, for messages.
            path: The stored dotted name.
            field: The field, which judged what comes of the value that was loaded.
            operator: The update operator.
            argument: Its argument; a list of items is not wrapped in ``$each``.
            stored: The value that was loaded; ``None`` where it is not known.

        Raises:
            BadValueException: It leaves what the field refuses whatever is stored.
        """
        if asks_python(field):
            if stored is not None:  # what was judged holds as long as it is still there
                self._found.append((name, path, argument, {"": {"$ne": stored}}))
        elif isinstance(argument, list) and operator in ("$push", "$pushAll", "$addToSet"):
            self.add(name, path, field, operator.replace("All", ""), Each({"$each": argument}))
        elif isinstance(argument, list) and operator == "$pull":
            self.add(name, path, field, operator, {"$in": argument})
        elif operator == "$pop":
            self.add(name, path, field, operator, 1)
        else:
            self.add(name, path, field, operator, argument)

    def require_places(self, name: str, path: str, arrays: Sequence[tuple[str, int]]) -> None:
        """
        Take in that the arrays above a path have a place for what is set below them.

        The server would fill the items before it with null, or make a dict of an array that is not
        there.

        Args:
            name: The name of the field, for messages.
            path: The stored dotted name.
            arrays: The paths of the arrays, and the index in each.
        """
        for array, index in arrays:
            suffix = f".{index - 1}" if index else ""
            self._found.append((name, array, None, {suffix: {"$exists": False}}))

    def forbid(self, name: str, path: str, leaves: Iterable[Leaf]) -> None:
        """
        Take in what an update must not meet.

        Args:
            name: The name of the field, for messages.
            path: The stored dotted name that the conditions begin at.
            leaves: The conditions.
        """
        self._found.extend((name, path, None, leaf) for leaf in leaves)

    def require_same(self, name: str, path: str, value: Any) -> None:
        """
        Take in that a field is stored so already.

        Args:
            name: The name of the field, for messages.
            path: The stored dotted name.
            value: What it is to hold, BSON-ready.
        """
        self._found.append((name, path, value, {"": {"$ne": value}}))

    def require_own_key(self, name: str, entry: str, key: Any) -> None:
        """
        Take in that no other entry of a dict has a key.

        Args:
            name: The name of the field, for messages.
            entry: The stored dotted name of the entry that is to get it.
            key: The key, BSON-ready.
        """
        array = entry.rpartition(".")[0]
        self._found.append((name, entry, None, {".k": {"$ne": key}, KEY: {f"{array}.k": key}}))

    def within(
        self,
        filter: Mapping[str, Any],
        array_filters: Sequence[Mapping[str, Any]] = (),
        inserts: bool = False,
    ) -> dict[str, Any]:
        """
        Give a filter that matches only where the update may be carried out.

        Args:
            filter: The filter of the update.
            array_filters: What identifiers in paths stand for.
            inserts: Whether it is for an upsert, which takes no expressions in its filter.

        Raises:
            BadValueException: There is no such condition below a position.
        """
        conditions = self._placed(filter, array_filters, inserts)
        if not conditions:
            return dict(filter)
        return {**filter, "$nor": [*filter.get("$nor", ()), *conditions]}

    def beyond(
        self, filter: Mapping[str, Any], array_filters: Sequence[Mapping[str, Any]] = ()
    ) -> dict[str, Any]:
        """Give a filter for what matches, and is left alone; as `within`."""
        broken = {"$or": self._placed(filter, array_filters, False)}
        return {**filter, "$and": [*filter.get("$and", ()), broken]}

    def _placed(
        self, filter: Mapping[str, Any], array_filters: Sequence[Mapping[str, Any]], inserts: bool
    ) -> list[dict[str, Any]]:
        """Give the conditions of which a document must fulfil none."""
        return [
            placed(path, leaf, filter, array_filters)
            for _, path, _, leaf in self._found
            if not (inserts and EXPR in leaf)
        ]

    @staticmethod
    def is_to_blame(
        collection: Collection[Any], filter: Mapping[str, Any], session: ClientSession | None
    ) -> bool:
        """
        Tell whether there is a document in which an update is not carried out.

        Args:
            collection: The collection.
            filter: The filter without the limits, or beyond them.
            session: The driver's session, if one is in use.
        """
        primary = collection.with_options(read_preference=ReadPreference.PRIMARY)
        return primary.find_one(filter, {"_id": True}, session=session) is not None

    @property
    def names(self) -> list[str]:
        """The names of the fields, for messages."""
        return list(dict.fromkeys(name for name, *_ in self._found))

    def refusal(self) -> BadValueException:
        """Give the error for an update that matched, and was carried out in no document."""
        names = self.names
        return BadValueException(
            names[0],
            self._found[0][2],
            f"was not changed: a document matched, and the update would leave in it what "
            f"{'this field refuses' if len(names) == 1 else f'one of {names} refuses'} (out of its "
            f"bounds, an array of another size than it takes, another class than the document is "
            f"of). Nothing was written. Give another argument, or pass unchecked=True to store it "
            f"all the same.",
        )
