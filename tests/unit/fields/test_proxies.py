"""Attributes that follow references, without a server: what they ask a session for."""

from __future__ import annotations

import copy
import operator

import pytest
from bson.dbref import DBRef
from bson.objectid import ObjectId

from ommongo.document import Document, document_type_registry
from ommongo.exceptions import (
    BadFieldSpecification,
    BadReferenceException,
    BadValueException,
    FieldNotRetrieved,
)
from ommongo.fields import (
    DictField,
    IntField,
    KVField,
    ListField,
    ListProxy,
    Proxy,
    RefField,
    SetField,
    SRefField,
    StringField,
)
from ommongo.fields._followed import Followed


class City(Document):
    config_namespace = "tests.proxies"
    config_collection_name = "cities"

    number = IntField(_id=True)


class Trip(Document):
    config_namespace = "tests.proxies"

    start_id = SRefField(City, allow_none=True)
    start = start_id.rel()
    goal_ref = RefField(City, required=False)
    goal = goal_ref.rel(allow_none=True)
    stop_ids = ListField(SRefField(City, allow_none=True), default=None)
    stops = stop_ids.rel()
    seen_refs = SetField(RefField(), default_empty=True)
    seen = seen_refs.rel(ignore_missing=True)
    via_ids = ListField(SRefField("City"), ignore_missing=True, default_empty=True)
    via = via_ids.rel()
    notes = ListField(StringField(), default_empty=True)
    note_targets = notes.rel()


class Shelf:
    """Stands in for a session: gives documents by reference, and remembers what it was asked."""

    def __init__(self, *documents):
        self.documents = {document.to_ref(): document for document in documents}
        self.asked = []

    def _follow(self, refs, cls):
        self.asked.append((refs, cls))
        return [self.documents.get(DBRef(ref.collection, ref.id)) for ref in refs]


ONE, TWO = City(number=1), City(number=2)


@pytest.fixture(autouse=True)
def _registered(monkeypatch):
    """Other tests may clear the registries."""
    monkeypatch.setitem(document_type_registry, "tests.proxies", {"City": City, "Trip": Trip})


@pytest.fixture
def shelf():
    """What the documents of a test are bound to."""
    return Shelf(ONE, TWO)


@pytest.fixture
def trip(shelf):
    """A document that is bound to the shelf."""
    trip = Trip()
    trip._set_session(shelf)
    return trip


# -- one reference --------------------------------------------------------------------------------


def test_reading_follows_the_reference(trip, shelf):
    """The object is asked of the session by a DBRef and the class of the field."""
    trip.start_id = 1

    assert trip.start is ONE
    assert shelf.asked == [([DBRef("cities", 1)], City)]


def test_none_reads_as_none(trip, shelf):
    """A reference that is None leads to None, and nobody is asked."""
    trip.start_id = None

    assert trip.start is None
    assert shelf.asked == []


def test_missing_target(trip):
    """A reference that leads nowhere is an error that carries it."""
    trip.start_id = 9

    with pytest.raises(BadReferenceException, match=r"Trip\.start_id refers to DBRef") as caught:
        trip.start
    assert caught.value.reference == DBRef("cities", 9)


def test_missing_target_with_allow_none(trip):
    """With allow_none a reference that leads nowhere reads as None."""
    trip.goal_ref = DBRef("cities", 9)
    assert trip.goal is None


def test_unset_reference(trip):
    """A reference that is not set reads as any unset field, and with allow_none as None."""
    trip.goal_ref = DBRef("cities", 1)
    with pytest.raises(AttributeError, match="start_id"):
        trip.start
    del trip.goal_ref
    assert trip.goal is None


def test_reference_that_was_not_retrieved():
    """A reference that a partial document lacks is not retrieved."""
    with pytest.raises(FieldNotRetrieved, match="goal_ref"):
        Trip(retrieved_fields=["start_id"]).goal


def test_document_without_a_session():
    """A document that is bound to no session follows nothing, and the message says what to do."""
    trip = Trip(start_id=1, stop_ids=[1])

    for name in ("start", "stops"):
        with pytest.raises(BadReferenceException, match=r"session\.add_to_session\(document\)"):
            getattr(trip, name)


def test_assigning_stores_the_reference(trip):
    """An object that is assigned is stored as a reference to it."""
    trip.start = ONE
    trip.goal = TWO

    assert (trip.start_id, trip.goal_ref) == (1, DBRef("cities", 2))
    assert trip.wrap()["start_id"] == 1


def test_assigning_a_reference(trip):
    """A reference, and None, can be assigned as to the reference field itself."""
    trip.start = 2
    assert trip.start_id == 2
    trip.start = None
    assert trip.start_id is None


@pytest.mark.parametrize("value", [Trip(), "text", None], ids=["other class", "text", "none"])
def test_assigning_what_the_field_refuses(trip, value):
    """What the reference field refuses is refused under its name."""
    with pytest.raises(BadValueException) as caught:
        trip.goal = value
    assert caught.value.name == "Trip.goal_ref"


def test_assigning_an_object_without_an_id(trip):
    """Nothing can refer to what has no id yet."""
    with pytest.raises(BadReferenceException, match="has no _id yet"):
        trip.start = City()


def test_the_constructor_takes_the_attribute():
    """It is a keyword like the field itself, and what is kept is the reference."""
    trip = Trip(start=ONE, goal=TWO, stops=[ONE, 2], seen={ONE})

    assert (trip.start_id, trip.goal_ref, trip.stop_ids) == (1, DBRef("cities", 2), [1, 2])
    assert trip.seen_refs == {DBRef("cities", 1)}


@pytest.mark.parametrize(
    ("name", "stored"), [("start", "start_id"), ("goal", "goal_ref"), ("stops", "stop_ids")]
)
def test_on_the_class_it_is_the_query_field(name, stored):
    """A query for the attribute is one for the reference."""
    assert str(getattr(Trip, name)) == stored


# -- several references ---------------------------------------------------------------------------


def test_reading_a_list_asks_once(trip, shelf):
    """All objects are asked for at once, and come in the order of the references."""
    trip.stop_ids = [2, 1, 2]

    assert trip.stops == [TWO, ONE, TWO]
    assert shelf.asked == [([DBRef("cities", 2), DBRef("cities", 1), DBRef("cities", 2)], City)]


def test_reading_a_set_gives_a_list(trip, shelf):
    """A set of references is followed as a list is, by their collections if they have no class."""
    trip.seen_refs = {DBRef("cities", 1)}

    assert trip.seen == [ONE]
    assert shelf.asked == [([DBRef("cities", 1)], None)]


def test_none_among_references(trip):
    """An item that is None reads as None; so does a list that is None."""
    trip.stop_ids = [1, None, 2]
    assert trip.stops == [ONE, None, TWO]
    trip.stop_ids = None
    assert trip.stops is None


def test_missing_target_in_a_list(trip):
    """A reference that leads nowhere is an error that carries it."""
    trip.stop_ids = [1, 9]

    with pytest.raises(BadReferenceException, match=r"ignore_missing=True") as caught:
        trip.stops
    assert caught.value.reference == DBRef("cities", 9)


def test_missing_target_in_a_list_with_ignore_missing(trip):
    """With ignore_missing, of the attribute or of the field, such references are left out."""
    trip.seen_refs = {DBRef("cities", 9), DBRef("cities", 1)}
    trip.via_ids = [9, 2, 9]

    assert trip.seen == [ONE]
    assert trip.via == [TWO]


def test_items_that_are_no_references(trip):
    """Following what is no reference is an error of the reading alone."""
    trip.notes = ["a"]

    with pytest.raises(BadReferenceException, match=r"holds no references.*StringField"):
        trip.note_targets
    assert trip.notes == ["a"]


def test_rel_of_a_mapping_of_any_keys(trip):
    """Entries are no references either."""

    class Box(Document):
        things = KVField(IntField(), RefField(), default_empty=True)
        targets = things.rel()

    with pytest.raises(BadReferenceException, match="holds no references"):
        Box().targets
    assert not hasattr(DictField(RefField()), "rel")


def test_a_list_cannot_be_assigned(trip):
    """Objects are put into a list by their references."""
    with pytest.raises(
        AttributeError, match=r"Trip\.stops cannot .* Assign the references to stop_ids"
    ):
        trip.stops = [ONE]


CHANGES = {
    "append": lambda found: found.append(TWO),
    "extend": lambda found: found.extend([TWO]),
    "insert": lambda found: found.insert(0, TWO),
    "remove": lambda found: found.remove(ONE),
    "pop": lambda found: found.pop(),
    "clear": lambda found: found.clear(),
    "sort": lambda found: found.sort(key=id),
    "reverse": lambda found: found.reverse(),
    "item": lambda found: found.__setitem__(0, TWO),
    "slice": lambda found: found.__setitem__(slice(None), []),
    "del": lambda found: found.__delitem__(0),
    "+=": lambda found: operator.iadd(found, [TWO]),
    "*=": lambda found: operator.imul(found, 2),
}


@pytest.mark.parametrize("name", ["stops", "seen", "via"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_list_of_what_is_referred_to_refuses_every_change(trip, name, change):
    """It is made at each reading, so a change in it would be lost without a word."""
    trip.stop_ids, trip.via_ids, trip.seen_refs = [1], [1], {DBRef("cities", 1)}
    found = getattr(trip, name)
    field = {"stops": "stop_ids", "via": "via_ids", "seen": "seen_refs"}[name]

    with pytest.raises(TypeError, match=rf"Trip\.{name} cannot be changed .*Change Trip\.{field}"):
        change(found)
    assert found == [ONE] == getattr(trip, name)


@pytest.mark.parametrize(
    "copied",
    [
        list,
        copy.copy,
        copy.deepcopy,
        list.copy,
        lambda found: found[:],
        lambda found: found[:0] + found,
    ],
)
def test_a_copy_of_what_is_referred_to_can_be_changed(trip, copied):
    """What is made of it is a list as any other."""
    trip.stop_ids = [1, 2]
    other = copied(trip.stops)
    other.append(None)

    assert type(other) is list
    assert len(other) == 3
    assert len(trip.stops) == 2


def test_every_method_that_changes_a_list_is_refused():
    """A method that a later Python gives to lists does not slip through."""
    reading = {"copy", "count", "index"}
    special = {"__delitem__", "__iadd__", "__imul__", "__setitem__"}
    changing = {name for name in dir(list) if not name.startswith("_")} - reading | special

    assert changing <= vars(Followed).keys()


# -- declaring ------------------------------------------------------------------------------------


def test_rel_makes_proxies():
    """Each kind of reference has its kind of proxy."""
    assert isinstance(RefField().rel(), Proxy)
    assert isinstance(SRefField(City).rel(allow_none=True), Proxy)
    assert isinstance(ListField(RefField()).rel(), ListProxy)
    assert isinstance(SetField(RefField()).rel(ignore_missing=True), ListProxy)


@pytest.mark.parametrize(
    "field",
    [
        RefField(),
        RefField(City),
        RefField("City"),
        SRefField(City),
        SRefField("City"),
        ListField(SRefField("City")),
        SetField(RefField(City)),
    ],
)
def test_rel_takes_the_class_for_type_checkers(field):
    """The class may be named where the field has its name alone; a flag is taken as before."""
    option = "ignore_missing" if hasattr(field, "item_field") else "allow_none"

    assert getattr(field.rel(City), option) is False
    assert getattr(field.rel(City, **{option: True}), option) is True
    assert getattr(field.rel(True), option) is True


@pytest.mark.parametrize(
    ("field", "target"),
    [
        (RefField(City), Trip),
        (SRefField(City), Trip),
        (SRefField("City"), Trip),
        (ListField(SRefField(City)), Trip),
        (SetField(SRefField("City")), Trip),
        (RefField(), "City"),
        (RefField(), str),
        (ListField(RefField()), City(number=3)),
    ],
)
def test_rel_refuses_a_class_that_it_does_not_lead_to(field, target):
    """What checkers are told is what is there."""
    with pytest.raises(BadFieldSpecification, match=r"rel\(\) was given .*Pass"):
        field.rel(target)


def test_rel_takes_a_kindred_class():
    """A subclass, a base and a class's other name are as good."""

    class Capital(City):
        config_namespace = "tests.proxies"
        config_full_name = "the.Capital"

    assert SRefField(City).rel(Capital)
    assert SRefField(Capital).rel(City)
    assert SRefField("City").rel(Capital)
    assert SRefField("the.Capital").rel(Capital)


def test_rel_of_a_field_without_a_name():
    """A reference field that is no attribute has nothing to follow."""

    class Box(Document):
        target = RefField().rel()
        targets = ListField(RefField()).rel()

    for name in ("target", "targets"):
        with pytest.raises(BadFieldSpecification, match="is no attribute of a class"):
            getattr(Box(), name)
    with pytest.raises(BadFieldSpecification, match="is no attribute of a class"):
        Box().target = ONE


def test_rel_of_an_inherited_field(trip):
    """A subclass has the proxies of its bases."""

    class LongTrip(Trip):
        config_collection_name = "long_trips"

    trip = LongTrip(start_id=1)
    trip._set_session(Shelf(ONE))
    assert trip.start is ONE


def test_rel_of_an_object_id(shelf):
    """References by ObjectId are followed as they are."""
    oid = ObjectId()

    class Thing(Document):
        config_collection_name = "things"

    class Box(Document):
        thing_id = SRefField(Thing)
        thing = thing_id.rel()

    thing = Thing(mongo_id=oid)
    box = Box()
    box.thing = thing
    box._set_session(Shelf(thing))
    assert box.thing is thing
