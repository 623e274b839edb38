"""
The log of an unsafe write, and our notes on errors, hold no value of a document but its `_id`.

Members: what refuses a write (a validator by query or by schema, at any depth; a unique index of
one field or several, with a collation; an operator on a value of another type), how it is written
(save, replacement, update, update expression, partial save), alone or in a shared call, and what a
record keeps (its message, its arguments). At DEBUG the server's own words are logged.
"""

from __future__ import annotations

import logging
from contextlib import nullcontext

import pytest
from pymongo import IndexModel
from pymongo.errors import OperationFailure

from ommongo import DictField, Document, DocumentField, Index, IntField, ListField, StringField

SECRET = "hunter2"


class Address(Document):
    config_namespace = None

    city = StringField(required=False)
    lines = ListField(StringField(), required=False)


class Login(Document):
    config_collection_name = "logins"

    name = StringField(default="ani")
    password = StringField(required=False)
    tries = IntField(required=False, on_update="$inc")
    address = DocumentField(Address, required=False)
    more = DictField(StringField(), required=False)


class Token(Document):
    config_collection_name = "tokens"

    owner = StringField()
    text = StringField()
    by_both = Index(collation={"locale": "en", "strength": 2}).ascending("owner").ascending("text")
    by_both.unique()


VALIDATORS = {
    "query": ({"password": {"$ne": SECRET}}, "'password'"),
    "query_below": ({"address.city": {"$ne": SECRET}}, "'address.city'"),
    "one_of_several": ({"$or": [{"name": "budi"}, {"password": {"$in": ["x"]}}]}, "'password'"),
    "none_of_several": ({"$nor": [{"password": SECRET}]}, "'password'"),
    "negation": ({"password": {"$not": {"$eq": SECRET}}}, "'password'"),
    "expression": ({"$expr": {"$ne": ["$password", SECRET]}}, "code 121"),
    "schema": (
        {"$jsonSchema": {"properties": {"password": {"maxLength": 3}}}},
        "'password'",
    ),
    "schema_below": (
        {"$jsonSchema": {"properties": {"address": {"properties": {"city": {"maxLength": 3}}}}}},
        "'address.city'",
    ),
    "schema_of_items": (
        {
            "$jsonSchema": {
                "properties": {
                    "address": {"properties": {"lines": {"items": {"maxLength": 3}}}},
                }
            }
        },
        "'address.lines'",
    ),
    "schema_of_keys": (
        {"$jsonSchema": {"properties": {"more": {"additionalProperties": False}}}},
        "'more'",
    ),
    "schema_by_pattern": (
        {
            "$jsonSchema": {
                "properties": {"more": {"patternProperties": {"^hunter": {"maxLength": 3}}}}
            }
        },
        "'more'",
    ),
    "one_of_several_schemas": (
        {"$jsonSchema": {"oneOf": [{"properties": {"password": {"maxLength": 3}}}]}},
        "'password'",
    ),
    "missing": ({"$jsonSchema": {"required": ["salt"]}}, "'salt'"),
}


def login():
    """Give a login with the secret everywhere."""
    return Login(
        password=SECRET, address=Address(city=SECRET, lines=[SECRET]), more={SECRET: SECRET}
    )


def kept_by(record):
    """Give all that a record keeps, for handlers that send it elsewhere."""
    return repr((record.getMessage(), record.__dict__))


@pytest.mark.parametrize("count", [1, 3], ids=["alone", "in_a_shared_call"])
@pytest.mark.parametrize(("validator", "said"), VALIDATORS.values(), ids=VALIDATORS)
def test_what_a_validator_refuses_is_named_by_path(
    session, database, caplog, validator, said, count
):
    """The log names the code and the path, and not what was refused."""
    database.create_collection("logins", validator=validator)
    for _ in range(count):
        session.add(login())
    session.flush()

    assert len(caplog.records) == count
    for record in caplog.records:
        assert "code 121" in record.getMessage()
        assert said in record.getMessage()
        assert SECRET not in kept_by(record)


def replaced(session, login):
    """Save it again."""
    login.password = SECRET
    session.save(login)


def updated(session, login):
    """Send what changed."""
    login.password = SECRET
    session.update(login)


def updated_by_expression(session, login):
    """Say what to change."""
    session.query(Login).set(Login.password, SECRET).execute()


def partly_saved(session, login):
    """Save a part of it."""
    part = session.query(Login).fields(Login.password).one()
    part.password = SECRET
    session.save(part)


@pytest.mark.parametrize("write", [replaced, updated, updated_by_expression, partly_saved])
def test_every_write_is_logged_without_values(session, database, caplog, write):
    """So it is for replacements and updates of every kind."""
    login = Login(password="first")
    session.save(login)
    database.command("collMod", "logins", validator={"password": {"$ne": SECRET}})
    write(session, login)

    (record,) = caplog.records
    assert "'password'" in record.getMessage()
    assert SECRET not in kept_by(record)


@pytest.mark.parametrize("count", [1, 3], ids=["alone", "in_a_shared_call"])
def test_a_key_that_is_taken_is_named_by_its_index(session, caplog, count):
    """The log names the index and its fields."""
    session.save(Token(owner="ani", text=SECRET))
    for _ in range(count):
        session.add(Token(owner="Ani", text=SECRET))
    session.flush()

    assert len(caplog.records) == count
    for record in caplog.records:
        assert "E11000" in record.getMessage()
        assert "index 'owner_1_text_1'" in record.getMessage()
        assert "path 'owner', 'text'" in record.getMessage()
        assert SECRET not in kept_by(record)
        assert "Ani" not in kept_by(record)


def test_the_name_of_an_index_may_hold_spaces(session, database, caplog):
    """It is given as it is."""
    database["logins"].create_indexes([IndexModel("password", name="one of each", unique=True)])
    session.save(login())
    session.save(login())

    (record,) = caplog.records
    assert "index 'one of each'" in record.getMessage()
    assert SECRET not in kept_by(record)


def test_an_operator_that_does_not_fit_is_named_by_its_code(session, database, caplog):
    """The server's words on a value of another type have the value in them."""
    database["logins"].insert_one({"name": "ani", "tries": SECRET, "password": SECRET})
    session.query(Login).inc(Login.tries, 1).execute()

    (record,) = caplog.records
    assert "code 14" in record.getMessage()
    assert SECRET not in kept_by(record)


def test_a_debugger_sees_the_words_of_the_server(session, database, caplog):
    """Where the logger is at DEBUG its message is complete."""
    database.create_collection("logins", validator={"password": {"$ne": SECRET}})
    with caplog.at_level(logging.DEBUG, "ommongo"):
        session.save(login())

    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert SECRET in record.getMessage()


def our_note(error):
    """Give what we said of an error; on Python 3.10 it stands at the end of its message."""
    return "".join(getattr(error, "__notes__", str(error.args[0]).split("\n")[1:]))


@pytest.mark.parametrize("block", [False, True], ids=["flush", "block"])
def test_our_note_has_no_values(make_session, database, block):
    """What is raised is the driver's own error; what we add says the class, `_id` and numbers."""
    session = make_session(safe=True)
    database.create_collection("logins", validator={"password": {"$ne": SECRET}})
    with pytest.raises(OperationFailure) as caught, session if block else nullcontext():
        session.save(login())

    assert "save of Login" in our_note(caught.value)
    assert SECRET not in our_note(caught.value)


def test_the_note_on_an_index_has_no_values(make_session, database):
    """An index that cannot be built for what is stored is named, and what is stored is not."""
    database["tokens"].insert_many([{"owner": SECRET, "text": SECRET} for _ in range(2)])
    with pytest.raises(OperationFailure) as caught:
        make_session(safe=True).save(Token(owner="ani", text="new"))

    assert "'owner_1_text_1'" in our_note(caught.value)
    assert SECRET not in our_note(caught.value)
