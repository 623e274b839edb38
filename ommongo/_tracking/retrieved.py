"""Which fields a partial document has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ommongo._spelling import an
from ommongo.util import resolve_name

__all__ = ["Retrieved"]


class Retrieved:
    """
    The fields that a partial document has, shared by all results of one query.

    Args:
        names: Python name to what was retrieved of the field: ``None`` for all of it, else a
            `Retrieved` for the embedded document, or for each one in a list.
        parts: Names of lists, sets and dicts of which only a part was loaded.
        hides: Whether what was left out was hidden from a hook that rewrites what is stored.
        rewritten: Names of fields that a hook made, beside others that were not retrieved.
        is_inside: Whether it is of what is embedded in a partial document.
    """

    __slots__ = ("hides", "is_inside", "names", "parts", "rewritten")

    def __init__(
        self,
        names: Mapping[str, Retrieved | None],
        parts: frozenset[str] = frozenset(),
        hides: bool = False,
        rewritten: frozenset[str] = frozenset(),
        is_inside: bool = False,
    ) -> None:
        self.names: dict[str, Retrieved | None] = dict(names)
        self.parts: frozenset[str] = parts
        self.hides: bool = hides
        self.rewritten: frozenset[str] = rewritten
        self.is_inside: bool = is_inside

    def _with(self, **changes: Any) -> Retrieved:
        """Give the same with some attributes changed."""
        return Retrieved(**{**{name: getattr(self, name) for name in self.__slots__}, **changes})

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def __reduce__(self) -> tuple[Any, ...]:
        return Retrieved, (self.names, self.parts, self.hides, self.rewritten, self.is_inside)

    def has_part_of(self, name: str) -> bool:
        """Tell whether a field was retrieved in part."""
        return name in self.parts or self.names.get(name) is not None

    def of_a_part(self) -> Retrieved:
        """Give the same, of documents whose hook saw no more than that."""
        return self._with(hides=True)

    def with_rewritten(self, names: Iterable[str]) -> Retrieved:
        """Give the same, with what a hook made of more than was retrieved."""
        return self._with(rewritten=self.rewritten.union(names))

    def with_whole(self, names: Iterable[str]) -> Retrieved:
        """Give the same with all of some fields."""
        names = [*names]
        whole = {**self.names, **dict.fromkeys(names)}
        return self._with(names=whole, parts=self.parts.difference(names))

    def without(self, names: Iterable[str]) -> Retrieved:
        """Give the same without *names*."""
        gone = set(names)
        kept = {n: r for n, r in self.names.items() if n not in gone}
        return self._with(names=kept, parts=self.parts - gone, rewritten=self.rewritten - gone)

    @classmethod
    def everything(cls, document_class: Any) -> Retrieved:
        """Give a set of all fields of *document_class*."""
        return cls(dict.fromkeys(document_class._family_fields()))

    @classmethod
    def of(cls, document_class: Any, fields: Iterable[Any]) -> Retrieved:
        """
        Give the set that *fields* name.

        Args:
            document_class: The class of the partial document.
            fields: Names, dotted names or query fields.

        Returns:
            The set; ``_id`` is in it only when named.

        Raises:
            FieldNotFoundException: A name is no field of the class.
            TypeError: One is neither a name nor a query field.
        """
        projection: dict[str, Any] = {}
        for field in fields:
            found = resolve_name(document_class, field)
            if not hasattr(found, "fields_expression"):
                raise TypeError(
                    f"A part of {an(document_class.__name__)} is told by names of fields, or by "
                    f"query fields, and not by {an(type(field).__name__)}. Values are given by "
                    f"name."
                )
            projection.update(found.fields_expression)
        return cls.from_projection(document_class, projection) if projection else cls({})

    @classmethod
    def from_projection(cls, document_class: Any, projection: Mapping[str, Any]) -> Retrieved:
        """
        Give the set that a projection loads.

        Args:
            document_class: The class of the documents to be loaded.
            projection: Stored (dotted) names to ``True``, ``False``, ``$slice`` or
                ``$elemMatch``, as sent to the server.

        Returns:
            The set.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/tutorial/project-fields-from-query-results/
        """
        tree: dict[str, Any] = {}
        for path, wanted in projection.items():
            _plant(tree, path.split("."), wanted)
        return cls._from_tree(document_class, tree)

    @classmethod
    def _from_tree(cls, document_class: Any, tree: dict[str, Any]) -> Retrieved:
        names: dict[str, Retrieved | None] = {}
        parts: set[str] = set()
        fields = document_class._family_fields()  # an object may be one of a subclass
        if not _includes(tree):
            names.update(dict.fromkeys(fields))
        for name, field in fields.items():
            wanted = tree.get(field.db_field)
            if wanted is None:
                continue
            below = wanted if isinstance(wanted, dict) else {}
            operators = [key for key in below if key.startswith("$")]
            item = getattr(field, "item_field", field)
            if not below:
                if wanted:
                    names[name] = None
                else:
                    names.pop(name, None)
                continue
            whole = bool(operators) or not _is_embedded(item)
            inside = None if whole else cls._from_tree(item.document_class, below)
            names[name] = inside and inside._with(is_inside=True)
            if whole or item is not field:
                parts.add(name)
        return cls(names, frozenset(parts))


def _is_embedded(field: Any) -> bool:
    """Whether *field* holds one embedded document (not a list of them)."""
    return field.has_subfields and hasattr(field, "document_class")


def _plant(tree: dict[str, Any], path: list[str], wanted: Any) -> None:
    """Put one path of a projection into *tree*; a whole field wins over its parts."""
    for part in path[:-1]:
        below = tree.setdefault(part, {})
        if not isinstance(below, dict):
            return
        tree = below
    tree[path[-1]] = dict(wanted) if isinstance(wanted, Mapping) else bool(wanted)


def _includes(tree: Mapping[str, Any]) -> bool:
    """Whether a projection names what to load (and not what to leave out)."""
    for wanted in tree.values():
        if isinstance(wanted, dict):
            if "$elemMatch" in wanted or (
                not any(key.startswith("$") for key in wanted) and _includes(wanted)
            ):
                return True
        elif wanted:
            return True
    return False
