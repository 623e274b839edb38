"""Bad input: the documented exception, nothing half-written, and a session that can be used."""

from __future__ import annotations

import datetime

import pytest
from bson import ObjectId
from bson.errors import InvalidDocument
from pymongo.errors import DocumentTooLarge, InvalidName, PyMongoError

from ommongo import (
    AnythingField,
    DictField,
    Document,
    IntField,
    ListField,
    ObjectIdField,
    StringField,
)
from ommongo.document import ExtraValueException, MissingValueException
from ommongo.exceptions import BadQueryException, BadValueException, FieldNotFoundException
from tests.helpers import note_of
from tests.models import Note, User

TOO_LARGE = 17 * 1024 * 1024


def shown(value):
    """Give a name for a parameter that is the same in every process."""
    return "object" if type(value) is object else ascii(value)


class Form(Document):
    config_namespace = "tests.session_bad_input"
    config_collection_name = "forms"
    name = StringField()
    number = IntField(required=False)
    by_name = DictField(IntField(), required=False)
    parts = ListField(DictField(AnythingField()), required=False)
    anything = AnythingField(required=False)
    owner_id = ObjectIdField(required=False)


@pytest.fixture(autouse=True)
def _usable(safe_session, database):
    """After each test the session stores what it is given next, and nothing was half-written."""
    yield
    assert safe_session.queue == []
    safe_session.save(User(name="afterwards"))
    assert database["users"].count_documents({"name": "afterwards"}) == 1
    assert database["forms"].count_documents({"name": "bad"}) == 0


@pytest.fixture
def session(safe_session):
    """A session whose writes raise."""
    return safe_session


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", {"$gt": ""}),
        ("name", ["a"]),
        ("name", 5),
        ("name", None),
        ("name", b"bytes"),
        ("name", "\ud800"),
        ("name", "text \udfff more"),
        ("number", "5"),
        ("number", 5.0),
        ("number", True),
        ("number", 2**63),
        ("number", -(2**63) - 1),
        ("by_name", {"a.b": 1}),
        ("by_name", {"$a": 1}),
        ("by_name", {"a\0": 1}),
        ("by_name", {5: 1}),
        ("by_name", {"\ud800": 1}),
        ("by_name", {"a": "text"}),
        ("by_name", [("a", 1)]),
        ("parts", [{"a.b": 1}]),
        ("parts", [{"$set": 1}]),
        ("parts", {"a": 1}),
        ("owner_id", "not an id"),
        ("owner_id", {"$ne": None}),
    ],
    ids=shown,
)
class TestAWrongValue:
    def test_is_refused_when_a_document_is_made(self, field, value):
        """The constructor raises `BadValueException` that names the field and not the value."""
        with pytest.raises(BadValueException) as caught:
            Form(**{"name": "bad", field: value})

        assert caught.value.name.startswith(f"Form.{field}")
        assert type(caught.value.value).__name__ in str(caught.value)

    def test_is_refused_when_it_is_assigned(self, field, value):
        """An assignment raises and leaves the old value."""
        form = Form(name="fine")
        before = dict(form.__dict__)
        with pytest.raises(BadValueException):
            setattr(form, field, value)

        assert dict(form.__dict__) == before

    def test_is_refused_in_an_update_expression(self, session, commands, field, value):
        """`set` raises when the expression is built, and nothing is sent."""
        with pytest.raises(BadValueException):
            session.query(Form).set(getattr(Form, field), value)

        assert commands.names() == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Form.name, {"$gt": ""}),
        (Form.name, {"$ne": None}),
        (Form.name, 5),
        (Form.name, "\ud800"),
        (Form.number, {"$gt": 0}),
        (Form.number, 2**63),
        (Form.number, "5"),
        (Form.owner_id, {"$ne": None}),
        (Form.mongo_id, {"$ne": None}),
        (Form.mongo_id, "me"),
    ],
    ids=shown,
)
class TestAWrongValueInAQuery:
    def test_is_refused_in_an_expression(self, field, value):
        """A value of a wrong type raises when the expression is built: no operator injection."""
        with pytest.raises(BadValueException):
            field == value

    def test_is_refused_in_filter_by(self, session, field, value):
        """`filter_by` is no way around it."""
        with pytest.raises(BadValueException):
            session.query(Form).filter_by(**{field.get_type()._name: value})

    def test_is_refused_in_a_removal(self, session, commands, field, value):
        """Neither is a remove query."""
        with pytest.raises(BadValueException):
            session.remove_query(Form).filter_by(**{field.get_type()._name: value}).execute()

        assert commands.names() == []

    def test_is_refused_among_several(self, session, field, value):
        """Neither are `in_` and `nin`."""
        with pytest.raises(BadValueException):
            session.query(Form).in_(field, value)
        with pytest.raises(BadValueException):
            session.query(Form).nin(field, value)


def test_user_input_as_text_is_text(session):
    """Text that looks like an operator is compared as text."""
    session.save(Form(name="$gt"))

    assert session.query(Form).filter(Form.name == "$gt").one().name == "$gt"
    assert session.query(Form).filter_by(name='{"$gt": ""}').first() is None


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (2**63, OverflowError),
        (-(2**63) - 1, OverflowError),
        ([{"deep": 2**64}], OverflowError),
        (object(), InvalidDocument),
        ({1, 2}, InvalidDocument),
        (datetime.date(2024, 1, 1), InvalidDocument),
        ({"a\0b": 1}, InvalidDocument),
        ({5: 1}, InvalidDocument),
        ([{"deep": {"a\0b": 1}}], InvalidDocument),
    ],
    ids=shown,
)
@pytest.mark.parametrize("write", ["add", "save", "update"])
def test_what_bson_cannot_encode_raises_the_drivers_error(
    session, database, commands, write, value, error
):
    """A field that takes anything leaves the judgement to the driver, before anything is queued."""
    form = Form(name="fine")
    session.save(form)
    form.anything = value
    commands.clear()
    with pytest.raises(error):
        getattr(session, write)(form)

    assert session.queue == []
    assert commands.names() == []
    assert form.anything is value
    assert "anything" not in database["forms"].find_one()


@pytest.mark.parametrize("value", ["\ud800", {"\ud800": 1}, ["a", "\udc00"]], ids=shown)
def test_text_that_is_not_utf8_is_refused_everywhere(session, commands, value):
    """A lone surrogate in a field that takes anything is an encoding error, before it is queued."""
    with pytest.raises((InvalidDocument, UnicodeEncodeError)):
        session.save(Note(key=1, body=value))

    assert commands.names() == []


def test_nested_containers_are_named_by_their_path():
    """The exception for a value deep inside has the path to it."""
    with pytest.raises(BadValueException) as caught:
        Form(name="bad", parts=[{"fine": 1}, {"a.b": 1}])

    assert caught.value.name.startswith("Form.parts[1]")


@pytest.mark.parametrize("write", ["add", "save"])
def test_a_missing_required_field_is_refused(session, commands, write):
    """The exception names the class and the field."""
    with pytest.raises(MissingValueException) as caught:
        getattr(session, write)(Form(number=5))

    assert "Form" in str(caught.value)
    assert "name" in str(caught.value)
    assert caught.value.name == "name"
    assert commands.names() == []


def test_an_unknown_field_is_refused():
    """A name that is no field raises when the document is made."""
    with pytest.raises(ExtraValueException, match="nmae") as caught:
        Form(nmae="ada")

    assert "Form" in str(caught.value)


@pytest.mark.parametrize(
    "call",
    [
        lambda query: query.filter_by(nmae="a"),
        lambda query: query.sort(("nmae", 1)),
        lambda query: query.ascending("nmae"),
        lambda query: query.fields("nmae"),
        lambda query: query.distinct("nmae"),
        lambda query: query.hint_asc("nmae"),
        lambda query: query.in_("nmae", 1),
        lambda query: query.set(nmae="a"),
        lambda query: query.set("nmae", "a"),
        lambda query: query.inc("nmae"),
        lambda query: query.unset("nmae"),
        lambda query: query.filter_dict({"nmae": 1}),
        lambda query: query.filter_like(nmae="a"),
    ],
    ids=[
        "filter_by",
        "sort",
        "ascending",
        "fields",
        "distinct",
        "hint",
        "in",
        "set",
        "set_positional",
        "inc",
        "unset",
        "filter_dict",
        "filter_like",
    ],
)
def test_an_unknown_name_is_refused(session, commands, call):
    """A name that is no field raises, with the name and the class in the message."""
    with pytest.raises(FieldNotFoundException, match="nmae") as caught:
        call(session.query(Form))

    assert "Form" in str(caught.value)
    assert commands.names() == []


def test_an_unknown_attribute_of_an_embedded_document_is_refused():
    """`User.address.town` raises `BadQueryException` naming what is missing."""
    with pytest.raises(BadQueryException, match="town"):
        _ = User.address.town


def test_an_attribute_of_a_scalar_is_refused():
    """A sub-field of a scalar is an `AttributeError`, Python's own word for it."""
    with pytest.raises(AttributeError):
        _ = User.name.first


@pytest.mark.parametrize("safe", [False, True])
def test_a_document_over_16_mib_is_refused(make_session, database, safe):
    """The driver's error is raised whatever `safe` says, and nothing is stored."""
    session = make_session(safe=safe)
    form = Form(name="bad", anything="x" * TOO_LARGE)
    with pytest.raises(DocumentTooLarge):
        session.save(form)

    assert session.queue == []
    assert database["forms"].count_documents({}) == 0
    assert form.get_dirty_ops()["$set"]["name"] == "bad"


def test_a_document_over_16_mib_fails_as_one_operation(session, database):
    """What was queued before it is stored, what comes after it is not attempted."""
    session.add(User(name="before"))
    session.add(Form(name="bad", anything="x" * TOO_LARGE))
    session.add(User(name="after"))
    with pytest.raises(DocumentTooLarge) as caught:
        session.flush()

    assert [user["name"] for user in database["users"].find()] == ["before"]
    assert "Form" in note_of(caught.value)


def test_a_document_over_16_mib_can_be_made_smaller_and_saved(session, database):
    """The object that was refused is stored once when it fits."""
    form = Form(name="fine", anything="x" * TOO_LARGE)
    with pytest.raises(DocumentTooLarge):
        session.save(form)
    form.anything = "small"
    session.save(form)

    assert database["forms"].find_one() == {
        "_id": form.mongo_id,
        "name": "fine",
        "anything": "small",
    }


def test_a_replacement_over_16_mib_leaves_what_is_stored(session, database):
    """A stored document that grew too large stays as it was."""
    form = Form(name="fine", anything="small")
    session.save(form)
    form.anything = "x" * TOO_LARGE
    with pytest.raises(DocumentTooLarge):
        session.save(form)
    assert database["forms"].find_one()["anything"] == "small"

    with pytest.raises(DocumentTooLarge):
        session.update(form)
    assert database["forms"].find_one()["anything"] == "small"
    assert form.get_dirty_ops()["$set"].keys() == {"anything"}


def test_an_update_that_makes_a_document_too_large_is_refused(session, database):
    """What only the server can see to be too large is its error, and stays dirty."""
    form = Form(name="fine", anything="x" * (12 * 1024 * 1024))
    session.save(form)
    form.parts = [{"more": "x" * (6 * 1024 * 1024)}]
    with pytest.raises(PyMongoError):
        session.update(form)

    assert "parts" not in database["forms"].find_one({}, {"anything": False})
    assert form.get_dirty_ops()["$set"].keys() == {"parts"}


def test_a_document_that_is_nested_too_deeply_is_refused(session, database):
    """More levels than the server takes fail as one operation of the flush."""
    deep = value = {}
    for _ in range(300):
        value["a"] = {}
        value = value["a"]
    with pytest.raises(PyMongoError):
        session.save(Form(name="bad", anything=deep))

    assert database["forms"].count_documents({}) == 0


def test_a_document_without_end_is_refused(session):
    """A list that holds itself raises before anything is queued."""
    endless = []
    endless.append(endless)
    with pytest.raises(BadValueException, match=r"Form.anything\[0\] contains itself"):
        session.save(Form(name="bad", anything=endless))
    assert not session.pending


def test_an_id_that_does_not_exist_is_none(session):
    """Asking for an id that nobody has is no error."""
    assert session.query(User).filter(User.mongo_id == ObjectId()).first() is None


@pytest.mark.parametrize("wrong", [None, 5, object(), 3.5, ["users"]])
def test_a_query_of_what_is_no_class_is_refused(session, wrong):
    """`query` takes a document class or a collection's name."""
    with pytest.raises((TypeError, BadQueryException)):
        session.query(wrong)


def test_a_query_of_a_collection_without_a_name_is_refused(session):
    """An empty name is the driver's to refuse."""
    with pytest.raises(InvalidName):
        session.query("").first()


def test_a_query_of_a_document_in_place_of_its_class_is_refused(session):
    """An object is not a class."""
    with pytest.raises((TypeError, BadQueryException)):
        session.query(User(name="ada"))


@pytest.mark.parametrize(
    "call",
    [
        lambda session, wrong: session.clear_collection(wrong),
        lambda session, wrong: session.ensure_indexes(wrong),
        lambda session, wrong: session.get_indexes(wrong),
    ],
    ids=["clear_collection", "ensure_indexes", "get_indexes"],
)
@pytest.mark.parametrize("wrong", [None, 5, object()])
def test_what_is_no_class_is_refused(session, commands, call, wrong):
    """Anything but a document class raises `TypeError`; nothing is queued or sent."""
    with pytest.raises(TypeError):
        call(session, wrong)

    assert session.queue == []
    assert commands.names() == []


def test_a_stored_value_of_a_wrong_type_is_refused_on_loading(session, database):
    """What another program wrote raises with the path to it, and the session goes on."""
    database["forms"].insert_one({"name": "x", "parts": [{"a": 1}, 5]})
    with pytest.raises(BadValueException) as caught:
        session.query(Form).all()

    assert caught.value.name == "Form.parts[1]"
