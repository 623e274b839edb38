"""
No update expression leaves a value of which a part is missing, or that is refused as a whole.

Which value: a tuple and a point (a part taken out, a part of what is not there, a position that
does not say which part), an entry of a dict that is stored as an array (its value without its key),
a reference (``$id``, ``$ref``, ``$db``), a choice of an `EnumField`, a value with a validator, an
item below an index of a list of anything. Which operator: all of them.
"""

from __future__ import annotations

import pytest

from ommongo import (
    AnythingField,
    DictField,
    Document,
    DocumentField,
    EnumField,
    GeoField,
    IntField,
    KVField,
    ListField,
    RefField,
    StringField,
    TupleField,
    computed_field,
)
from ommongo.exceptions import BadValueException, InvalidModifierException
from ommongo.fields import DBRef
from ommongo.update_expression import UpdateExpression

NAMESPACE = "tests.server.updates_of_parts"


def under_ten(value):
    """Refuse what sums up to more."""
    return sum(value.values() if isinstance(value, dict) else value) < 10


def ordered(value):
    """Refuse a range that ends before it begins."""
    stored = value if isinstance(value, dict) else value.wrap()
    return stored["first"] <= stored["last"]


class Range(Document):
    config_namespace = NAMESPACE
    first = IntField(default=1)
    last = IntField(default=2)


class Whole(Document):
    config_namespace = NAMESPACE
    config_collection_name = "wholes"

    pair = TupleField(IntField(), StringField(), required=False, db_field="p")
    point = GeoField(required=False)
    pairs = ListField(TupleField(IntField(), StringField()), required=False)
    by_name = KVField(StringField(), ListField(IntField()), required=False)
    target = RefField(required=False)
    targets = ListField(RefField(), required=False)
    choice = EnumField(ListField(IntField()), [1], [2], required=False)
    option = EnumField(AnythingField(), {"a": 1}, required=False)
    judged = DictField(IntField(), validator=under_ten, required=False)
    numbers = ListField(IntField(), unwrap_validator=under_ten, required=False)
    range = DocumentField(Range, validator=ordered, required=False)
    things = ListField(AnythingField(), required=False)


def whole():
    """Give an object with every field."""
    return Whole(
        pair=(1, "a"),
        point=(1, 2),
        pairs=[(1, "a")],
        by_name={"a": [1]},
        target=DBRef("c", 1),
        targets=[DBRef("c", 1)],
        choice=[1],
        option={"a": 1},
        judged={"a": 1},
        numbers=[1],
        range=Range(),
        things=[{"a": 1}],
    )


WHOLE = {
    "part of a tuple taken out": lambda u: u.unset("pair.0"),
    "in a list": lambda u: u.unset("pairs.0.1"),
    "part of a point taken out": lambda u: u.unset("point.1"),
    "any part": lambda u: u.set("pair.$[]", 5),
    "some part": lambda u: u.set("pair.$[x]", 5).array_filters({"x": 1}),
    "id of a reference": lambda u: u.set("target.$id", {"$gt": 1}),
    "collection of a reference": lambda u: u.set("target.$ref", 5),
    "database of a reference": lambda u: u.set("targets.0.$db", 5),
    "part of a reference taken out": lambda u: u.unset("target.$id"),
    "renamed into a reference": lambda u: u.rename("option", "target.$id"),
    "item of a choice": lambda u: u.set("choice.0", 7),
    "key of a choice": lambda u: u.set("option.b", 7),
    "number in a choice": lambda u: u.inc("option.a", 7),
    "key of a judged dict": lambda u: u.set("judged.a", 70),
    "new key of a judged dict": lambda u: u.inc("judged.b", 70),
    "key taken out of a judged dict": lambda u: u.unset("judged.a"),
    "item of a judged list": lambda u: u.set("numbers.0", 70),
    "field of a judged document": lambda u: u.set(Whole.range.first, 70),
    "value of no entry": lambda u: u.set("by_name.1.v", [1]),
    "item in no entry": lambda u: u.append("by_name.1.v", 1),
    "key of no entry": lambda u: u.set("by_name.1.k", "b"),
}
ALSO_WITHOUT = {
    "part of no tuple": lambda u: u.set("pair.0", 5),
    "number in no tuple": lambda u: u.inc("pair.0", 5),
    "part of no point": lambda u: u.mul("point.1", 5),
    "item of no list": lambda u: u.set("things.0", 5),
    "below an item of no list": lambda u: u.set("things.0.x", 5),
}


@pytest.mark.parametrize("call", ["one", "many", "find"])
@pytest.mark.parametrize(
    ("change", "is_there"),
    [*((change, True) for change in WHOLE.values()), *((c, False) for c in ALSO_WITHOUT.values())],
    ids=[*WHOLE, *ALSO_WITHOUT],
)
def test_parts(safe_session, change, is_there, call):
    """Nothing is written where the class could not load what comes of it."""
    safe_session.save(whole() if is_there else Whole())
    before = safe_session.db["wholes"].find_one()
    query = safe_session.query(Whole)

    with pytest.raises(BadValueException):
        if call == "find":
            change(query.find_and_modify()).execute()
        else:
            update = change(UpdateExpression(query))
            (update.multi() if call == "many" else update).execute()

    assert safe_session.db["wholes"].find_one() == before


PARTS = {
    "tuple": (lambda u: u.set("pair.1", "b"), {"p": [1, "b"]}),
    "point": (lambda u: u.inc("point.0", 2), {"point": [3.0, 2.0]}),
    "value of an entry": (
        lambda u: u.append("by_name.0.v", 2),
        {"by_name": [{"k": "a", "v": [1, 2]}]},
    ),
    "a new entry": (
        lambda u: u.set("by_name.1.k", "b").set("by_name.1.v", []),
        {"by_name": [{"k": "a", "v": [1]}, {"k": "b", "v": []}]},
    ),
    "below an item of anything": (lambda u: u.set("things.0.b", 2), {"things": [{"a": 1, "b": 2}]}),
    "the whole reference": (lambda u: u.set("target", DBRef("c", 2)), {"target": DBRef("c", 2)}),
    "unchecked": (lambda u: u.set("target.$id", 5, unchecked=True), {"target": DBRef("c", 5)}),
}


@pytest.mark.parametrize(("change", "expected"), PARTS.values(), ids=PARTS)
def test_parts_that_can_be_changed(safe_session, change, expected):
    """What can be loaded is changed, and nothing else."""
    safe_session.save(whole())
    before = safe_session.db["wholes"].find_one()

    change(UpdateExpression(safe_session.query(Whole))).execute()

    assert safe_session.db["wholes"].find_one() == {**before, **expected}
    safe_session.query(Whole).one().wrap()


def test_what_is_computed_from_anything(safe_session):
    """A name below a field that holds anything leaves behind what is computed from that field."""

    class Bill(Document):
        config_namespace = None
        config_collection_name = "bills"
        items = AnythingField(default_f=dict)

        @computed_field(IntField(), deps=[items])
        def count(values):
            return len(values["items"])

    safe_session.save(Bill(items={"a": 1}))

    with pytest.raises(InvalidModifierException, match="count"):
        safe_session.query(Bill).set("items.b", 1).execute()

    assert safe_session.db["bills"].find_one()["items"] == {"a": 1}
