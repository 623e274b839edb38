"""References to other documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from bson.dbref import DBRef
from bson.objectid import ObjectId

from ommongo._bson import id_key
from ommongo.exceptions import BadFieldSpecification, BadValueException
from ommongo.fields._reference import ReferenceField
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


class RefField(ReferenceField[Rel, Ref], Generic[Rel, Ref]):
    """
    A reference to a document, stored with its collection (and database) as a ``DBRef``.

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

    def _check(self, value: Any) -> None:
        self._check_stored(value)
        if holds_operators(value.id):
            self._fail_validation(
                value,
                "takes a DBRef whose id is that of a document, and got one that is a pattern or "
                "holds keys that begin with '$'. Make it with document.to_ref().",
            )

    def _check_stored(self, value: Any) -> None:
        cls = self.target_class
        if not isinstance(value, DBRef):
            self._fail_validation_type(
                value, DBRef, advice="Pass document.to_ref(), or assign the document to the rel()."
            )
        if cls is not None and value.collection != cls.get_collection_name():
            self._fail_validation(
                value,
                f"takes a DBRef into the collection {cls.get_collection_name()!r}, and got one "
                f"into another. Refer to a {cls.__name__}, or correct the field's type.",
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
                f"takes a DBRef into the database {self.db!r}, and got one into another. Refer to "
                f"a document there, or correct the field's db.",
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
        if self.db is not None and value.database is None:
            return DBRef(value.collection, value.id, self.db)
        return value


class SRefField(ReferenceField[Rel, Id], Generic[Rel, Id]):
    """
    A reference to a document of one class, stored as its id alone.

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
        >>> SRefField(City).wrap(7)
        7

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

    def _id_field(self) -> Field[Any]:
        """Give the field of the ids that are referred to."""
        field: Field[Any] = self.target_class._id_field()
        return field

    def _part(self, name: str, stored: bool) -> tuple[str, Any] | None:
        return self._id_field()._part(name, stored)

    def _check(self, value: Any) -> None:
        self._judge(value, "validate_wrap")

    def _check_stored(self, value: Any) -> None:
        self._judge(value, "validate_unwrap")

    def _judge(self, value: Any, method: str) -> None:
        """Let the field of the ids judge *value*."""
        field = self._id_field()
        if isinstance(field, ObjectIdField) and not isinstance(value, ObjectId):
            # What that field takes for an id may be another thing here: 24 digits, 12 bytes.
            self._fail_validation_type(
                value, ObjectId, advice="Pass the document's id, or assign it to the rel()."
            )
        try:
            getattr(field, method)(value)
            if field._is_compound_id and method == "validate_wrap":
                field._refuse_operators(value)
        except BadValueException as error:
            self._fail_validation(value, error.reason, error)

    def _to_stored(self, value: Any) -> Any:
        return self._id_field().wrap(value)

    def _to_python(self, value: Any, session: Any) -> Any:
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
        stored = document.to_ref().id
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
