"""References to other documents."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any, Final, Generic, NoReturn, TypeVar, cast, overload

from bson.dbref import DBRef
from bson.objectid import ObjectId

from ommongo._bson import id_key
from ommongo.exceptions import BadFieldSpecification, BadValueException
from ommongo.fields._reference import ReferenceField, is_document
from ommongo.fields._types import Id, Ref, Rel
from ommongo.fields.base import Field
from ommongo.fields.documents import DocumentField
from ommongo.fields.objectid import ObjectIdField
from ommongo.query_expression import FREE_TYPE, holds_operators

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ommongo.fields._types import Options, OrNone

__all__ = ["RefField", "SRefField"]

T = TypeVar("T")
_OTHER_FORMS: Final = frozenset({str, bytes, int})
"""Types of values in which an id may come that reads as another: text, bytes, a number."""


class RefField(ReferenceField[Rel, Ref], Generic[Rel, Ref]):
    """
    A reference to a document, stored with its collection (and database) as a ``DBRef``.

    It takes a ``DBRef``, a document that has an ``_id``, and of a field with a class also what the
    ``_id`` field of that takes; in values, queries and updates. It reads as the ``DBRef``.

    Args:
        type: The class that is referred to: the class, its name, or a `DocumentField` of it. Any
            class when left out.
        db: The database that the reference has to be in, by name. A reference that names none is
            looked up in it.
        db_required: Whether a reference has to name a database.
        namespace: Where a name given as *type* is looked up.
        kwargs: The options of every field, see `Field`.

    Raises:
        BadFieldSpecification: *type* is none of these.

    Example:
        >>> from ommongo import Document
        >>> from ommongo.fields import DBRef
        >>> class Company(Document):
        ...     config_collection_name = "companies"
        >>> RefField(Company).is_valid_wrap(DBRef("people", 7))
        False

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/database-references/
    """

    _is_judged_whole = True

    @overload
    def __init__(
        self,
        type: type[Rel] | DocumentField[Rel] | str | None = None,
        db: str | None = None,
        db_required: bool = False,
        namespace: str | None = "global",
        **options: Unpack[Options[DBRef]],
    ) -> None: ...
    @overload
    def __init__(
        self: RefField[T | None, DBRef | None],
        type: type[T] | DocumentField[T],
        db: str | None = None,
        db_required: bool = False,
        namespace: str | None = "global",
        **options: Unpack[OrNone[DBRef]],
    ) -> None: ...
    @overload
    def __init__(
        self: RefField[Any, DBRef | None],
        type: str | None = None,
        db: str | None = None,
        db_required: bool = False,
        namespace: str | None = "global",
        **options: Unpack[OrNone[DBRef]],
    ) -> None: ...
    def __init__(
        self,
        type: Any = None,
        db: str | None = None,
        db_required: bool = False,
        namespace: str | None = "global",
        **kwargs: Any,
    ) -> None:
        super().__init__(type, **kwargs)
        if self._document_field is not None and self._document_field is not type:
            self._document_field._namespace = namespace
        self.db = db
        self.db_required = db_required
        self.namespace = namespace

    def schema_json(self) -> dict[str, Any]:
        """
        Describe this field.

        Returns:
            The settings of every field, ``subtype`` (the schema of its document field, or
            ``None``), ``db_required``, ``namespace`` and ``db``.
        """
        target = self._document_field
        return {
            **super().schema_json(),
            "subtype": None if target is None else target.schema_json(),
            "db_required": self.db_required,
            "namespace": self.namespace,
            "db": self.db,
        }

    def _with_references(self, value: Any, holder: Any = None) -> Any:
        if value is None or (isinstance(value, DBRef) and not self._is_id(value)):
            return value
        cls = self.target_class
        if is_document(value) and (cls is None or isinstance(value, cls)):
            return self._to_ref(value, holder)
        if cls is None or not _takes(cls._id_field(), value):
            return value
        return DBRef(cls.get_collection_name(), cls._id_field().wrap(value), self.db)

    def _is_id(self, ref: DBRef) -> bool:
        """Tell whether a `DBRef` is the ``_id`` of what is referred to, and not the reference."""
        cls = None if self._is_unknown else self.target_class
        if cls is None or ref.collection == cls.get_collection_name():
            return False
        return _takes(cls._id_field(), ref)

    def _to_stored(self, value: Any) -> Any:
        return self._with_references(value)

    def _check(self, value: Any) -> None:
        value = self._with_references(value)
        if not isinstance(value, DBRef):
            self._fail_other(value)
        self._check_stored(value)
        if holds_operators(value.id):
            self._fail_validation(
                value,
                "takes a DBRef whose id is that of a document, and got one that is a pattern or "
                "holds keys that begin with '$'. Make it with document.to_ref().",
            )

    def _fail_other(self, value: Any) -> NoReturn:
        """Refuse what is no reference, nor stands for one."""
        cls = self.target_class
        if cls is None:
            self._fail_validation_type(
                value, DBRef, advice="Pass a document, or document.to_ref(), which name a class."
            )
        if is_document(value):
            self._check_document(value)
        try:
            cls._id_field().validate_wrap(value)
        except BadValueException as error:
            self._fail_validation(value, _wanted(cls, error), error)
        self._fail_validation_type(
            value, cls, DBRef, advice=f"Pass the {cls.__name__}, or its _id."
        )

    def _check_stored(self, value: Any) -> None:
        cls = None if isinstance(value, DBRef) and self._is_unknown else self.target_class
        if not isinstance(value, DBRef):
            self._fail_validation_type(value, DBRef, advice="Pass document.to_ref().")
        if cls is not None and value.collection != cls.get_collection_name():
            self._fail_validation(
                value,
                f"takes a DBRef into the collection {cls.get_collection_name()!r}, and got one "
                f"into {value.collection!r}. Refer to a {cls.__name__}, or correct the field's "
                f"type.",
            )
        if self.db_required and value.database is None:
            self._fail_validation(
                value,
                "takes a DBRef that names its database, and got one that does not. Make it with "
                "document.to_ref(db=...), or declare the field without db_required.",
            )
        if self.db is not None and value.database not in (None, self.db):
            self._fail_validation(
                value,
                f"takes a DBRef into the database {self.db!r}, and got one into "
                f"{value.database!r}. Refer to a document there, or correct the field's db.",
            )

    def _part(self, name: str, stored: bool) -> tuple[str, Any] | None:
        return (name, FREE_TYPE) if name in ("$ref", "$id", "$db") else None

    def _to_ref(self, document: Any, holder: Any = None) -> DBRef:
        """Give what this field of *holder* stores for *document*."""
        self._check_document(document)
        database = self._database_of(document, holder)
        if None not in (self.db, database) and self.db != database:
            self._fail_validation(
                document,
                f"refers into the database {self.db!r}, and this {type(document).__name__} is "
                f"stored in {database!r}. Refer to one there, or declare the field without db.",
            )
        ref: DBRef = document.to_ref(db=self.db or database)
        return ref

    def _as_dbref(self, value: DBRef) -> DBRef:
        """Give a value of this field as what can be followed."""
        if not isinstance(value, DBRef):  # it was put into a list in place
            value = self._with_references(value)
        if self.db is not None and value.database is None:
            return DBRef(value.collection, value.id, self.db)
        return value


class SRefField(ReferenceField[Rel, Id], Generic[Rel, Id]):
    """
    A reference to a document of one class, stored as its id alone.

    It takes what the ``_id`` field of the class takes, a document of it that has an ``_id``, and a
    ``DBRef`` into its collection; in values, queries and updates. It reads as the id.

    Args:
        type: The class that is referred to: the class, its name (looked up as that of a
            `DocumentField`), or a `DocumentField` of it.
        db: The database that its documents are in, by name; the session's own when left out.
        kwargs: The options of every field, see `Field`.

    Raises:
        BadFieldSpecification: *type* is none of these.

    Example:
        >>> from ommongo import Document, IntField
        >>> class City(Document):
        ...     number = IntField(_id=True)
        >>> SRefField(City).wrap(7), SRefField(City).wrap(City(number=7))
        (7, 7)

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/database-references/#manual-references
    """

    _document_field: DocumentField[Any]

    @overload
    def __init__(
        self,
        type: type[Rel] | DocumentField[Rel] | str,
        db: str | None = None,
        **options: Unpack[Options[Any]],
    ) -> None: ...
    @overload
    def __init__(
        self: SRefField[T | None, ObjectId | None],
        type: type[T] | DocumentField[T],
        db: str | None = None,
        **options: Unpack[OrNone[Any]],
    ) -> None: ...
    @overload
    def __init__(
        self: SRefField[Any, ObjectId | None],
        type: str,
        db: str | None = None,
        **options: Unpack[OrNone[Any]],
    ) -> None: ...
    def __init__(self, type: Any, db: str | None = None, **kwargs: Any) -> None:
        if type is None:
            raise BadFieldSpecification(
                "SRefField: type is None, and an id alone does not tell its class. Pass a subclass "
                "of Document, its name, or a DocumentField of it."
            )
        super().__init__(type, **kwargs)
        self.db = db

    def schema_json(self) -> dict[str, Any]:
        """
        Describe this field.

        Returns:
            The settings of every field, ``subtype`` (the schema of its document field) and ``db``.
        """
        return {
            **super().schema_json(),
            "subtype": self._document_field.schema_json(),
            "db": self.db,
        }

    # What is known once the class is: the field of its ids, and the types of which every value is
    # an id as it is, when it is loaded and when it is given.
    _ids: Field[Any] | None = None
    _surely_stored: frozenset[builtins.type] = frozenset()
    _surely_given: frozenset[builtins.type] = frozenset()

    def _id_field(self) -> Field[Any]:
        """Give the field of the ids that are referred to."""
        field = self._ids
        if field is None:
            self._ids = field = cast("Field[Any]", self.target_class._id_field())
            self._surely_given = frozenset(filter(field._takes_any, field.plain_types))
            is_trusted = field._trusts_stored and field._is_plain
            self._surely_stored = frozenset(field.plain_types if is_trusted else self._surely_given)
        return field

    def _part(self, name: str, stored: bool) -> tuple[str, Any] | None:
        return self._id_field()._part(name, stored)

    def _with_references(self, value: Any, holder: Any = None) -> Any:
        kind = type(value)
        if value is None or kind is ObjectId or kind in self._surely_stored:
            return value
        if is_document(value):
            is_target = isinstance(value, self.target_class)
            return self._to_ref(value, holder) if is_target else value
        if isinstance(value, DBRef):
            return self._id_of(value)
        return self._read_id(value) if kind in _OTHER_FORMS else value

    def _read_id(self, value: Any) -> Any:
        """Give an id, which may have come in another form (as text), as it reads."""
        field = self._id_field()
        if type(value) in field.plain_types or not field.is_valid_wrap(value):
            return value
        read = field.unwrap(field.wrap(value))
        return value if isinstance(read, type(value)) else read

    def _id_of(self, ref: DBRef) -> Any:
        """Give the id in a `DBRef`; the `DBRef` itself where such are the ids."""
        cls, field = self.target_class, self._id_field()
        collection = cls.get_collection_name()
        if ref.collection != collection:
            if _takes(field, ref):
                return ref
            self._fail_validation(
                ref,
                f"takes a DBRef into the collection {collection!r}, and got one into "
                f"{ref.collection!r}. Refer to a {cls.__name__}, or correct the field's type.",
            )
        if ref.database not in (None, self.db):
            where = "its own database" if self.db is None else f"the database {self.db!r}"
            self._fail_validation(
                ref,
                f"keeps an id alone, which is looked up in {where}, and got a DBRef into "
                f"{ref.database!r}. Refer to a document there, or declare the field with db, or as "
                f"a RefField().",
            )
        try:
            return field.unwrap(ref.id)
        except BadValueException as error:
            self._fail_validation(ref, f"takes a DBRef whose id {error.reason}", error)

    def _check(self, value: Any) -> None:
        if type(value) in self._surely_given:
            return
        if self._is_unknown:
            self._check_of_unknown(value)
            return
        value, field = self._with_references(value), self._id_field()
        if is_document(value) and not _takes(field, value):
            self._check_document(value)
        try:
            field.validate_wrap(value)
            if field._is_compound_id:
                field._refuse_operators(value)
        except BadValueException as error:
            self._fail_validation(value, _wanted(self.target_class, error), error)

    def _check_of_unknown(self, value: Any) -> None:
        """Refuse what is no stored id, whatever the class is; what was loaded is stored again."""
        if is_document(value) or isinstance(value, DBRef):
            self._id_field()  # says that the class is not known
        self._refuse_operators(value)

    def _check_stored(self, value: Any) -> None:
        if type(value) in self._surely_stored or self._is_unknown:
            return
        field = self._id_field()
        if isinstance(field, ObjectIdField) and not isinstance(value, ObjectId):
            # What that field takes for an id may be another thing here: 24 digits, 12 bytes.
            self._fail_validation_type(value, ObjectId, advice="Correct what is stored.")
        try:
            field.validate_unwrap(value)
        except BadValueException as error:
            self._fail_validation(value, error.reason, error)

    def _to_stored(self, value: Any) -> Any:
        if type(value) in self._surely_given or self._is_unknown:
            return value
        return self._id_field().wrap(self._with_references(value))

    def _to_python(self, value: Any, session: Any) -> Any:
        if type(value) in self._surely_stored or self._is_unknown:
            return value
        return self._id_field().unwrap(value, session)

    def _to_ref(self, document: Any, holder: Any = None) -> Any:
        """Give what this field of *holder* keeps for *document*: its id."""
        self._check_document(document)
        database = self._database_of(document, holder)
        if database is not None and database != self.db:
            where = "its own database" if self.db is None else f"the database {self.db!r}"
            self._fail_validation(
                document,
                f"keeps an id alone, which is looked up in {where}, and this "
                f"{type(document).__name__} is stored in {database!r}. Declare the field with "
                f"db={database!r}, or as a RefField(), which names the database.",
            )
        cls, ref = self.target_class, document.to_ref()
        if ref.collection != cls.get_collection_name():
            self._fail_validation(
                document,
                f"keeps an id alone, which is looked up in the collection "
                f"{cls.get_collection_name()!r}, and this {type(document).__name__} is stored in "
                f"{ref.collection!r}. Declare a field for its class, or a RefField().",
            )
        stored = ref.id
        value = self._id_field().unwrap(stored)
        if id_key(self._id_field().wrap(value)) != id_key(stored):
            self._fail_validation(
                document,
                f"refers by the _id alone, and this {type(document).__name__} has one that is "
                f"stored in another form than its field stores, so the reference would lead "
                f"nowhere. Declare a RefField(), or store the document anew.",
            )
        return value

    def _as_dbref(self, value: Any) -> DBRef:
        """Give a value of this field as what can be followed."""
        return DBRef(self.target_class.get_collection_name(), self._to_stored(value), self.db)


def _takes(field: Field[Any], value: Any) -> bool:
    """Tell whether a field of ids takes a value for one; a field of anything, no reference."""
    is_reference = is_document(value) or isinstance(value, DBRef)
    return not (is_reference and field._is_verbatim) and field.is_valid_wrap(value)


def _wanted(cls: Any, error: BadValueException) -> str:
    """Say what a reference takes, with what the field of the ids says of a value."""
    return f"takes {cls.__name__} or its _id, which {error.reason}"
