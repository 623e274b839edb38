"""A field that names its plain types is not asked about the usual value."""

from __future__ import annotations

import linecache
from decimal import Decimal

import pytest

from ommongo import Document, IntField, ListField, StringField
from ommongo.exceptions import BadValueException, InvalidConfigException
from ommongo.fields import Field

calls: list[str] = []


@pytest.fixture(autouse=True)
def _no_calls():
    calls.clear()


class AskedField(Field):
    """Capital letters, from scratch; notes what it is asked."""

    def validate_wrap(self, value):
        if type(value) is not str or not value.isupper():
            self._fail_validation(value, "takes capital letters")

    validate_unwrap = validate_wrap

    def wrap(self, value):
        calls.append("wrap")
        self.validate_wrap(value)
        return value

    def unwrap(self, value, session=None):
        calls.append("unwrap")
        self.validate_unwrap(value)
        return value

    def wrap_value(self, value):
        calls.append("wrap_value")
        return self.wrap(value)


class CodeField(AskedField):
    """The same, with plain types."""

    plain_types = (str,)

    def accepts_plain(self, value):
        calls.append("accepts_plain")
        return value.isupper()


def with_field(**fields):
    """Make a class with some fields."""
    return type("Generated", (Document,), {"config_namespace": None, **fields})


def written(cls, kind):
    """Give the source that was written for a class."""
    filename = f"<ommongo {kind} {cls.__module__}.{cls.__qualname__}>"
    return "".join(linecache.getlines(filename))


def test_a_plain_field_is_not_asked_when_a_document_is_made_stored_and_loaded():
    """Nothing is called but `accepts_plain`, once each time."""
    cls = with_field(code=CodeField())
    document = cls(code="IDN")
    assert cls.unwrap(document.wrap()).code == "IDN"
    document.code = "SGP"

    assert document.wrap() == {"code": "SGP"}
    assert calls == ["accepts_plain"] * 5


@pytest.mark.parametrize(
    ("kind", "asked"),
    [("make", "._given({}, "), ("store", ".wrap({})"), ("load", ".unwrap({}, ")],
)
def test_the_source_asks_a_plain_field_only_behind_its_test(kind, asked):
    """For the value that is no plain one, and about that value alone."""
    cls = with_field(code=CodeField(), codes=ListField(CodeField()))
    cls.unwrap(cls(code="IDN", codes=["SGP"]).wrap())

    lines = [line.strip() for line in written(cls, kind).splitlines()]
    for value in ("v_code", "v_codes"):
        asking = [number for number, line in enumerate(lines) if asked.format(value) in line]
        assert asking
        for number in asking:
            before = lines[number - 1] if "_kept" not in lines[number - 1] else lines[number - 2]
            assert before.startswith(("if not (type(", "else:"))


def test_a_field_without_plain_types_is_asked_as_ever():
    """Its own methods are called for every value."""
    cls = with_field(code=AskedField())
    document = cls(code="IDN")
    cls.unwrap(document.wrap())

    assert calls == ["wrap", "unwrap"]
    assert ".unwrap(" in written(cls, "load")


def test_items_of_a_list_may_be_plain():
    """A list of them is stored and loaded as it is, each item judged."""
    cls = with_field(codes=ListField(CodeField()))
    document = cls(codes=["IDN", "SGP"])
    loaded = cls.unwrap(document.wrap())
    assert loaded.codes == ["IDN", "SGP"]
    assert set(calls) == {"accepts_plain"}
    loaded.codes.append("MYS")
    assert loaded.get_dirty_ops() == {"$set": {"codes": ["IDN", "SGP", "MYS"]}}
    loaded.codes.append("x")
    with pytest.raises(BadValueException) as caught:
        loaded.wrap()
    assert caught.value.name == "Generated.codes[3]"


def test_a_value_that_is_not_accepted_is_left_to_the_field():
    """What is refused, and why, is the field's to say."""
    cls = with_field(code=CodeField(), codes=ListField(CodeField(), required=False))
    for make in (
        lambda: cls(code="idn"),
        lambda: cls(code=3),
        lambda: cls.unwrap({"code": "idn"}),
        lambda: cls.unwrap({"code": 3}),
        lambda: setattr(cls(code="IDN"), "code", "idn"),
    ):
        with pytest.raises(BadValueException, match="takes capital letters") as caught:
            make()
        assert caught.value.name == "Generated.code"
    with pytest.raises(BadValueException) as caught:
        cls.unwrap({"code": "IDN", "codes": ["IDN", "sgp"]})
    assert caught.value.name == "Generated.codes[1]"


def test_a_query_does_not_ask_a_plain_field():
    """A value to compare with is taken as it is, if it is accepted."""
    cls = with_field(code=CodeField())
    assert (cls.code == "IDN").obj == {"code": "IDN"}
    assert calls == ["accepts_plain"]
    with pytest.raises(BadValueException):
        _ = cls.code == "idn"


def test_changes_of_a_plain_field_are_found():
    """It is compared as it is held."""
    cls = with_field(code=CodeField())
    document = cls.unwrap({"code": "IDN"})
    document.code = "SGP"
    assert document.get_dirty_ops() == {"$set": {"code": "SGP"}}
    document.code = "IDN"

    assert document.get_dirty_ops() == {}
    assert not {"wrap", "unwrap"} & {*calls}


def test_a_plain_field_is_read_without_a_call():
    """Python finds its value in the document; one that may change in place is asked for."""

    class Plain(Field):
        plain_types = (int,)

        def wrap(self, value):
            return value

    class Asked(Field):
        def wrap(self, value):
            return value

    assert not hasattr(Plain, "__set__")
    assert hasattr(Asked, "__set__")


def test_validators_are_asked_all_the_same():
    """With a validator every value is judged, as by a field without plain types."""
    seen = []
    cls = with_field(code=CodeField(validator=seen.append))
    cls.unwrap(cls(code="IDN").wrap())

    assert seen == ["IDN"] * 3


def test_none_is_a_value_where_it_is_allowed():
    """It is loaded and stored without a question."""
    cls = with_field(code=CodeField(allow_none=True), codes=ListField(CodeField(allow_none=True)))
    document = cls.unwrap({"code": None, "codes": [None, "IDN"]})

    assert (document.code, document.codes) == (None, [None, "IDN"])
    assert document.wrap() == {"code": None, "codes": [None, "IDN"]}


class Shouted(StringField):
    def wrap(self, value):
        return super().wrap(value).upper()


class Read(StringField):
    def unwrap(self, value, session=None):
        return super().unwrap(value, session).lower()


class Judged(StringField):
    def validate_wrap(self, value):
        super().validate_wrap(value)
        if value == "x":
            self._fail_validation(value)


class Loaded(StringField):
    def validate_unwrap(self, value):
        super().validate_unwrap(value)
        if value == "x":
            self._fail_validation(value)


class Stripped(StringField):
    def set_value(self, instance, value, from_db=False):
        super().set_value(instance, value.strip(), from_db)


class Checked(StringField):
    def _check(self, value):
        super()._check(value)


class Named(StringField):
    pass


class OfMixin(Judged, StringField):
    pass


class SubclassOfPlain(CodeField):
    def wrap(self, value):
        return super().wrap(value).lower()


class SettingItsWay(StringField):
    plain_types = (str,)

    def __set__(self, instance, value):
        super().__set__(instance, value.strip())


class StrippedPlain(Stripped):
    plain_types = (str,)


@pytest.mark.parametrize(
    "cls",
    [
        Shouted,
        Read,
        Judged,
        Loaded,
        Stripped,
        Checked,
        Named,
        OfMixin,
        SubclassOfPlain,
        SettingItsWay,
        StrippedPlain,
    ],
)
def test_plain_types_are_not_inherited(cls):
    """A subclass may override anything, so it has to say itself that its values are plain."""
    assert cls.plain_types == ()
    assert cls()._plain_values() == {}
    assert not cls()._is_plain
    assert ListField(cls())._plain_item() is None


def test_a_subclass_of_a_concrete_field_may_take_over_its_plain_types():
    """It is then judged by the test of the concrete field, and by its bounds."""

    class Name(StringField):
        plain_types = StringField.plain_types

    cls = with_field(name=Name(), short=Name(max_length=2, required=False))
    assert cls(name="é").wrap() == {"name": "é"}
    for values in ({"name": "\ud800"}, {"name": "a", "short": "abc"}):
        with pytest.raises(BadValueException):
            cls(**values)
        with pytest.raises(BadValueException):
            cls.unwrap(values)


@pytest.mark.parametrize("kind", [list, dict, Decimal, type(None), object, "str"])
def test_types_that_cannot_be_plain_are_refused(kind):
    """Where BSON has no such value, or it can be changed in place, the class is not made."""
    with pytest.raises(InvalidConfigException, match="They are among Binary, Int64"):
        type("WrongField", (IntField,), {"plain_types": (kind,)})


def test_a_field_of_two_classes_is_the_same_in_both():
    """What a field says of itself depends on no class that has it."""
    tags = ListField(StringField())
    assert tags._is_packed

    class Mixin:
        shared = tags

    one = type("One", (Mixin, Document), {"config_namespace": None})
    type("Other", (Mixin, Document), {"config_namespace": None, "more": ListField(IntField())})
    document = one.unwrap({"shared": ["a"]})
    document.shared.append("b")

    assert document.get_dirty_ops() == {"$set": {"shared": ["a", "b"]}}
