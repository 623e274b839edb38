"""The decorator `typed` leaves a class as it is, and refuses what checkers would misread."""

from __future__ import annotations

import pytest

import ommongo
from ommongo import (
    Document,
    DocumentField,
    Field,
    Index,
    IntField,
    ListField,
    StringField,
    computed_field,
    typed,
)
from ommongo.exceptions import BadFieldSpecification, BadValueException

FIELDS = [
    kind
    for name in ommongo.__all__
    if isinstance(kind := getattr(ommongo, name), type) and issubclass(kind, Field)
]


def test_a_typed_class_is_the_class():
    """Checkers alone see a difference."""

    class City(Document):
        config_namespace = "tests.typed"

        name: Field[str] = StringField()
        population: IntField = IntField(required=False)
        by_name = Index().ascending("name")

        @computed_field(StringField(), deps=["name"])
        @staticmethod
        def shouted(values):
            return values["name"].upper()

    before = dict(vars(City))
    assert typed(City) is City
    assert dict(vars(City)) == before

    assert City(name="Bandung").shouted == "BANDUNG"
    assert City(name="a").wrap() == {"name": "a", "shouted": "A"}
    with pytest.raises(BadValueException):
        City(name=3)


@pytest.mark.parametrize("kind", FIELDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("types", [str, (str, int), ("Later", None)], ids=["one", "two", "text"])
def test_a_field_class_takes_types_at_run_time(kind, types):
    """However many types a checker knows of, an annotation that is looked at is no error."""
    named = kind[types]

    assert named.__origin__ is kind
    assert issubclass(type("Own", named.__mro_entries__((named,)), {}), kind)


def test_a_field_with_types_is_that_field():
    """A class that is named by text can be told to checkers."""
    field = DocumentField["City"]("City")

    assert type(field) is DocumentField
    assert type(ListField[str](StringField())) is ListField


def test_a_field_without_an_annotation_is_refused():
    """It would be no keyword for a checker."""

    class Town(Document):
        config_namespace = "tests.typed"

        name: Field[str] = StringField()
        population = IntField()

    with pytest.raises(
        BadFieldSpecification,
        match=r"Town\.population has no annotation.*population: IntField = IntField\(\.\.\.\)",
    ):
        typed(Town)


def test_inherited_fields_are_those_of_the_base():
    """What a base declares is its own affair."""

    class Place(Document):
        config_namespace = "tests.typed"

        name = StringField()

    @typed
    class Village(Place):
        config_namespace = "tests.typed"

        population: IntField = IntField()

    assert Village(name="a", population=3).population == 3
