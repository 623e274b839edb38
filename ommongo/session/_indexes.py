"""The indexes of the classes that a session writes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from ommongo._persistence.failover import repeated
from ommongo._persistence.index_builder import forget_all
from ommongo.document import Document
from ommongo.exceptions import TransactionException
from ommongo.session._base import SessionBase

__all__ = ["Indexes"]


class Indexes(SessionBase):
    """The methods of a session about indexes."""

    def ensure_indexes(self, cls: type[Document]) -> None:
        """
        Create every index of a class, always asking the server.

        Args:
            cls: The class.

        Raises:
            BadIndexException: An index names what is no field.
            TransactionException: A server transaction has begun, in which none can be created.
            pymongo.errors.OperationFailure: The server refused one; a note says which.

        Example:
            >>> class City(Document):
            ...     name = StringField()
            ...     by_name = Index().ascending("name")
            >>> session.ensure_indexes(City)
            >>> sorted(session.get_indexes(City))
            ['_id_', 'name_1']

        MongoDB manual:
            https://www.mongodb.com/docs/manual/indexes/
        """
        self._check_class(cls)
        self._turn.check()
        self._check_not_begun(f"ensure_indexes({cls.__name__})")
        self._index_builder(cls).ensure()

    def _check_not_begun(self, what: str) -> None:
        """Refuse what changes indexes in a transaction: the server would wait for its end."""
        if self._scope.has_begun:
            raise TransactionException(
                f"{what} in a server transaction that has begun: the server would wait for the "
                f"transaction's end. Call it before the transaction."
            )

    def _create_index(self, type: Any, keys: list[tuple[str, str]]) -> None:
        """Create an index on the collection of a class, after a flush where one is due."""
        collection = self._collection_to_read(type)
        self._check_not_begun("Creating an index")
        repeated(partial(collection.create_index, keys), self.db.client)

    def forget_indexes(self, *classes: type[Document]) -> None:
        """
        Let the next write ensure indexes again, for instance after a collection was dropped.

        Args:
            classes: The classes; all that this session's client wrote when left out.

        Raises:
            TypeError: One is no document class.

        Example:
            >>> session.db.drop_collection("User")["ok"]
            1.0
            >>> session.forget_indexes(User)
        """
        for cls in classes:
            self._check_class(cls)
        places = [(self.db.name, cls.get_collection_name()) for cls in classes]
        forget_all(self.db.client, *places)

    def get_indexes(self, cls: type[Document]) -> Mapping[str, Any]:
        """
        Give the indexes of a class's collection.

        Args:
            cls: The class.

        Returns:
            What pymongo's ``index_information()`` gives: the indexes by name.

        Example:
            >>> session.get_indexes(User)["_id_"]["key"]
            [('_id', 1)]

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/command/listIndexes/
        """
        self._check_class(cls)
        self._turn.check()
        return self._loader.collection(cls).index_information()

    def clear_index(self, collection: Collection[Any]) -> bool:
        """
        Drop the text indexes of a collection.

        Args:
            collection: A collection of pymongo.

        Returns:
            Whether that worked; ``False`` when the server refused.

        Raises:
            TransactionException: A server transaction has begun, in which none can be dropped.

        Example:
            >>> session.clear_index(session.db["User"])
            True

        MongoDB manual:
            https://www.mongodb.com/docs/manual/core/indexes/index-types/index-text/
        """
        self._turn.check()
        self._check_not_begun("clear_index()")
        try:
            for name, index in collection.index_information().items():
                if "text" in [direction for _, direction in index["key"]]:
                    collection.drop_index(name)
        except OperationFailure:
            return False
        return True
