"""References with a collection: what is stored is a ``DBRef``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeVar, overload

from bson.dbref import DBRef
from bson.objectid import ObjectId

from ommongo._spelling import an
from ommongo.exceptions import BadValueException
from ommongo.fields._reference import ReferenceField, is_document, takes_id, wanted_of
from ommongo.fields._types import Ref, Rel
from ommongo.fields._written import Name, all_of, is_of_types
from ommongo.fields.documents import DocumentField
from ommongo.query_expression import FREE_TYPE, holds_operators

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ommongo.fields._types import Options, OrNone

__all__ = ["RefField"]

T = TypeVar("T")


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

    def _stored_source(self, value: str, name: Name) -> str:
        # The ids of nearly all documents; others are looked at.
        loaded = self._loaded_source(value, name)
        return loaded and all_of(loaded, is_of_types(f"{value}.id", (ObjectId,), name))

    def _loaded_source(self, value: str, name: Name) -> str:
        if self._is_unknown or self.db_required or self.db is not None:
            return ""
        cls = self.target_class
        return all_of(
            is_of_types(value, (DBRef,), name),
            "" if cls is None else f"{value}.collection == {name(cls.get_collection_name)}()",
        )

    def _with_references(self, value: Any, holder: Any = None) -> Any:
        if value is None or (isinstance(value, DBRef) and not self._is_id(value)):
            return value
        cls = self.target_class
        if is_document(value) and (cls is None or isinstance(value, cls)):
            return self._to_ref(value, holder)
        if cls is None or not takes_id(cls._id_field(), value):
            return value
        return DBRef(cls.get_collection_name(), cls._id_field().wrap(value), self.db)

    def _is_id(self, ref: DBRef) -> bool:
        """Tell whether a `DBRef` is the ``_id`` of what is referred to, and not the reference."""
        cls = None if self._is_unknown else self.target_class
        if cls is None or ref.collection == cls.get_collection_name():
            return False
        return takes_id(cls._id_field(), ref)

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
            self._fail_validation(value, wanted_of(cls, error), error)
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
                f"into {value.collection!r}. Refer to {an(cls.__name__)}, or correct the field's "
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
