"""The class settings: what each of them means, its default, and that subclasses have it too."""

from __future__ import annotations

import pytest

from ommongo import Document, DocumentField, IntField, StringField
from ommongo.document import BadFieldSpecification, DocumentException
from ommongo.query import Query


def test_the_settings_have_their_documented_defaults():
    """A class that sets nothing has the defaults of the table in the reference."""

    class Plain(Document):
        pass

    assert Plain.get_collection_name() == "Plain"
    assert Plain.config_namespace == "global"
    assert Plain.config_full_name is None
    assert Plain.config_polymorphic is None
    assert Plain.config_polymorphic_identity is None
    assert Plain.config_polymorphic_collection is False
    assert Plain.config_default_sort is None
    assert Plain.config_extra_fields == "error"


def test_config_collection_name_names_the_collection():
    """A class lives in the collection that it names."""

    class Named(Document):
        config_collection_name = "things"

    assert Named.get_collection_name() == "things"


def test_get_collection_name_works_on_objects_too():
    """An object tells the collection of its class."""

    class Shelf(Document):
        config_collection_name = "shelves"

    assert Shelf().get_collection_name() == "shelves"


def test_a_subclass_lives_in_its_own_collection():
    """Without further settings a subclass has the collection of its own name."""

    class Base(Document):
        pass

    class Derived(Base):
        pass

    assert Derived.get_collection_name() == "Derived"


def test_the_collection_name_is_inherited():
    """A subclass that names no collection of its own lives in the one its base class names."""

    class NamedBase(Document):
        config_collection_name = "shared_things"

    class NamedDerived(NamedBase):
        pass

    assert NamedDerived.get_collection_name() == "shared_things"


def test_with_a_polymorphic_collection_subclasses_share_the_base_class_collection():
    """`config_polymorphic_collection` puts all levels of subclasses in one collection."""

    class Vehicle(Document):
        config_polymorphic = "kind"
        config_polymorphic_collection = True
        kind = StringField()

    class Car(Vehicle):
        config_polymorphic_identity = "car"

    class Van(Car):
        config_polymorphic_identity = "van"

    assert Vehicle.get_collection_name() == "Vehicle"
    assert Car.get_collection_name() == "Vehicle"
    assert Van.get_collection_name() == "Vehicle"


def test_a_subclass_of_a_shared_collection_may_name_its_own():
    """A subclass that names a collection leaves the shared one."""

    class Boat(Document):
        config_collection_name = "boats"
        config_polymorphic = "kind"
        config_polymorphic_collection = True
        kind = StringField()

    class Submarine(Boat):
        config_collection_name = "submarines"

    class Ferry(Boat):
        pass

    assert Submarine.get_collection_name() == "submarines"
    assert Ferry.get_collection_name() == "boats"


def test_string_names_are_looked_up_in_the_namespace_of_the_class():
    """A string class name means the class of that name in the same namespace."""

    class Wheel(Document):
        config_namespace = "bikes"
        size = IntField()

    class Bike(Document):
        config_namespace = "bikes"
        wheel = DocumentField("Wheel")

    bike = Bike(wheel=Wheel(size=28))

    assert bike.wrap() == {"wheel": {"size": 28}}


def test_a_class_of_another_namespace_is_not_found_by_its_name():
    """A string class name that only another namespace knows is an unknown name."""

    class Saddle(Document):
        config_namespace = "stable"

    class Horse(Document):
        config_namespace = "field"
        saddle = DocumentField("Saddle")

    with pytest.raises(BadFieldSpecification, match="Saddle"):
        Horse(saddle=Saddle())


def test_without_a_namespace_string_names_are_refused():
    """A class with ``config_namespace = None`` cannot use string class names."""

    class Engine(Document):
        pass

    class Loner(Document):
        config_namespace = None
        engine = DocumentField("Engine")

    with pytest.raises(BadFieldSpecification, match="Engine"):
        Loner(engine=Engine())


def test_namespace_and_extra_fields_are_inherited():
    """A subclass has the settings of its base class."""

    class Loose(Document):
        config_namespace = "loose"
        config_extra_fields = "ignore"

    class Looser(Loose):
        pass

    assert Looser.config_namespace == "loose"
    assert Looser(anything=1).get_extra_fields() == {"anything": 1}


@pytest.mark.parametrize("value", ["warn", "Ignore", None, True])
def test_an_unknown_way_to_treat_extra_fields_is_refused_at_class_creation(value):
    """`config_extra_fields` is ``'error'`` or ``'ignore'``; anything else makes no class."""
    with pytest.raises(DocumentException, match="config_extra_fields"):
        type("Odd", (Document,), {"config_extra_fields": value})


def test_a_default_sort_of_an_unknown_field_is_refused_by_the_first_object():
    """Constructing an object tells that the default sort names no field."""

    class Unsorted(Document):
        config_default_sort = [("nothing", 1)]
        name = StringField()

    with pytest.raises(BadFieldSpecification, match="resolve field"):
        Unsorted(name="a")


def test_a_default_sort_of_an_unknown_field_is_refused_by_the_first_query():
    """Making a query tells that the default sort names no field."""

    class UnsortedToo(Document):
        config_default_sort = [("nothing", 1)]
        name = StringField()

    with pytest.raises(BadFieldSpecification, match="resolve field"):
        Query(UnsortedToo, None)


@pytest.mark.parametrize("direction", [0, 2, "up", None])
def test_a_default_sort_with_an_odd_direction_is_refused_by_the_first_object(direction):
    """Constructing an object tells that the default sort has a direction that is no 1 or -1."""

    class Spun(Document):
        config_default_sort = [("name", direction)]
        name = StringField()

    with pytest.raises(BadFieldSpecification, match="sort direction"):
        Spun(name="a")


@pytest.mark.parametrize("direction", [0, 2, "up", None])
def test_a_default_sort_with_an_odd_direction_is_refused_by_the_first_query(direction):
    """Making a query tells that the default sort has a direction that is no 1 or -1."""

    class SpunToo(Document):
        config_default_sort = [("name", direction)]
        name = StringField()

    with pytest.raises(BadFieldSpecification, match="sort direction"):
        Query(SpunToo, None)


def test_a_wrong_default_sort_is_refused_every_time():
    """A second try to construct an object of a class with a wrong sort fails as the first."""

    class Stubborn(Document):
        config_default_sort = [("nothing", 1)]
        name = StringField()

    for _ in range(2):
        with pytest.raises(BadFieldSpecification, match="resolve field"):
            Stubborn(name="a")


def test_declaring_a_class_with_a_wrong_default_sort_is_no_error_yet():
    """The default sort is looked at later, so it may name a class that is not declared yet."""

    class Early(Document):
        config_default_sort = [("late.number", 1)]
        late = DocumentField("Late")

    class Late(Document):
        number = IntField()

    assert Early(late=Late(number=1)).late.number == 1


def test_the_default_sort_is_inherited():
    """A subclass has the default sort of its base class, with the same check."""

    class SortedBase(Document):
        config_default_sort = [("name", -1)]
        name = StringField()

    class SortedDerived(SortedBase):
        age = IntField(required=False)

    assert SortedDerived.config_default_sort == [("name", -1)]
    assert SortedDerived(name="a").name == "a"


def test_both_directions_are_accepted_in_a_default_sort():
    """1 and -1 are the directions, on Python names and dotted ones."""

    class Inner(Document):
        number = IntField()

    class Outer(Document):
        config_default_sort = [("name", 1), ("inner.number", -1)]
        name = StringField(db_field="n")
        inner = DocumentField(Inner, required=False)

    assert Outer(name="a").name == "a"
    Query(Outer, None)


@pytest.mark.parametrize(
    "sort",
    ["age", "-age", ["age"], ("age", 1), {"age": 1}, [("age",)], [("age", 1, 2)], True],
    ids=str,
)
def test_a_default_sort_of_another_form(sort):
    """What is no list of pairs is told of by its form, not by Python's words for unpacking."""

    class Sorted(Document):
        config_default_sort = sort
        age = IntField(optional=True)

    for use in (Sorted, lambda: Query(Sorted, None)):
        with pytest.raises(BadFieldSpecification, match=r"Sorted\.config_default_sort .* \[\('na"):
            use()


@pytest.mark.parametrize(
    "name",
    ["config_collection_name", "config_namespace", "config_full_name", "config_polymorphic"],
)
@pytest.mark.parametrize("value", [3, True, ["a"]], ids=str)
def test_a_setting_that_is_no_text(name, value):
    """It is refused when the class is made, by its name."""
    with pytest.raises(DocumentException, match=rf"Odd\.{name} is of type .* It is text, or None"):
        type("Odd", (Document,), {name: value})
