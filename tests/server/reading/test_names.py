"""
Names in queries: those that mean something, those of another class, and those that mean nothing.

* A field of another class is refused wherever a field is named (`PLACES`), in every form
  (`FOREIGN`); fields of a base, of a mixin, of a subclass in the same collection and what two
  classes have of one base are none of another class (`OWN`).
* A name in a raw dict that means nothing is refused at every level whose names are known.
* Names go on behind keys of dicts, positions, and in what holds anything, in every spelling.
* Below a field of a polymorphic class the fields of its subclasses are known.
"""

from __future__ import annotations

from typing import Any

import pytest

from ommongo import (
    AnythingField,
    DictField,
    Document,
    DocumentField,
    GeoField,
    Index,
    IntField,
    KVField,
    ListField,
    Q,
    RefField,
    Session,
    SRefField,
    StringField,
    TupleField,
    computed_field,
)
from ommongo.document import BadIndexException
from ommongo.exceptions import BadQueryException, FieldNotFoundException
from ommongo.query import Query

NS = "tests.names"

pytestmark = pytest.mark.filterwarnings("ignore:map_reduce:DeprecationWarning")


class Address(Document):
    config_namespace = NS

    city = StringField(db_field="c")


class Loan(Document):
    config_namespace = NS

    days = IntField()
    name = StringField()
    tags = ListField(StringField())
    address = DocumentField(Address)


class Named:
    title = StringField(required=False)


class Reader(Named, Document):
    config_namespace = NS
    config_polymorphic = "kind"
    config_polymorphic_identity = "reader"
    config_polymorphic_collection = True

    kind = StringField()
    name = StringField()
    tags = ListField(StringField(), required=False)
    homes = ListField(DocumentField(Address), required=False)


class Member(Reader):
    config_polymorphic_identity = "member"

    since = IntField(required=False, db_field="s")


class Guest(Reader):
    config_polymorphic_identity = "guest"

    host = StringField(required=False)


class Elsewhere(Reader):
    config_polymorphic_identity = "elsewhere"
    config_collection_name = "another"

    far = StringField(required=False)


PLACES: dict[str, Any] = {
    "filter": lambda q, f: q.filter(f == "x"),
    "filter not": lambda q, f: q.filter(~(f == "x")),
    "filter or": lambda q, f: q.filter((f == "x") | {"name": "y"}),
    "filter and": lambda q, f: q.filter((f == "x") & (Reader.name == "y")),
    "filter exists": lambda q, f: q.filter(f.exists(False)),
    "filter in": lambda q, f: q.filter(f.in_("x")),
    "filter regex": lambda q, f: q.filter(f.regex("x")),
    "filter dict": lambda q, f: q.filter({f: "x"}),
    "filter deep": lambda q, f: q.filter({"$or": [{"$nor": [{f: "x"}]}]}),
    "filter obj": lambda q, f: q.filter((f == "x").obj),
    "not_": lambda q, f: q.not_(f == "x"),
    "or_": lambda q, f: q.or_(f == "x", Reader.name == "y"),
    "in_": lambda q, f: q.in_(f, "x"),
    "nin": lambda q, f: q.nin(f, "x"),
    "filter_dict": lambda q, f: q.filter_dict({f: "x"}),
    "sort": lambda q, f: q.sort((f, 1)),
    "ascending": lambda q, f: q.ascending(f),
    "descending": lambda q, f: q.descending(f),
    "fields": lambda q, f: q.fields(f),
    "exclude": lambda q, f: q.fields(f.exclude()),
    "hint_asc": lambda q, f: q.hint_asc(f),
    "hint_desc": lambda q, f: q.hint_desc(f),
    "distinct": lambda q, f: q.distinct(f),
    "set": lambda q, f: q.set(f, "x"),
    "unset": lambda q, f: q.unset(f),
    "find_and_modify": lambda q, f: q.find_and_modify().set(f, "x"),
    "search": lambda q, f: q.search("x", createIndex=[f]),
    "map_reduce": lambda q, f: q.map_reduce("", "", "out", {f: "x"}),
    "remove_query": lambda q, f: q.session.remove_query(q.type).filter(f != "x").execute(),
    "delete": lambda q, f: q.filter(f != "x").delete(),
    "index": lambda q, f: Index().ascending(f).specification(q.type),
    "index partial": lambda q, f: Index(partial=f == "x").ascending("name").specification(q.type),
    "id_expression": lambda q, f: q.session.update(q.type(name="z"), f == "x"),
    "id_expression dict": lambda q, f: q.session.update(q.type(name="z"), {f: "x"}),
    "update_ops": lambda q, f: q.session.update(q.first(), update_ops={f: "$set"}),
    "retrieved_fields": lambda q, f: q.type(retrieved_fields=[f]),
    "elem_match": lambda q, f: q.filter(Reader.homes.elem_match(f == "x")),
    "raw elem_match": lambda q, f: q.filter({"homes": {"$elemMatch": f == "x"}}),
    "pull": lambda q, f: q.remove(Reader.homes, f == "x"),
}
LISTS: dict[str, Any] = {
    "append": lambda q, f: q.append(f, "x"),
    "extend": lambda q, f: q.extend(f, "x"),
    "add_to_set": lambda q, f: q.add_to_set(f, "x"),
    "remove": lambda q, f: q.remove(f, "x"),
    "remove_all": lambda q, f: q.remove_all(f, "x"),
    "pop_first": lambda q, f: q.pop_first(f),
    "pop_last": lambda q, f: q.pop_last(f),
    "all_": lambda q, f: q.filter(f.all_("x")),
    "size": lambda q, f: q.filter(f.size(1)),
    "slice": lambda q, f: q.fields(f.slice(1)),
}
FOREIGN = {
    "unrelated": Loan.name,
    "same name": Loan.name,
    "below": Loan.address.city,
    "other collection": Elsewhere.far,
}


@pytest.fixture
def readers(database) -> Any:
    """A session on two readers."""
    session = Session(database, safe=True)
    session.save(Reader(name="Ani", tags=["a"], homes=[Address(city="x")]))
    session.save(Member(name="Budi", since=3))
    yield session
    session.clear_queue()


def of_reader(database) -> list[Any]:
    """Give what is stored."""
    return list(database["Reader"].find())


@pytest.mark.parametrize("field", FOREIGN)
@pytest.mark.parametrize("place", PLACES)
def test_a_field_of_another_class_is_refused(readers, place, field):
    """The error names both classes, and nothing was sent."""
    before = of_reader(readers.db)
    with pytest.raises(FieldNotFoundException) as caught:
        PLACES[place](readers.query(Reader), FOREIGN[field])

    owner = "Elsewhere" if field == "other collection" else "Loan"
    assert owner in str(caught.value)
    assert "Reader" in str(caught.value) or "Address" in str(caught.value)
    assert of_reader(readers.db) == before


@pytest.mark.parametrize("place", LISTS)
def test_a_list_of_another_class_is_refused(readers, place):
    """In the methods that take lists only."""
    with pytest.raises(FieldNotFoundException, match=r"Loan\.tags.*Reader"):
        LISTS[place](readers.query(Reader), Loan.tags)


@pytest.mark.parametrize(
    "place", [name for name in PLACES if "elem" not in name and name != "pull"]
)
def test_a_field_of_an_embedded_class_is_refused_at_the_top(readers, place):
    """What is asked for is `Reader.homes.city`."""
    with pytest.raises(FieldNotFoundException, match=r"Address\.city.*Reader"):
        PLACES[place](readers.query(Reader), Address.city)


def test_inc_of_another_class_is_refused(readers):
    """Numbers too."""
    for method in ("inc", "set"):
        with pytest.raises(FieldNotFoundException, match=r"Loan\.days.*Reader"):
            getattr(readers.query(Reader), method)(Loan.days, 3)


def test_a_sibling_is_another_class(readers):
    """Documents of a subclass have no fields of another subclass."""
    with pytest.raises(FieldNotFoundException, match=r"Guest\.host.*Member"):
        readers.query(Member).filter(Guest.host == "x")


OWN = {
    "its own": (Member, Member.since == 3),
    "of a base": (Member, Reader.name == "Budi"),
    "of a subclass in the collection": (Reader, Member.since == 3),
    "by a subclass": (Reader, Member.name == "Budi"),
    "by a subclass elsewhere": (Reader, Elsewhere.name == "Budi"),
    "by a sibling": (Member, Guest.name == "Budi"),
    "the id of a base": (Member, Reader.mongo_id.exists(True)),
    "free": (Reader, Q.s == 3),
    "the selecting name": (Reader, {"kind": "member"}),
    "by name": (Reader, {"since": 3}),
    "by stored name": (Reader, {"s": 3}),
}


@pytest.mark.parametrize("name", OWN)
def test_what_a_class_may_have_can_be_asked_for(readers, name):
    """Each finds the one that it is about."""
    cls, condition = OWN[name]
    assert [found.name for found in readers.query(cls).filter(condition)] == ["Budi"]


def test_a_field_of_a_mixin_is_a_field_of_the_class(readers):
    """A mixin is no document class, and its fields are those of whoever inherits it."""
    assert readers.query(Reader).filter(Reader.title.exists(False)).count() == 2
    assert readers.query(Reader).filter(Named.title.exists(False)).count() == 2


def test_the_id_of_another_class_is_refused(readers):
    """Every document has one, and those of two classes have nothing to do with each other."""
    with pytest.raises(FieldNotFoundException, match=r"Loan\.mongo_id.*Reader"):
        readers.query(Reader).filter(Loan.mongo_id.exists(True))


def test_fields_of_subclasses_are_found_by_name(readers):
    """In every method that takes names."""
    query = readers.query(Reader)

    assert [each.name for each in query.clone().filter_by(since=3)] == ["Budi"]
    assert [each.name for each in query.clone().descending("since")] == ["Budi", "Ani"]
    assert query.clone().distinct("since") == [3]
    assert query.clone().filter(Reader.name == "Budi").set("since", 4).execute()["n"] == 1
    assert readers.query(Member).one().since == 4


def test_free_form_queries_take_any_field(readers):
    """There is no class to which it could not belong."""
    assert readers.query("Reader").filter(Loan.name == "Ani", {"nmae": None}).count() == 1


# -- names in raw dicts -------------------------------------------------------------------------


class Count(Document):
    config_namespace = NS

    visits = IntField(default=0, db_field="v")


class Site(Document):
    config_namespace = NS

    days = DictField(DocumentField(Count), db_field="d", default_empty=True)
    weeks = DictField(DictField(ListField(DocumentField(Count))), required=False, db_field="w")
    rows = ListField(DictField(IntField()), required=False, db_field="r")
    words = KVField(StringField(), DocumentField(Count), required=False)
    pair = TupleField(IntField(), DocumentField(Count), required=False, db_field="p")
    anything = AnythingField(required=False, db_field="a")
    owner = SRefField(Loan, required=False)
    ref = RefField(Loan, required=False)
    at = GeoField(required=False)
    title = DictField(StringField(), required=False)

    @computed_field(DictField(DocumentField(Count)), deps=[], db_field="o")
    def other(values):
        return {"x": Count(visits=5)}


def stored_site() -> Site:
    """Make a document that has something below every field."""
    return Site(
        days={"mon": Count(visits=3)},
        weeks={"a": {"b": [Count(visits=3)]}},
        rows=[{"x": 3}],
        words={"k": Count(visits=3)},
        pair=(3, Count(visits=3)),
        anything={"x": {"y": 3}},
        title={"en": "3"},
    )


NAMES = {
    "days.mon.visits": "d.mon.v",
    "d.mon.v": "d.mon.v",
    "days.mon.v": "d.mon.v",
    "weeks.a.b.visits": "w.a.b.v",
    "weeks.a.b.0.visits": "w.a.b.0.v",
    "rows.x": "r.x",
    "rows.0.x": "r.0.x",
    "words.v.visits": "words.v.v",
    "words.0.v.visits": "words.0.v.v",
    "pair.0": "p.0",
    "pair.1.visits": "p.1.v",
    "pair.visits": "p.v",
    "anything.x.y": "a.x.y",
}


@pytest.mark.parametrize("name", NAMES)
def test_names_go_on_behind_keys_and_positions(database, name):
    """In raw dicts, with Python names and with stored ones, and where the stored ones are given."""
    session = Session(database, safe=True)
    session.save(stored_site())

    for raw in ({name: 3}, {NAMES[name]: 3}, {"$and": [{name: {"$in": [3]}}]}):
        query = session.query(Site).filter(raw)
        assert NAMES[name] in str(query.query)
        assert query.count() == 1


PYTHON_NAMES = [name for name in NAMES if not name.startswith("d.") and not name.endswith(".v")]


@pytest.mark.parametrize("name", PYTHON_NAMES)
def test_names_behind_keys_are_taken_wherever_a_name_is(database, name):
    """Conditions, orders, projections, values, updates and indexes."""
    session = Session(database, safe=True)
    session.save(stored_site())
    stored = NAMES[name]

    assert session.query(Site).filter_by(**{name: 3}).query == {stored: 3}
    assert session.query(Site).filter_by(**{name: 3}).count() == 1
    assert session.query(Site).in_(name, 3, 4).count() == 1
    assert session.query(Site).ascending(name)._sort == [(stored, 1)]
    assert session.query(Site).hint_asc(name).hints == [(stored, 1)]
    assert session.query(Site).distinct(name) == [3]
    assert stored in session.query(Site).fields(name)._fields_expression()
    if not name.startswith(("words", "pair")):  # of these no part can be loaded
        assert len(session.query(Site).fields(name).all()) == 1
    assert Index().ascending(name).specification(Site)[0] == [(stored, 1)]


@pytest.mark.parametrize(
    ("name", "stored"), [("days.mon.visits", "d.mon.v"), ("anything.x.y", "a.x.y")]
)
def test_single_keys_are_updated(database, name, stored):
    """A counter for each day is what dicts are for."""
    session = Session(database, safe=True)
    session.save(stored_site())

    session.query(Site).inc(name, 4).execute()
    session.query(Site).set(name.replace("mon", "tue").replace(".y", ".z"), 1).execute()
    session.query(Site).filter_by(**{name: 7}).inc(name).execute()

    assert session.query(Site).filter({stored: 8}).count() == 1
    assert session.query(Site).one().days["mon"].visits == (8 if "days" in name else 3)


def test_keys_are_attributes_of_query_fields(database):
    """Where the field has no attribute of that name; by text every key is reached."""
    session = Session(database, safe=True)
    session.save(stored_site())

    assert (Site.days.mon.visits == 3).obj == {"d.mon.v": 3}
    assert session.query(Site).filter(Site.days.mon.visits > 2, Site.title.en == "3").count() == 1
    assert Site.days.required is True
    assert session.query(Site).filter_by(**{"days.required.visits": 3}).count() == 0
    with pytest.raises(BadQueryException, match="no field"):
        _ = Site.days.mon.nmae


UNKNOWN: list[Any] = [
    {"nmae": 1},
    {"nmae": {"$ne": "x"}},
    {"days.mon.nmae": 1},
    {"weeks.a.b.nmae": 1},
    {"rows.0.x.nmae": 1},
    {"words.nmae": 1},
    {"pair.2": 1},
    {"owner.nmae": 1},
    {"ref.nmae": 1},
    {"at.nmae": 1},
    {"title.en.nmae": 1},
    {"other.x.nmae": 1},
    {"$nor": [{"nmae": 1}]},
    {"$and": [{"$or": [{"nmae": 1}]}]},
    {"words": {"$elemMatch": {"nmae": 1}}},
    {"words": {"$not": {"$elemMatch": {"v.nmae": 1}}}},
    {"weeks.a.b": {"$elemMatch": {"nmae": 1}}},
]


@pytest.mark.parametrize("raw", UNKNOWN, ids=repr)
@pytest.mark.parametrize(
    "ask",
    [
        lambda s, raw: s.query(Site).filter(raw),
        lambda s, raw: s.query(Site).not_(raw),
        lambda s, raw: s.query(Site).or_(raw, {"days.mon.v": 1}),
        lambda s, raw: s.remove_query(Site).filter(raw).execute(),
        lambda s, raw: s.query(Site).filter(raw).delete(),
        lambda s, raw: s.query(Site).map_reduce("", "", "out", raw),
        lambda s, raw: s.update(stored_site(), raw),
        lambda s, raw: Index(partial=raw).ascending("days").specification(Site),
    ],
    ids=["filter", "not_", "or_", "removal", "delete", "map_reduce", "id_expression", "index"],
)
def test_a_name_that_means_nothing_is_refused(database, ask, raw):
    """The message says how documents in another form are asked for."""
    session = Session(database, safe=True)
    session.save(stored_site())
    with pytest.raises(FieldNotFoundException, match="query_bypass"):
        ask(session, raw)

    assert database["Site"].count_documents({}) == 1


@pytest.mark.parametrize("raw", [{"nmae": 1}, {"visits.nmae": {"$ne": 1}}], ids=repr)
def test_a_name_that_items_do_not_have_is_refused(raw):
    """In `elem_match` and in `remove`."""
    with pytest.raises(FieldNotFoundException):
        Site.words.elem_match(raw)
    with pytest.raises(FieldNotFoundException):
        Query(Reader, None).remove(Reader.homes, raw)


class Loose(Document):
    config_namespace = NS
    config_extra_fields = "ignore"

    name = StringField(db_field="n")
    inner = DocumentField(Count, required=False)


def test_a_class_that_ignores_extra_fields_may_have_any(database):
    """At the level that it is about."""
    session = Session(database, safe=True)
    session.save(Loose(name="x", extra=1))

    assert session.query(Loose).filter({"extra": 1, "name": "x"}).count() == 1
    with pytest.raises(FieldNotFoundException):
        session.query(Loose).filter({"inner.extra": 1})


def test_ways_that_check_no_names(database):
    """For documents in another form."""
    session = Session(database, safe=True)
    database["Site"].insert_one({"old": 1})

    assert len(list(session.query(Site).query_bypass({"old": 1}))) == 1
    assert session.query("Site").filter({"old": 1}).count() == 1
    assert session.query(Site).raw_output().filter(Q.old == 1).count() == 1


# -- subclasses of embedded documents -----------------------------------------------------------


class Figure(Document):
    config_namespace = NS
    config_polymorphic = "kind"

    kind = StringField(default="figure")


class Square(Figure):
    config_polymorphic_identity = "square"

    kind = StringField(default="square")
    side = IntField(db_field="s")
    edge = IntField(db_field="e", required=False)


class Box(Square):
    config_polymorphic_identity = "box"

    kind = StringField(default="box")
    depth = IntField(db_field="dd")


class Circle(Figure):
    config_polymorphic_identity = "circle"

    kind = StringField(default="circle")
    radius = IntField(db_field="rr")
    edge = StringField(db_field="ee", required=False)


class Canvas(Document):
    config_namespace = NS

    figure = DocumentField(Figure)
    figures = ListField(DocumentField(Figure), default_empty=True, db_field="f")
    named = DictField(DocumentField(Figure), default_empty=True, db_field="m")


@pytest.fixture
def canvases(database) -> Any:
    """A session on two documents."""
    session = Session(database, safe=True)
    box = Box(side=2, depth=4)
    session.save(Canvas(figure=Square(side=2), figures=[Square(side=2), box], named={"x": box}))
    session.save(Canvas(figure=Circle(radius=1)))
    return session


@pytest.mark.parametrize(
    ("condition", "sent"),
    [
        (lambda: Canvas.figure.side == 2, {"figure.s": 2}),
        (lambda: {"figure.side": 2}, {"figure.s": 2}),
        (lambda: {"figure.s": 2}, {"figure.s": 2}),
        (lambda: Canvas.figures.side == 2, {"f.s": 2}),
        (lambda: {"figures.1.depth": 4}, {"f.1.dd": 4}),
        (lambda: Canvas.named.x.depth == 4, {"m.x.dd": 4}),
        (lambda: {"named.x.depth": 4}, {"m.x.dd": 4}),
        (lambda: Canvas.figures.elem_match({"depth": 4}), {"f": {"$elemMatch": {"dd": 4}}}),
        (lambda: Canvas.figures.elem_match(Box.depth == 4), {"f": {"$elemMatch": {"dd": 4}}}),
        (lambda: Canvas.figures.elem_match(Square.side == 2), {"f": {"$elemMatch": {"s": 2}}}),
    ],
)
def test_fields_of_embedded_subclasses_are_asked_for(canvases, condition, sent):
    """Alone, in lists and in dicts, at any depth of the family."""
    query = canvases.query(Canvas).filter(condition())

    assert query.query == sent
    assert query.count() == 1


def test_fields_of_embedded_subclasses_are_named_everywhere(canvases):
    """In orders, projections, values, updates and indexes."""
    query = canvases.query(Canvas)

    assert query.clone().filter_by(**{"figure.side": 2}).count() == 1
    assert query.clone().descending("figure.side").first().figure.side == 2
    assert query.clone().distinct(Canvas.figure.side) == [2]
    assert query.clone().fields("figure.side").first().figure.side == 2
    assert query.clone().fields("figure.kind").all()[1].figure.kind == "circle"
    assert Index().ascending("figure.side").specification(Canvas)[0] == [("figure.s", 1)]
    query.clone().filter_by(**{"figure.side": 2}).set("figure.side", 9).execute()
    assert query.clone().remove(Canvas.figures, Square.side == 2).multi().execute()["n"] == 2
    assert canvases.query(Canvas).first().figure.side == 9
    assert canvases.query(Canvas).first().figures == []


def test_a_name_that_means_two_things_is_refused():
    """The error names both, and what else can be done."""
    for name in (
        lambda: Canvas.figure.edge,
        lambda: Query(Canvas, None).filter({"figure.edge": 1}),
    ):
        with pytest.raises(BadQueryException, match=r"Square.*'e'.*Circle.*'ee'"):
            name()
    assert Query(Canvas, None).filter({"figure.ee": 1}).query == {"figure.ee": 1}
    with pytest.raises(BadQueryException):
        _ = Canvas.figure.nmae
    with pytest.raises(FieldNotFoundException):
        Query(Canvas, None).filter({"figure.nmae": 1})


def test_an_index_of_another_class_is_refused():
    """A text that means nothing, and a field of another class."""
    with pytest.raises(BadIndexException):
        Index().ascending("nmae").specification(Site)
    with pytest.raises(FieldNotFoundException):
        Index().ascending(Loan.days).specification(Site)
