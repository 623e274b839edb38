"""Source that is written for one document class, and what its functions have in common."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterable
from typing import Any

from ommongo._tracking import set_session, set_state, set_values
from ommongo.document._traits.described import Described
from ommongo.document._traits.hooks import loads_directly
from ommongo.fields import DATA_ERRORS, DocumentField, Field
from ommongo.util import UNSET

__all__ = [
    "Source",
    "asks_application",
    "embedded_class",
    "held_class",
    "overrides",
    "sure_fields",
    "value_name",
]


class Source:
    """
    Source of one function, and the names that it uses.

    Args:
        cls: The document class that the function is for.
        kind: ``load``, ``store`` or ``make``.
    """

    def __init__(self, cls: type[Described], kind: str) -> None:
        self._cls = cls
        self.identities = cls._identities
        self.filename = f"<ommongo {kind} {cls.__module__}.{cls.__qualname__}>"
        self.lines: list[str] = []
        self._helpers: dict[tuple[str, ...], str] = {}
        self.names: dict[str, Any] = {
            "UNSET": UNSET,
            "DATA_ERRORS": DATA_ERRORS,
        }

    def name(self, value: Any) -> str:
        """Give a name for *value* in the source."""
        for name, held in self.names.items():
            if held is value:
                return name
        name = f"n{len(self.names)}"
        self.names[name] = value
        return name

    def codec(self, cls: type[Described]) -> str:
        """Give a name for the codec of a class."""
        return self.name(cls._codec)

    def add(self, indent: int, *lines: str) -> None:
        """Append lines."""
        self.lines.extend("    " * indent + line for line in lines)

    def helper(self, *lines: str) -> str:
        """Give the name of a function of these lines, whose one parameter is ``v``."""
        return self._helpers.setdefault(lines, f"helper_{len(self._helpers)}")

    def make_document(self) -> None:
        """Append the line that makes a document, which has nothing yet."""
        self.names.update(cls=self._cls, new=object.__new__)
        self.add(1, "document = new(cls)")

    def adopt_values(self) -> None:
        """Append the line that lets the dict in ``values`` become that of the document."""
        self.names.update(set_values=set_values)
        self.add(1, "set_values(document, values)")

    def know_document(self, session: str, known: str) -> None:
        """Append lines that give the document its session, and what is known of its state."""
        self.names.update(set_session=set_session, set_state=set_state)
        self.add(1, f"set_session(document, {session})", f"set_state(document, {known})")

    def function(self, name: str) -> Callable[..., Any]:
        """Compile the source and give its function."""
        for lines, helper in self._helpers.items():
            self.add(0, f"def {helper}(v):")
            self.add(1, *lines)
        text = "\n".join(self.lines) + "\n"
        linecache.cache[self.filename] = (
            len(text),
            None,
            text.splitlines(keepends=True),
            self.filename,
        )
        exec(compile(text, self.filename, "exec"), self.names)
        function: Callable[..., Any] = self.names[name]
        return function


def overrides(field: Field[Any], name: str) -> bool:
    """Whether a field's class has its own *name*."""
    return getattr(type(field), name) is not getattr(Field, name)


def asks_application(fields: Iterable[Field[Any]]) -> bool:
    """Whether judging values calls what an application wrote, which is to be called once."""
    return any(
        field._has_validators
        or not type(field).__module__.startswith("ommongo.fields")
        or asks_application(field._inner_fields())
        for field in fields
    )


def held_class(field: DocumentField[Any]) -> Any:
    """Give the class of the documents that a field embeds, where nothing else judges them."""
    return field._known_class if field._is_free else None


def embedded_class(field: DocumentField[Any]) -> Any:
    """Give the class of the documents that can be loaded without asking their field."""
    cls = held_class(field)
    return cls if cls is not None and loads_directly(cls) else None


def sure_fields(cls: type[Described]) -> list[Field[Any]]:
    """Give the fields whose values the usual document of a class has."""
    return [field for field in cls._fields.values() if field.required and not field.has_default]


def value_name(field: Field[Any]) -> str:
    """Give the variable that holds a field's value; a field's name is an identifier."""
    return f"v_{field._name}"
