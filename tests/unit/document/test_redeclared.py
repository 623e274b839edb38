"""
Two classes of one name in one namespace.

The second takes the place of the first, and it is said: in two modules, twice in one, under a
``config_full_name``. Nothing is said of a module that is loaded again, of a REPL or a notebook, of
classes of functions, of other namespaces and of none, and where tests have cleared the registry.
"""

from __future__ import annotations

import uuid
import warnings

import pytest

from ommongo.document import collection_registry, document_type_registry
from ommongo.exceptions import RedeclaredClassWarning

CLASS = """
from ommongo import *
class Twice(Document):
    config_namespace = {space!r}
    n = IntField()
"""


@pytest.fixture
def space():
    """A namespace that no other test uses."""
    name = f"tests.redeclared.{uuid.uuid4().hex}"
    yield name
    document_type_registry.pop(name, None)
    collection_registry.pop(name, None)


@pytest.fixture(autouse=True)
def said():
    """Each warning, where this is what the test is about."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RedeclaredClassWarning)
        yield


def load(source, module, **values):
    """Run the source of a module."""
    globals_ = {"__name__": module, **values}
    exec(compile(source, f"{module}.py", "exec"), globals_)
    return globals_


def test_two_modules(space):
    """Both are named, with their lines; the second has the name."""
    load(CLASS.format(space=space), "shop.models")
    with pytest.warns(RedeclaredClassWarning) as caught:
        made = load("\n\n" + CLASS.format(space=space), "shop.legacy")

    [warning] = caught
    assert warning.filename == "shop.legacy.py"
    for part in ("'Twice'", "shop.models, line 3", "shop.legacy, line 5", "config_full_name"):
        assert part in str(warning.message)
    assert document_type_registry[space]["Twice"] is made["Twice"]


def test_twice_in_a_module(space):
    """The last one wins, and it is said."""
    source = CLASS.format(space=space) + CLASS.format(space=space)
    with pytest.warns(RedeclaredClassWarning, match="shop, line 3, and now one of shop, line 8"):
        load(source, "shop")


def test_a_subclass_of_that_name(space):
    """A class that extends another under its name takes its place too."""
    base = load(CLASS.format(space=space), "shop.models")["Twice"]
    with pytest.warns(RedeclaredClassWarning):
        load("class Twice(base):\n    pass", "shop.more", base=base)


def test_a_full_name(space):
    """What counts is the name under which a class is registered."""
    source = CLASS.format(space=space)
    load(source + "    config_full_name = 'shop.Twice'\n", "shop.models")
    load(source, "shop.legacy")
    with pytest.warns(RedeclaredClassWarning, match=r"'shop\.Twice' names two classes"):
        load(source.replace("Twice", "Other") + "    config_full_name = 'shop.Twice'\n", "shop.a")


def test_a_module_that_is_loaded_again(space):
    """It declares the same class, and after an edit it does so elsewhere."""
    source = CLASS.format(space=space)
    for text in (source, source, "\n\n" + source):
        load(text, "shop.models")


def test_a_repl(space):
    """Each statement is a module of its own, as it were."""
    namespace = {"__name__": "__main__"}
    for number in range(3):
        exec(compile(CLASS.format(space=space), f"<input {number}>", "exec"), namespace)


@pytest.mark.parametrize("other", ["", "{space!r} + '.other'", "None"])
def test_another_namespace(space, other):
    """The same name is free in each of them, and where nothing is registered."""
    load(CLASS.format(space=space), "shop.models")
    source = CLASS.format(space=space)
    if other:
        source = source.replace(repr(space), other.format(space=space))
        load(source, "shop.legacy")
    else:
        document_type_registry[space].clear()
        load(source, "shop.legacy")
    document_type_registry.pop(f"{space}.other", None)
    collection_registry.pop(f"{space}.other", None)


def test_classes_of_functions(space):
    """Those of a test, or of a function that makes classes, are many and of one name."""
    source = CLASS.format(space=space)
    made = "def make():\n" + "".join(f"    {line}\n" for line in source.splitlines()[2:])
    functions = [load("from ommongo import *\n" + made, f"shop.{n}")["make"] for n in range(2)]
    for make in (*functions, *functions):
        make()
    load(source, "shop.models")
    functions[0]()
