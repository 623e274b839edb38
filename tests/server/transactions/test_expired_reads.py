"""
What was read in a transaction that was not committed is not known any more.

The kind has three sides, and each is held here against the others: how an object came to know
something (queries of every form, references, find-and-modify, a copy of such an object, `refresh`,
`reload` of all or of some fields), how the transaction ended (the application's exception, an error
of the server, one that was caught, a commit that failed or whose outcome nobody knows, a try that
was repeated), and what is done with the object afterwards (read, assigned, saved, updated, removed,
copied, embedded). What the application gave to such an object stays, and is dirty.
"""

from __future__ import annotations

import copy
import pickle

import pytest
from bson import DBRef
from pymongo.errors import DuplicateKeyError, PyMongoError

from ommongo import (
    ComputedField,
    DictDoc,
    DictField,
    Document,
    DocumentField,
    IntField,
    ListField,
    RefField,
    StringField,
    VersionField,
)
from ommongo.exceptions import (
    BadResultException,
    FieldNotRetrieved,
    StaleDocumentException,
    TransactionException,
)
from tests.helpers import drop_database

MAX_TIME_EXPIRED = 50


class Mishap(Exception):
    """What goes wrong in an application."""


class Place(Document):
    config_namespace = "tests.expired_reads"

    city = StringField()
    zip = StringField(required=False, db_field="z")


class Article(Document, DictDoc):
    config_namespace = "tests.expired_reads"
    config_collection_name = "articles"
    config_extra_fields = "ignore"

    slug = StringField(_id=True)
    title = StringField(db_field="t")
    views = IntField(default=0)
    hits = IntField(required=False, on_update="$inc")
    note = StringField(required=False)
    tags = ListField(StringField(), default_empty=True)
    options = DictField(IntField(), default_empty=True)
    place = DocumentField(Place, required=False)
    shout = ComputedField(StringField(), lambda known: known["title"].upper(), deps=[title])


class Counted(Document):
    config_namespace = "tests.expired_reads"
    config_collection_name = "counted"

    slug = StringField(_id=True)
    title = StringField()
    views = IntField(default=0)
    version = VersionField()


class Link(Document):
    config_namespace = "tests.expired_reads"
    config_collection_name = "links"

    target_ref = RefField(Article)
    target = target_ref.rel()


RICE = {
    "_id": "rice",
    "t": "Rice",
    "views": 3,
    "hits": 7,
    "note": "n",
    "tags": ["a"],
    "options": {"x": 1},
    "place": {"city": "Solo", "z": "57100"},
    "shout": "RICE",
    "extra": "e",
}
NEVER = {
    "t": "Never",
    "views": 33,
    "hits": 77,
    "note": "never",
    "tags": ["never"],
    "options": {"never": 1},
    "place": {"city": "Never", "z": "never"},
    "shout": "NEVER",
    "extra": "never",
}


@pytest.fixture(params=[0, None], ids=["no map", "map"])
def session(request, make_session, database):
    """A safe session on a database with its collections, without and with an identity map."""
    for name in ("articles", "counted", "links"):
        database.create_collection(name)
    return make_session(safe=True, cache_size=request.param)


@pytest.fixture
def rice(database):
    """Store an article, and give its collection."""
    database["articles"].insert_one(RICE)
    return database["articles"]


def write_never(session):
    """Write in the transaction what is never committed, so that no object of ours knows of it."""
    session.db["articles"].update_one({"_id": "rice"}, {"$set": NEVER}, session=_driver(session))


def _driver(session):
    return session._client_session


def follow(session):
    """Give what a reference leads to."""
    link = Link(target_ref=DBRef("articles", "rice"))
    session.add_to_session(link)
    return link.target


READS = {
    "all": lambda s: s.query(Article).all()[0],
    "iterate": lambda s: next(iter(s.query(Article))),
    "first": lambda s: s.query(Article).first(),
    "one": lambda s: s.query(Article).one(),
    "index": lambda s: s.query(Article)[0],
    "slice": lambda s: s.query(Article)[0:5][0],
    "result_index": lambda s: iter(s.query(Article))[0],
    "query_get": lambda s: s.query(Article).get("rice"),
    "get": lambda s: s.get(Article, "rice"),
    "refresh": lambda s: s.refresh(Article(slug="rice", title="x")),
    "rel": follow,
    "modified": lambda s: s.query(Article).find_and_modify(new=True).inc("views", 1).execute(),
    "before_it": lambda s: s.query(Article).find_and_modify().inc("views", 1).execute(),
    "removed": lambda s: s.query(Article).find_and_modify(remove=True).execute(),
    "reload": lambda s: reloaded(s),
    "copy": lambda s: copy.copy(s.query(Article).one()),
    "deepcopy": lambda s: copy.deepcopy(s.query(Article).one()),
}


def reloaded(session):
    """Give an object that is loaded anew, in place."""
    article = Article.unwrap(RICE, session=session)
    session.reload(article)
    return article


def rolled_back(session, read):
    """Give what was read in a transaction that is rolled back, after something was written."""
    with pytest.raises(Mishap):
        with session.transaction():
            write_never(session)
            found = read(session)
            raise Mishap
    return found


def by_others(collection):
    """Let somebody else change everything."""
    change = {
        "t": "Others",
        "views": 5,
        "hits": 50,
        "note": "others",
        "tags": ["others"],
        "options": {"others": 1},
        "place": {"city": "Others", "z": "others"},
        "shout": "OTHERS",
        "extra": "others",
    }
    collection.update_one({"_id": "rice"}, {"$set": change})
    return {"_id": "rice", **change}


# -- how it came to be known ---------------------------------------------------------------------


@pytest.mark.parametrize("read", list(READS))
def test_what_was_read_is_loaded_anew_by_the_next_read(session, rice, read):
    """Whatever gave the object, it shows what is stored now, and is clean."""
    article = rolled_back(session, READS[read])
    stored = by_others(rice)

    assert article.get_dirty_ops() == {}
    assert (article.title, article.views, article.hits) == ("Others", 5, 50)
    assert (article.note, article.tags, article.options) == ("others", ["others"], {"others": 1})
    assert (article.place.city, article.place.zip) == ("Others", "others")
    assert article.get_extra_fields() == {"extra": "others"}
    assert article.shout == "OTHERS"
    assert article.get_dirty_ops() == {}
    assert article.wrap() == stored


@pytest.mark.parametrize("name", ["title", "views", "tags", "options", "place", "shout"])
@pytest.mark.parametrize("read", list(READS))
def test_any_field_may_be_the_first_that_is_read(session, rice, read, name):
    """One read loads everything, once."""
    article = rolled_back(session, READS[read])
    stored = by_others(rice)

    value = getattr(article, name)
    assert (value.city if name == "place" else value) == {
        "title": "Others",
        "views": 5,
        "tags": ["others"],
        "options": {"others": 1},
        "place": "Others",
        "shout": "OTHERS",
    }[name]
    assert article.wrap() == stored


@pytest.mark.parametrize("read", list(READS))
def test_a_save_stores_nothing_that_was_never_committed(session, rice, read):
    """What was not assigned is stored as others have it; what was assigned since is stored."""
    article = rolled_back(session, READS[read])
    stored = by_others(rice)
    article.views = 6
    session.save(article)

    assert rice.find_one() == {**stored, "views": 6}


@pytest.mark.parametrize("read", list(READS))
def test_an_update_sends_what_was_assigned_and_nothing_else(session, rice, read, commands):
    """The same of an update; a value that is assigned as it is stored by now is not sent."""
    article = rolled_back(session, READS[read])
    stored = by_others(rice)
    article.views, article.title = 6, "Others"
    session.update(article)

    assert rice.find_one() == {**stored, "views": 6}


def test_one_read_of_one_document(session, rice, commands):
    """It is loaded once, however much is read; nothing is sent for what nobody reads."""
    first = rolled_back(session, READS["one"])
    second = rolled_back(session, READS["one"])
    commands.clear()
    assert first.title == "Rice"
    assert (first.views, first.place.city, first.get_extra_fields()) == (3, "Solo", {"extra": "e"})
    assert commands.names() == ["find"]
    assert second.slug == "rice"
    assert repr(second)
    assert commands.names() == ["find"]


def test_a_dict_doc_knows_what_is_stored(session, rice):
    """Asking whether a field is set is a read."""
    article = rolled_back(session, READS["one"])
    assert "note" in article
    article = rolled_back(session, READS["one"])
    rice.update_one({}, {"$unset": {"note": 1}})
    assert "note" not in article
    article = rolled_back(session, READS["one"])
    assert article.setdefault("note", "new") == "new"
    article = rolled_back(session, READS["one"])
    assert article["title"] == "Rice"


def test_a_partial_document_stays_one(session, rice):
    """Of what was not retrieved nothing is loaded."""
    article = rolled_back(session, lambda s: s.query(Article).fields(Article.title).one())
    by_others(rice)
    assert article.title == "Others"
    with pytest.raises(FieldNotRetrieved):
        article.views
    article.title = "Mine"
    session.save(article)
    assert rice.find_one()["t"] == "Mine"
    assert rice.find_one()["note"] == "others"


@pytest.mark.parametrize("names", [(Article.views,), ("views", "place"), ("tags", "title")])
def test_fields_that_were_reloaded_are_loaded_anew(session, rice, names):
    """What was known of the others before stays known."""
    article = session.query(Article).one()
    session.clear_cache()
    with pytest.raises(Mishap):
        with session.transaction():
            write_never(session)
            session.reload(article, *names)
            raise Mishap
    by_others(rice)
    assert article.note == "n"
    shown = {"views": 5, "tags": ["others"], "title": "Others", "place": Place}
    for name in map(str, names):
        value = getattr(article, name)
        assert (type(value) if name == "place" else value) == shown[name]
    assert article.note == "n"
    assert article.get_dirty_ops() == {}


def test_what_was_loaded_before_stays_known(session, rice, commands):
    """An object that was only written in the transaction is as before; nothing is loaded."""
    article = session.query(Article).one()
    with pytest.raises(Mishap):
        with session.transaction():
            article.views = 9
            session.update(article)
            raise Mishap
    commands.clear()
    assert (article.title, article.views) == ("Rice", 9)
    assert article.get_dirty_ops() == {"$set": {"views": 9}}
    assert commands.names() == []


def test_a_commit_expires_nothing(session, rice, commands):
    """What was read is as known as ever."""
    with session.transaction():
        article = session.query(Article).one()
    commands.clear()
    assert article.title == "Rice"
    assert commands.names() == []


def test_results_of_a_rolled_back_transaction_give_nothing_more(session, rice):
    """What the driver still has of them was never committed, perhaps."""
    rice.insert_one({**RICE, "_id": "tea"})

    def read(session):
        result = iter(session.query(Article))
        next(result)
        return result

    for take in (next, list, lambda result: result._rest(), lambda result: result[0]):
        result = rolled_back(session, read)
        with pytest.raises(TransactionException, match="again"):
            take(result)


# -- how the transaction ended -------------------------------------------------------------------


def ended_by_an_exception(session, body, fail_command):
    """The application changes its mind."""
    with pytest.raises(Mishap):
        with session.transaction():
            body(session)
            raise Mishap


def ended_by_an_interrupt(session, body, fail_command):
    """Somebody presses Ctrl-C."""
    with pytest.raises(KeyboardInterrupt):
        with session.transaction():
            body(session)
            raise KeyboardInterrupt


def ended_by_the_server(session, body, fail_command):
    """The server refuses something."""
    with pytest.raises(DuplicateKeyError):
        with session.transaction():
            body(session)
            session.db["articles"].insert_one({"_id": "rice"}, session=_driver(session))


def ended_by_an_inner_one(session, body, fail_command):
    """A transaction inside fails, and that is caught."""
    with pytest.raises(TransactionException):
        with session.transaction():
            with pytest.raises(Mishap):
                with session.transaction():
                    body(session)
                    raise Mishap


def ended_by_its_commit(session, body, fail_command):
    """The server refuses to commit."""
    with fail_command("commitTransaction", times=1, errorCode=8000), pytest.raises(PyMongoError):
        with session.transaction():
            body(session)


def ended_in_doubt(session, body, fail_command):
    """Nobody knows whether it was committed."""
    with fail_command("commitTransaction", errorCode=MAX_TIME_EXPIRED), pytest.raises(PyMongoError):
        with session.transaction():
            body(session)


def ended_in_a_function(session, body, fail_command):
    """A function that was to run in it fails."""

    def function(session):
        body(session)
        raise Mishap

    with pytest.raises(Mishap):
        session.run_in_transaction(function)


def ended_by_another_try(session, body, fail_command):
    """The function is called again."""
    tries = []

    def function(session):
        tries.append(1)
        if len(tries) == 1:
            body(session)
        session.query(Counted).count()

    aborted = {"errorCode": 251, "errorLabels": ["TransientTransactionError"]}
    with fail_command("commitTransaction", times=1, **aborted):
        session.run_in_transaction(function)
    assert len(tries) == 2


ENDS = [
    ended_by_an_exception,
    ended_by_an_interrupt,
    ended_by_the_server,
    ended_by_an_inner_one,
    ended_by_its_commit,
    ended_in_doubt,
    ended_in_a_function,
    ended_by_another_try,
]


@pytest.mark.parametrize("end", ENDS)
def test_however_a_transaction_ends_without_a_commit(
    session, rice, end, fail_command, end_transactions
):
    """What was read in it is loaded anew, and what is saved is what others stored."""
    found = []

    def body(session):
        write_never(session)
        found.append(session.query(Article).one())

    end(session, body, fail_command)
    end_transactions()
    (article,) = found
    stored = by_others(rice)
    assert article.get_dirty_ops() == {}
    article.views = article.views + 1
    session.save(article)
    assert rice.find_one() == {**stored, "views": 6}


# -- versions ------------------------------------------------------------------------------------


@pytest.fixture
def tea(database):
    """Store a document that counts versions, and give its collection."""
    database["counted"].insert_one({"_id": "tea", "title": "Tea", "views": 0, "version": 1})
    return database["counted"]


def loaded_in_vain(session, tea):
    """Give an object at a version that nobody committed, to which somebody else comes too."""
    with pytest.raises(Mishap):
        with session.transaction():
            session.query(Counted).set(Counted.title, "never committed").execute()
            found = session.query(Counted).one()
            assert found.version == 2
            raise Mishap
    tea.update_one({}, {"$set": {"title": "by others"}, "$inc": {"version": 1}})
    return found


@pytest.mark.parametrize("write", ["save", "update", "add"])
@pytest.mark.parametrize("is_read", [True, False])
def test_a_version_that_nobody_committed_overwrites_nothing(session, tea, write, is_read):
    """Read first or not: the version is that of what is loaded then; what others stored stays."""
    found = loaded_in_vain(session, tea)
    found.views = found.views + 1 if is_read else 1
    getattr(session, write)(found)
    session.flush()
    assert tea.find_one() == {"_id": "tea", "title": "by others", "views": 1, "version": 3}
    assert found.version == 3


def test_a_version_is_checked_once_it_is_loaded_anew(session, tea):
    """Whoever writes after that is not overwritten."""
    found = loaded_in_vain(session, tea)
    assert (found.version, found.title) == (2, "by others")
    tea.update_one({}, {"$set": {"title": "by others again"}, "$inc": {"version": 1}})
    found.views = 1
    for write in (session.save, session.update, session.remove):
        with pytest.raises(StaleDocumentException):
            write(found)
    assert tea.find_one()["title"] == "by others again"


def test_a_removal_is_of_the_version_that_is_loaded_then(session, tea):
    """A removal of what was read in vain looks first."""
    found = loaded_in_vain(session, tea)
    assert session.remove(found)["n"] == 1
    assert tea.count_documents({}) == 0


def test_a_field_that_was_reloaded_brings_no_version(session, tea):
    """What was not seen of others is not overwritten, since the version known is the old one."""
    found = session.query(Counted).one()
    with pytest.raises(Mishap):
        with session.transaction():
            session.query(Counted).set(Counted.title, "never committed").execute()
            session.reload(found, Counted.title)
            raise Mishap
    tea.update_one({}, {"$set": {"title": "by others"}, "$inc": {"version": 1}})
    found.title = "mine"
    with pytest.raises(StaleDocumentException):
        session.save(found)
    assert tea.find_one()["title"] == "by others"


# -- what was given to it ------------------------------------------------------------------------


def change_title(article):
    """Assign a plain value."""
    article.title = "Mine"


def change_list(article):
    """Change a list in place."""
    article.tags.append("mine")


def change_dict(article):
    """Change a dict in place."""
    article.options["mine"] = 2


def change_inside(article):
    """Assign a field of what is embedded."""
    article.place.city = "Mine"


def change_place(article):
    """Assign what is embedded."""
    article.place = Place(city="Mine")


def delete_note(article):
    """Delete a value."""
    del article.note


def change_extra(article):
    """Add an extra field."""
    article.get_extra_fields()["more"] = "mine"


def delete_extra(article):
    """Delete an extra field."""
    del article.get_extra_fields()["extra"]


def add_hits(article):
    """Assign what is to be added."""
    article.hits = 2


CHANGES = {
    change_title: {"t": "Mine", "shout": "MINE"},
    change_list: {"tags": ["never", "mine"]},
    change_dict: {"options": {"never": 1, "mine": 2}},
    change_inside: {"place": {"city": "Mine", "z": "others"}},
    change_place: {"place": {"city": "Mine"}},
    delete_note: {"note": None},
    change_extra: {"more": "mine"},
    delete_extra: {"extra": None},
    add_hits: {"hits": 52},
}


@pytest.mark.parametrize("is_sent", [True, False], ids=["sent", "only assigned"])
@pytest.mark.parametrize("change", CHANGES)
def test_what_the_application_changed_is_dirty_and_stored_once(session, rice, change, is_sent):
    """Sent in vain or not, it stays; everything else is as others have stored it."""
    with pytest.raises(Mishap):
        with session.transaction():
            write_never(session)
            article = session.query(Article).one()
            change(article)
            if is_sent:
                session.update(article)
            raise Mishap
    stored = by_others(rice)
    session.update(article)
    wanted = {**stored, **CHANGES[change]}
    assert rice.find_one() == {name: value for name, value in wanted.items() if value is not None}
    assert article.get_dirty_ops() == {}


@pytest.mark.parametrize("change", [c for c in CHANGES if c is not add_hits])
def test_what_the_application_changed_is_stored_by_a_save(session, rice, change):
    """The same of a save of the whole, in the transaction and after it."""
    with pytest.raises(Mishap):
        with session.transaction():
            write_never(session)
            article = session.query(Article).one()
            change(article)
            session.save(article)
            raise Mishap
    stored = by_others(rice)
    session.save(article)
    wanted = {**stored, **CHANGES[change]}
    assert rice.find_one() == {name: value for name, value in wanted.items() if value is not None}


def test_what_is_embedded_and_changed_is_loaded_anew_by_itself(session, rice):
    """A field of an embedded document that stays is not known either."""
    with pytest.raises(Mishap):
        with session.transaction():
            write_never(session)
            article = session.query(Article).one()
            place = article.place
            place.city = "Mine"
            raise Mishap
    by_others(rice)
    assert place.zip == "others"
    assert article.place is place
    assert article.get_dirty_ops() == {"$set": {"place.city": "Mine"}}


def test_what_is_embedded_and_changed_may_be_gone(session, rice):
    """Where nothing is stored of it any more, what was changed in it is stored anew."""
    with pytest.raises(Mishap):
        with session.transaction():
            write_never(session)
            article = session.query(Article).one()
            article.place.city = "Mine"
            raise Mishap
    rice.update_one({}, {"$unset": {"place": 1}})
    session.update(article)
    assert rice.find_one()["place"] == {"city": "Mine"}


def test_a_new_object_that_was_reloaded_holds_what_was_given_to_it(session, rice):
    """It is not stored, so it is new again, and nothing of what was read is in it."""
    with pytest.raises(Mishap):
        with session.transaction():
            article = Article(slug="tea", title="Tea", tags=["t"])
            session.save(article)
            tea = session.query(Article).filter(Article.slug == "tea")
            tea.set(Article.title, "n", unchecked=True).set(Article.tags, ["n"]).execute()
            session.reload(article)
            assert (article.title, article.tags) == ("n", ["n"])
            raise Mishap
    assert (article.title, article.tags) == ("Tea", ["t"])
    session.save(article)
    assert rice.find_one({"_id": "tea"})["t"] == "Tea"


@pytest.mark.parametrize("is_loaded_inside", [True, False])
def test_what_was_sent_and_then_reloaded_is_dirty_as_it_was_given(session, rice, is_loaded_inside):
    """What was read over it was never committed."""
    article = session.query(Article).one()
    session.clear_cache()
    with pytest.raises(Mishap):
        with session.transaction():
            if is_loaded_inside:
                article = session.query(Article).one()
            article.title = "Mine"
            session.update(article)
            write_never(session)
            session.reload(article)
            raise Mishap
    stored = by_others(rice)
    assert article.title == "Mine"
    session.save(article)
    assert rice.find_one() == {**stored, "t": "Mine", "shout": "MINE"}


# -- what is done with it ------------------------------------------------------------------------


def test_what_is_not_there_cannot_be_loaded_anew(session, rice):
    """A document that the transaction inserted is nobody's."""
    with pytest.raises(Mishap):
        with session.transaction():
            inserted = session.query(Article).filter(Article.slug == "tea")
            found = inserted.find_and_modify(new=True).upsert()
            found = found.set(Article.title, "Tea", unchecked=True).execute()
            raise Mishap
    with pytest.raises(BadResultException, match="tea"):
        found.title
    found.views = 1
    for write in (session.save, session.update):
        with pytest.raises(StaleDocumentException, match="not committed"):
            write(found)
    assert rice.count_documents({}) == 1
    assert session.queue == []


def test_without_a_session_nothing_is_told(session, rice):
    """An object that was let go says so, and can be bound again."""
    article = rolled_back(session, READS["one"])
    session.expunge(article)
    for use in (lambda: article.title, article.wrap, article.get_extra_fields):
        with pytest.raises(FieldNotRetrieved, match="add_to_session"):
            use()
    session.add_to_session(article)
    assert article.title == "Rice"


def test_a_pickled_object_says_that_it_is_not_known(session, rice):
    """It can be loaded anew once it is bound."""
    article = pickle.loads(pickle.dumps(rolled_back(session, READS["one"])))
    with pytest.raises(FieldNotRetrieved):
        article.title
    session.add_to_session(article)
    assert article.title == "Rice"


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_a_copy_that_is_made_later_is_loaded_anew_by_itself(session, rice, copied):
    """It is another object of the same document."""
    article = rolled_back(session, READS["one"])
    other = copied(article)
    assert other.title == "Rice"
    by_others(rice)
    assert article.title == "Others"
    assert other.title == "Rice"


def test_clones_and_the_identity_map_take_what_is_stored(make_session, rice):
    """`clone`, `cache_write` and `reload` load anew, as a read does."""
    session = make_session(safe=True, cache_size=None)
    article = rolled_back(session, READS["one"])
    by_others(rice)
    assert session.clone(article).title == "Others"
    article = rolled_back(session, READS["one"])
    session.cache_write(article)
    assert session.get(Article, "rice") is article
    article = rolled_back(session, READS["one"])
    session.reload(article)
    assert article.views == 5
    article.views = 6
    session.save(article)
    assert rice.find_one()["views"] == 6


def test_a_field_is_deleted_on_the_server(session, rice):
    """`del` of what is not known any more is a deletion of what is stored."""
    article = rolled_back(session, READS["one"])
    del article.note
    session.update(article)
    assert rice.find_one() == {name: value for name, value in RICE.items() if name != "note"}


def test_what_is_loaded_anew_in_vain_is_loaded_anew_again(session, rice):
    """A read in the next transaction that is rolled back makes nothing known either."""
    article = rolled_back(session, READS["one"])
    with pytest.raises(Mishap):
        with session.transaction():
            write_never(session)
            assert article.title == "Never"
            raise Mishap
    by_others(rice)
    assert article.title == "Others"
    article.views += 1
    session.save(article)
    assert rice.find_one()["t"] == "Others"


@pytest.mark.parametrize("is_reloaded", [False, True])
def test_a_document_of_another_database_is_loaded_anew_there(
    session, rice, client, database, is_reloaded
):
    """It is read and written where it came from."""
    name = f"{database.name}_other"
    there = client[name]["articles"]
    there.insert_one({**RICE, "note": "there"})
    try:
        with pytest.raises(Mishap):
            with session.transaction():
                (article,) = session._follow([DBRef("articles", "rice", name)], Article)
                if is_reloaded:
                    session.reload(article)
                raise Mishap
        assert article.note == "there"
        article.views = 9
        session.save(article)
        assert there.find_one() == {**RICE, "note": "there", "views": 9}
        assert rice.find_one() == RICE
    finally:
        drop_database(client, name)
