"""Whole document classes as source, and the two ways in which they do their work."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from hypothesis import strategies as st

from ommongo.document import collection_registry, document_type_registry
from ommongo.document._codec.interpreted import load_interpreted, store_interpreted
from ommongo.document._codec.storing import telling_store
from tests.properties.drawn.fields import Drawn, Place, display, fields, plain_fields
from tests.properties.drawn.outcomes import exact, outcome
from tests.properties.drawn.own import CALLS, NAMES

__all__ = ["DrawnClass", "Module", "Way", "modules"]

Source = st.SearchStrategy[str]


@dataclass(frozen=True)
class DrawnClass:
    """A class that was drawn: its name, its fields by name, and its source."""

    name: str
    fields: dict[str, Drawn]
    source: str

    @property
    def right(self) -> Source:
        """Objects that the class mostly accepts."""
        return st.tuples(*self._given()).map(partial(display, f"{self.name}(", ")"))

    @property
    def near(self) -> Source:
        """Objects that lack something."""
        given = [st.one_of(value, st.just("")) for value in self._given()]
        return st.tuples(*given).map(self._made)

    def _given(self) -> list[Source]:
        return [drawn.right.map(f"{name}={{}}".format) for name, drawn in self.fields.items()]

    def _made(self, given: tuple[str, ...]) -> str:
        return display(f"{self.name}(", ")", [part for part in given if part])


@dataclass(frozen=True)
class Module:
    """Classes that were drawn, those that are embedded first; the last ones are looked at."""

    classes: list[DrawnClass] = field(default_factory=list)
    subjects: list[DrawnClass] = field(default_factory=list)

    @property
    def source(self) -> str:
        """All of it, to be read."""
        return "\n\n".join([_TARGETS, *(drawn.source for drawn in self.classes)])


_TARGETS = """
class Target(Document):
    config_namespace = NAMESPACE


class Numbered(Document):
    config_namespace = NAMESPACE
    number = IntField(_id=True)
""".strip()


def interpret(cls: Any) -> None:
    """Let a class do everything field by field."""

    def load(raw: Any, session: Any) -> Any:
        return load_interpreted(cls, raw, session)

    def refuse(values: dict[str, Any]) -> None:
        return None

    codec = cls._codec
    codec.load = load
    codec.store = telling_store(store_interpreted) if cls._is_family else store_interpreted
    codec.make = codec.judge = refuse
    cls._plan.accepted = {}
    cls._plan.settable = {}


class Way:
    """
    One of the two ways: the classes of a module, and what was done with them.

    Args:
        module: The classes.
        interpreted: Whether they do everything field by field.
    """

    def __init__(self, module: Module, interpreted: bool) -> None:
        self._namespace = "drawn.interpreted" if interpreted else "drawn.generated"
        self._interpreted = interpreted
        self.names = {**NAMES, "__name__": "drawn", "NAMESPACE": self._namespace}
        self.names.update(doc=None, given=None)
        self.calls: set[str] = set()
        for registry in (document_type_registry, collection_registry):
            registry.pop(self._namespace, None)

    def declare(self, source: str) -> Any:
        """Declare a class; give how that went."""
        before = set(self.names)
        done = self.do(source)
        for name in self.names.keys() - before:
            if self._interpreted and isinstance(self.names[name], type):
                interpret(self.names[name])
        return done

    def do(self, statement: str) -> Any:
        """Execute a statement; give how that went."""
        CALLS.clear()
        done = outcome(exec, compile(statement, "<drawn>", "exec"), self.names)
        self.calls = set(map(repr, map(exact, CALLS)))
        return done

    def give(self, expression: str) -> Any:
        """Evaluate an expression; give what it gave, or how it failed."""
        CALLS.clear()
        done = outcome(eval, expression, self.names)
        self.calls = set(map(repr, map(exact, CALLS)))
        return done


# -- classes --------------------------------------------------------------------------------------

_HOOKS = {
    "init": """
        made: Any
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            self.made = sorted(kwargs)
        """,
    "init of a value": """
        def __init__(self, f0=None, **kwargs):
            if f0 is not None:
                kwargs["f0"] = f0
            super().__init__(**kwargs)
        """,
    "init that sets": """
        def __init__(self, **kwargs):
            super().__init__(**kwargs)
            if "f0" in kwargs:
                self.f0 = kwargs["f0"]
        """,
    "new": """
        born: Any
        def __new__(cls, *args, **kwargs):
            made = super().__new__(cls, *args, **kwargs)
            made.born = True
            return made
        """,
    "transform": """
        @classmethod
        @noted
        def transform_incoming(cls, obj, session):
            if "old" in obj:
                obj["f0"] = obj.pop("old")
            return obj
        """,
    "setattr": """
        def __setattr__(self, name, value):
            super().__setattr__(name, value)
        """,
    "property": """
        @property
        def broken(self):
            raise AttributeError("broken")
        """,
}


@st.composite
def bodies(draw: Any, drawn: dict[str, Drawn], rare: int) -> list[str]:
    """Draw the lines of a class body."""
    lines = ["config_namespace = NAMESPACE"]
    if draw(st.integers(0, 2)) == 0:
        lines.append("config_extra_fields = 'ignore'")
    for name, found in drawn.items():
        lines.append(f"{name} = {found.source}")
        if found.source.startswith(("RefField", "SRefField")) and draw(st.booleans()):
            lines.append(f"{name}_followed = {name}.rel()")
    if draw(st.integers(0, rare)) == 0:
        hook = _HOOKS[draw(st.sampled_from(sorted(_HOOKS)))]
        lines += ["", *textwrap.dedent(hook).strip().splitlines()]
    return lines


def class_source(name: str, base: str, lines: list[str]) -> str:
    """Give the source of a class."""
    return f"class {name}({base}):\n" + textwrap.indent("\n".join(lines), "    ") + "\n"


@st.composite
def embedded(draw: Any, name: str) -> DrawnClass:
    """Draw a class whose documents are embedded."""
    count = draw(st.integers(0, 3))
    drawn = {f"f{number}": draw(plain_fields(Place(number))) for number in range(count)}
    return DrawnClass(name, drawn, class_source(name, "Document", draw(bodies(drawn, 4))))


@st.composite
def families(draw: Any, name: str, first: dict[str, Drawn]) -> list[DrawnClass]:
    """Draw two classes, of which what is stored tells one."""
    second = {f"f{len(first)}": draw(plain_fields(Place(len(first))))}
    lines = ["config_polymorphic = 'kind'", "config_polymorphic_identity = 'a'"]
    kind = draw(st.sampled_from(["StringField()", "AnythingField()", "IntField()", ""]))
    lines.append(f"kind = {kind}" if kind else "config_extra_fields = 'ignore'")
    if "Int" in kind:
        lines[1] = "config_polymorphic_identity = 1"
    root = class_source(name, "Document", [*lines, *draw(bodies(first, 9))])
    other = lines[1].replace("'a'", "'b'").replace("1", "2")
    leaf = class_source(f"{name}Leaf", name, [other, *draw(bodies(second, 9))])
    return [
        DrawnClass(name, first, root),
        DrawnClass(f"{name}Leaf", {**first, **second}, leaf),
    ]


@st.composite
def modules(draw: Any, most: int = 5) -> Module:
    """Draw classes of which one, with its subclass, has fields of every kind."""
    inner: list[DrawnClass] = []
    for number in range(draw(st.integers(0, 2))):
        name = f"Inner{number}"
        if draw(st.integers(0, 3)) == 0:
            inner += draw(families(name, {"f0": draw(plain_fields(Place(0)))}))
        else:
            inner.append(draw(embedded(name)))
    names = tuple(
        (draw(st.sampled_from([found.name, found.name, repr(found.name)])), found.right, found.near)
        for found in inner
    )
    count = draw(st.integers(1, most))
    drawn = {f"f{number}": draw(fields(Place(number, 2, names))) for number in range(count)}
    if draw(st.integers(0, 9)) == 0:
        itself = st.sampled_from(["None"]), st.sampled_from(["C()", "Target()", "None"])
        drawn[f"f{count}"] = Drawn("DocumentField('C', optional=True)", *itself)
    if draw(st.integers(0, 5)) == 0:
        family = draw(families("C", drawn))
        return Module([*inner, *family], family)
    lines = draw(bodies(drawn, 5))
    if draw(st.integers(0, 5)) == 0:
        own_id = draw(st.sampled_from(["IntField", "StringField", "AnythingField", "BoolField"]))
        lines.append(f"key = {own_id}(_id=True)")
    if draw(st.integers(0, 9)) == 0:
        lines.append("version = VersionField()")
    subjects = [DrawnClass("C", drawn, class_source("C", "Document", lines))]
    if draw(st.integers(0, 3)) == 0:
        other = draw(st.integers(0, count))  # one that is overridden, or one more
        more = {f"f{other}": draw(fields(Place(other, 1, names)))}
        source = class_source("D", "C", draw(bodies(more, 9)))
        subjects.append(DrawnClass("D", {**drawn, **more}, source))
    return Module([*inner, *subjects], subjects)
