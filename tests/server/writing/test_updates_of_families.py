"""
No update expression leaves a document that its class, another one of the family, cannot load.

A query of a base, or an embedded document, may meet a document of any class of the family. What is
named may be a field that only a subclass has, one that a subclass declares anew (narrower), or what
tells the class. Where: at the top, embedded, in an item (an index, ``$[]``). Which operator: those
that put a value (``set``, ``min``), that reckon with it (``inc``, ``extend``), that take out
(``unset``), that move (``rename``). Which call: an update of one or many, find-and-modify, an
upsert. Which family: told by one attribute, or by another one further down; with a class that
ignores extra fields; a class that overrides `get_subclass`, of which nobody knows.
"""

from __future__ import annotations

import pytest

from ommongo import Document, DocumentField, FloatField, IntField, ListField, StringField
from ommongo.exceptions import BadValueException
from ommongo.update_expression import UpdateExpression

NAMESPACE = "tests.server.updates_of_families"


class Account(Document):
    config_namespace = NAMESPACE
    config_collection_name = "accounts"
    config_polymorphic = "kind"
    config_polymorphic_identity = "plain"
    config_polymorphic_collection = True

    kind = StringField(db_field="k")
    owner = StringField(default="x", required=False)
    points = IntField(default=1)
    marks = ListField(IntField(), default_empty=True)


class Savings(Account):
    config_polymorphic_identity = "savings"
    rate = FloatField(required=False, db_field="r")
    tags = ListField(StringField(), required=False)


class Young(Account):
    config_polymorphic_identity = "young"
    points = IntField(default=1, max_value=5)
    marks = ListField(IntField(), max_capacity=1, default_empty=True)


class Loose(Account):
    config_polymorphic_identity = "loose"
    config_extra_fields = "ignore"


class Shared(Account):
    config_polymorphic_identity = "shared"
    config_polymorphic = "share"
    share = StringField(required=False)


class Club(Shared):
    config_polymorphic_identity = "club"
    kind = StringField(default="shared", db_field="k")
    members = IntField(required=False)


class Pot(Document):
    config_namespace = NAMESPACE
    config_collection_name = "pots"
    account = DocumentField(Account, required=False)
    accounts = ListField(DocumentField(Account), default_empty=True)


CLASSES = (Account, Savings, Young, Loose, Shared, Club)


@pytest.fixture
def session(safe_session):
    """A session with one object of each class."""
    for cls in CLASSES:
        safe_session.save(cls(owner=cls.__name__))
        safe_session.save(Pot(account=cls(owner=cls.__name__), accounts=[cls(), Account()]))
    return safe_session


def assert_loads(session):
    """All that is stored can be loaded, and is found by the queries of its classes."""
    assert {type(each) for each in session.query(Account).all()} == set(CLASSES)
    assert {type(pot.account) for pot in session.query(Pot).all()} == set(CLASSES)
    for cls in CLASSES:
        assert any(type(each) is cls for each in session.query(cls).all())


EACH = {cls.__name__ for cls in CLASSES}
HAVE_RATES = {"Savings", "Loose"}

CHANGES = {
    "set": (lambda u: u.set(Savings.rate, 2.0), HAVE_RATES),
    "inc": (lambda u: u.inc(Savings.rate, 2.0), HAVE_RATES),
    "min": (lambda u: u.min(Savings.rate, 2.0), HAVE_RATES),
    "append": (lambda u: u.append(Savings.tags, "a"), HAVE_RATES),
    "by name": (lambda u: u.set("tags", ["a"]), HAVE_RATES),
    "narrower": (lambda u: u.set(Account.points, 9), EACH - {"Young"}),
    "still in": (lambda u: u.set(Account.points, 4), EACH),
    "reckoned": (lambda u: u.inc(Account.points, 9), EACH - {"Young"}),
    "grown": (lambda u: u.extend(Account.marks, 1, 2), EACH - {"Young"}),
    "below": (lambda u: u.set(Club.members, 2), {"Club", "Loose"}),
    "renamed": (lambda u: u.rename(Account.points, Club.members), {"Club", "Loose"}),
    "taken out": (lambda u: u.unset(Savings.rate), EACH),
}

CALLS = {
    "one": lambda query, change: change(UpdateExpression(query)).execute()["n"],
    "many": lambda query, change: change(UpdateExpression(query)).multi().execute()["n"],
    "upsert": lambda query, change: change(UpdateExpression(query)).upsert().execute()["n"],
    "find": lambda query, change: change(query.find_and_modify(new=True)).execute() is not None,
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(("change", "takes"), CHANGES.values(), ids=CHANGES)
def test_documents_of_the_family(session, change, takes, call):
    """A change is made in documents of those classes that can load what comes of it."""
    changed = set()
    before = {each["owner"]: each for each in session.db["accounts"].find()}
    for cls in CLASSES:
        query = session.query(Account).filter(Account.owner == cls.__name__)
        try:
            assert call(query, change) == 1
        except BadValueException:
            assert session.db["accounts"].find_one({"owner": cls.__name__}) == before[cls.__name__]
        else:
            changed.add(cls.__name__)

    assert_loads(session)
    assert changed <= takes
    # An upsert is refused where it could not be inserted, whatever is there.
    assert changed == takes or call is CALLS["upsert"]


EMBEDDED = {
    "set": (lambda u: u.set("account.rate", 2.0), HAVE_RATES),
    "query field": (lambda u: u.inc(Pot.account.rate, 2.0), HAVE_RATES),
    "narrower": (lambda u: u.set(Pot.account.points, 9), EACH - {"Young"}),
    "index": (lambda u: u.set("accounts.0.rate", 2.0), HAVE_RATES),
    "all items": (lambda u: u.set("accounts.$[].rate", 2.0), set()),
    "another item": (lambda u: u.set("accounts.1.points", 9), EACH),
}


@pytest.mark.parametrize(("change", "takes"), EMBEDDED.values(), ids=EMBEDDED)
def test_embedded_documents_of_the_family(session, change, takes):
    """So it is in embedded documents, and items of lists."""
    changed = set()
    for cls in CLASSES:
        query = session.query(Pot).filter(Pot.account.owner == cls.__name__)
        try:
            assert change(UpdateExpression(query)).execute()["n"] == 1
        except BadValueException:
            continue
        changed.add(cls.__name__)

    assert_loads(session)
    assert changed == takes


def test_nothing_is_made_of_an_embedded_document_that_is_not_there(session):
    """A field of a subclass alone would make one of the base, which has no such field."""
    session.query(Pot).unset(Pot.account).multi().execute()

    with pytest.raises(BadValueException, match="another class"):
        session.query(Pot).set("account.rate", 2.0).execute()
    session.query(Pot).set(Pot.account.points, 2).execute()

    assert {type(pot.account) for pot in session.query(Pot) if "account" in pot.wrap()} == {Account}


TELLING = {
    "unset": lambda u: u.unset(Account.kind),
    "unset of a subclass": lambda u: u.unset(Savings.kind),
    "a class of nobody": lambda u: u.set(Account.kind, "nobody's"),
    "another class": lambda u: u.set(Account.kind, "savings"),
    "further down": lambda u: u.set(Club.share, "nobody's"),
    "rename from": lambda u: u.rename(Account.kind, "owner"),
    "rename to": lambda u: u.rename(Account.owner, "kind"),
}


@pytest.mark.parametrize("change", TELLING.values(), ids=TELLING)
def test_what_tells_the_class(session, change):
    """No operator changes what tells the class, or takes it out."""
    before = list(session.db["accounts"].find())

    with pytest.raises(BadValueException, match="tells the class"):
        change(UpdateExpression(session.query(Account))).multi().execute()

    assert list(session.db["accounts"].find()) == before


@pytest.mark.parametrize("name", ["account.kind", "accounts.0.kind", "accounts.$[].kind"])
@pytest.mark.parametrize("operator", ["unset", "set", "rename"])
def test_what_tells_the_class_of_an_embedded_document(session, name, operator):
    """So it is of embedded documents."""
    arguments = {"unset": (), "set": ("nobody's",), "rename": (name.replace("kind", "owner"),)}

    with pytest.raises(BadValueException, match="tells the class"):
        getattr(UpdateExpression(session.query(Pot)), operator)(
            name, *arguments[operator]
        ).execute()

    assert_loads(session)


def test_a_class_is_named_that_it_is(session):
    """To set what is stored already does no harm, where nothing else can be meant."""
    assert session.query(Savings).set(Savings.kind, "savings").execute()["n"] == 1


def test_unchecked(session):
    """Who wants it changes it all the same."""
    reply = session.query(Account).set(Savings.rate, 2.0, unchecked=True).multi().execute()

    assert reply["n"] == len(CLASSES)


def test_a_class_that_chooses_by_itself(safe_session):
    """Where a class overrides `get_subclass`, only Python knows the class of a document."""

    class Own(Document):
        config_namespace = None
        config_collection_name = "own"
        config_polymorphic = "kind"
        config_polymorphic_identity = "own"
        config_polymorphic_collection = True
        config_extra_fields = "ignore"
        kind = StringField(required=False)

        @classmethod
        def get_subclass(cls, obj):
            return Heavy if "weight" in obj else Own

    class Heavy(Own):
        config_polymorphic_identity = "heavy"
        weight = IntField(required=False)

    safe_session.save(Own())

    assert safe_session.query(Own).set(Heavy.weight, 3).execute()["n"] == 1
    assert type(safe_session.query(Own).one()) is Heavy
