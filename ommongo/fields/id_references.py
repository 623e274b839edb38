"""References by an id alone."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast, overload

from bson.dbref import DBRef
from bson.objectid import ObjectId

from ommongo._bson import id_key
from ommongo._spelling import an
from ommongo.exceptions import BadFieldSpecification, BadValueException
from ommongo.fields._reference import ReferenceField, is_document, takes_id, wanted_of
from ommongo.fields._types import Id, Rel
from ommongo.fields._written import Name, is_of_types
from ommongo.fields.base import Field
from ommongo.fields.documents import DocumentField
from ommongo.fields.objectid import ObjectIdField

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ommongo.fields._types import Options, OrNone

__all__ = ["SRefField"]

T = TypeVar("T")

_OTHER_FORMS: Final = frozenset({str, bytes, int})
"""Types of values in which an id may come that reads as another: text, bytes, a number."""


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
            self._surely_stored = (
                frozenset(field.plain_types) if field._loads_any else self._surely_given
            )
        return field

    def _stored_source(self, value: str, name: Name) -> str:
        return self._source_of("_surely_given", value, name)

    def _loaded_source(self, value: str, name: Name) -> str:
        return self._source_of("_surely_stored", value, name)

    def _source_of(self, surely: str, value: str, name: Name) -> str:
        if self._is_unknown:
            return ""
        self._id_field()
        types = getattr(self, surely)
        return is_of_types(value, (*types,), name) if types else ""

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
            if takes_id(field, ref):
                return ref
            self._fail_validation(
                ref,
                f"takes a DBRef into the collection {collection!r}, and got one into "
                f"{ref.collection!r}. Refer to {an(cls.__name__)}, or correct the field's type.",
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
        if is_document(value) and not takes_id(field, value):
            self._check_document(value)
        try:
            field.validate_wrap(value)
            if field._is_compound_id:
                field._refuse_operators(value)
        except BadValueException as error:
            self._fail_validation(value, wanted_of(self.target_class, error), error)

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
