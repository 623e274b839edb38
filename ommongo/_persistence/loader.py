"""How stored documents become objects: each once, where the identity map holds it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from bson.codec_options import CodecOptions
from bson.dbref import DBRef
from bson.raw_bson import RawBSONDocument
from pymongo.client_session import ClientSession
from pymongo.collection import Collection
from pymongo.database import Database

from ommongo import _registry
from ommongo._bson import CONSTANTS, id_filter, id_key, stored_key
from ommongo._persistence.decoding import decoded, telling_undecodable
from ommongo._persistence.identity_map import IdentityMap, Key
from ommongo._tracking import LARGE, Place, Retrieved, State, decodes_exactly, live_at
from ommongo.document import Document
from ommongo.exceptions import BadReferenceException, InvalidUpdateException
from ommongo.query_expression import holds_operators

if TYPE_CHECKING:
    from ommongo._persistence.insert_plan import InsertPlan
    from ommongo._persistence.reads import Reads

__all__ = ["Loader"]

C = TypeVar("C")

if TYPE_CHECKING:  # a protocol is dear to make, and only the checkers read it

    class LoadingSession(Protocol):
        """The session that objects are bound to, as loading sees it."""

        @property
        def _client_session(self) -> ClientSession | None:
            """The driver's session that every call is to carry."""
            ...

        def _watched(self, cursor: C) -> C:
            """Have a cursor tell the open transaction what it fails with, if one is open."""
            ...

        def _before_read(self) -> None:
            """Let a read see what is pending."""
            ...


class Loader:
    """
    Makes objects of stored documents, for the session that holds it.

    That session comes with each call and is not kept: what referred back to it would let the
    garbage collector end it, instead of the last one who uses it.

    Args:
        database: The session's database.
        codec_options: What BSON is decoded by.
        identity_map: The objects that the session holds.

    Attributes:
        reads: Where it is noted what is loaded, while a transaction is open.
        insert_plans: How new documents are stored, by class: ``None`` for those that have to be
            looked at one by one. Who stores the first document of a class adds to it.
    """

    def __init__(
        self, database: Database[Any], codec_options: CodecOptions[Any], identity_map: IdentityMap
    ) -> None:
        self._database = database
        self.codec_options = codec_options
        self._identity_map = identity_map
        self.reads: Reads | None = None

    @property
    def codec_options(self) -> CodecOptions[Any]:
        """What BSON is decoded by."""
        return self._codec_options

    @codec_options.setter
    def codec_options(self, codec_options: CodecOptions[Any]) -> None:
        self._codec_options = codec_options
        self._collections: dict[tuple[str | None, str], Collection[Any]] = {}
        self.insert_plans: dict[type[Any], InsertPlan | None] = {}

    def key(self, cls: type[Document], stored_id: Any) -> Key | None:
        """
        Give the key of a document in the identity map.

        Args:
            cls: Its class.
            stored_id: Its ``_id`` as it is stored.

        Returns:
            The key; ``None`` for a document that cannot be held.
        """
        return IdentityMap.key(self._database.name, cls.get_collection_name(), stored_id)

    def key_of(self, document: Document, stored_id: Any) -> Key | None:
        """As `key`, of a document that may be stored elsewhere than the session keeps its class."""
        home = document._home()
        if home is None:
            return self.key(type(document), stored_id)
        return IdentityMap.key(home.database, home.collection, stored_id)

    def collection(
        self, type: Any, database: str | None = None, name: str | None = None
    ) -> Collection[Any]:
        """
        Give a collection that decodes as the session does.

        Args:
            type: A document class or a free-form document.
            database: The name of the database; the session's when left out.
            name: The name of the collection; that of *type* when left out.

        Returns:
            The collection, the same one each time.
        """
        name = name or type.get_collection_name()
        collection = self._collections.get((database, name))
        if collection is None:
            place = self._database
            if database is not None and database != place.name:
                place = place.client.get_database(
                    database,
                    read_preference=place.read_preference,
                    write_concern=place.write_concern,
                    read_concern=place.read_concern,
                )
            collection = place.get_collection(name, codec_options=self._codec_options)
            self._collections[database, name] = collection
        return collection

    def place(self, cls: type[Document]) -> Place:
        """Give where the session keeps the documents of a class."""
        return Place(self._database.client, self._database.name, cls.get_collection_name())

    def own_collection(self, document: Document) -> Collection[Any] | None:
        """
        Give the collection in which the session keeps the documents of a class.

        Args:
            document: A document of the class.

        Returns:
            The collection; ``None`` where this document is stored elsewhere, or the session stores
            copies of it.
        """
        own, home = self.place(type(document)), document._home()
        if home is not None and not home.is_same(own):
            return None
        known = document._known
        if type(known) is State and known.particulars.places is not None:
            if known.particulars.places.copy_at(own) is not None:
                return None
            live_at(document, None)
        return self.collection(type(document))

    def collection_of(self, document: Document) -> Collection[Any]:
        """
        Give the collection that a document is stored in.

        Args:
            document: The document.

        Raises:
            InvalidUpdateException: It is in a deployment that the session does not reach.
        """
        cls, home = type(document), document._home()
        if home is None or home.is_same(self.place(cls)):
            return self.collection(cls)
        if not home.is_reached_by(self._database.client):
            raise InvalidUpdateException(
                f"This {cls.__name__} is stored in {home}, in a deployment of another client than "
                f"this session's. Use a session of that client, or make a copy by session.clone().",
                document_class=cls.__name__,
                document_id=document._wrapped_id(),
            )
        return self.collection(cls, home.database, home.collection)

    def load(
        self,
        session: LoadingSession,
        cls: type[Document],
        raw: dict[str, Any],
        retrieved: Retrieved | None,
        place: tuple[str, str] | None = None,
    ) -> Any:
        """
        Make an object of a stored document, or find the one that the identity map holds.

        Args:
            session: The session to bind the object to.
            cls: The class that was queried; the object may be of a subclass.
            raw: The stored document; it belongs to the callee.
            retrieved: What was loaded of it; ``None`` for all.
            place: The names of its database and collection; those of *cls* when left out.

        Returns:
            The object.
        """
        held = self._identity_map
        if retrieved is not None or held.size == 0:
            return self.load_new(session, cls, raw, retrieved, place)
        database, collection = place or (self._database.name, cls.get_collection_name())
        key = IdentityMap.key(database, collection, raw.get("_id"))
        found = held.read(key)
        if found is not None and isinstance(found, cls):
            if not cls._is_family or cls._overrides_transform:
                return found
            if type(found) is (cls.get_subclass(raw) or cls):
                return found  # else it has become one of another class
        document = self.load_new(session, cls, raw, None, place)
        held.write(key, document)
        return document

    def load_new(
        self,
        session: LoadingSession,
        cls: type[Document],
        raw: dict[str, Any],
        retrieved: Retrieved | None,
        place: tuple[str, str] | None = None,
    ) -> Any:
        """As `load`, whatever the identity map holds or does not."""
        document = cls._load(raw, session, retrieved, place and place[1])
        if place is not None or type(document) is not cls:
            self.let_know(document, *place or (self._database.name, cls.get_collection_name()))
        if self.reads is not None:
            self.reads.note(document)
        return document

    def let_know(self, document: Document, database: str, collection: str) -> None:
        """
        Let an object know where it was loaded from, if the session keeps its class elsewhere.

        Args:
            document: The object.
            database: The name of the database.
            collection: The name of the collection.
        """
        if (database, collection) != (self._database.name, document.get_collection_name()):
            live_at(document, Place(self._database.client, database, collection))

    def load_all(
        self,
        session: LoadingSession,
        cls: type[Document],
        raws: list[dict[str, Any]],
        retrieved: Retrieved | None,
    ) -> list[Any]:
        """
        Make objects of several stored documents; arguments as for `load`.

        Returns:
            The objects, as `load` gives them.
        """
        if retrieved is not None or self._identity_map.size == 0:
            documents: list[Any] = cls._load_all(raws, session, retrieved)
            if self.reads is not None:
                for document in documents:
                    self.reads.note(document)
            if cls._selector.children:
                self._let_subclasses_know(cls, documents)
            return documents
        return [self.load(session, cls, raw, None) for raw in raws]

    def _let_subclasses_know(self, cls: type[Document], documents: list[Any]) -> None:
        """Let objects of subclasses with a collection of their own know that they are not in it."""
        name = cls.get_collection_name()
        for document in documents:
            if type(document) is not cls:
                self.let_know(document, self._database.name, name)

    def load_encoded(
        self,
        session: LoadingSession,
        cls: type[Document],
        stored: RawBSONDocument,
        retrieved: Retrieved | None,
    ) -> Any:
        """
        As `load`, of a document that may be large, so that what is stored of it is known at once.

        Args:
            session: The session to bind the object to.
            cls: The class that was queried.
            stored: The document, as the driver gives it undecoded.
            retrieved: What was loaded of it; ``None`` for all.

        Returns:
            The object, as `load` gives it.
        """
        raw = decoded(cls, stored, self._codec_options)
        held = None
        if self._identity_map.size != 0:
            held = self._identity_map.read(self.key(cls, raw.get("_id")))
        document = self.load(session, cls, raw, retrieved)
        if retrieved is not None:
            return document
        is_large = len(stored.raw) >= LARGE and decodes_exactly(self._codec_options)
        if is_large and document is not held:
            document._keep_bson(bytes(stored.raw))
        return document

    def follow(
        self, session: LoadingSession, refs: list[DBRef], cls: type[Document] | None
    ) -> list[Any]:
        """
        Load what references name, one query for each collection and database.

        Args:
            session: The session that asks.
            refs: The references.
            cls: The class of their targets; looked up by collection when ``None``.

        Returns:
            The documents in the same order, ``None`` for each that is not there.

        Raises:
            BadReferenceException: No class is known for a collection; or an id is none that the
                server could have stored.
        """
        places = [(ref.database or self._database.name, ref.collection) for ref in refs]
        _refuse_operators(refs)
        keys = [IdentityMap.key(*place, ref.id) for place, ref in zip(places, refs, strict=True)]
        found = [self._identity_map.read(key) for key in keys]
        wanted: dict[tuple[str, str], dict[Hashable, list[int]]] = {}
        for position, ref in enumerate(refs):
            if found[position] is None:
                of_place = wanted.setdefault(places[position], {})
                of_place.setdefault(keys[position] or _hashable(ref.id), []).append(position)
        for place, positions in wanted.items():
            firsts = [refs[same_id[0]] for same_id in positions.values()]
            target = cls or _class_of(firsts[0])
            session._before_read()
            ids = [ref.id for ref in firsts]
            condition = id_filter(ids[0]) if len(ids) == 1 else {"_id": {"$in": ids}}
            collection = self.collection(target, *place)
            cursor = collection.find(condition, session=session._client_session)
            with telling_undecodable(session, target, collection, condition):
                for raw in session._watched(cursor):
                    stored_id = raw["_id"]
                    document = self.load(session, target, raw, None, place)
                    key = IdentityMap.key(*place, stored_id) or _hashable(stored_id)
                    for position in positions.get(key, ()):
                        found[position] = document
        return found


def _refuse_operators(refs: list[DBRef]) -> None:
    """Refuse ids that would not be compared with, but obeyed."""
    for ref in refs:
        if type(ref.id) not in CONSTANTS and holds_operators(ref.id):
            raise BadReferenceException(
                f"A reference into the collection {ref.collection!r} has an id that is a pattern "
                f"or holds keys that begin with '$'. No _id is like that, so it refers to nothing. "
                f"Find out where it came from.",
                reference=ref,
            )


def _hashable(stored_id: Any) -> Hashable:
    """Give an ``_id`` that cannot be hashed in a form that can, equal where that is one id."""
    if isinstance(stored_id, Mapping):
        return tuple((name, _hashable(value)) for name, value in stored_id.items())
    if isinstance(stored_id, (list, tuple)):
        return tuple(map(_hashable, stored_id))
    key = id_key(stored_id)
    try:
        hash(key)
    except TypeError:
        return stored_key(stored_id)
    return key


def _class_of(ref: DBRef) -> Any:
    """Give the class whose documents are in the collection that a reference names."""
    cls = _registry.collection_registry.get("global", {}).get(ref.collection)
    if cls is None:
        raise BadReferenceException(
            f"{ref!r} names the collection {ref.collection!r}, for which no document class is "
            f"registered. Declare one, or follow the reference by a field with a class.",
            reference=ref,
        )
    return cls
