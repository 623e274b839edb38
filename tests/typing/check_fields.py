"""What checkers know of fields: what is read of an object, and what can be assigned to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson.datetime_ms import DatetimeMS
from bson.dbref import DBRef
from bson.objectid import ObjectId
from typing_extensions import assert_type

from ommongo import (
    AnythingField,
    BinaryField,
    BoolField,
    ComputedField,
    CreatedField,
    DateTimeField,
    DictField,
    Document,
    DocumentField,
    EnumField,
    Field,
    FloatField,
    GeoField,
    IntField,
    KVField,
    ListField,
    ModifiedField,
    NumberField,
    ObjectIdField,
    RefField,
    RegExStringField,
    SetField,
    SRefField,
    StringField,
    TupleField,
    VersionField,
    computed_field,
)
from ommongo.query_expression import QueryField


class City(Document):
    """What others refer to."""

    name = StringField()


class Address(Document):
    """What others embed."""

    city = StringField()


class Code(StringField):
    """A field of an application, with the signature of a library's field."""


class Money(Field[int]):
    """One that is typed by what it says."""


class Old(Field):
    """One that says nothing."""


def unknown(values: dict[str, Any]) -> Any:
    """A function that nobody has typed."""
    return values


class Guest(Document):
    """Every kind of field."""

    text = StringField(unique=True)
    pattern = RegExStringField("[a-z]", max_length=3, index=True)
    whole = IntField(min_value=0)
    number = NumberField(float)
    ratio = FloatField(default=1)
    flag = BoolField()
    data = BinaryField()
    at = DateTimeField()
    far = DateTimeField(out_of_range="keep")
    changed = ModifiedField(tz_aware=True, db_field="c")
    created = CreatedField()
    version = VersionField()
    anything = AnythingField()
    place = GeoField()
    kind = EnumField(StringField(), "a", "b")
    code = Code(allow_none=True)
    money = Money(required=False)
    old = Old()

    tags = ListField(StringField(), default=["a"])
    marks = ListField(IntField(allow_none=True), default_empty=True)
    rates = ListField(FloatField(), default=[1])
    names = SetField(StringField(), default_f=set)
    pages = DictField(IntField())
    entries = KVField(IntField(), StringField())
    pair = TupleField(IntField(), StringField())
    single = TupleField(IntField(), required=False)
    nested = ListField(DictField(ListField(TupleField(IntField(), FloatField()))))

    address = DocumentField(Address)
    by_name = DocumentField("Address")
    typed_by_name = DocumentField["Address"]("Address")
    addresses = ListField(DocumentField(Address))

    owner = ObjectIdField(auto=True)
    ref = RefField(City)
    any_ref = RefField()
    city_id = SRefField(City)
    named_id = SRefField("City")
    int_id = SRefField[City, int](City)
    city = city_id.rel()
    city_or_none = city_id.rel(allow_none=True)
    far_city = ref.rel()
    named_city = named_id.rel(City)
    city_ids = ListField(SRefField(City))
    cities = city_ids.rel()
    named_ids = SetField(SRefField("City"))
    named_cities = named_ids.rel(City, ignore_missing=True)

    @computed_field(IntField(), deps=[whole])
    @staticmethod
    def twice(values: dict[str, Any]) -> int:
        """Twice the number."""
        return int(values["whole"]) * 2

    @computed_field(AnythingField())
    @staticmethod
    def free(values: dict[str, Any]) -> list[int]:
        """Whatever the function gives."""
        return [len(values)]

    computed = ComputedField(IntField(), unknown)


class Maybe(Document):
    """The same fields, where a value may be missing."""

    text = StringField(allow_none=True)
    by_default = StringField(default=None)
    required = StringField(required=True, allow_none=True)
    pattern = RegExStringField("[a-z]", allow_none=True)
    whole = IntField(allow_none=True)
    number = NumberField(float, allow_none=True)
    ratio = FloatField(allow_none=True)
    flag = BoolField(allow_none=True)
    data = BinaryField(allow_none=True)
    at = DateTimeField(allow_none=True)
    place = GeoField(allow_none=True)
    kind = EnumField(StringField(), "a", "b", allow_none=True)
    tags = ListField(StringField(), allow_none=True)
    names = SetField(StringField(), allow_none=True)
    pages = DictField(IntField(), allow_none=True)
    entries = KVField(IntField(), StringField(), allow_none=True)
    pair = TupleField(IntField(), StringField(), allow_none=True)
    address = DocumentField(Address, allow_none=True)
    owner = ObjectIdField(allow_none=True)
    ref = RefField(City, allow_none=True)
    city_id = SRefField(City, allow_none=True)
    named_id = SRefField("City", allow_none=True)
    city = city_id.rel()
    named_city = named_id.rel(City)
    city_ids = ListField(SRefField(City), allow_none=True)
    cities = city_ids.rel()

    @computed_field(IntField(), allow_none=True)
    @staticmethod
    def twice(values: dict[str, Any]) -> int | None:
        """A number, or none."""
        return values.get("whole")


class Unset(Document):
    """A value that may be missing reads as None, and None is how it is unset."""

    text = StringField(optional=True)
    whole = IntField(min_value=0, optional=True)
    tags = ListField(StringField(), optional=True)
    pages = DictField(IntField(), optional=True)
    address = DocumentField(Address, optional=True)
    city_id = SRefField(City, optional=True)
    named_id = SRefField("City", optional=True)
    ref = RefField(City, optional=True)
    city = city_id.rel()
    named_city = named_id.rel(City)
    far_city = ref.rel()
    city_ids = ListField(SRefField(City), optional=True)
    cities = city_ids.rel()


def check_unset(unset: Unset, city: City) -> None:
    """An optional field takes and gives None."""
    assert_type(unset.text, str | None)
    assert_type(unset.whole, int | None)
    assert_type(unset.tags, list[str] | None)
    assert_type(unset.pages, dict[str, int] | None)
    assert_type(unset.address, Address | None)
    assert_type(unset.city_id, ObjectId | None)
    assert_type(unset.named_id, ObjectId | None)
    assert_type(unset.ref, DBRef | None)
    assert_type(unset.city, City | None)
    assert_type(unset.named_city, City | None)
    assert_type(unset.far_city, City | None)
    assert_type(unset.cities, list[City] | None)
    assert_type(Unset.text, QueryField[str | None])
    unset.text.upper()  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
    unset.text = None
    unset.city = None
    unset.city = city
    unset.text = 3  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    unset.city_id = [city]  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]


def check_read(guest: Guest) -> None:
    """An object gives the values of its fields."""
    assert_type(guest.text, str)
    assert_type(guest.pattern, str)
    assert_type(guest.whole, int)
    assert_type(guest.number, float)
    assert_type(guest.ratio, float)
    assert_type(guest.flag, bool)
    assert_type(guest.data, bytes)
    assert_type(guest.at, datetime)
    assert_type(guest.far, datetime | DatetimeMS)
    assert_type(guest.changed, datetime)
    assert_type(guest.created, datetime)
    assert_type(guest.version, int)
    assert_type(guest.anything, Any)
    assert_type(guest.place, tuple[float, float])
    assert_type(guest.kind, str)
    assert_type(guest.code, str)
    assert_type(guest.money, int)
    assert_type(guest.tags, list[str])
    assert_type(guest.marks, list[int | None])
    assert_type(guest.rates, list[float])
    assert_type(guest.names, set[str])
    assert_type(guest.pages, dict[str, int])
    assert_type(guest.entries, dict[int, str])
    assert_type(guest.pair, tuple[int, str])
    assert_type(guest.single, tuple[int])
    assert_type(guest.nested, list[dict[str, list[tuple[int, float]]]])
    assert_type(guest.address, Address)
    assert_type(guest.address.city, str)
    assert_type(guest.by_name, Any)
    assert_type(guest.typed_by_name, Address)
    assert_type(guest.addresses[0].city, str)
    assert_type(guest.owner, ObjectId)
    assert_type(guest.ref, DBRef)
    assert_type(guest.any_ref, DBRef)
    assert_type(guest.city_id, ObjectId)
    assert_type(guest.named_id, ObjectId)
    assert_type(guest.int_id, int)
    assert_type(guest.city, City)
    assert_type(guest.city_or_none, City | None)
    assert_type(guest.far_city, City)
    assert_type(guest.named_city, City)
    assert_type(guest.city_ids, list[ObjectId])
    assert_type(guest.cities, list[City])
    assert_type(guest.named_cities, list[City])
    assert_type(guest.twice, int)
    assert_type(guest.free, list[int])
    assert_type(guest.computed, int)


def check_none(maybe: Maybe) -> None:
    """Where None is a value, it is one of the type."""
    assert_type(maybe.text, str | None)
    assert_type(maybe.by_default, str | None)
    assert_type(maybe.required, str | None)
    assert_type(maybe.pattern, str | None)
    assert_type(maybe.whole, int | None)
    assert_type(maybe.number, float | None)
    assert_type(maybe.ratio, float | None)
    assert_type(maybe.flag, bool | None)
    assert_type(maybe.data, bytes | None)
    assert_type(maybe.at, datetime | None)
    assert_type(maybe.place, tuple[float, float] | None)
    assert_type(maybe.kind, str | None)
    assert_type(maybe.tags, list[str] | None)
    assert_type(maybe.names, set[str] | None)
    assert_type(maybe.pages, dict[str, int] | None)
    assert_type(maybe.entries, dict[int, str] | None)
    assert_type(maybe.pair, tuple[int, str] | None)
    assert_type(maybe.address, Address | None)
    assert_type(maybe.owner, ObjectId | None)
    assert_type(maybe.ref, DBRef | None)
    assert_type(maybe.city_id, ObjectId | None)
    assert_type(maybe.named_id, ObjectId | None)
    assert_type(maybe.city, City | None)
    assert_type(maybe.named_city, City | None)
    assert_type(maybe.cities, list[City] | None)
    assert_type(maybe.twice, int | None)


def check_classes() -> None:
    """A class gives query fields of the same types."""
    assert_type(Guest.text, QueryField[str])
    assert_type(Guest.ratio, QueryField[float])
    assert_type(Guest.tags, QueryField[list[str]])
    assert_type(Guest.names, QueryField[set[str]])
    assert_type(Guest.pages, QueryField[dict[str, int]])
    assert_type(Guest.address, QueryField[Address])
    assert_type(Guest.city_id, QueryField[ObjectId])
    assert_type(Guest.twice, QueryField[int])
    assert_type(Guest.money, QueryField[int])
    assert_type(Guest.mongo_id, QueryField[ObjectId])
    assert_type(Maybe.text, QueryField[str | None])
    assert_type(Maybe.tags, QueryField[list[str] | None])


def check_assigned(guest: Guest, maybe: Maybe, city: City) -> None:
    """What a field accepts can be assigned."""
    guest.ratio = 3
    guest.tags = ("a", "b")
    guest.tags = (word for word in ["a"])
    guest.names = frozenset({"a"})
    guest.pair = [1, "a"]
    guest.place = [1, 2]
    guest.owner = "0123456789abcdef01234567"
    guest.owner = b"twelve bytes"
    guest.far = DatetimeMS(0)
    guest.city = city
    guest.city = city.mongo_id
    guest.city_id = city
    guest.city_id = str(city.id)
    guest.city_id = city.to_ref()
    guest.ref = city
    guest.ref = city.mongo_id
    guest.int_id = 3
    maybe.city_id = city
    maybe.city_id = None
    guest.anything = None
    maybe.text = None
    maybe.tags = None
    maybe.tags = ("a",)
    maybe.owner = "0123456789abcdef01234567"
    maybe.city = None


def check_refused(guest: Guest, maybe: Maybe, city: City) -> None:
    """What a field refuses is refused."""
    guest.text = None  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    guest.text = b"a"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    guest.ratio = "1"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    guest.flag = 1  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    guest.at = "now"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    guest.at = DatetimeMS(0)  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    guest.kind = 3  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    guest.money = "3"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    guest.tags = "ab"  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    guest.tags = (1, 2)  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    guest.names = ["a"]  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    guest.pages = {"a": "b"}  # type: ignore[dict-item]  # pyright: ignore[reportAttributeAccessIssue]
    guest.entries = {"a": "b"}  # type: ignore[dict-item]  # pyright: ignore[reportAttributeAccessIssue]
    guest.pair = (1, 2)  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    guest.address = city  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    guest.typed_by_name = city  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    guest.owner = 3  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    guest.city_id = guest  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    guest.city = guest  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    guest.city = None  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    guest.cities = []  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    maybe.text = 3  # type: ignore[assignment]  # pyright: ignore[reportAttributeAccessIssue]
    maybe.tags = [None]  # type: ignore[list-item]  # pyright: ignore[reportAttributeAccessIssue]


def check_none_is_noticed(maybe: Maybe) -> None:
    """What may be None has to be looked at first."""
    maybe.text.upper()  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]
    maybe.city.name  # type: ignore[union-attr]  # pyright: ignore[reportOptionalMemberAccess]


def check_declared() -> None:
    """An option of the wrong type is refused, and so is one that there is not."""
    IntField(default="x")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    IntField(default_f=str)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType, reportCallIssue]
    IntField(max_length=3)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue]
    StringField(default=3, allow_none=True)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    StringField(required="yes")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    BoolField(default="yes")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    ListField(StringField(), default="ab")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    ListField(StringField)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    DictField(int)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    SRefField(3)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    computed_field(int)  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    VersionField(default=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
