"""schema_json of a class: its settings and its fields, for tools."""

from __future__ import annotations

import json

import pytest

from ommongo import Document, DocumentField, IntField, ListField, StringField


class Part(Document):
    """A class to be embedded."""

    size = IntField()


class Described(Document):
    """A class that changes several settings."""

    config_collection_name = "described_things"
    config_namespace = "schema"
    config_full_name = "app.Described"
    config_polymorphic = "kind"
    config_polymorphic_identity = "described"
    config_polymorphic_collection = True
    config_default_sort = [("name", 1)]
    config_extra_fields = "ignore"

    kind = StringField(default="described")
    name = StringField(db_field="n")
    numbers = ListField(IntField(), required=False)
    part = DocumentField(Part, required=False)

    legs = 2


@pytest.mark.parametrize(
    "setting",
    [
        "config_collection_name",
        "config_namespace",
        "config_full_name",
        "config_polymorphic",
        "config_polymorphic_identity",
        "config_polymorphic_collection",
        "config_default_sort",
        "config_extra_fields",
    ],
)
def test_the_schema_has_each_setting(setting):
    """Every setting of the class is in its schema, under its own name."""
    value = Described.schema_json()[setting]

    assert value == getattr(Described, setting)


def test_the_schema_has_the_defaults_of_settings():
    """A class that sets nothing shows the defaults."""
    schema = Part.schema_json()

    assert schema["config_namespace"] == "global"
    assert schema["config_full_name"] is None
    assert schema["config_polymorphic"] is None
    assert schema["config_polymorphic_collection"] is False
    assert schema["config_extra_fields"] == "error"


def test_the_schema_has_each_field_by_name():
    """`fields` holds the fields' own schemas, by Python name, the id's included."""
    fields = Described.schema_json()["fields"]

    assert set(fields) == {"mongo_id", "kind", "name", "numbers", "part"}
    for name, field in Described.get_fields().items():
        assert fields[name] == field.schema_json()


def test_the_schema_of_a_field_tells_its_type_and_stored_name():
    """A field's schema is enough to know how it is stored."""
    schema = Described.schema_json()["fields"]["name"]

    assert schema["type"] == "StringField"
    assert schema["db_field"] == "n"
    assert schema["required"] is True
    assert schema["default_unset"] is True


def test_the_schema_can_be_sent_as_json():
    """The schema of a class whose defaults are JSON values is JSON."""
    assert json.loads(json.dumps(Described.schema_json()))["fields"]["kind"]["default"]


def test_the_schema_is_a_new_dict_each_time():
    """Changing a schema changes neither the class nor the next schema."""
    Described.schema_json()["fields"].clear()
    Described.schema_json()["config_default_sort"].clear()

    assert Described.schema_json()["fields"]
    assert Described.config_default_sort == [("name", 1)]
