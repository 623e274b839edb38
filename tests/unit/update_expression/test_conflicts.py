"""Operations of one update that touch each other."""

from __future__ import annotations

import pytest

from ommongo import Document, DocumentField, IntField, ListField
from ommongo.exceptions import ConflictingModifierException
from ommongo.query import Query
from ommongo.update_expression import UpdateExpression
from tests.models import Book, Page


class Inner(Document):
    config_namespace = "tests.updates.conflicts"
    a = IntField(db_field="x")
    b = IntField()


class Outer(Document):
    config_namespace = "tests.updates.conflicts"
    n = IntField(db_field="x")
    i = IntField(db_field="xx")
    inner = DocumentField(Inner, db_field="d")
    l = ListField(IntField())  # noqa: E741 - short for a list


@pytest.fixture
def update():
    """An update with nothing in it."""
    return UpdateExpression(Query(Outer, None))


CONFLICTS = {
    "two_operators": lambda u: u.set(n=1).inc(Outer.n),
    "set_and_unset": lambda u: u.unset("n").set(n=1),
    "inc_twice": lambda u: u.inc(Outer.n).inc(Outer.n),
    "unset_twice": lambda u: u.unset("n").unset("n"),
    "parent_first": lambda u: u.unset("inner").set("inner.a", 1),
    "child_first": lambda u: u.inc("inner.a").set(inner=Inner(a=1, b=2)),
    "set_parent_and_child": lambda u: u.set("inner.a", 1).set(inner=Inner(a=1, b=2)),
    "push_and_pull": lambda u: u.append("l", 1).remove("l", 2),
    "push_and_add_to_set": lambda u: u.append("l", 1).add_to_set("l", 2),
    "pull_twice": lambda u: u.remove("l", 1).remove("l", 2),
    "pop_twice": lambda u: u.pop_first("l").pop_last("l"),
    "pop_and_set": lambda u: u.set(l=[]).pop_last("l"),
    "remove_all_and_extend": lambda u: u.remove_all("l", 1).extend("l", 2),
    "rename_source": lambda u: u.set(n=1).rename("n", "i"),
    "rename_goal": lambda u: u.set(i=1).rename("n", "i"),
    "after_rename": lambda u: u.rename("n", "i").set(i=1),
    "rename_to_itself": lambda u: u.rename("n", "n"),
    "set_on_insert": lambda u: u.set(n=1).set_on_insert(n=2),
    "position": lambda u: u.set("l", [1]).inc(Outer.l.matched_index()),
}


@pytest.mark.parametrize("change", CONFLICTS.values(), ids=CONFLICTS)
def test_operations_on_one_path_conflict(update, change):
    """Two operations on a path, or on a path and its parent, are refused."""
    with pytest.raises(ConflictingModifierException):
        change(update)


def test_a_conflict_names_field_and_operation(update):
    """The error says which operation came too late."""
    with pytest.raises(ConflictingModifierException) as caught:
        update.set("inner.a", 1).inc(Outer.n).unset("inner")

    assert (caught.value.name, caught.value.operation) == ("d", "$unset")
    assert "d.x" in str(caught.value)


def test_a_refused_operation_is_not_part_of_the_update(update):
    """After a conflict the update is what it was."""
    update.set(n=1)

    with pytest.raises(ConflictingModifierException):
        update.inc("n")

    assert update.update_data == {"$set": {"x": 1}}


NO_CONFLICTS = {
    "neighbours": (
        lambda u: u.set("inner.a", 1).inc("inner.b"),
        {"$set": {"d.x": 1}, "$inc": {"d.b": 1}},
    ),
    "names_that_begin_alike": (
        lambda u: u.set(n=1).inc("i"),
        {"$set": {"x": 1}, "$inc": {"xx": 1}},
    ),
    "names_that_are_alike_on_two_levels": (
        lambda u: u.set(n=1).inc("inner.a"),
        {"$set": {"x": 1}, "$inc": {"d.x": 1}},
    ),
}


@pytest.mark.parametrize(("change", "sent"), NO_CONFLICTS.values(), ids=NO_CONFLICTS)
def test_operations_beside_each_other_do_not_conflict(update, change, sent):
    """Paths are compared part by part."""
    assert change(update).update_data == sent


def test_positions_are_paths():
    """The matched item and a field of it are a path and its parent."""
    matched = Book.pages.matched_index()

    with pytest.raises(ConflictingModifierException):
        Query(Book, None).set(matched, Page(number=1)).inc(matched.number)
