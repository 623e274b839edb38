"""
An object's class and the identity that is stored of it fit together, and so it can be found.

Members of the kind, by where the identity comes from: an assignment, the constructor, a field's own
way to set, a deletion, a value put past the checks, an inherited or a declared default, an extra
field where the identity is no field, a hook, an update expression, an upsert, another program's
write. By whose: a whole document, an embedded one, an item. By where it is noticed: `save`, `add`,
`update`, in a block; and, of what is stored, by `refresh`, `reload`, a reference, the identity map.
A class that cannot be told from its base, and one with several bases.
"""

from __future__ import annotations

from typing import Any

import pytest

from ommongo import (
    DictDoc,
    DictField,
    Document,
    DocumentField,
    FloatField,
    IntField,
    ListField,
    RefField,
    StringField,
)
from ommongo.exceptions import BadDocumentException, BadFieldSpecification, BadValueException

SPACE = "tests.class_identity"


class Account(DictDoc, Document):
    config_namespace = SPACE
    config_collection_name = "accounts"
    config_polymorphic = "kind"
    config_polymorphic_identity = "plain"
    config_polymorphic_collection = True

    kind = StringField(default="plain", db_field="k")
    owner = StringField(default="Ani")


class Savings(Account):
    config_polymorphic_identity = "savings"
    rate = FloatField(default=1.5)


class Gold(Savings):
    config_polymorphic_identity = "gold"


class Shape(Document):
    config_namespace = SPACE
    config_collection_name = "shapes"
    config_polymorphic = "kind"
    config_polymorphic_collection = True

    kind = StringField(required=False)


class Circle(Shape):
    config_polymorphic_identity = "circle"
    radius = IntField(default=1)


class Bank(Document):
    config_namespace = SPACE
    config_collection_name = "banks"

    main = DocumentField(Account, required=False)
    others = ListField(DocumentField(Account), required=False)
    by_name = DictField(DocumentField(Account), required=False)


def _listed(session: Any) -> None:
    """All that is stored can be listed, as what it is."""
    for cls in (Account, Savings, Gold):
        for account in session.query(cls):
            assert account.kind == type(account).config_polymorphic_identity


SET = {
    "assigned": lambda account, value: setattr(account, "kind", value),
    "by key": lambda account, value: account.__setitem__("kind", value),
    "by the field": lambda account, value: Account.get_fields()["kind"].set_value(account, value),
}


@pytest.mark.parametrize("value", ["plain", "gold", "none of them"])
@pytest.mark.parametrize("way", SET)
def test_another_identity_is_refused_where_it_is_assigned(safe_session, way, value):
    """The message has the object's class and identity, and the class that it would become."""
    safe_session.save(Savings())
    account = safe_session.query(Savings).one()

    with pytest.raises(BadValueException, match="'savings' in every Savings") as caught:
        SET[way](account, value)

    if value != "none of them":
        assert f"that of {'Account' if value == 'plain' else 'Gold'}" in str(caught.value)
    else:
        assert value not in str(caught.value)
    assert (account.kind, account.get_dirty_ops()) == ("savings", {})


def test_its_own_identity_may_be_assigned(safe_session):
    """That changes nothing."""
    safe_session.save(Savings(kind="savings"))
    account = safe_session.query(Savings).one()
    account.kind = "savings"

    assert account.get_dirty_ops() == {}
    assert safe_session.update(account) is None


def test_the_constructor_refuses_it_too():
    """So does it of a class at the root."""
    with pytest.raises(BadValueException, match="in every Savings"):
        Savings(kind="plain")
    with pytest.raises(BadValueException, match="in every Account"):
        Account(kind="savings")


WRITE = {
    "save": lambda session, account: session.save(account),
    "add": lambda session, account: session.add(account),
    "update": lambda session, account: session.update(account),
}


@pytest.mark.parametrize("way", WRITE)
@pytest.mark.parametrize("loaded", [True, False])
def test_what_came_past_the_checks_is_not_stored(safe_session, commands, way, loaded):
    """It is refused when it is queued, where it would be sent; and the listing works."""
    safe_session.save(Savings())
    account = safe_session.query(Savings).one() if loaded else Savings(owner="Budi")
    if not loaded:
        account.mongo_id = safe_session.query(Savings).one().mongo_id
    account.__dict__["kind"] = "plain"
    commands.clear()

    if way == "update" and loaded:
        assert safe_session.update(account) is None  # nothing was assigned
    else:
        with pytest.raises(BadValueException, match="that of Account"):
            WRITE[way](safe_session, account)

    assert commands.names("insert", "update") == []
    assert safe_session.queue == []
    _listed(safe_session)


def test_in_a_block_nothing_is_stored(safe_session):
    """It is refused when it is queued, before anything is sent."""
    account = Savings()
    account.__dict__["kind"] = "plain"

    with pytest.raises(BadValueException), safe_session:
        safe_session.add(Account())
        safe_session.add(account)

    assert safe_session.query(Account).count() == 0


def test_a_deleted_identity_is_refused_when_it_is_queued(safe_session):
    """Without it the document would be found by no query for its class."""
    safe_session.save(Savings())
    account = safe_session.query(Savings).one()
    del account.kind

    with pytest.raises(BadValueException, match="in every Savings"):
        safe_session.update(account)
    safe_session.save(account)

    assert safe_session.query(Savings).one().kind == "savings"


@pytest.mark.parametrize("safe", [True, False])
@pytest.mark.parametrize("cls", [Account, Savings, Gold])
def test_an_inherited_default_gives_way(make_session, cls, safe):
    """An object is stored as what it is, though its base declares a default."""
    session = make_session(safe=safe)
    session.save(cls())

    assert type(session.query(Account).one()) is cls
    assert cls().kind == cls.config_polymorphic_identity
    _listed(session)


@pytest.mark.parametrize("declared", [{"default": "other"}, {"default": "plain"}])
def test_another_default_of_its_own_is_refused(declared):
    """The class says two things, which is told when it is made."""
    with pytest.raises(BadFieldSpecification, match="config_polymorphic_identity") as caught:

        class Wrong(Account):
            config_namespace = None
            config_polymorphic_identity = "wrong"
            kind = StringField(**declared, db_field="k")

    assert "Wrong.kind" in str(caught.value)


def test_a_default_that_is_the_identity_may_be_declared():
    """As the historical library needed it."""

    class Right(Document):
        config_namespace = None
        config_polymorphic = "kind"
        config_polymorphic_identity = "right"
        kind = StringField(default="right")

    assert Right().kind == "right"


def test_a_hook_that_gives_another_identity_is_a_bad_document(session):
    """What is loaded is what it says that it is."""

    class Migrated(Document):
        config_namespace = SPACE
        config_collection_name = "migrated"
        config_polymorphic = "kind"
        config_polymorphic_identity = "m"
        kind = StringField()

        @classmethod
        def transform_incoming(cls, obj, session):
            obj["kind"] = "x"
            return obj

    session.db["migrated"].insert_one({"kind": "m"})

    with pytest.raises(BadDocumentException, match="'m' in every Migrated"):
        session.query(Migrated).all()


# -- embedded -----------------------------------------------------------------------------------

PUT = {
    "alone": (lambda account: {"main": account}, lambda bank: bank.main),
    "in a list": (lambda account: {"others": [account]}, lambda bank: bank.others[0]),
    "in a dict": (lambda account: {"by_name": {"a": account}}, lambda bank: bank.by_name["a"]),
}


@pytest.mark.parametrize("put", PUT)
def test_an_embedded_object_keeps_its_identity_too(safe_session, put):
    """It is refused in it at the assignment, and when the whole is queued."""
    hold, held = PUT[put]
    safe_session.save(Bank(**hold(Savings())))
    bank = safe_session.query(Bank).one()
    account = held(bank)
    assert type(account) is Savings
    with pytest.raises(BadValueException, match="in every Savings"):
        account.kind = "plain"
    account.__dict__["kind"] = "plain"

    with pytest.raises(BadValueException, match="in every Savings"):
        safe_session.save(bank)

    assert type(held(safe_session.query(Bank).one())) is Savings


# -- update expressions --------------------------------------------------------------------------


@pytest.mark.parametrize("cls", [Account, Savings])
def test_an_update_makes_no_document_one_of_another_class(safe_session, cls):
    """It would leave what that class asks for, or has no field for."""
    safe_session.save(Savings())
    for change in (
        lambda: safe_session.query(cls).set(cls.kind, "gold"),
        lambda: safe_session.query(cls).set(cls.kind, "plain"),
        lambda: safe_session.query(cls).find_and_modify().set(cls.kind, "gold"),
    ):
        with pytest.raises(BadValueException, match="tells the class"):
            change().execute()

    _listed(safe_session)


def test_a_root_without_an_identity_is_no_exception(safe_session):
    """Its own documents have none, and are not to get one."""
    safe_session.save(Shape())

    with pytest.raises(BadValueException, match="tells the class"):
        safe_session.query(Shape).set(Shape.kind, "circle").execute()


def test_an_update_may_do_so_where_it_is_told_to(safe_session):
    """A migration says that it knows what it does."""
    safe_session.save(Savings())

    safe_session.query(Savings).set(Savings.kind, "gold", unchecked=True).execute()

    assert type(safe_session.query(Account).one()) is Gold


def test_an_upsert_that_names_a_class_makes_no_document_one_of_it(safe_session):
    """It inserts one of that class, and leaves one that is there what it is."""
    safe_session.save(Account(owner="A"))
    for owner, change in (
        ("A", lambda query: query.set(Account.kind, "gold").upsert()),
        ("A", lambda query: query.find_and_modify().set(Account.kind, "gold").upsert()),
    ):
        with pytest.raises(BadValueException, match="was not changed"):
            change(safe_session.query(Account).filter(Account.owner == owner)).execute()
    assert type(safe_session.query(Account).one()) is Account

    upsert = safe_session.query(Account).filter(Account.owner == "B").set(Account.kind, "gold")
    upsert.upsert().execute()

    assert type(safe_session.query(Account).filter(Account.owner == "B").one()) is Gold


@pytest.mark.parametrize("field", ["main.kind", "others.0.kind"])
def test_an_update_reaches_no_embedded_identity(safe_session, field):
    """Neither that of an embedded document, nor that of an item."""
    safe_session.save(Bank(main=Savings(), others=[Savings()]))

    with pytest.raises(BadValueException, match="tells the class"):
        safe_session.query(Bank).set(field, "plain").execute()


@pytest.mark.parametrize("cls", [Account, Savings, Gold])
def test_an_upsert_inserts_a_document_of_its_class(safe_session, cls):
    """The identity goes along."""
    safe_session.query(cls).filter(cls.owner == "B").set(cls.owner, "B").upsert().execute()

    assert type(safe_session.query(Account).one()) is cls


# -- what became another -------------------------------------------------------------------------


@pytest.mark.parametrize("cache_size", [0, 10])
def test_reload_refuses_what_became_one_of_another_class(make_session, cache_size):
    """An object keeps its class; what is stored is not written over."""
    session = make_session(safe=True, cache_size=cache_size)
    session.save(Account())
    account = session.query(Account).one()
    stored = {"k": "savings", "rate": 5.0}
    session.db["accounts"].update_one({}, {"$set": stored})

    with pytest.raises(BadDocumentException, match="stored as a Savings by now") as caught:
        session.reload(account)

    assert caught.value.document_id == account.mongo_id
    assert session.db["accounts"].find_one()["rate"] == 5.0
    assert (account.kind, account.get_dirty_ops()) == ("plain", {})


@pytest.mark.parametrize("cache_size", [0, 10])
@pytest.mark.parametrize(
    ("before", "after"), [(Account, Savings), (Savings, Gold), (Savings, Account), (Gold, Account)]
)
def test_refresh_and_queries_give_the_class_that_it_has_now(
    make_session, before, after, cache_size
):
    """Downwards, upwards and sidewards, also where the identity map holds the old object."""
    session = make_session(safe=True, cache_size=cache_size)
    session.save(before())
    old = session.query(Account).one()
    session.db["accounts"].update_one({}, {"$set": {"k": after.config_polymorphic_identity}})
    if after is Account:
        session.db["accounts"].update_one({}, {"$unset": {"rate": True}})

    with pytest.raises(BadDocumentException):
        session.reload(old)
    assert type(session.refresh(old)) is after
    assert type(session.query(Account).one()) is after


def test_a_reference_to_another_class_is_a_bad_document(session):
    """A field that refers to a subclass finds no object of its base."""

    class Owner(Document):
        config_namespace = SPACE
        ref = RefField(Savings)
        savings = ref.rel()

    id = session.db["accounts"].insert_one({"k": "plain", "owner": "A"}).inserted_id
    owner = Owner(ref=Savings(mongo_id=id).to_ref())
    session.add_to_session(owner)

    with pytest.raises(BadDocumentException, match="that of Account"):
        owner.savings


# -- classes that cannot be told -----------------------------------------------------------------


def test_an_object_of_a_class_without_an_identity_is_refused(safe_session):
    """Nothing that is stored would tell it from one of its base."""

    class Middle(Account):
        config_namespace = None
        more = IntField(default=1)

    with pytest.raises(BadValueException, match="config_polymorphic_identity"):
        safe_session.save(Middle())

    assert safe_session.query(Account).all() == []


def test_an_identity_without_a_field_is_an_extra_field(safe_session):
    """It is stored with new objects too, so they are found."""

    class Loose(Document):
        config_namespace = SPACE
        config_collection_name = "loose"
        config_polymorphic = "_cls"
        config_polymorphic_identity = "loose"
        config_polymorphic_collection = True
        config_extra_fields = "ignore"
        name = StringField(default="a")

    class Looser(Loose):
        config_polymorphic_identity = "looser"

    loose, looser = Loose(), Looser()
    for document in (loose, looser):
        safe_session.save(document)
        assert document.get_dirty_ops() == {}

    assert [type(found) for found in safe_session.query(Loose)] == [Loose, Looser]
    found = safe_session.query(Looser).one()
    assert found.get_extra_fields() == {"_cls": "looser"}
    found.get_extra_fields()["_cls"] = "loose"
    with pytest.raises(BadValueException, match="in every Looser"):
        safe_session.save(found)


def test_an_identity_that_can_be_kept_nowhere_is_refused(safe_session):
    """Stored without it, the object would be found by nobody."""

    class Strict(Document):
        config_namespace = None
        config_polymorphic = "_cls"
        config_polymorphic_identity = "strict"

    with pytest.raises(BadValueException, match="no field for it"):
        safe_session.save(Strict())


def test_a_class_belongs_to_each_of_its_polymorphic_bases(safe_session):
    """It is found by a query for each of them, and loaded as what it is."""

    class Left(Account):
        config_namespace = None
        config_polymorphic_identity = "left"

    class Right(Account):
        config_namespace = None
        config_polymorphic_identity = "right"

    class Both(Left, Right):
        config_namespace = None
        config_polymorphic_identity = "both"

    safe_session.save(Both())

    for cls in (Account, Left, Right, Both):
        assert [type(found) for found in safe_session.query(cls)] == [Both]
    assert Account.get_subclass({"k": "both"}) is Right.get_subclass({"k": "both"}) is Both


def test_a_class_of_two_families_holds_the_identities_of_both(safe_session):
    """As an embedded document it is loaded through either."""

    class Named(Document):
        config_namespace = None
        config_polymorphic = "sort"
        config_polymorphic_identity = "named"
        sort = StringField()

    class Sized(Document):
        config_namespace = None
        config_polymorphic = "size_sort"
        config_polymorphic_identity = "sized"
        size_sort = StringField()

    class Box(Named, Sized):
        config_namespace = None
        config_polymorphic_identity = "box"

    class Room(Document):
        config_namespace = SPACE
        named = DocumentField(Named)
        sized = DocumentField(Sized)

    safe_session.save(Room(named=Box(), sized=Box()))

    room = safe_session.query(Room).one()
    assert (type(room.named), type(room.sized)) == (Box, Box)
    assert Box().wrap() == {"sort": "box", "size_sort": "box"}
