"""Fields that are computed from others."""

from __future__ import annotations

import pytest

from ommongo.document import Document
from ommongo.exceptions import (
    BadFieldSpecification,
    BadValueException,
    FieldNotRetrieved,
    MissingValueException,
)
from ommongo.fields import (
    ComputedField,
    DateTimeField,
    DocumentField,
    IntField,
    ListField,
    StringField,
    computed_field,
)
from tests.unit.fields.refusals import refusal


class Calls:
    """A function that counts its calls."""

    def __init__(self, function):
        self.function = function
        self.seen = []

    def __call__(self, values):
        self.seen.append(values)
        return self.function(values)


class Rectangle(Document):
    width = IntField(required=False)
    height = IntField(required=False, default=2)

    @computed_field(IntField(), deps=[width, "height"])
    def area(values):
        """Width by height."""
        return values["width"] * values["height"]


def test_function_gets_the_values_of_its_dependencies_by_name():
    """Fields and names can be dependencies; a default is a value too."""
    rectangle = Rectangle(width=3)

    assert rectangle.area == 6
    assert Rectangle.get_fields()["area"].deps == ["width", "height"]


def test_value_is_computed_on_every_read():
    """A change of a dependency shows at once, and nothing is computed before it is read."""
    calls = Calls(lambda values: values["n"] + 1)

    class Counter(Document):
        n = IntField()
        next = ComputedField(IntField(), calls, deps=[n])

    counter = Counter(n=1)
    assert calls.seen == []
    assert counter.next == 2
    counter.n = 5
    assert counter.next == 6
    assert calls.seen == [{"n": 1}, {"n": 5}]


def test_value_is_stored_as_the_result_field_stores_it():
    """The result is converted by the field of the result, under the name of the computed one."""

    class Upper(StringField):
        def wrap(self, value):
            return value.upper()

        def unwrap(self, value, session=None):
            return value.lower()

    class Name(Document):
        text = StringField()

        @computed_field(Upper(), deps=[text], db_field="u")
        def upper(values):
            return values["text"]

    assert Name(text="ab").wrap() == {"text": "ab", "u": "AB"}
    assert Name.get_fields()["upper"].unwrap("AB") == "ab"
    assert str(Name.upper) == "u"


def test_computed_field_without_dependencies():
    """Without dependencies the function gets an empty dict."""
    calls = Calls(lambda values: 7)

    class Lucky(Document):
        number = ComputedField(IntField(), calls)

    assert Lucky().wrap() == {"number": 7}
    assert calls.seen == [{}]


def test_computed_field_may_depend_on_a_computed_one():
    """The values of dependencies are read as attributes are."""

    class Row(Document):
        n = IntField()
        double = ComputedField(IntField(), lambda values: values["n"] * 2, deps=[n])
        text = ComputedField(StringField(), lambda values: str(values["double"]), deps=[double])

    assert Row(n=2).text == "4"


def test_unset_dependency():
    """Without a value that it needs it cannot be read, and is not stored."""
    rectangle = Rectangle()

    with pytest.raises(AttributeError, match=r"Rectangle\.width is not set"):
        rectangle.area
    with pytest.raises(MissingValueException, match=r"Rectangle\.area is required and not set"):
        rectangle.wrap()


def test_unset_dependency_of_an_optional_field():
    """An optional computed field that cannot be computed is left out."""

    class Row(Document):
        n = IntField(required=False)
        double = ComputedField(IntField(), lambda values: values["n"] * 2, deps=[n], required=False)

    assert Row().wrap() == {}


@pytest.mark.parametrize("one_time", [False, True])
def test_result_of_a_wrong_type(one_time):
    """A result that its field refuses raises, reading and storing, and is not kept."""

    class Row(Document):
        n = ComputedField(IntField(), lambda values: "sevenseven", one_time=one_time)

    row = Row()
    for call in (lambda: row.n, row.wrap):
        with pytest.raises(BadValueException, match="its function gave a str") as caught:
            call()
        assert caught.value.value == "sevenseven"
        assert "sevenseven" not in str(caught.value)
        assert isinstance(caught.value.cause, BadValueException)
    assert "n" not in row.__dict__


def test_errors_of_the_function_go_through():
    """What the function raises itself is not covered up."""

    class Row(Document):
        n = ComputedField(IntField(), lambda values: 1 // 0, required=False)

    with pytest.raises(ZeroDivisionError):
        Row().n
    with pytest.raises(ZeroDivisionError):
        Row().wrap()


def test_generator_as_a_result_becomes_a_list():
    """A function may yield the items of a list."""

    class Row(Document):
        n = IntField()

        @computed_field(ListField(IntField()), deps=[n], one_time=True)
        def numbers(values):
            yield from range(values["n"])

    row = Row(n=2)
    assert row.numbers == [0, 1]
    assert row.wrap()["numbers"] == row.wrap()["numbers"] == [0, 1]


# -- assigning ------------------------------------------------------------------------------------


def test_assigned_value_is_validated_and_not_read():
    """A value can be assigned if its field accepts it; it still reads as computed."""
    rectangle = Rectangle(width=3, area=100)

    assert rectangle.area == 6
    rectangle.area = 200
    assert rectangle.area == 6
    assert rectangle.wrap()["area"] == 6
    with pytest.raises(BadValueException, match=r"^Rectangle\.area takes int, not str"):
        rectangle.area = "6"


def test_one_time_value_is_computed_once():
    """With one_time the first value is kept and stored."""
    calls = Calls(lambda values: values["n"])

    class Row(Document):
        n = IntField()
        first = ComputedField(IntField(), calls, one_time=True, deps=["n"])

    row = Row(n=1)
    assert row.first == 1
    row.n = 2
    assert row.first == 1
    assert row.wrap() == {"n": 2, "first": 1}
    assert len(calls.seen) == 1


def test_one_time_value_is_computed_when_stored():
    """Storing computes it if reading has not, and keeps it."""
    calls = Calls(lambda values: 3)

    class Row(Document):
        first = ComputedField(IntField(), calls, one_time=True)

    row = Row()
    assert row.wrap() == row.wrap() == {"first": 3}
    assert row.first == 3
    assert len(calls.seen) == 1


def test_one_time_value_is_loaded():
    """A stored one-time value is not computed again."""
    calls = Calls(lambda values: 3)

    class Row(Document):
        first = ComputedField(IntField(), calls, one_time=True)

    row = Row.unwrap({"first": 1})

    assert row.first == 1
    assert row.wrap() == {"first": 1}
    assert calls.seen == []


def test_one_time_value_can_be_given_once():
    """Assigning before it has a value is as good as computing, assigning again is refused."""

    class Row(Document):
        first = ComputedField(IntField(), lambda values: 3, one_time=True)

    row = Row()
    row.first = 55555

    assert row.first == 55555
    error = refusal(lambda value: setattr(row, "first", value), 66666)
    assert error.name == "Row.first"
    assert row.first == 55555


def test_one_time_value_that_is_changed_in_place():
    """A change within the kept value is stored and found."""

    class Row(Document):
        items = ComputedField(ListField(IntField()), lambda values: [1], one_time=True)

    row = Row.unwrap({"items": [1]})
    row.items.append(2)

    assert row.wrap() == {"items": [1, 2]}
    assert row.get_dirty_ops() == {"$set": {"items": [1, 2]}}


# -- partial documents ----------------------------------------------------------------------------


def partial(stored, *fields):
    """Load a rectangle of which only *fields* were retrieved."""
    return Rectangle.unwrap(stored, fields=fields)


def test_result_that_was_not_retrieved():
    """In a partial document without it, it is not retrieved, even if it could be computed."""
    rectangle = partial({"width": 3, "height": 2}, "width", "height")

    with pytest.raises(FieldNotRetrieved, match="area"):
        rectangle.area


def test_result_without_its_dependencies():
    """A partial document that loaded the result alone has what is stored."""
    assert partial({"area": 6}, "area").area == 6


def test_result_with_one_of_its_dependencies():
    """The stored result of what may have changed since is not given."""
    rectangle = partial({"width": 3, "area": 6}, "width", "area")

    with pytest.raises(FieldNotRetrieved, match="height"):
        rectangle.area


def test_result_with_its_dependencies():
    """With all that it needs it is computed."""
    rectangle = partial({"width": 3, "height": 2, "area": 0}, "width", "height", "area")
    assert rectangle.area == 6


def test_neither_result_nor_dependencies():
    """A result that a partial document asked for, but that is not stored, cannot be computed."""
    with pytest.raises(FieldNotRetrieved, match="width"):
        partial({}, "area").area


def test_one_time_value_that_was_not_retrieved():
    """A stored value that was not loaded is neither read nor replaced by a new one."""

    class Row(Document):
        n = IntField()
        first = ComputedField(IntField(), lambda values: 3, one_time=True, required=False)

    row = Row.unwrap({"n": 1}, fields=["n"])

    with pytest.raises(FieldNotRetrieved, match="first"):
        row.first
    assert row.wrap() == {"n": 1}


# -- declaring ------------------------------------------------------------------------------------


@pytest.mark.parametrize("deps", [[3], [None], ["a", ...], (IntField,)], ids=ascii)
def test_dependencies_are_fields_or_names(deps):
    """Nothing else can be a dependency."""
    with pytest.raises(BadFieldSpecification, match="deps holds a"):
        ComputedField(IntField(), len, deps=deps)


@pytest.mark.parametrize("deps", ["width", IntField()], ids=["name", "field"])
def test_dependencies_are_a_list(deps):
    """A single dependency is given as a list of one."""
    with pytest.raises(BadFieldSpecification, match=r"deps is an? .*Pass a list"):
        computed_field(IntField(), deps=deps)(len)


@pytest.mark.parametrize("dep", ["wdith", IntField()], ids=["name", "field"])
def test_dependencies_are_fields_of_the_class(dep):
    """A dependency that is no field of the class is refused when the class is declared."""
    with pytest.raises(BadFieldSpecification, match=r"Row\.n depends on .* no field of Row"):

        class Row(Document):
            n = ComputedField(IntField(), len, deps=[dep])


def test_dependency_of_a_base_class():
    """Fields of a base class are fields of the class."""

    class Square(Rectangle):
        double = ComputedField(IntField(), lambda values: values["area"] * 2, deps=["area"])

    assert Square(width=1, height=1).double == 2


def test_it_is_what_its_result_is():
    """Queries, updates and loading treat it as the field of its result."""

    class Part(Document):
        number = IntField()

    part = ComputedField(DocumentField(Part), len)
    tags = ComputedField(ListField(StringField()), len)

    assert part.has_subfields
    assert part.subfields() is Part.get_fields()
    assert part.has_autoload
    assert not part.is_sequence_field
    assert tags.is_sequence_field
    assert isinstance(tags.item_field, StringField)
    assert tags.wrap_value("a") == "a"
    assert tags.wrap_value(["a"]) == ["a"]
    assert not tags.has_subfields
    assert ComputedField(DateTimeField(), len).has_autoload
    refusal(tags.wrap_value, 33333)


def test_it_keeps_what_the_function_says_of_itself():
    """The docstring of the function is that of the field."""
    assert Rectangle.get_fields()["area"].__doc__ == "Width by height."
