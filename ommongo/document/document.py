"""`Document`: the base class of everything that is stored."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from bson.codec_options import CodecOptions
from bson.errors import BSONError, InvalidBSON

from ommongo import _tracking
from ommongo._cycles import refuse_endless
from ommongo._tracking import UNSTORED, Place, Retrieved, State, live_at, set_session, set_state
from ommongo.document._codec.interpreted import (
    FOREIGN,
    foreign,
    is_as_stored,
    load_interpreted,
)
from ommongo.document._copies import Copies
from ommongo.document._identity import Identity
from ommongo.document._metaclass import DocumentMeta
from ommongo.document._traits.aliases import IdAlias
from ommongo.document._traits.given import refuse_values
from ommongo.document._traits.habits import Misnamed
from ommongo.document._traits.hooks import loads_directly, migrating_fields, reads_whole
from ommongo.document._traits.identity import check_identity
from ommongo.document._typed import typed
from ommongo.document.index import Index
from ommongo.exceptions import (
    BadDocumentException,
    BadValueException,
    FieldNotRetrieved,
    OmMongoException,
)
from ommongo.fields import DATA_ERRORS, Field, ObjectIdField

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["Document"]


@typed
class Document(Copies, Identity, Misnamed, metaclass=DocumentMeta):
    """
    A document of a MongoDB collection, or one embedded in another.

    A subclass declares fields as class attributes. On the class they are query fields
    (``User.age > 30``), on an object they are values (``user.age``).

    Args:
        retrieved_fields: Names or query fields that a partial document has; every other field
            that is not set then raises `FieldNotRetrieved` when read. With an ``_id`` they are
            query fields: names of that kind may come from a visitor.
        loading_from_db: Whether the values come from the database (and so make nothing dirty):
            what an ``__init__`` of a subclass is told, and passes on. As an argument it is refused.
        kwargs: Field values, by attribute name.

    Raises:
        BadFieldSpecification: ``config_default_sort`` of the class cannot work.
        BadValueException: A field refuses its value.
        ExtraValueException: A name is no field, and the class does not ignore such names; or a
            parameter came where only a value may.

    Example:
        >>> from ommongo import Document, IntField, StringField
        >>> class User(Document):
        ...     name = StringField()
        ...     age = IntField(required=False)
        >>> user = User(name="Ada")
        >>> user.age = 36
        >>> user.wrap()
        {'name': 'Ada', 'age': 36}

    MongoDB manual:
        https://www.mongodb.com/docs/manual/core/document/
    """

    __slots__ = ()

    mongo_id: ObjectIdField = ObjectIdField(required=False, db_field="_id", on_update="ignore")
    id: Any = IdAlias()

    config_collection_name: ClassVar[str | None] = None
    config_namespace: ClassVar[str | None] = "global"
    config_full_name: ClassVar[str | None] = None
    config_polymorphic: ClassVar[str | None] = None
    config_polymorphic_identity: ClassVar[Any] = None
    config_polymorphic_collection: ClassVar[bool] = False
    config_default_sort: ClassVar[list[tuple[Any, int]] | None] = None
    config_extra_fields: ClassVar[str] = "error"
    config_strict_attributes: ClassVar[bool] = False

    # Where a class has neither of its own, the metaclass makes most documents without these two.
    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        self = object.__new__(cls)
        set_session(self, None)
        set_state(self, UNSTORED)
        return self

    def __init__(
        self,
        # For checkers of any type: `User(**values)` may hold values of any.
        retrieved_fields: Any = None,
        loading_from_db: Any = False,
        **kwargs: Any,
    ) -> None:
        cls = type(self)
        if not cls._settings_checked:
            cls._check_default_sort()
        if retrieved_fields is not None:
            if not isinstance(retrieved_fields, Retrieved):  # the session's own, when it loads
                refuse_values(cls, retrieved_fields)
                retrieved_fields = Retrieved.of(cls, retrieved_fields)
            set_state(self, State({} if loading_from_db else None, retrieved_fields))
        elif loading_from_db:
            set_state(self, None)
        elif cls._overrides_init and cls._codec.judge(kwargs) is not None:
            self.__dict__.update(kwargs)
            return
        fields = cls._fields
        for name, value in kwargs.items():
            field = fields.get(name)
            if field is None:
                field = self._otherwise_named(name, kwargs)
            if field is None:
                self._take_extra(name, value)
            elif loading_from_db:
                field.set_value(self, value, from_db=True)
            elif field._own_set is not None and not (value is None and field.optional):
                self._set_its_way(field, value)
            else:
                try:
                    field._put(self, value)
                except BadValueException as error:
                    raise error.within(cls.__name__) from error

    # -- to and from stored data ------------------------------------------------------------------

    @property
    def partial(self) -> bool:
        """Whether only a part of the stored document was loaded."""
        return self.retrieved_fields is not None

    @property
    def retrieved_fields(self) -> list[str] | None:
        """
        The names of the fields that a partial document has, in the order of the class's.

        ``None`` for a whole document.

        Example:
            >>> user = session.query(User).fields(User.name).first()
            >>> user.partial, user.retrieved_fields
            (True, ['mongo_id', 'name'])
            >>> session.query(User).first().retrieved_fields is None
            True

        MongoDB manual:
            https://www.mongodb.com/docs/manual/tutorial/project-fields-from-query-results/
        """
        state = self._state
        retrieved = None if state is None else (state.particulars.expired or state).retrieved
        if retrieved is None:
            return None
        return [name for name in type(self)._fields if name in retrieved]

    def wrap(self) -> dict[str, Any]:
        """
        Give the dict to be stored.

        Returns:
            A new dict of BSON-ready values by stored name, defaults, computed and extra fields
            included.

        Raises:
            BadValueException: A value cannot be stored.
            FieldNotRetrieved: A required field was not retrieved.
            MissingValueException: A required field is not set.
        """
        known = self._known
        if type(known) is State and known.particulars.expired is not None:
            self._renew()
        try:
            return type(self)._codec.store(self)
        except BadValueException as error:
            raise error.within(type(self).__name__) from error
        except RecursionError as error:
            refuse_endless(self, error)

    def _wrap_relative(self) -> dict[str, Any]:
        """As `wrap`, with errors named relative to this document."""
        return type(self)._codec.store(self)

    def _wrap_whole(self) -> dict[str, Any]:
        """As `_wrap_relative`, for a place where nothing of this document may be missing."""
        if self._is_whole() or (self._renew() and self._is_whole()):
            return self._wrap_relative()
        state = self._state
        if state is None or state.committed is None or not self._retrieved_alone(state):
            owner = type(self).__name__
            raise FieldNotRetrieved(
                f"This {owner} is partial, and stored as a whole it would lose what was not "
                f"retrieved. Change its fields where it is, or load it as a whole.",
                document_class=owner,
            )
        # A copy of what its own collection goes on to have; what is required has to be there.
        return self._wrap_relative()

    def _retrieved_alone(self, state: State) -> bool:
        """Whether this partial document was loaded by itself, and each of its values as a whole."""
        retrieved = state.retrieved
        if retrieved is None or retrieved.is_inside:
            return False
        return not any(map(retrieved.has_part_of, retrieved.names))

    @classmethod
    def unwrap(
        cls, obj: Mapping[str, Any], fields: Iterable[Any] | None = None, session: Any = None
    ) -> Self:
        """
        Build a document from stored data.

        Args:
            obj: What was stored, by stored name; it is not changed.
            fields: Names or query fields that the document has; all when left out.
            session: The session that the document is bound to.

        Returns:
            The document, of this class or a subclass, clean.

        Raises:
            BadDocumentException: A field refuses its value; the name is the path to it.
            UnknownKeyException: A key is no field, and the class does not ignore such keys.

        Example:
            >>> from ommongo import Document, IntField
            >>> class Point(Document):
            ...     x = IntField(db_field="i")
            >>> Point.unwrap({"i": 3}).x
            3
        """
        if not isinstance(obj, Mapping):
            raise BadValueException(
                cls.__name__, obj, f"is built from a dict, not {type(obj).__name__}"
            )
        retrieved = None if fields is None else Retrieved.of(cls, fields)
        raw = copy.deepcopy(dict(obj))
        document: Self
        if is_as_stored(raw, session):
            document = cls._load(raw, session, retrieved)
        else:
            with foreign():
                document = cls._load(raw, session, retrieved, is_foreign=True)
        return document

    @classmethod
    def _load(
        cls,
        raw: Any,
        session: Any,
        retrieved: Retrieved | None,
        collection: str | None = None,
        is_foreign: bool = False,
    ) -> Any:
        """As `unwrap`, of data that the document may keep; *collection* is where it is stored."""
        try:
            if retrieved is None and not is_foreign and loads_directly(cls):
                return cls._codec.load(raw, session)
            return cls._unwrap_relative(raw, session, retrieved)
        except DATA_ERRORS as error:
            raise cls._bad_document(error, raw, collection) from error

    @classmethod
    def _load_all(cls, raws: list[Any], session: Any, retrieved: Retrieved | None) -> list[Any]:
        """As `_load`, of several documents, in the place of their stored data."""
        place = 0
        try:
            if retrieved is None and loads_directly(cls):
                codec = cls._codec  # whose first call makes the function for the others
                for place, raw in enumerate(raws):  # each is let go as soon as it is loaded
                    raws[place] = codec.load(raw, session)
                return raws
            for place, raw in enumerate(raws):
                raws[place] = cls._unwrap_relative(raw, session, retrieved)
            return raws
        except DATA_ERRORS as error:
            raise cls._bad_document(error, raws[place], None) from error

    @classmethod
    def _bad_document(
        cls, error: Exception, raw: Any, collection: str | None
    ) -> BadDocumentException:
        """Say which document could not be loaded."""
        from ommongo.document._codec.refusal import bad_document  # seldom wanted

        return bad_document(cls, error, raw, collection)

    @classmethod
    def _undecodable(
        cls, stored: bytes, options: CodecOptions[Any], error: InvalidBSON
    ) -> BadDocumentException:
        """Say which document the driver could not decode."""
        from ommongo.document._codec.refusal import undecodable  # seldom wanted

        return undecodable(cls, stored, options, error)

    @classmethod
    def _unwrap_relative(
        cls, raw: Any, session: Any = None, retrieved: Retrieved | None = None
    ) -> Any:
        """As `_load`, with errors named relative to the document."""
        subclass = cls if cls._overrides_transform else cls.get_subclass(raw) or cls
        if subclass._overrides_transform:
            from ommongo.document._codec.migration import (
                load_transformed,  # few classes have the hook
            )

            return load_transformed(subclass, raw, session, retrieved)
        return subclass._build(raw, session, retrieved)

    @classmethod
    def _reads_whole(cls) -> bool:
        """Whether a part of a document is loaded by taking the whole."""
        return reads_whole(cls)

    @classmethod
    def _class_stored(cls, raw: Mapping[str, Any]) -> type[Document]:
        """Give this class, or that from which the class is found that a document is now of."""
        if all(raw.get(name, own) == own for name, own in cls._identities.items()):
            return cls
        found: type[Document] = cls._selector.root.cls
        return found

    @classmethod
    def _build(cls, raw: Any, session: Any, retrieved: Retrieved | None) -> Any:
        """Build a document of exactly this class."""
        if cls._identities and not cls._overrides_subclass:
            check_identity(cls, raw)
        if migrating_fields(cls):
            from ommongo.document._codec.migration import load_migrating  # as above

            return load_migrating(cls, raw, session, retrieved)
        if retrieved is None and not FOREIGN.get():
            return cls._codec.load(raw, session)
        return load_interpreted(cls, raw, session, retrieved)

    @classmethod
    def transform_incoming(cls, obj: dict[str, Any], session: Any) -> dict[str, Any]:
        """
        Rewrite stored data before it is loaded: the hook for schema migration.

        Args:
            obj: What was stored; it may be changed.
            session: The session that loads it, or ``None``.

        Returns:
            The data to load. What differs from *obj* as it came is sent by the next update.
        """
        return obj

    # -- change tracking ------------------------------------------------------------------------

    def get_dirty_ops(self, with_required: bool = False) -> dict[str, dict[str, Any]]:
        """
        Give the update document that brings the stored version to the current state.

        Args:
            with_required: Whether to include every set required field too, as an upsert needs.

        Returns:
            Operators to stored (dotted) names to values; empty when nothing changed.

        Raises:
            BadValueException: A changed value cannot be stored.
            FieldNotRetrieved: A value that was loaded in part was changed in place.
            InvalidUpdateException: An extra field changed that no update can name.
            MissingValueException: With *with_required*, a required field is not set.

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/update/
        """
        try:
            return _tracking.full_diff(self, with_required=with_required).operations()
        except BadValueException as error:
            raise error.within(type(self).__name__) from error

    def _is_dirty(self) -> bool:
        """Whether anything differs from what is stored, or pending."""
        known = self._known
        if type(known) is State and isinstance(known.top, _tracking.RemovalLayer):
            return False
        try:
            return bool(_tracking.full_diff(self).sent)
        except (OmMongoException, BSONError, OverflowError):
            return True  # it cannot be stored, so it is not what is stored

    def _take_over(self, fresh: Document, names: Iterable[str]) -> None:
        """Hold what *fresh*, a newly loaded copy, holds in some fields, or in all with the rest."""
        chosen = list(names)
        is_pending = self._state is not None and self._state.top is not None
        is_all = set(chosen) == set(self._fields) and fresh._is_whole()
        known = self._known
        if is_all and type(known) is State and known.particulars.expired is not None:
            known.retrieved = known.particulars.expired.retrieved
            known.particulars.expired = None
        if is_pending:  # what is stored is, where nothing else is known, what is still held
            for name in chosen:
                self._remember(self._fields[name])
        for name in chosen:
            self.__dict__.pop(name, None)
            if name in fresh.__dict__:
                self.__dict__[name] = fresh.__dict__[name]
        if is_all and not is_pending:
            places = None if self._state is None else self._state.particulars.places
            set_state(self, fresh._state)
            if places is not None:
                self._own_state().own_particulars().places = places
            return
        if fresh._state is not None:
            stored_id = fresh._state.particulars.stored_id
            if stored_id is not self._own_state().particulars.stored_id:
                self._own_state().own_particulars().stored_id = stored_id
        self._know_as(fresh, chosen)
        if is_all:
            self._know_extra_as(fresh)
        _tracking.hold_version(self)

    # -- the class ------------------------------------------------------------------------------

    @classmethod
    def get_fields(cls) -> dict[str, Field[Any]]:
        """Give the class's fields by attribute name."""
        return cls._fields

    @classmethod
    def _part(cls, name: str, stored: bool, embedded: bool = False) -> tuple[str, Any] | None:
        """
        Find what the first part of a dotted name means.

        Args:
            name: The name, in Python's form.
            stored: Whether stored names count, too.
            embedded: Whether it is asked of documents that are embedded.

        Returns:
            The stored name and the field; ``None`` where it means nothing.
        """
        field = cls._fields.get(name)
        if field is None and stored:
            field = cls._by_db_field.get(name)
        if field is not None:
            return field.db_field, field
        from ommongo.document._traits.family import find_in_family  # seldom asked

        found = find_in_family(cls, name, stored, embedded)
        alias = cls._aliases.get(name) if found is None else None
        return found if alias is None else (alias.db_field, alias)

    @classmethod
    def _family_fields(cls) -> dict[str, Field[Any]]:
        """Give the fields of embedded documents of this class, and of its subclasses."""
        from ommongo.document._traits.family import family_fields

        return family_fields(cls)

    @classmethod
    def class_name(cls) -> str:
        """Give the class's name."""
        return cls.__name__

    @classmethod
    def get_collection_name(cls) -> str:
        """Give the name of the collection: ``config_collection_name``, or the class's name."""
        return cls.config_collection_name or cls.__name__

    @classmethod
    def get_indexes(cls) -> list[Index]:
        """Give the indexes that the class declares or inherits."""
        return list(cls._indexes.values())

    @classmethod
    def add_subclass(cls, subclass: type[Document]) -> None:
        """
        Make a subclass known, so that stored documents can be loaded as it.

        Args:
            subclass: The subclass; declaring one does this already.
        """
        if subclass._selector not in cls._selector.children:
            cls._selector.add(subclass._selector)

    @classmethod
    def get_subclass(cls, obj: Mapping[str, Any]) -> type[Document] | None:
        """
        Choose the class of a stored document.

        Args:
            obj: What was stored.

        Returns:
            The most special subclass that ``config_polymorphic`` selects, level by level; ``None``
            when it is this class itself.
        """
        selector = cls._selector
        found = selector.find(obj) if selector.children else selector
        return None if found is selector else found.cls

    @classmethod
    def base_query(cls, exclude_subclasses: bool = False) -> dict[str, Any]:
        """
        Give the condition that every query for this class carries.

        Args:
            exclude_subclasses: Whether documents of subclasses are left out.

        Returns:
            A filter by stored names; empty for a class that is not polymorphic.
        """
        return cls._selector.query(exclude_subclasses) if cls._is_family else {}

    @classmethod
    def schema_json(cls) -> dict[str, Any]:
        """
        Describe the class.

        Returns:
            Its settings by name, and ``fields``: each field's own description by name.
        """
        from ommongo.document._traits.settings import schema  # seldom wanted

        return schema(cls)

    @classmethod
    def _check_default_sort(cls) -> list[tuple[str, int]] | None:
        """Give the default sort by stored names."""
        if cls.config_default_sort is None and cls._settings_checked:
            return None
        from ommongo.document._traits.settings import checked_sort  # when the first one is made

        sort = checked_sort(cls)
        if not cls._settings_checked:  # every assignment to a class makes its attributes slow
            cls._settings_checked = True
        return sort

    # -- binding, score -------------------------------------------------------------------------

    def _set_session(self, session: Any, is_at_home: bool = False) -> None:
        """
        Bind this document, and what is embedded in it, to a session.

        Args:
            session: The session, or ``None``.
            is_at_home: Whether the document is stored where the session keeps its class, whatever
                was before.
        """
        bound = self._session
        if bound is not None and bound is not session and not is_at_home:
            self._keep_home(session)
        set_session(self, session)
        values = self.__dict__
        for name in self._plan.holding:
            value = values.get(name)
            if isinstance(value, Document):
                if value._session is not session or value._plan.holding:
                    value._set_session(session)
            elif value is not None:
                _bind(value, session)

    def _keep_home(self, session: Any) -> None:
        """Keep where this document is stored, if that is elsewhere for the session to come."""
        home = self._home()
        if home is not None:
            there = Place.of(session, self.get_collection_name())
            if there is None or not home.is_same(there):
                live_at(self, home)

    def _get_session(self) -> Any:
        """Give the session that this document is bound to, or ``None``."""
        return self._session

    def get_index_score(self) -> float:
        """Give the text-search score of a document that came from `Query.search`, else 0."""
        return 0 if self._state is None else self._state.particulars.score

    def _set_index_score(self, score: float) -> None:
        self._own_state().own_particulars().score = score


def _bind(value: Any, session: Any) -> None:
    """Bind what is embedded in a value."""
    if isinstance(value, Document):
        value._set_session(session)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            _bind(item, session)
    elif isinstance(value, dict):
        for item in value.values():
            _bind(item, session)
