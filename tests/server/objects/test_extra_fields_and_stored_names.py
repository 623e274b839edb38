"""
An extra field under the stored name of a field takes nobody's place, and goes past no check.

Members of the kind, by where the name comes in: the constructor (the class's own too), the live
dict of extra fields, before and after loading; by what is written: `save`, `update`, a part; by the
name: that of a field, of the `_id`, in an embedded document. A class that keeps no extra fields
refuses the name as any other.
"""

from __future__ import annotations

from typing import Any

import pytest

from ommongo import Document, DocumentField, IntField, StringField
from ommongo.exceptions import BadValueException, ExtraValueException

SPACE = "tests.extra_fields_and_stored_names"


class Role(Document):
    config_namespace = SPACE
    config_collection_name = "roles"
    config_extra_fields = "ignore"

    name = StringField(db_field="n")
    role = StringField(required=False, db_field="r")
    r2 = IntField(required=False, db_field="role2")


class Initialised(Role):
    config_namespace = SPACE
    config_collection_name = "roles"

    def __init__(self, **values: Any) -> None:
        super().__init__(**values)


class Strict(Document):
    config_namespace = SPACE
    name = StringField(db_field="n")


class Holder(Document):
    config_namespace = SPACE
    config_collection_name = "holders"
    role = DocumentField(Role)


@pytest.mark.parametrize("cls", [Role, Initialised])
@pytest.mark.parametrize("value", [{"$ne": 1}, 5, None])
def test_the_constructor_checks_the_value_by_the_field(cls, value):
    """The name is that of the field, and so is the check."""
    with pytest.raises(BadValueException, match=rf"{cls.__name__}\.role takes str"):
        cls(name="x", r=value)


@pytest.mark.parametrize("cls", [Role, Initialised])
def test_a_good_value_is_the_fields_own(safe_session, cls):
    """It is stored once, under its stored name, and read under the other."""
    role = cls(n="x", r="admin", more=1)
    assert (role.name, role.role, role.get_extra_fields()) == ("x", "admin", {"more": 1})

    safe_session.save(role)

    assert role.get_dirty_ops() == {}
    stored = safe_session.query("roles").one()
    assert stored == {"_id": role.mongo_id, "n": "x", "r": "admin", "more": 1}
    assert safe_session.query(cls).one().role == "admin"


def test_so_is_the_id(safe_session):
    """Of a wrong type it is refused; of a good one the object is clean once it is stored."""
    with pytest.raises(BadValueException, match="mongo_id"):
        Role(name="y", _id="zz")
    role = Role(name="y", _id="0" * 24)
    safe_session.save(role)

    assert role.get_dirty_ops() == {}
    assert safe_session.query(Role).one().get_dirty_ops() == {}
    assert safe_session.query("roles").one().keys() == {"_id", "n"}


def test_both_names_at_once_are_refused():
    """Nobody can tell which of the two values is meant."""
    with pytest.raises(ExtraValueException, match="Give one of them"):
        Role(name="x", role="a", r="b")


WRITE = {
    "save": lambda session, role: session.save(role),
    "add": lambda session, role: session.add(role),
    "update": lambda session, role: session.update(role),
    "get_dirty_ops": lambda session, role: role.get_dirty_ops(),
    "wrap": lambda session, role: role.wrap(),
}
LOAD = {
    "whole": lambda session: session.query(Role).one(),
    "in part": lambda session: session.query(Role).fields(Role.name).one(),
    "saved": lambda session: _saved(session),
}


def _saved(session: Any) -> Role:
    role = session.query(Role).one()
    session.save(role)
    return role


@pytest.mark.parametrize("load", LOAD)
@pytest.mark.parametrize("way", WRITE)
@pytest.mark.parametrize("name", ["n", "r", "_id"])
def test_in_the_live_dict_it_is_refused_when_it_is_queued(safe_session, commands, name, way, load):
    """Also where the field has no value, and where it was not retrieved."""
    safe_session.save(Role(name="x", more=1))
    role = LOAD[load](safe_session)
    role.get_extra_fields()[name] = {"$ne": 1}
    before = safe_session.query("roles").one()
    commands.clear()

    with pytest.raises(BadValueException, match="stored name of the field"):
        WRITE[way](safe_session, role)

    assert commands.names("insert", "update") == []
    assert safe_session.query("roles").one() == before


def test_in_a_new_object_it_is_refused_too(safe_session):
    """Before anything is stored."""
    role = Role(name="x")
    role.get_extra_fields()["r"] = {"$ne": 1}

    with pytest.raises(BadValueException, match="stored name of the field 'role'"):
        safe_session.save(role)

    assert safe_session.query("roles").all() == []


def test_in_an_embedded_document_it_is_refused_too(safe_session):
    """With the path to it."""
    role = Role(name="x")
    role.get_extra_fields()["r"] = 5
    holder = Holder(role=role)

    with pytest.raises(BadValueException) as caught:
        safe_session.save(holder)

    assert caught.value.name == "Holder.role.r"


def test_another_name_is_an_extra_field_as_ever(safe_session):
    """Also the Python name of nothing."""
    role = Role(name="x", other={"a": 1})
    safe_session.save(role)
    loaded = safe_session.query(Role).one()
    loaded.get_extra_fields()["another"] = 2
    safe_session.update(loaded)

    stored = safe_session.query("roles").one()
    assert (stored["other"], stored["another"]) == ({"a": 1}, 2)


def test_a_class_that_keeps_none_refuses_the_stored_name():
    """It takes Python names only."""
    with pytest.raises(ExtraValueException, match="no field 'n'"):
        Strict(n="x")
