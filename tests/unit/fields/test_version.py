"""The field that counts a document's versions."""

from __future__ import annotations

import copy

import pytest
from bson import Int64

from ommongo.document import BadFieldSpecification, Document
from ommongo.exceptions import BadValueException, InvalidModifierException
from ommongo.fields import IntField, StringField, VersionField
from ommongo.query import Query
from tests.unit.fields.refusals import refusal


class Page(Document):
    config_namespace = "tests.unit.fields.version"

    text = StringField(required=False)
    version = VersionField()


class Named(Document):
    config_namespace = "tests.unit.fields.version"

    version = VersionField(db_field="v")


CONVERSIONS = ["wrap", "unwrap", "wrap_value"]
JUDGEMENTS = ["validate_wrap", "validate_unwrap"]


@pytest.mark.parametrize("name", CONVERSIONS)
@pytest.mark.parametrize("value", [1, 2, 2**31, 2**63 - 1, Int64(5)])
def test_a_version_is_a_number_from_one_on(name, value):
    """It is stored as it is, in up to 64 bits."""
    assert getattr(VersionField(), name)(value) == value


@pytest.mark.parametrize("name", [*CONVERSIONS, *JUDGEMENTS])
@pytest.mark.parametrize("value", [0, -1, 2**63, 1.0, "1", True, None, [1]])
def test_everything_else_is_refused(name, value):
    """What is no whole number from 1 on is no version."""
    refusal(getattr(VersionField(), name), value)


def test_a_new_document_has_no_version():
    """It has one once it is stored: until then reading it is reading an unset field."""
    page = Page(text="one")

    with pytest.raises(AttributeError):
        page.version
    assert page.wrap() == {"text": "one"}


def test_a_loaded_document_has_the_stored_version():
    """It comes with the document, under its stored name."""
    assert Page.unwrap({"version": 3}).version == 3
    assert Named.unwrap({"v": 3}).version == 3
    assert Named.unwrap({"v": 3}).wrap() == {"v": 3}


def test_a_document_may_be_loaded_without_a_version():
    """Documents from before their class counted versions have none."""
    assert not hasattr(Page.unwrap({"text": "one"}), "version")


@pytest.mark.parametrize(
    "assign",
    [
        lambda value: Page(version=value),
        lambda value: setattr(Page(), "version", value),
        lambda value: setattr(Page.unwrap({"version": 3}), "version", value),
    ],
    ids=["constructed", "new", "loaded"],
)
@pytest.mark.parametrize("value", [4, None, "x"])
def test_a_version_cannot_be_assigned(assign, value):
    """The session alone counts; the refusal says what to do instead."""
    error = refusal(assign, value)

    assert error.name == "Page.version"
    assert "StaleDocumentException" in str(error)


def test_a_refused_assignment_changes_nothing():
    """The document has the version that was loaded, and nothing to send."""
    page = Page.unwrap({"version": 3})
    with pytest.raises(BadValueException):
        page.version = 4

    assert page.version == 3
    assert page.get_dirty_ops() == {}


def test_loading_by_the_constructor_takes_a_version():
    """A class that overrides `__init__` is loaded through it."""

    class Own(Page):
        def __init__(self, **kwargs):
            super().__init__(**kwargs)

    assert Own.unwrap({"version": 3}).version == 3


@pytest.mark.parametrize("with_required", [False, True])
@pytest.mark.parametrize("document", [Page(text="x"), Page.unwrap({"text": "x", "version": 3})])
def test_a_version_is_never_dirty(document, with_required):
    """No update that a document asks for names it."""
    document.text = "other"

    assert document.get_dirty_ops(with_required) == {"$set": {"text": "other"}}


def test_a_deleted_version_is_not_unset():
    """Whatever an application does to the attribute, nothing of it is stored by an update."""
    page = Page.unwrap({"text": "x", "version": 3})
    del page.version

    assert page.get_dirty_ops() == {}


@pytest.mark.parametrize(
    "update",
    [
        lambda query: query.set(Page.version, 5),
        lambda query: query.set(version=5),
        lambda query: query.inc(Page.version),
        lambda query: query.unset("version"),
    ],
    ids=["set", "set_by_name", "inc", "unset"],
)
def test_no_update_may_name_a_version(update):
    """The field has no modifiers: an update expression cannot change it."""
    assert VersionField().valid_modifiers == frozenset()
    with pytest.raises(InvalidModifierException, match="version"):
        update(Query(Page, None))


def test_every_update_expression_increments_the_version():
    """Under its stored name, beside whatever else is incremented."""

    class Counted(Named):
        hits = IntField(required=False)

    update = Query(Counted, None).set(Counted.hits, 1)
    assert update.update_data == {"$set": {"hits": 1}, "$inc": {"v": 1}}
    update = Query(Counted, None).inc(Counted.hits, 2)
    assert update.update_data == {"$inc": {"hits": 2, "v": 1}}
    assert Query(Counted, None).find_and_modify(remove=True).update_data == {}


def test_a_document_has_one_version():
    """A class with two is refused when it is declared, also where it inherits one."""
    with pytest.raises(BadFieldSpecification, match="version"):
        type("Two", (Document,), {"one": VersionField(), "two": VersionField()})
    with pytest.raises(BadFieldSpecification, match="version"):
        type("Heir", (Page,), {"other": VersionField()})


def test_an_inherited_version_can_be_declared_anew():
    """Under the same name it takes the place of the base's."""

    class Anew(Page):
        version = VersionField(db_field="v")

    assert Anew.unwrap({"v": 2}).version == 2


def test_copies_keep_the_version():
    """A copy is of the same stored state."""
    page = Page.unwrap({"text": "x", "version": 3})

    assert copy.copy(page).version == copy.deepcopy(page).version == 3


def test_the_schema_names_the_field():
    """A version is optional, and never updated by what a document asks for."""
    schema = Named.schema_json()["fields"]["version"]

    assert schema["type"] == "VersionField"
    assert (schema["required"], schema["on_update"], schema["db_field"]) == (False, "ignore", "v")


def test_a_query_compares_versions():
    """It is a field like any other in a query, and judges what it is compared with."""
    assert Query(Named, None).filter(Named.version > 3).query == {"v": {"$gt": 3}}
    assert Query(Named, None).filter(Named.version == 3).query == {"v": 3}
    with pytest.raises(BadValueException):
        Named.version == "three"
