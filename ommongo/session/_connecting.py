"""What `Session.connect` is given, and the client and the database that it means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from typing import Any

from pymongo import MongoClient
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import ConfigurationError, InvalidName

from ommongo._notes import add_note
from ommongo._spelling import an
from ommongo.exceptions import InvalidConfigException

__all__ = ["connected", "no_database"]

_FIRST = (
    "Session.connect() takes the database's name first, Session.connect('shop', host='localhost'), "
    "or one URI that names it, Session.connect('mongodb://localhost/shop')."
)


def connected(
    database: Any, timezone: Any, args: tuple[Any, ...], options: dict[str, Any]
) -> tuple[Database[Any], tzinfo | None]:
    """
    Make a client, and find the database that is meant.

    Args:
        database: The database's name, or a URI; ``None`` where the host is a URI that names it.
        timezone: The session's time zone, or a URI.
        args: What else is given to `pymongo.MongoClient`.
        options: The same by name.

    Returns:
        The database, of a new client, and the time zone.

    Raises:
        InvalidConfigException: Two addresses or two databases are named, or no database; a user
            name or a password in a URI is not escaped; or an option about the encryption of the
            connection is empty.
        TypeError: Something is of another type.
        pymongo.errors.PyMongoError: The client's arguments make no sense, or the name is none.
    """
    hosts = list(_flat([*args[:1], options.get("host")]))
    for given in (database, timezone, *hosts):
        _refuse_driver_object(given)
    if database is None and any(map(_is_uri, hosts)):
        name = None
    elif not isinstance(database, str):
        raise TypeError(
            f"Session.connect() takes a database's name, or a URI that names it, not "
            f"{type(database).__name__}. For a Database of your own use Session(database)."
        )
    else:
        name = None if _is_uri(database) else database
    zone = None if _is_uri(timezone) else _checked_zone(timezone)
    uris = [text for text in (database, timezone) if _is_uri(text)]
    if uris and (len(uris) > 1 or any(hosts)):
        raise InvalidConfigException(
            "Session.connect() is given two addresses. Give one: as host, or as a URI in the place "
            "of the database's name."
        )
    if uris:
        args, hosts = (uris[0], *args[1:]), uris
        options = {name: value for name, value in options.items() if name != "host"}
    uris = list(filter(_is_uri, hosts))
    for uri in uris:
        _refuse_unescaped(uri)
    client = _client(args, _given(options))
    try:
        is_for_login = any(_says_where_to_log_in(uri, options) for uri in uris)
        return client[_chosen(client, name, is_for_login)], zone
    except BaseException as error:
        client.close()
        if isinstance(error, InvalidName):
            add_note(error, _FIRST)
        raise


def _client(args: tuple[Any, ...], options: dict[str, Any]) -> MongoClient[Any]:
    """Make the client, and say of options that it does not know what they are called."""
    try:
        return MongoClient(*args, **options)
    except ConfigurationError as error:
        for name in options:
            if name.lower() in _NAMES_OF_OTHERS:
                add_note(error, f"{name}: {_NAMES_OF_OTHERS[name.lower()]}")
        raise


_FIRST_ARGUMENT = "the database's name is the first argument of Session.connect()."
_NAMES_OF_OTHERS = {
    **dict.fromkeys(
        ("address", "connection_string", "dsn", "mongo_uri", "mongodb_uri", "uri", "url"),
        "an address is given as host='mongodb://...', or in the place of the database's name.",
    ),
    **dict.fromkeys(("login", "user"), "it is called username."),
    **dict.fromkeys(("pass", "passwd", "pwd"), "it is called password."),
    **dict.fromkeys(("auth_source", "authentication_source"), "it is called authSource."),
    **dict.fromkeys(("database_name", "db", "dbname", "name"), _FIRST_ARGUMENT),
    "alias": "sessions have no names: make one for each database, and hand it on.",
    "timeout": (
        "there are serverSelectionTimeoutMS, connectTimeoutMS, socketTimeoutMS and timeoutMS, in "
        "milliseconds."
    ),
}
"""What options of other libraries are called, in lower case."""


def no_database(given: Any) -> TypeError:
    """
    Make the error for what a session cannot work on.

    Args:
        given: What came in the place of a database.

    Returns:
        The error, without values.
    """
    name = type(given).__name__
    what = f"Session() takes a pymongo.database.Database, not {name}"
    if _is_asynchronous(given):
        return TypeError(f"{what}. {_SYNCHRONOUS}")
    ways = "Pass MongoClient(...)['name'], or use Session.connect('name', ...)."
    if isinstance(given, MongoClient):
        ways = "Name one of the client's databases: Session(client['name'])."
    elif isinstance(given, Collection):
        ways = "Pass collection.database; a class says its collection itself."
    elif _is_uri(given):
        ways = "For a URI use Session.connect(uri), which makes a client of its own."
    elif hasattr(given, "flush_report"):
        ways = "Pass session.db for another session on the same database."
    return TypeError(f"{what}. {ways}")


_SYNCHRONOUS = (
    "This library is synchronous: make a session on a database of pymongo's MongoClient, and call "
    "it in a thread (asyncio.to_thread, or a plain 'def' endpoint) where your application is not."
)


def _is_asynchronous(given: Any) -> bool:
    """Whether something is a client, a database or a collection of an asynchronous driver."""
    modules = (base.__module__ for base in type(given).__mro__)
    return any(name.startswith(("pymongo.asynchronous", "motor.")) for name in modules)


def _refuse_driver_object(given: Any) -> None:
    """Refuse what an application has already, where `Session.connect` makes its own."""
    name = type(given).__name__
    if _is_asynchronous(given):
        raise TypeError(f"Session.connect() takes names and addresses, not {name}. {_SYNCHRONOUS}")
    if isinstance(given, (MongoClient, Database)):
        own = "client['name']" if isinstance(given, MongoClient) else "database"
        raise TypeError(
            f"Session.connect() makes a client of its own, and was given {an(name)}. To use yours, "
            f"write Session({own})."
        )


def _is_uri(given: Any) -> bool:
    return isinstance(given, str) and "://" in given


def _flat(hosts: Iterable[Any]) -> Iterator[Any]:
    """Give one host after the other: the driver takes a list of them, too."""
    for host in hosts:
        if isinstance(host, (list, tuple)):
            yield from host
        else:
            yield host


def _checked_zone(timezone: Any) -> tzinfo | None:
    if timezone is None or isinstance(timezone, tzinfo):
        return timezone
    raise TypeError(
        f"The second argument of Session.connect() is the timezone, a datetime.tzinfo "
        f"(zoneinfo.ZoneInfo('Asia/Jakarta')), not {type(timezone).__name__}. {_FIRST}"
    )


def _refuse_unescaped(uri: str) -> None:
    """
    Refuse a password that the driver would read as something else, and complain of in pieces.

    Args:
        uri: The URI.

    Raises:
        InvalidConfigException: What ends with an ``@`` has an unescaped ``/`` or ``?`` before.
    """
    rest, _, options = uri.partition("://")[2].partition("?")
    authority, _, path = rest.partition("/")
    if "@" in path or ("@" in options and not _is_hosts(authority.rpartition("@")[2])):
        raise InvalidConfigException(
            "The user name or the password in this URI has a character that stands for something "
            "else in one. Escape both by urllib.parse.quote_plus(), or give them as username=... "
            "and password=..."
        )


def _is_hosts(text: str) -> bool:
    """Whether a text can be hosts, with ports that are numbers; of IPv6 it does not look closer."""
    return "[" in text or all(
        host.count(":") <= 1 and (host.partition(":")[2] or "0").isdecimal()
        for host in text.split(",")
    )


def _chosen(client: MongoClient[Any], name: str | None, is_for_login: bool) -> str:
    """Give the database's name: the one that was given, or that of the URI."""
    try:
        in_uri = client.get_default_database().name
    except ConfigurationError:
        in_uri = None
    if name is None and in_uri is None:
        raise InvalidConfigException(
            "This URI names no database. End its address with one, 'mongodb://localhost/shop', or "
            "give the name first: Session.connect('shop', host='mongodb://localhost')."
        )
    if name is not None and in_uri not in (None, name) and not is_for_login:
        raise InvalidConfigException(
            f"Session.connect() is given two databases: {name!r}, and {in_uri!r} in the URI. Leave "
            f"one of them out. (One to log in at is authSource=...)"
        )
    return name or in_uri or ""


def _says_where_to_log_in(uri: str, options: Mapping[str, Any]) -> bool:
    """
    Whether the database in a URI is the one at which its user logs in, and need not be used.

    That is what it means to the driver, unless the URI or an option names another.
    """
    address, _, in_uri = uri.partition("?")
    names = {name.lower() for name in options}
    has_user = "@" in address or "username" in names
    return has_user and "authsource" not in names and "authsource=" not in in_uri.lower()


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """
    Leave out options of the client that are empty, as a file of settings may have them.

    Those on which it depends who reads along, and who may connect, are not left out: the driver
    refuses them, or it is done here.
    """
    for name, value in options.items():
        if value == "" and name.lower().startswith(("tls", "ssl")):
            raise InvalidConfigException(
                f"{name} is empty. Give it a value, or leave it out: without it the connection may "
                f"not be encrypted as it is meant to be."
            )
    kept = ("host", "port", "auth")
    return {
        name: value
        for name, value in options.items()
        if value != "" or name.lower().startswith(kept)
    }
