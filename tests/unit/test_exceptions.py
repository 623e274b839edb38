"""One tree of exceptions, each of which carries its data and survives pickling."""

from __future__ import annotations

import pickle
import threading

import pytest

from ommongo import exceptions

PARENTS = {
    "OmMongoException": Exception,
    "BadResultException": "OmMongoException",
    "BadValueException": "OmMongoException",
    "BadDocumentException": "BadValueException",
    "UnknownKeyException": "BadDocumentException",
    "BadReferenceException": "OmMongoException",
    "UnsavedReferenceException": "BadReferenceException",
    "InvalidConfigException": "OmMongoException",
    "BadFieldSpecification": "OmMongoException",
    "BadQueryException": "OmMongoException",
    "BadIndexException": "OmMongoException",
    "FieldNotFoundException": "OmMongoException",
    "TransactionException": "OmMongoException",
    "SessionCacheException": "OmMongoException",
    "SessionThreadError": "OmMongoException",
    "DocumentException": "OmMongoException",
    "MissingValueException": "DocumentException",
    "ExtraValueException": "DocumentException",
    "FieldNotRetrieved": "DocumentException",
    "UpdateException": "OmMongoException",
    "InvalidModifierException": "UpdateException",
    "ConflictingModifierException": "UpdateException",
    "InvalidUpdateException": "OmMongoException",
    "StaleDocumentException": "InvalidUpdateException",
    "RedeclaredClassWarning": UserWarning,
    "UnknownAttributeWarning": UserWarning,
}
ALSO = {
    "UnknownKeyException": "ExtraValueException",
    "UnsavedReferenceException": "BadValueException",
}
WARNINGS = {name for name, parent in PARENTS.items() if parent is UserWarning}
PLAIN = sorted(set(PARENTS) - {"BadValueException", "BadDocumentException", *ALSO, *WARNINGS})


@pytest.mark.parametrize("name", sorted(PARENTS))
def test_each_exception_has_its_place_in_the_tree(name):
    """An exception's base is the one that the specification draws it under; one has two."""
    parents = [PARENTS[name], *([ALSO[name]] if name in ALSO else [])]
    expected = [getattr(exceptions, p) if isinstance(p, str) else p for p in parents]

    assert getattr(exceptions, name).__bases__ == (*expected,)


def test_the_module_holds_the_tree_and_nothing_else():
    """`__all__` names every exception of the tree and nothing beside them."""
    assert sorted(exceptions.__all__) == sorted(PARENTS)


def test_every_exception_class_of_the_module_is_public():
    """No exception class of the module is left out of `__all__`."""
    found = {
        name
        for name, value in vars(exceptions).items()
        if isinstance(value, type) and issubclass(value, Exception)
    }

    assert found == set(PARENTS)


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_exception_survives_pickling(name, protocol):
    """A pickled exception comes back with its class, message and data."""
    error = getattr(exceptions, name)("what happened", name="age", document_id=7)

    again = pickle.loads(pickle.dumps(error, protocol))

    assert type(again) is type(error)
    assert str(again) == "what happened"
    assert again.args == error.args
    assert (again.name, again.document_id) == ("age", 7)


@pytest.mark.parametrize("name", PLAIN)
def test_an_exception_needs_no_argument(name):
    """Applications may raise any of the exceptions bare."""
    assert str(getattr(exceptions, name)()) == ""


def test_bad_value_keeps_name_value_and_cause():
    """The path, the value and the exception behind it are attributes."""
    cause = TypeError("no")
    error = exceptions.BadValueException("User.age", "ten", "takes int, not str", cause)

    assert (error.name, error.value, error.cause) == ("User.age", "ten", cause)


def test_bad_value_needs_no_cause():
    """Without a cause the attribute is there and empty."""
    assert exceptions.BadValueException("age", "ten", "takes int").cause is None


def test_bad_value_takes_the_documented_names():
    """The parameters can be given by name."""
    error = exceptions.BadValueException(name="age", value=1.5, reason="takes int", cause=None)

    assert (error.name, error.value) == ("age", 1.5)


def test_bad_value_says_where_what_was_wanted_and_what_came():
    """The message has the name, the reason and the type of the value."""
    text = str(exceptions.BadValueException("User.age", 2.5, "takes a whole number"))

    assert "User.age" in text
    assert "takes a whole number" in text
    assert "float" in text


def test_bad_value_never_shows_the_value():
    """The value may be private, so the message does not have it."""
    error = exceptions.BadValueException("User.password", "tr0ub4dor", "is too short")

    assert "tr0ub4dor" not in str(error)
    assert "tr0ub4dor" not in repr(error)


def test_bad_value_survives_pickling():
    """A pickled refusal keeps its message and all of its data."""
    error = exceptions.BadValueException("User.age", "ten", "takes int", ValueError("x"))

    again = pickle.loads(pickle.dumps(error))

    assert type(again) is exceptions.BadValueException
    assert str(again) == str(error)
    assert (again.name, again.value, repr(again.cause)) == ("User.age", "ten", "ValueError('x')")


def test_bad_value_of_a_value_that_cannot_be_pickled_survives_pickling():
    """What cannot leave the process comes back described, and the exception comes back whole."""
    lock = threading.Lock()
    error = exceptions.BadValueException("User.age", lock, "takes int")

    again = pickle.loads(pickle.dumps(error))

    assert str(again) == str(error)
    assert again.value == repr(lock)


def test_a_note_on_an_exception_survives_pickling():
    """Notes that a flush adds travel with the exception."""
    error = exceptions.StaleDocumentException("gone", document_class="User", document_id=3)
    error.__notes__ = ["operation 2 of 3 failed"]

    again = pickle.loads(pickle.dumps(error))

    assert again.__notes__ == ["operation 2 of 3 failed"]


def test_the_tree_in_the_module_docstring_is_the_tree():
    """The drawing that readers see names every exception once."""
    lines = [line.replace("│", " ") for line in exceptions.__doc__.splitlines()]
    drawn = [
        line.split()[1] for line in lines if line.split()[:1] and line.split()[0] in {"├", "└"}
    ]

    assert sorted(drawn) == sorted(PARENTS)


def _bad_document(kind=exceptions.BadDocumentException):
    return kind(
        "User.age",
        "t3n",
        "takes int, not str.",
        document_class="User",
        document_id=7,
        collection="users",
        raw={"_id": 7, "age": "t3n"},
    )


@pytest.mark.parametrize("kind", [exceptions.BadDocumentException, exceptions.UnknownKeyException])
def test_a_bad_document_says_which_it_is_and_not_what_it_holds(kind):
    """Collection, _id, path and type are in the text and among the attributes; the value is not."""
    error = _bad_document(kind)

    for told in ("User", "with _id 7", "'users'", "User.age", "takes int, not str"):
        assert told in str(error)
    assert "t3n" not in str(error)
    assert (error.name, error.value, error.reason) == ("User.age", "t3n", "takes int, not str.")
    assert (error.document_class, error.document_id, error.collection) == ("User", 7, "users")
    assert error.raw == {"_id": 7, "age": "t3n"}


@pytest.mark.parametrize("kind", [exceptions.BadDocumentException, exceptions.UnknownKeyException])
def test_a_bad_document_survives_pickling(kind):
    """What a worker could not load can be told to its parent process."""
    error = _bad_document(kind)

    again = pickle.loads(pickle.dumps(error))

    assert type(again) is kind
    assert str(again) == str(error)
    assert again.__dict__ == error.__dict__


def test_a_bad_document_without_a_document_is_a_refusal():
    """Made by hand, it needs no more than a refusal does."""
    error = exceptions.BadDocumentException("User.age", "ten", "takes int, not str.")

    assert str(error) == "User.age takes int, not str."
    assert (error.document_class, error.document_id, error.raw) == (None, None, None)
