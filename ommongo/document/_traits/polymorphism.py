"""Which class a stored document has, and which stored documents a class has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ommongo import query_expression

__all__ = ["Selector"]


class Selector:
    """
    A document class's place in its family.

    The attribute that selects a class among its siblings is its parent's ``config_polymorphic``
    (for the root its own), under its stored name.

    Args:
        cls: The class.
        parents: The places of the document classes that it inherits from; none for a root.
    """

    # How often a class came into any family.
    changes = 0

    def __init__(self, cls: Any, parents: Sequence[Selector] = ()) -> None:
        self.cls = cls
        self.parents = [parent for parent in parents if parent.below is not None] or [*parents]
        self.parent = self.parents[0] if self.parents else None
        self.children: list[Selector] = []
        self.identity: Any = vars(cls).get("config_polymorphic_identity")
        # What `query` gives, and after how many changes that was found.
        self._told: tuple[int, dict[bool, dict[str, Any]]] = (-1, {})

    @property
    def below(self) -> str | None:
        """The stored name that selects among the subclasses."""
        return self._stored_name(self.cls.config_polymorphic)

    @property
    def is_root(self) -> bool:
        """Whether the family begins here."""
        return self.parent is None or self.parent.below is None

    @property
    def own(self) -> str | None:
        """The stored name that selects this class."""
        if self.parent is None or self.parent.below is None:
            return self.below
        return self.parent.below

    def _names(self) -> list[str]:
        """Give the stored names that select this class: that of each polymorphic base."""
        names = [self.own, *(place.below for place in self.parents)]
        return [name for name in dict.fromkeys(names) if name is not None]

    def _stored_name(self, name: str | None) -> str | None:
        field = None if name is None else self.cls._fields.get(name)
        return name if field is None else str(field.db_field)

    def add(self, child: Selector) -> None:
        """Take in the place of a direct subclass."""
        self.children.append(child)
        Selector.changes += 1

    @property
    def is_told(self) -> bool:
        """Whether what is stored of an object of this class tells that it is of this class."""
        return self.is_root or self.identity is not None

    def find(self, raw: Mapping[str, Any]) -> Selector:
        """Give the place of the most special class that *raw* belongs to, walking down."""
        attribute = self.below
        if attribute is None or attribute not in raw:
            return self
        chosen = self._descendants(attribute).get(_key(raw[attribute]))
        if chosen is None or chosen is self:
            return self
        return chosen.find(raw) if chosen.below != attribute else chosen

    def _descendants(self, attribute: str) -> dict[Any, Selector]:
        """Give the classes below that *attribute* selects, by identity."""
        found: dict[Any, Selector] = {}
        if self.below != attribute:
            return found
        for child in self.children:
            if child.identity is not None:
                found[_key(child.identity)] = child
            found.update(child._descendants(attribute))
        return found

    def query(self, exclude_subclasses: bool) -> dict[str, Any]:
        """Give the condition that holds for the documents of this class, and for no others."""
        as_of, told = self._told
        if as_of != Selector.changes:
            _, told = self._told = Selector.changes, {}
        condition = told.get(exclude_subclasses)
        if condition is None:
            condition = told[exclude_subclasses] = self._query(exclude_subclasses)
        return query_expression.own_copy(condition)

    def _query(self, exclude_subclasses: bool) -> dict[str, Any]:
        """Find what `query` gives, for as long as no class comes into a family."""
        own = self.own
        if own is None:
            return {}
        condition = self._path()
        condition.pop(own, None)
        if exclude_subclasses:
            if self.identity is None:
                return condition
            condition[own] = self.identity
            if self.below is not None and self.below != own:
                special = [c.identity for c in self._descendants(self.below).values()]
                if special:
                    condition[self.below] = {"$nin": special}
            return condition
        identities = [c.identity for c in self._descendants(own).values()]
        if self.is_root or self.identity is not None:
            identities.insert(0, self.identity)
        condition[own] = {"$in": identities}
        return condition

    def _path(self) -> dict[str, Any]:
        """Give the conditions of this level and of all levels above, for classes below."""
        conditions: dict[str, Any] = {}
        for place in self.parents:
            conditions.update(place._path())
        if self.identity is not None:
            conditions.update((name, {"$in": [self.identity]}) for name in self._names())
        return conditions

    def identities(self) -> dict[str, Any]:
        """Give what a new document of this class holds in the attributes that select it."""
        values: dict[str, Any] = {}
        for place in self.parents:
            values.update(place.identities())
        if self.identity is not None:
            values.update((name, self.identity) for name in self._names())
        return values

    @property
    def root(self) -> Selector:
        """The place from which all classes of the family can be found that share the collection."""
        place = self
        while not place.is_root and place.parent is not None:
            above = place.parent
            if above.cls.get_collection_name() != self.cls.get_collection_name():
                break
            place = above
        return place

    def named(self, attribute: str, identity: Any) -> Any:
        """Give the class of the family that has an identity, or ``None``."""
        for place in self._family():
            if place.own == attribute and place.identity == identity:
                return place.cls
        return None

    def telling(self) -> set[str]:
        """Give the stored names that tell the classes of the family."""
        return {name for place in self._family() for name in (place.own, place.below) if name}

    @property
    def is_of_several(self) -> bool:
        """Whether an identity tells something: there is another class, or one that has one."""
        family = self._family()
        return len(family) > 1 or family[0].identity is not None

    def _family(self) -> list[Selector]:
        """Give the places of the family, the root first."""
        root = self
        while root.parent is not None and root.parent.below is not None:
            root = root.parent
        places = [root]
        for place in places:  # those that come in meanwhile, too
            places.extend(child for child in place.children if child not in places)
        return places

    def documents_of(self, is_meant: Callable[[Any], bool]) -> list[dict[str, Any]]:
        """
        Give the conditions for what is loaded as some of the classes from here down.

        Args:
            is_meant: Tells of a class whether it is one of them.

        Returns:
            Of these conditions a document of such a class fulfils one, and no other does.
        """
        attribute = self.below
        places = [] if attribute is None else [*self._descendants(attribute).values()]
        if attribute is None or not places:
            return [{}] if is_meant(self.cls) else []
        found: list[dict[str, Any]] = []
        if is_meant(self.cls):  # also what tells nothing, or what nobody knows
            found.append({attribute: {"$nin": [place.identity for place in places]}})
        whole: list[Any] = []
        for place in places:
            if place.below != attribute:
                below = place.documents_of(is_meant)
            else:
                below = [{}] if is_meant(place.cls) else []
            if {} in below:
                whole.append(place.identity)
                continue
            found.extend({attribute: place.identity, **conditions} for conditions in below)
        return [*found, {attribute: {"$in": whole}}] if whole else found


def _key(identity: Any) -> Any:
    """Give a dict key for an identity as it may come from the database."""
    try:
        hash(identity)
    except TypeError:
        return (repr(identity),)
    return identity
