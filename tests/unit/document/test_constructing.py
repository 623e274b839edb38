"""Making an object: its values, what is refused and when, and plain attributes."""

from __future__ import annotations

import pytest

from ommongo import Document, IntField, ListField, ObjectIdField, StringField
from ommongo.document import ExtraValueException, FieldNotRetrieved, MissingValueException
from ommongo.exceptions import UnknownAttributeWarning
from ommongo.fields import BadValueException


class Person(Document):
    """A class with required and optional fields."""

    name = StringField()
    age = IntField(required=False, min_value=0)
    nick = StringField(required=False, allow_none=True)
    tags = ListField(StringField(), required=False)


class Initialised(Document):
    """A class with an ``__init__`` of its own, which notes how it was called."""

    name = StringField(db_field="n")
    age = IntField(required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.calls = [kwargs]


def test_keyword_arguments_are_the_values_of_the_fields():
    """Each keyword argument sets the field of that name."""
    person = Person(name="ada", age=36)

    assert (person.name, person.age) == ("ada", 36)


@pytest.mark.parametrize("values", [{"name": 3}, {"age": "36"}, {"age": -1}, {"tags": ["a", 1]}])
def test_values_are_validated_at_once(values):
    """A value that its field refuses makes no object."""
    with pytest.raises(BadValueException):
        Person(**values)


def test_a_refused_value_is_named_by_class_and_field():
    """The exception tells the path to the value, and carries the value as data only."""
    with pytest.raises(BadValueException) as caught:
        Person(name=987654)

    assert caught.value.name == "Person.name"
    assert caught.value.value == 987654
    assert "Person.name" in str(caught.value)
    assert "987654" not in str(caught.value)


def test_assigning_validates_at_once_and_keeps_the_old_value():
    """An assignment that is refused changes nothing."""
    person = Person(name="ada", age=36)

    with pytest.raises(BadValueException) as caught:
        person.age = "37"

    assert caught.value.name == "Person.age"
    assert person.age == 36


def test_an_assigned_value_is_kept_as_it_was_given():
    """Conversion happens when the document is stored, not when the value is assigned."""

    class Loose(Document):
        other = ObjectIdField(required=False)

    document = Loose(other="0123456789abcdef01234567")

    assert document.other == "0123456789abcdef01234567"
    assert str(document.wrap()["other"]) == "0123456789abcdef01234567"
    assert document.wrap()["other"] != "0123456789abcdef01234567"


def test_a_name_that_is_no_field_is_refused():
    """A keyword argument that names no field raises `ExtraValueException`, which names it."""
    with pytest.raises(ExtraValueException, match="nmae"):
        Person(nmae="ada")


def test_the_stored_name_is_no_name_in_python():
    """A field is constructed by its Python name only."""
    with pytest.raises(ExtraValueException):
        Initialised(n="ada")


def test_a_missing_required_field_is_no_error_until_it_is_stored():
    """An object may be incomplete; only serializing it tells."""
    person = Person()

    with pytest.raises(MissingValueException):
        person.wrap()


def test_an_unset_field_without_a_default_raises_attribute_error():
    """Reading a field that has no value and no default is Python's own error."""
    person = Person(name="ada")

    with pytest.raises(AttributeError, match="age"):
        _ = person.age
    assert not hasattr(person, "age")


def test_none_is_a_value_where_it_is_allowed():
    """`allow_none` lets ``None`` be set, read and stored."""
    person = Person(name="ada", nick=None)

    assert person.nick is None
    assert person.wrap() == {"name": "ada", "nick": None}


def test_none_is_refused_where_it_is_not_allowed():
    """A field without `allow_none` refuses ``None``, also an optional one."""
    with pytest.raises(BadValueException):
        Person(name="ada", age=None)


def test_a_generator_becomes_a_list_at_once():
    """A list field takes a generator and holds its items."""
    person = Person(name="ada", tags=(letter for letter in "ab"))

    assert person.tags == ["a", "b"]
    assert person.wrap()["tags"] == ["a", "b"]


def test_a_plain_attribute_may_be_set_and_is_not_stored():
    """An attribute that is no field belongs to the object alone."""
    person = Person(name="ada")
    with pytest.warns(UnknownAttributeWarning):
        person.note = 5

    assert person.note == 5
    assert person.wrap() == {"name": "ada"}
    assert person.get_dirty_ops() == {"$set": {"name": "ada"}}


def test_a_plain_attribute_may_be_deleted():
    """An attribute that is no field goes as any Python attribute does."""
    person = Person(name="ada")
    person.__dict__["note"] = 5
    del person.note

    with pytest.raises(AttributeError, match="note"):
        _ = person.note


def test_deleting_a_field_unsets_it():
    """A deleted field reads and stores as one that was never set."""
    person = Person(name="ada", age=36)
    del person.age

    with pytest.raises(AttributeError):
        _ = person.age
    assert person.wrap() == {"name": "ada"}


def test_deleting_a_field_that_is_not_set_raises_attribute_error():
    """There is nothing to delete in an unset field, nor in one deleted before."""
    person = Person(name="ada", age=36)
    del person.age

    with pytest.raises(AttributeError, match="age"):
        del person.age
    with pytest.raises(AttributeError, match="tags"):
        del person.tags


def test_deleting_an_attribute_that_is_not_there_raises_attribute_error():
    """Deleting a name that is neither field nor attribute is Python's own error."""
    with pytest.raises(AttributeError, match="nothing"):
        del Person(name="ada").nothing


def test_loading_calls_an_init_of_the_class():
    """A class with an ``__init__`` is loaded through it, told so, with the values by name."""
    loaded = Initialised.unwrap({"n": "ada", "age": 36})

    (call,) = loaded.calls
    assert call["loading_from_db"] is True
    assert (call["name"], call["age"]) == ("ada", 36)
    assert (loaded.name, loaded.age) == ("ada", 36)


def test_an_init_is_called_with_unwrapped_values():
    """What an ``__init__`` gets on loading are Python values, not stored ones."""

    class Pair(Document):
        numbers = ListField(IntField())

        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.total = sum(kwargs["numbers"])

    assert Pair.unwrap({"numbers": [1, 2]}).total == 3


def test_an_object_that_was_loaded_through_an_init_is_clean():
    """Loading through an ``__init__`` assigns nothing."""
    assert Initialised.unwrap({"n": "ada", "age": 36}).get_dirty_ops() == {}


def test_an_init_without_the_loading_flag_still_constructs():
    """An application that constructs such an object gets what it asked for, dirty."""
    made = Initialised(name="ada")

    assert "loading_from_db" not in made.calls[0]
    assert made.get_dirty_ops() == {"$set": {"n": "ada"}}


def test_an_inherited_init_is_called_too():
    """An ``__init__`` that a base class of the application overrides counts as overridden."""

    class Derived(Initialised):
        size = IntField(required=False)

    loaded = Derived.unwrap({"n": "ada", "size": 3})

    assert loaded.calls[0]["size"] == 3


def test_a_class_with_an_init_can_be_loaded_in_part():
    """A partial document that was loaded through an ``__init__`` is partial."""
    loaded = Initialised.unwrap({"n": "ada"}, fields=["name"])

    assert loaded.name == "ada"
    with pytest.raises(FieldNotRetrieved, match="age"):
        _ = loaded.age


def test_a_class_with_an_init_keeps_extra_fields():
    """Extra fields are loaded beside the values that an ``__init__`` is given."""

    class LooseInit(Document):
        config_extra_fields = "ignore"
        name = StringField()

        def __init__(self, **kwargs):
            super().__init__(**kwargs)

    loaded = LooseInit.unwrap({"name": "a", "colour": "red", "a.b": 1})

    assert loaded.get_extra_fields() == {"colour": "red", "a.b": 1}
    assert loaded.wrap() == {"name": "a", "colour": "red", "a.b": 1}
    assert loaded.get_dirty_ops() == {}


def test_an_init_may_set_plain_attributes_first():
    """An ``__init__`` may do as it likes before it passes its arguments on."""

    class Early(Document):
        name = StringField()

        def __init__(self, note=None, **kwargs):
            self.note = note
            super().__init__(**kwargs)

    assert Early(note=5, name="a").note == 5
    assert Early.unwrap({"name": "a"}).note is None


def test_properties_of_the_class_can_be_set():
    """A property with a setter works as in any class."""

    class Measured(Document):
        width = IntField()

        @property
        def doubled(self):
            return self.width * 2

        @doubled.setter
        def doubled(self, value):
            self.width = value // 2

    measured = Measured(width=1)
    measured.doubled = 8

    assert (measured.width, measured.doubled) == (4, 8)
    assert measured.wrap() == {"width": 4}


def test_a_class_without_an_init_is_loaded_without_calling_it(monkeypatch):
    """Where nothing overrides ``__init__``, loading does not pay for calling one."""

    def refuse(*args, **kwargs):
        raise AssertionError("__init__ was called")

    monkeypatch.setattr(Document, "__init__", refuse)

    assert Person.unwrap({"name": "ada"}).name == "ada"
