"""Index declarations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pymongo
from pymongo.collection import Collection
from pymongo.errors import OperationFailure

from ommongo import query_expression
from ommongo._spelling import unknown_name
from ommongo.document._index_reach import family_of, reach_of
from ommongo.exceptions import BadIndexException, FieldNotFoundException
from ommongo.fields import Field
from ommongo.util import resolve_name

if TYPE_CHECKING:
    from pymongo.client_session import ClientSession
    from typing_extensions import Self

    from ommongo.query_expression import QueryExpression

__all__ = ["Index"]

_MAX_EXPIRE = 2**31 - 1


class Index:
    """
    Declare one, possibly compound, index in a document class.

    Names are attribute names (dotted into embedded documents), stored names or the fields
    themselves.

    Args:
        name: The server's name for the index; made of names and directions when left out.
        sparse: Whether documents without the field are left out of the index.
        partial: A query expression or dict that documents in the index match.
        collation: A `pymongo.collation.Collation` or a dict for it.
        hidden: Whether the query planner may not use it.
        whole_collection: Whether it is about all documents of a collection that the class shares
            with a polymorphic base; about those of the class and its subclasses when left out.

    Example:
        >>> from ommongo import Document, StringField, IntField
        >>> class Person(Document):
        ...     name = StringField()
        ...     age = IntField()
        ...     i_name_age = Index().ascending("name").descending("age").unique()

    MongoDB manual:
        https://www.mongodb.com/docs/manual/indexes/
    """

    def __init__(
        self,
        *,
        name: str | None = None,
        sparse: bool = False,
        partial: QueryExpression | Mapping[str, Any] | None = None,
        collation: Any = None,
        hidden: bool = False,
        whole_collection: bool = False,
    ) -> None:
        self._keys: list[tuple[Any, Any]] = []
        self._options: dict[str, Any] = {}
        self._weights: Mapping[str, int] | None = None
        self._partial = partial
        self._whole_collection = whole_collection
        self._owner: Any = None
        if name is not None:
            self._options["name"] = name
        if sparse:
            self._options["sparse"] = True
        if collation is not None:
            self._options["collation"] = collation
        if hidden:
            self._options["hidden"] = True

    def __repr__(self) -> str:
        keys = ", ".join(f"{_label(field)}: {direction}" for field, direction in self._keys)
        return f"<Index {keys}>"

    def _set_owner(self, owner: Any) -> None:
        """Remember the document class whose names this index uses."""
        self._owner = owner

    @property
    def _is_unique(self) -> bool:
        """Whether it refuses a second document with the same values."""
        return "unique" in self._options

    def _is_of(self, field: Field[Any], names: set[str]) -> bool:
        """Tell whether this is an ordered index of one field alone, which has these names."""
        if len(self._keys) != 1 or self._keys[0][1] not in (pymongo.ASCENDING, pymongo.DESCENDING):
            return False
        name = self._keys[0][0]
        return name is field or str(name) in names

    def _add(self, name: Any, direction: Any) -> Self:
        self._keys.append((name, direction))
        return self

    def ascending(self, name: str | Field[Any]) -> Self:
        """
        Index a field in ascending order.

        Args:
            name: The field.

        Returns:
            This index, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/core/indexes/index-types/index-single/
        """
        return self._add(name, pymongo.ASCENDING)

    def descending(self, name: str | Field[Any]) -> Self:
        """
        Index a field in descending order.

        Args:
            name: The field.

        Returns:
            This index, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/core/indexes/index-types/index-compound/
        """
        return self._add(name, pymongo.DESCENDING)

    def geo2d(
        self, name: str | Field[Any], min: float | None = None, max: float | None = None
    ) -> Self:
        """
        Index legacy coordinate pairs on a plane.

        Args:
            name: The field, usually a `GeoField`.
            min: The least coordinate, inclusive; the server's default is -180.
            max: The upper bound of coordinates, exclusive; the server's default is 180.

        Returns:
            This index, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/core/indexes/index-types/geospatial/2d/
        """
        if min is not None:
            self._options["min"] = min
        if max is not None:
            self._options["max"] = max
        return self._add(name, pymongo.GEO2D)

    def geo_haystack(self, name: str | Field[Any], bucket_size: float) -> Self:
        """
        Index coordinate pairs in buckets; gone from servers since MongoDB 5.0.

        Args:
            name: The field.
            bucket_size: The size of a bucket, in units of the coordinates.

        Returns:
            This index, for chaining. Ensuring it raises `BadIndexException` on a server without
            haystack indexes.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/release-notes/5.0-compatibility/
        """
        self._options["bucketSize"] = bucket_size
        return self._add(name, "geoHaystack")

    def geo2dsphere(self, name: str | Field[Any]) -> Self:
        """
        Index points and shapes on a sphere.

        Args:
            name: The field.

        Returns:
            This index, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/core/indexes/index-types/geospatial/2dsphere/
        """
        return self._add(name, pymongo.GEOSPHERE)

    def text(
        self,
        *names: str | Field[Any],
        weights: Mapping[str, int] | None = None,
        default_language: str | None = None,
        language_override: str | None = None,
    ) -> Self:
        """
        Index the words of fields, for `Query.search`.

        Args:
            names: The fields.
            weights: How much a match in a field counts, from 1 to 99,999, by field name.
            default_language: The language of stop words and stems; English when left out.
            language_override: The stored key in which a document, or one embedded in it, names the
                language of its text; ``language`` when left out. No field of another meaning may
                be stored under it.

        Returns:
            This index, for chaining.

        Raises:
            BadIndexException: No field is named.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/core/indexes/index-types/index-text/
        """
        if not names:
            raise BadIndexException("Index.text() was given no field. Name at least one.")
        for name in names:
            self._add(name, pymongo.TEXT)
        self._weights = weights
        if default_language is not None:
            self._options["default_language"] = default_language
        if language_override is not None:
            self._options["language_override"] = language_override
        return self

    def hashed(self, name: str | Field[Any]) -> Self:
        """
        Index the hashes of a field's values, for equality and hashed sharding.

        Args:
            name: The field.

        Returns:
            This index, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/core/indexes/index-types/index-hashed/
        """
        return self._add(name, pymongo.HASHED)

    def wildcard(self, name: str | Field[Any] | None = None) -> Self:
        """
        Index every field below one, or of the whole document.

        Args:
            name: The field; the whole document when left out.

        Returns:
            This index, for chaining.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/core/indexes/index-types/index-wildcard/
        """
        return self._add(name, "$**")

    def unique(self, drop_dups: bool = False) -> Self:
        """
        Let the server refuse a second document with the same values.

        Args:
            drop_dups: No longer possible; ``True`` raises.

        Returns:
            This index, for chaining.

        Raises:
            BadIndexException: *drop_dups* is true: servers no longer delete duplicates to make
                an index fit.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/core/index-unique/
        """
        if drop_dups:
            raise BadIndexException(
                "drop_dups=True is gone from MongoDB: a server no longer deletes documents so that "
                "a unique index fits. Find the duplicates with an aggregation ($group, $match "
                "count > 1), remove those you do not want, and declare unique() alone."
            )
        self._options["unique"] = True
        return self

    def expire(self, after: int) -> Self:
        """
        Let the server delete a document some time after the date in this index.

        Args:
            after: Whole seconds to keep the document past the indexed date, from 0 ("at that
                date") to 2147483647 (about 68 years).

        Returns:
            This index, for chaining.

        Raises:
            BadIndexException: *after* is no whole number, or out of range.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/core/index-ttl/ (one field, dates only; the server
            looks every 60 seconds, so a document can outlive its time)
        """
        if type(after) is not int or not 0 <= after <= _MAX_EXPIRE:
            raise BadIndexException(
                f"Index.expire() takes whole seconds from 0 to {_MAX_EXPIRE}. Pass such a number."
            )
        self._options["expireAfterSeconds"] = after
        return self

    def ensure(
        self,
        collection: Collection[Any],
        *,
        document_class: Any = None,
        session: ClientSession | None = None,
    ) -> str:
        """
        Create this index, unless it is there.

        Args:
            collection: The collection.
            document_class: The class whose names are meant; the declaring one when left out.
            session: The driver session to use.

        Returns:
            The server's name for the index.

        Raises:
            BadIndexException: A name resolves to nothing, no field is named, or the server has no
                indexes of this kind.
            pymongo.errors.OperationFailure: The server refused it, for instance because an index
                of this name with other options is there.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/command/createIndexes/
        """
        keys, options = self.specification(document_class)
        if ("geoHaystack" in dict(keys).values()) and not _has_haystack(collection):
            raise BadIndexException(
                f"{self!r}: this server has no haystack indexes (gone since MongoDB 5.0). Use "
                f"geo2d() or geo2dsphere() instead."
            )
        self._check_reach(collection, options)
        return collection.create_index(keys, session=session, **options)

    def server_name(self, document_class: Any = None) -> str:
        """
        Give the server's name for this index: the given one, or what pymongo makes of the keys.

        Args:
            document_class: The class whose names are meant; the declaring one when left out.

        Returns:
            The name, such as ``age_1_name_-1``.

        Raises:
            BadIndexException: A name resolves to nothing, or no field is named.
        """
        keys, options = self.specification(document_class)
        return str(options.get("name", _made_name(keys)))

    def specification(
        self, document_class: Any = None
    ) -> tuple[list[tuple[str, Any]], dict[str, Any]]:
        """
        Give what the server is asked for.

        Args:
            document_class: The class whose names are meant; the declaring one when left out.

        Returns:
            The keys with their directions, and the options.

        Raises:
            BadIndexException: A name resolves to nothing, or no field is named.
        """
        cls = document_class or self._owner
        if not self._keys:
            raise BadIndexException(
                "An Index() names no field. Chain ascending(), descending() or another kind."
            )
        keys = [(_stored_name(cls, name, way), _way(way)) for name, way in self._keys]
        options = dict(self._options)
        if self._weights is not None:
            options["weights"] = {
                _stored_name(cls, name, None): weight for name, weight in self._weights.items()
            }
        if self._partial is not None:
            options["partialFilterExpression"] = query_expression.translate(cls, self._partial)
        declaring = _declaring(self, cls)
        reach = self._reach(keys, declaring)
        if reach:
            self._narrow(keys, options, reach, declaring)
        return keys, options

    def _reach(self, keys: list[tuple[str, Any]], declaring: Any) -> dict[str, Any]:
        """Give the condition on the documents that the index is about."""
        if self._whole_collection or keys == [("_id", pymongo.ASCENDING)]:
            return {}
        return reach_of(declaring)

    def _narrow(
        self,
        keys: list[tuple[str, Any]],
        options: dict[str, Any],
        reach: dict[str, Any],
        declaring: Any,
    ) -> None:
        """Let the index be about some documents only."""
        conditions = [reach, options.get("partialFilterExpression") or {}]
        if options.pop("sparse", False):
            if len(keys) > 1:
                raise BadIndexException(
                    f"{self!r} of {declaring.__name__} is sparse, and about a part of the "
                    f"collection: the server has no index that is both. Say by partial= which "
                    f"documents are meant, or pass whole_collection=True."
                )
            conditions.append({keys[0][0]: {"$exists": True}})
        named = [name for condition in conditions for name in condition]
        if len(set(named)) == len(named):
            joined = {name: value for one in conditions for name, value in one.items()}
        else:
            joined = {"$and": [condition for condition in conditions if condition]}
        options["partialFilterExpression"] = joined
        if "name" not in options and self._is_second(keys, reach, declaring):
            identity = declaring.config_polymorphic_identity
            options["name"] = f"{_made_name(keys)}_{identity or declaring.__name__}"

    def _is_second(
        self, keys: list[tuple[str, Any]], reach: dict[str, Any], declaring: Any
    ) -> bool:
        """Whether an earlier class of the family has the same keys, for other documents."""
        for cls in family_of(declaring):
            for index in cls.get_indexes():
                if index is self:
                    return False
                if _declaring(index, cls) is not cls or "name" in index._options:
                    continue
                its = [(_stored_name(cls, name, way), _way(way)) for name, way in index._keys]
                if its == keys and index._reach(its, cls) != reach:
                    return True
        return False

    def _check_reach(self, collection: Collection[Any], options: Mapping[str, Any]) -> None:
        """Refuse a condition on several identities where the server has none for an index."""
        condition = repr(options.get("partialFilterExpression"))
        if "'$in'" in condition and _version(collection) < 6:
            raise BadIndexException(
                f"{self!r} is about several classes of a collection, and "
                f"servers before MongoDB 6.0 have no such index. Declare it in each class, or pass "
                f"whole_collection=True."
            )


def _declaring(index: Index, cls: Any) -> Any:
    """Give the highest document class above a class that has an index."""
    declaring = cls
    for base in getattr(cls, "__mro__", ()):
        if any(one is index for one in getattr(base, "_indexes", {}).values()):
            declaring = base
    return declaring


def _made_name(keys: list[tuple[str, Any]]) -> str:
    """Give the name that pymongo makes of keys."""
    return "_".join(f"{name}_{direction}" for name, direction in keys)


def _way(direction: Any) -> Any:
    """Give the direction as the server takes it."""
    return pymongo.ASCENDING if direction == "$**" else direction


def _label(field: Any) -> str:
    """Give the name of a key as it was declared."""
    return field._name if isinstance(field, Field) else str(field)


def _stored_name(cls: Any, name: Any, direction: Any) -> str:
    """Turn the name of an index key into the stored one."""
    if name is None:
        return "$**"
    stored = _resolve(cls, name._name if isinstance(name, Field) else name)
    return f"{stored}.$**" if direction == "$**" else stored


def _resolve(cls: Any, name: Any) -> str:
    """Resolve an attribute name, or accept a stored one."""
    try:
        return str(resolve_name(cls, name))
    except FieldNotFoundException as error:
        if not isinstance(name, str):
            raise
        at, stored = cls, []
        for part in name.split("."):
            found = at._part(part, True)
            if found is None:
                raise BadIndexException(
                    f"An index of {cls.__name__} names a field that is none: "
                    f"{unknown_name(at, name, part, stored=True)} Names are attribute names or "
                    f"stored ones, dotted into embedded documents."
                ) from error
            stored.append(found[0])
            at = found[1]
        return ".".join(stored)


def _has_haystack(collection: Collection[Any]) -> bool:
    """Whether the server still has haystack indexes."""
    return _version(collection, unknown=0) < 5


def _version(collection: Collection[Any], unknown: int = 99) -> int:
    """Give the major version of the server."""
    try:
        info = collection.database.client.server_info()
    except OperationFailure:  # not allowed to ask: let the server answer the command itself
        return unknown
    return int(info["versionArray"][0])
