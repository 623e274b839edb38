"""Extra fields: names that the class does not know, refused or kept."""

from __future__ import annotations

import pytest
from bson import ObjectId

from ommongo import Document, DocumentField, ListField, StringField
from ommongo.document import DocumentException, ExtraValueException
from ommongo.exceptions import UnknownAttributeWarning


class Strict(Document):
    """A class that refuses what it does not know."""

    name = StringField()


class Loose(Document):
    """A class that keeps what it does not know."""

    config_extra_fields = "ignore"
    name = StringField(db_field="n")


class LoosePart(Document):
    """The same, to be embedded."""

    config_extra_fields = "ignore"
    city = StringField()


class StrictHolder(Document):
    """A strict class that embeds a loose one."""

    part = DocumentField(LoosePart)
    parts = ListField(DocumentField(LoosePart), required=False)


class LooseHolder(Document):
    """A loose class that embeds a strict one."""

    config_extra_fields = "ignore"
    part = DocumentField(Strict)


def test_constructing_with_an_extra_name_is_refused():
    """A strict class takes only its fields."""
    with pytest.raises(ExtraValueException, match="colour"):
        Strict(name="a", colour="red")


def test_loading_an_extra_name_is_refused():
    """A strict class loads only its fields; the exception names the unknown key."""
    with pytest.raises(ExtraValueException, match="colour"):
        Strict.unwrap({"name": "a", "colour": "red"})


def test_extra_value_exceptions_are_document_exceptions():
    """One ``except`` clause catches all that is wrong with a document."""
    with pytest.raises(DocumentException) as caught:
        Strict(colour="red")

    assert isinstance(caught.value, ExtraValueException)


def test_the_value_of_an_extra_name_is_not_in_the_message():
    """What was stored under an unknown key may be private."""
    with pytest.raises(ExtraValueException) as caught:
        Strict.unwrap({"name": "a", "colour": "a very private red"})

    assert "private" not in str(caught.value)


def test_a_strict_class_has_no_extra_fields():
    """`get_extra_fields` of a strict class is empty."""
    assert Strict(name="a").get_extra_fields() == {}


def test_constructing_keeps_extra_values():
    """A loose class keeps what it does not know."""
    assert Loose(name="a", colour="red").get_extra_fields() == {"colour": "red"}


def test_loading_keeps_extra_values():
    """A loose class loads keys that it does not know."""
    loaded = Loose.unwrap({"n": "a", "colour": "red", "deep": {"er": [1]}})

    assert loaded.name == "a"
    assert loaded.get_extra_fields() == {"colour": "red", "deep": {"er": [1]}}


def test_extra_values_are_stored():
    """`wrap` has the extra fields beside the declared ones."""
    assert Loose(name="a", colour="red").wrap() == {"n": "a", "colour": "red"}


def test_extra_fields_are_a_live_dict():
    """What is put into the dict of extra fields, or taken out of it, is so in the document."""
    loaded = Loose.unwrap({"n": "a", "colour": "red"})
    extra = loaded.get_extra_fields()
    extra["size"] = 3
    del extra["colour"]

    assert loaded.get_extra_fields() == {"size": 3}
    assert loaded.wrap() == {"n": "a", "size": 3}


def test_the_dict_of_extra_fields_is_live_also_when_it_was_empty():
    """A document without extra fields can be given some."""
    made, loaded = Loose(name="a"), Loose.unwrap({"n": "a"})
    made.get_extra_fields()["size"] = 3
    loaded.get_extra_fields()["size"] = 3

    assert made.wrap() == loaded.wrap() == {"n": "a", "size": 3}


def test_two_documents_have_their_own_extra_fields():
    """Extra fields of one document are never those of another."""
    first, second = Loose(name="a"), Loose(name="b")
    first.get_extra_fields()["size"] = 3

    assert second.get_extra_fields() == {}


def test_extra_fields_never_change_the_dict_that_was_passed_in():
    """Changing an extra value does not reach into the caller's data."""
    raw = {"n": "a", "list": [1]}
    loaded = Loose.unwrap(raw)
    loaded.get_extra_fields()["size"] = 3
    loaded.get_extra_fields().pop("list")

    assert raw == {"n": "a", "list": [1]}


def test_extra_fields_are_not_attributes():
    """An extra field is reached by `get_extra_fields` only."""
    assert not hasattr(Loose(name="a", colour="red"), "colour")


def test_a_plain_attribute_is_no_extra_field():
    """Setting an unknown attribute of a loose document stores nothing."""
    made = Loose(name="a")
    with pytest.warns(UnknownAttributeWarning):
        made.note = 5

    assert made.get_extra_fields() == {}
    assert made.wrap() == {"n": "a"}


def test_an_embedded_loose_class_keeps_its_own_extra_fields():
    """Each class decides for its own level."""
    raw = {"part": {"city": "a", "x": 1}, "parts": [{"city": "b", "y": 2}]}
    loaded = StrictHolder.unwrap(raw)

    assert loaded.part.get_extra_fields() == {"x": 1}
    assert loaded.parts[0].get_extra_fields() == {"y": 2}
    assert loaded.wrap() == raw


def test_an_embedded_strict_class_refuses_extra_names_in_a_loose_one():
    """A loose class does not make what it embeds loose."""
    with pytest.raises(ExtraValueException, match="colour"):
        LooseHolder.unwrap({"part": {"name": "a", "colour": "red"}, "x": 1})


def test_the_python_name_is_an_extra_name_in_stored_data():
    """Stored data has stored names: another key that looks like a Python name is extra."""
    loaded = Loose.unwrap({"n": "a", "name": "b"})

    assert loaded.name == "a"
    assert loaded.get_extra_fields() == {"name": "b"}
    assert loaded.wrap() == {"n": "a", "name": "b"}


def test_unchanged_extra_fields_are_clean():
    """A loaded document with extra fields has nothing to send."""
    loaded = Loose.unwrap({"_id": ObjectId(), "n": "a", "colour": "red"})
    loaded.get_extra_fields()

    assert loaded.get_dirty_ops() == {}


def test_an_added_extra_field_is_dirty():
    """An extra field that is new is set."""
    loaded = Loose.unwrap({"_id": ObjectId(), "n": "a"})
    loaded.get_extra_fields()["size"] = 3

    assert loaded.get_dirty_ops() == {"$set": {"size": 3}}


def test_a_changed_extra_field_is_dirty():
    """An extra field with another value is set."""
    loaded = Loose.unwrap({"_id": ObjectId(), "n": "a", "colour": "red"})
    loaded.get_extra_fields()["colour"] = "blue"

    assert loaded.get_dirty_ops() == {"$set": {"colour": "blue"}}


def test_an_extra_field_changed_in_place_is_dirty():
    """A list or dict among the extra fields is watched as a declared one is."""
    loaded = Loose.unwrap({"_id": ObjectId(), "n": "a", "deep": {"er": [1]}})
    loaded.get_extra_fields()["deep"]["er"].append(2)

    assert loaded.get_dirty_ops() == {"$set": {"deep": {"er": [1, 2]}}}


def test_an_extra_field_changed_and_changed_back_is_clean():
    """An extra field that is what it was is no change."""
    loaded = Loose.unwrap({"_id": ObjectId(), "n": "a", "colour": "red", "list": [1]})
    extra = loaded.get_extra_fields()
    extra["colour"] = "blue"
    extra["colour"] = "red"
    extra["list"].append(2)
    extra["list"].pop()

    assert loaded.get_dirty_ops() == {}


@pytest.mark.parametrize(("stored", "assigned"), [(1, True), (1, 1.0), (0, False), (True, 1)])
def test_extra_values_that_bson_tells_apart_are_different(stored, assigned):
    """What counts for extra fields is what would be stored, not what Python calls equal."""
    loaded = Loose.unwrap({"_id": ObjectId(), "n": "a", "x": stored})
    loaded.get_extra_fields()["x"] = assigned

    changed = loaded.get_dirty_ops()["$set"]["x"]
    assert type(changed) is type(assigned)


def test_a_deleted_extra_field_is_unset():
    """An extra field that was taken out is taken out of the stored document."""
    loaded = Loose.unwrap({"_id": ObjectId(), "n": "a", "colour": "red"})
    del loaded.get_extra_fields()["colour"]

    assert set(loaded.get_dirty_ops()) == {"$unset"}
    assert set(loaded.get_dirty_ops()["$unset"]) == {"colour"}


def test_extra_fields_of_a_new_document_are_dirty():
    """A document that was never stored sends its extra fields too."""
    assert Loose(name="a", colour="red").get_dirty_ops() == {"$set": {"n": "a", "colour": "red"}}


def test_an_extra_field_of_an_embedded_document_gets_a_dotted_name():
    """A change of an embedded document's extra field is sent for that field alone."""
    loaded = StrictHolder.unwrap({"_id": ObjectId(), "part": {"city": "a", "x": 1}})
    loaded.part.get_extra_fields()["x"] = 2

    assert loaded.get_dirty_ops() == {"$set": {"part.x": 2}}
