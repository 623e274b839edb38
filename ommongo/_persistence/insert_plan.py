"""What is the same for all new documents of a class that a session stores."""

from __future__ import annotations

from typing import Any

from pymongo.collection import Collection

from ommongo.ops import SaveOp

__all__ = ["InsertPlan", "insert_plan"]


class InsertPlan:
    """
    What a session need not find out anew for each new document of a class.

    Args:
        cls: The class.
        collection: Where the session keeps it, with the session's codec options.

    Attributes:
        collection: As given.
        collection_name: What the class said that its collection is called: it may say something
            else later.
        options: The codec options.
        id_name: The name of the field that is the ``_id``.
        holding: The names of the fields in whose values documents may be.
        flat: The classes of embedded documents in which no other document can be.
        make_operation: What makes the operation, `SaveOp.of_new`.
    """

    __slots__ = (
        "collection",
        "collection_name",
        "flat",
        "holding",
        "id_name",
        "make_operation",
        "options",
    )

    def __init__(self, cls: Any, collection: Collection[Any]) -> None:
        self.collection = collection
        self.collection_name = cls.get_collection_name()
        self.options = collection.codec_options
        self.id_name = cls._plan.id_name
        self.holding = cls._plan.holding
        self.make_operation = SaveOp.of_new
        embedded = {cls._fields[name]._known_class for name in cls._plan.embedded} - {None}
        self.flat = frozenset(inner for inner in embedded if not inner._plan.holding)


def insert_plan(cls: Any, collection: Collection[Any]) -> InsertPlan | None:
    """
    Give the plan for the new documents of a class.

    Args:
        cls: The class.
        collection: Where the session keeps it.

    Returns:
        The plan; ``None`` where a document has to be looked at first: one that counts versions,
        gets its ``_id`` in a way of its own, or whose dates may have no form in a time zone.
    """
    is_usual = (
        cls._plan.takes_new_id
        and cls._version_name is None
        and collection.codec_options.tzinfo is None
    )
    return InsertPlan(cls, collection) if is_usual else None
