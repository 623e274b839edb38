"""Computed fields follow what they are computed from, and stay where that is not known."""

from __future__ import annotations

from ommongo import Document, StringField, computed_field


class Named(Document):
    """A computed field that is computed from another."""

    config_namespace = "tests.regressions"
    config_collection_name = "named"

    first = StringField(required=False)
    other = StringField(required=False)

    @computed_field(StringField(), deps=["first"], required=False)
    def upper(values):
        return values["first"].upper()

    @computed_field(StringField(), deps=["upper"], required=False)
    def shout(values):
        return values["upper"] + "!"


def test_a_computed_field_of_a_computed_field_follows(safe, database):
    """A change reaches a field that is computed from a computed one."""
    safe.save(Named(first="ada"))
    named = safe.query(Named).one()
    named.first = "bob"
    safe.update(named)

    assert database.named.find_one()["shout"] == "BOB!"


def test_a_partial_document_without_the_dependencies_can_be_saved(safe, database):
    """A computed value that was loaded without what it is computed from stays as it is."""
    safe.save(Named(first="ada", other="x"))
    partial = safe.query(Named).fields("other", "upper").one()
    partial.other = "y"
    safe.save(partial)

    assert database.named.find_one({}, {"_id": 0}) == {
        "first": "ada",
        "other": "y",
        "upper": "ADA",
        "shout": "ADA!",
    }


def test_a_partial_save_unsets_a_computed_field_that_lost_a_dependency(safe, database):
    """A partial document whose computed field can be computed no more unsets it."""
    safe.save(Named(first="ada", other="x"))
    partial = safe.query(Named).fields("first", "upper").one()
    del partial.first
    safe.save(partial)

    assert "upper" not in database.named.find_one()
