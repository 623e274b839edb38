"""
Every exception of the library, in one tree::

    Exception
    └ OmMongoException
      ├ BadResultException        a query gave no result, or more than one
      ├ BadValueException         a value that its field refuses
      │ └ BadDocumentException    a stored document that its class cannot load
      │   └ UnknownKeyException   one with a key that its class has no field for
      ├ BadReferenceException     a reference that cannot be followed
      │ └ UnsavedReferenceException  one to a document that has no _id yet
      ├ InvalidConfigException    an argument that makes no sense where it was given
      ├ BadFieldSpecification     a field, or a setting of a class, that cannot work
      ├ BadQueryException         a query that cannot be built or sent
      ├ BadIndexException         an index that cannot be built
      ├ FieldNotFoundException    a name that is no field of the class
      ├ TransactionException      a call that does not fit the open (or missing) transaction
      ├ SessionCacheException     an identity map that cannot do what was asked
      ├ SessionThreadError        a session in two threads at once, or in a forked process
      ├ DocumentException         a document that cannot be declared, built or stored
      │ ├ MissingValueException   a required field that is not set
      │ ├ ExtraValueException     a name that is no field of the document
      │ └ FieldNotRetrieved       a field that a partial document did not load
      ├ UpdateException           an update expression that cannot be built
      │ ├ InvalidModifierException      an operation that the field does not support
      │ └ ConflictingModifierException  two operations on one path
      └ InvalidUpdateException    an update of a document that cannot be sent
        └ StaleDocumentException  the document to write is no longer there

    UserWarning
    ├ RedeclaredClassWarning     a name that two classes of a namespace have
    └ UnknownAttributeWarning    an attribute that is no field, and is not stored

`UnknownKeyException` is an `ExtraValueException` too, and `UnsavedReferenceException` a
`BadValueException`. Each carries its data as attributes and
survives pickling. Errors of the driver and of the server are pymongo's own.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "BadDocumentException",
    "BadFieldSpecification",
    "BadIndexException",
    "BadQueryException",
    "BadReferenceException",
    "BadResultException",
    "BadValueException",
    "ConflictingModifierException",
    "DocumentException",
    "ExtraValueException",
    "FieldNotFoundException",
    "FieldNotRetrieved",
    "InvalidConfigException",
    "InvalidModifierException",
    "InvalidUpdateException",
    "MissingValueException",
    "OmMongoException",
    "RedeclaredClassWarning",
    "SessionCacheException",
    "SessionThreadError",
    "StaleDocumentException",
    "TransactionException",
    "UnknownAttributeWarning",
    "UnknownKeyException",
    "UnsavedReferenceException",
    "UpdateException",
]


def _rebuild(
    cls: type[OmMongoException], args: tuple[Any, ...], data: dict[str, Any]
) -> OmMongoException:
    """Make an exception again from what `OmMongoException.__reduce__` took down."""
    error = cls.__new__(cls)
    error.args = args
    error.__dict__.update(data)
    return error


def _picklable(value: Any) -> Any:
    """Give *value*, or its `repr` where it cannot leave the process (a generator, a lock)."""
    import pickle  # here: pymongo does without, and few programs ever pickle an error

    try:
        pickle.dumps(value)
    except Exception:  # pickle raises whatever the value's own hooks raise
        return repr(value)
    return value


class OmMongoException(Exception):
    """
    The base of every exception of this library.

    Args:
        message: What happened, where, what was wanted and what to do.
        data: What the exception is about; each item becomes an attribute.
    """

    def __init__(self, message: str = "", **data: Any) -> None:
        super().__init__(message)
        self.__dict__.update(data)

    def __reduce__(self) -> tuple[Any, ...]:
        data = {name: _picklable(value) for name, value in self.__dict__.items()}
        return _rebuild, (type(self), self.args, data)


class BadResultException(OmMongoException):
    """A query that should give exactly one result gave none, or more."""


class BadValueException(OmMongoException):
    """
    A value that its field refuses.

    Args:
        name: The field's name, or the path to the value (``User.addresses[2].zip``); empty for a
            field that belongs to no class.
        value: The value as it came; kept as an attribute, never part of the message.
        reason: What was wanted and what came.
        cause: The exception behind this one, if there is one.
    """

    def __init__(
        self, name: str, value: Any, reason: str, cause: BaseException | None = None
    ) -> None:
        came = type(value).__name__
        text = f"{name or 'A field without a name'} {reason}"
        if came not in reason:
            text += f" (got a value of type {came})"
        super().__init__(text, name=name, value=value, reason=reason, cause=cause)

    name: str
    value: Any
    reason: str
    cause: BaseException | None

    def within(self, parent: str) -> BadValueException:
        """
        Give the same complaint, seen from one level up.

        Args:
            parent: The path of what holds the value (``addresses[2]``, ``User``).

        Returns:
            A new exception whose name begins with *parent*.
        """
        joint = "." if parent and self.name and not self.name.startswith("[") else ""
        error = type(self)(parent + joint + self.name, self.value, self.reason, self.cause)
        error.__cause__ = self.__cause__
        return error


class BadDocumentException(BadValueException):
    """
    A stored document that its class cannot load.

    Args:
        name: The path to what cannot be loaded (``User.addresses[2].zip``).
        value: What is stored there; kept as an attribute, never part of the message.
        reason: What was wanted and what came.
        cause: The exception behind this one, if there is one.
        document_class: The name of the class that the document was to be loaded as.
        document_id: Its ``_id`` as it is stored; ``None`` for a document without one.
        collection: The name of its collection.
        raw: The document as it is stored, as far as it was loaded.
    """

    def __init__(
        self,
        name: str,
        value: Any,
        reason: str,
        cause: BaseException | None = None,
        *,
        document_class: str | None = None,
        document_id: Any = None,
        collection: str | None = None,
        raw: Any = None,
    ) -> None:
        super().__init__(name, value, reason, cause)
        if document_class is not None:
            which = "without an _id" if document_id is None else f"with _id {document_id!r}"
            self.args: tuple[Any, ...] = (
                f"The {document_class} {which} in the collection {collection!r} cannot be loaded: "
                f"{self.args[0]}",
            )
        self.document_class = document_class
        self.document_id = document_id
        self.collection = collection
        self.raw = raw

    document_class: str | None
    document_id: Any
    collection: str | None
    raw: Any


class BadReferenceException(OmMongoException):
    """A reference that cannot be followed; ``reference`` is what was to be followed."""

    reference: Any = None


class UnsavedReferenceException(BadReferenceException, BadValueException):
    """A reference to a document that has no ``_id`` yet; ``value`` is the document."""

    @property
    def reference(self) -> Any:
        """The document."""
        return self.value


class InvalidConfigException(OmMongoException):
    """An argument, or two arguments together, that make no sense where they were given."""


class BadFieldSpecification(OmMongoException):
    """A field, or a setting of a document class, that cannot work."""


class BadQueryException(OmMongoException):
    """A query that cannot be built, or cannot be sent as it is."""


class BadIndexException(OmMongoException):
    """An index that cannot be built."""


class FieldNotFoundException(OmMongoException):
    """A name that is no field; ``name`` is the name, ``document_class`` the class's name."""

    name: str | None = None
    document_class: str | None = None


class TransactionException(OmMongoException):
    """A call that does not fit the open transaction, or that needs one where there is none."""


class SessionCacheException(OmMongoException):
    """An identity map that cannot do what was asked of it."""


class SessionThreadError(OmMongoException):
    """A session that two threads use at the same time, or that was carried over a fork."""


class DocumentException(OmMongoException):
    """
    A document that cannot be declared, built or stored.

    ``name`` is the field's name (or path) where one field is to blame, ``document_class`` the
    name of the document's class.
    """

    name: str | None = None
    document_class: str | None = None


class MissingValueException(DocumentException):
    """A required field that is not set."""


class ExtraValueException(DocumentException):
    """A name that is no field of the document."""


class UnknownKeyException(BadDocumentException, ExtraValueException):
    """A stored document with a key that its class has no field for, and does not ignore."""

    name: str


class FieldNotRetrieved(DocumentException):
    """A field that a partial document did not load."""


class UpdateException(OmMongoException):
    """An update expression that cannot be built; ``name`` is the field's stored name, if any."""

    name: str | None = None
    operation: str | None = None


class InvalidModifierException(UpdateException):
    """An operation that the field does not support; ``name`` and ``operation`` say which."""


class ConflictingModifierException(UpdateException):
    """Two operations of one update on the same path, or on a path and its parent."""


class InvalidUpdateException(OmMongoException):
    """
    An update of a document that cannot be sent.

    ``document_class`` is the name of the document's class, ``document_id`` its ``_id``.
    """

    document_class: str | None = None
    document_id: Any = None


class StaleDocumentException(InvalidUpdateException):
    """
    The document to write is no longer there, or no longer at the version that was loaded.

    ``is_versioned`` says whether its class counts versions, ``expected_version`` which one was
    expected (``None`` for a document from before its class counted them).
    """

    expected_version: int | None = None
    is_versioned: bool = False


class RedeclaredClassWarning(UserWarning):
    """A document class takes the place of another one of its name, in one namespace."""


class UnknownAttributeWarning(UserWarning):
    """What is assigned is neither a field nor an attribute of the class, and is not stored."""
