"""
`Session.connect` takes the address of a server in every place where people write one.

Members: a URI as host, first, or second, with and without a database, with a list of servers, with
a user; two databases, two addresses, none; clients and databases of pymongo, and those of its
asynchronous half; other text in the place of the time zone. No message holds a password.
"""

from __future__ import annotations

from contextlib import closing
from datetime import timezone

import pytest
from pymongo import AsyncMongoClient
from pymongo.errors import ConfigurationError, InvalidName, InvalidOperation, PyMongoError

from ommongo import Session
from ommongo.exceptions import InvalidConfigException
from tests.models import User


@pytest.fixture
def uri(server, database):
    """The server's address with the test's database in it."""
    return server.uri.replace("/?", f"/{database.name}?")


WAYS = {
    "first": lambda bare, uri, name: Session.connect(uri),
    "first_by_name": lambda bare, uri, name: Session.connect(database=uri),
    "second": lambda bare, uri, name: Session.connect(name, bare),
    "second_with_the_same": lambda bare, uri, name: Session.connect(name, uri),
    "host": lambda bare, uri, name: Session.connect(name, host=bare),
    "host_with_the_same": lambda bare, uri, name: Session.connect(name, host=uri),
    "positional_host": lambda bare, uri, name: Session.connect(name, None, 0, True, None, uri),
    "list_of_hosts": lambda bare, uri, name: Session.connect(name, host=[uri]),
    "first_beside_options": lambda bare, uri, name: Session.connect(uri, safe=True, host=""),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_a_uri_is_taken_where_people_write_it(server, database, uri, way):
    """What is saved is on that server, in that database."""
    with closing(way(server.uri, uri, database.name)) as session:
        session.save(User(name="ada"))

    assert database["users"].find_one()["name"] == "ada"


def test_the_settings_beside_a_uri_hold(uri):
    """Those of the session, and those of the client."""
    session = Session.connect(uri, timezone.utc, 7, False, safe=True, appname="tests")

    assert (session.timezone, session.cache_size) == (timezone.utc, 7)
    assert (session.auto_ensure, session.safe) == (False, True)
    assert session.db.client.options.pool_options.appname == "tests"
    session.close()


@pytest.mark.parametrize(
    "options",
    [
        {"host": "mongodb://ada:hunter2@localhost/admin"},
        {"host": "mongodb://localhost/admin", "username": "ada", "password": "hunter2"},
    ],
)
def test_a_user_may_log_in_at_another_database(options):
    """To the driver the database in the URI then says where; the one that was named is used."""
    session = Session.connect("shop", **options)

    assert session.db.name == "shop"
    session.close()


WITH_USER = "mongodb://ada:hunter2@localhost"

REFUSED = {
    "none": (lambda: Session.connect(f"{WITH_USER}"), "names no database"),
    "none_with_options": (lambda: Session.connect(f"{WITH_USER}/?w=1"), "names no database"),
    "two": (lambda: Session.connect("shop", "mongodb://localhost/store"), "'shop', and 'store'"),
    "two_by_host": (
        lambda: Session.connect("shop", host="mongodb://localhost/store"),
        "'shop', and 'store'",
    ),
    "two_with_a_user": (
        lambda: Session.connect("shop", f"{WITH_USER}/store?authSource=admin"),
        "'shop', and 'store'",
    ),
    "two_with_a_source": (
        lambda: Session.connect("shop", f"{WITH_USER}/store", authSource="admin"),
        "'shop', and 'store'",
    ),
    "two_addresses": (
        lambda: Session.connect(f"{WITH_USER}/shop", host="mongodb://localhost"),
        "two addresses",
    ),
    "two_uris": (
        lambda: Session.connect(f"{WITH_USER}/shop", "mongodb://localhost"),
        "two addresses",
    ),
    "two_hosts": (
        lambda: Session.connect("shop", f"{WITH_USER}", host="localhost"),
        "two addresses",
    ),
    "slash_in_a_password": (
        lambda: Session.connect("mongodb://ada:hun/ter2@localhost/shop"),
        "quote_plus",
    ),
    "question_in_a_password": (
        lambda: Session.connect("shop", "mongodb://ada:hun?ter=2@localhost/"),
        "quote_plus",
    ),
}


@pytest.mark.parametrize(("connect", "said"), REFUSED.values(), ids=REFUSED)
def test_an_address_that_can_mislead_is_refused(connect, said):
    """The message says what came and what to write, and not who logs in."""
    with pytest.raises(InvalidConfigException) as caught:
        connect()

    message = str(caught.value)
    assert said in message
    assert not any(secret in message for secret in ("hunter2", "ter2", "ter=2", "ada"))


@pytest.mark.parametrize(
    "uri",
    [
        "mongodb://ada:hunter2@hunter2@localhost/shop",
        "mongodb://ada:hunter%2@localhost/shop",
        "mongodb://ada:hunter2:hunter2@localhost/shop",
        "mongodb://ada:hunter2@localhost:no/shop",
        "mongodb://ada:hunter2@/shop",
        "http://ada:hunter2@localhost/shop",
        "mongodb://ada:hunter2@localhost/sh op",
    ],
)
@pytest.mark.parametrize("place", ["first", "second", "host"])
def test_what_the_driver_refuses_holds_no_password(uri, place):
    """Its own words come, wherever the URI stood."""
    with pytest.raises((PyMongoError, ValueError)) as caught:
        if place == "first":
            Session.connect(uri)
        else:
            Session.connect("shop", **{"timezone" if place == "second" else "host": uri})

    assert "hunter" not in str(caught.value)


def test_an_at_sign_in_an_option_is_no_password(database):
    """A URI may say more behind its question mark."""
    session = Session.connect("mongodb://localhost:27017,other/shop?appName=me@work")

    assert session.db.name == "shop"
    session.close()


@pytest.mark.parametrize("second", ["localhost", "UTC", 27017, b"mongodb://localhost"])
def test_a_second_argument_that_is_no_zone_is_told(second):
    """The message says where an address goes."""
    with pytest.raises(TypeError, match=r"timezone.*host='localhost'") as caught:
        Session.connect("shop", second)

    assert type(second).__name__ in str(caught.value)


@pytest.mark.parametrize("name", ["localhost:27017/shop", "127.0.0.1", "shop.users", "my shop"])
def test_a_name_that_is_none_is_told(name):
    """The driver's own error, with a note on what goes where."""
    with pytest.raises(InvalidName) as caught:
        Session.connect(name)

    notes = "\n".join([str(caught.value), *getattr(caught.value, "__notes__", [])])
    assert "the database's name first" in notes


def test_objects_of_the_driver_are_told(client, database):
    """What an application has already goes to the constructor."""
    for wrong in (client, database):
        for connect in (
            lambda wrong: Session.connect(wrong),
            lambda wrong: Session.connect("shop", wrong),
            lambda wrong: Session.connect("shop", host=wrong),
        ):
            with pytest.raises(TypeError, match=r"Session\((client\['name'\]|database)\)"):
                connect(wrong)


def test_a_session_says_what_to_pass_instead(client, database):
    """Each thing that people have in hand."""
    with pytest.raises(TypeError, match=r"client\['name'\]"):
        Session(client)
    with pytest.raises(TypeError, match=r"collection\.database"):
        Session(database["users"])
    with pytest.raises(TypeError, match=r"session\.db"):
        Session(Session(database))
    with pytest.raises(TypeError, match=r"Session\.connect\(uri\)"):
        Session("mongodb://localhost/shop")
    with pytest.raises(TypeError, match=r"Session\.connect\('name'"):
        Session("shop")


@pytest.mark.parametrize(
    "make",
    [
        lambda given: Session(given),
        lambda given: Session.connect(given),
        lambda given: Session.connect("shop", given),
        lambda given: Session.connect("shop", host=given),
    ],
)
def test_an_asynchronous_driver_is_told(make):
    """A client, a database and a collection: the library is synchronous."""
    client = AsyncMongoClient(connect=False)
    for given in (client, client["shop"], client["shop"]["users"]):
        with pytest.raises(TypeError, match="synchronous") as caught:
            make(given)
        assert type(given).__name__ in str(caught.value)


def test_a_block_is_no_end_of_a_connection(uri, database):
    """`with` is a block of writes; the connection is ended by `close`, which `closing` calls."""
    with Session.connect(uri) as session:
        session.save(User(name="ada"))
        assert database["users"].count_documents({}) == 0
    assert session.query(User).count() == 1

    with closing(session):
        session.save(User(name="bob"))
        assert session.query(User).count() == 2

    with pytest.raises(InvalidOperation):
        session.query(User).count()


def test_a_host_that_names_the_database(uri, database):
    """Settings often leave the name to the URI: ``None`` says that it is there."""
    with closing(Session.connect(None, host=uri)) as session:
        assert session.db.name == database.name
    with pytest.raises(InvalidConfigException, match="names no database"):
        Session.connect(None, host="mongodb://localhost")
    for rest in ({}, {"host": "localhost"}):
        with pytest.raises(TypeError, match="not NoneType"):
            Session.connect(None, **rest)


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("uri", r"uri: an address is given as host='mongodb://"),
        ("url", r"url: an address is given as host='mongodb://"),
        ("user", "user: it is called username"),
        ("pwd", "pwd: it is called password"),
        ("authentication_source", "authentication_source: it is called authSource"),
        ("name", "name: the database's name is the first argument"),
        ("db", "db: the database's name is the first argument"),
        ("alias", "alias: sessions have no names"),
        ("timeout", "timeout: there are serverSelectionTimeoutMS"),
    ],
)
def test_an_option_of_another_library(option, said):
    """The driver offers options that look like it; a note says what is meant, and no value."""
    with pytest.raises(ConfigurationError) as caught:
        Session.connect("shop", **{option: "s3cret"})

    told = "\n".join([str(caught.value), *getattr(caught.value, "__notes__", ())])
    assert said in told
    assert "s3cret" not in told
