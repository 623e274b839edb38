"""How words are written in messages: what a misspelt name may have meant, articles, numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["NOT_FOLLOWED", "an", "counted", "id_of", "suggestion", "unknown_name"]

NOT_FOLLOWED = (
    " References are not followed in queries: ask for those that are meant first, and compare the "
    "reference with them, by == or in_(...)."
)

# Longer than any name that was meant for one of these: it is not compared.
_LONGEST = 100


def suggestion(name: object, names: Iterable[str]) -> str:
    """
    Ask whether one of the names that there are was meant.

    Args:
        name: The name that is none of them.
        names: Those that there are.

    Returns:
        ``" Did you mean 'name'?"``, to be put behind a sentence; empty where none is like it.

    Example:
        >>> suggestion("nmae", ["name", "age"])
        " Did you mean 'name'?"
        >>> suggestion("x", ["name", "age"])
        ''
    """
    if not isinstance(name, str) or len(name) > _LONGEST:
        return ""
    import difflib  # here: no program needs it that spells all names right

    by_form: dict[str, str] = {}
    for known in names:
        by_form.setdefault(_form(known), known)
    close = difflib.get_close_matches(_form(name), by_form, n=1)
    return f" Did you mean {by_form[close[0]]!r}?" if close else ""


def an(noun: str) -> str:
    """
    Put the article before a noun, mostly the name of a class.

    Example:
        >>> an("IntField"), an("StringField")
        ('an IntField', 'a StringField')
    """
    return f"{'an' if noun[:1].lower() in tuple('aeio') else 'a'} {noun}"


def counted(number: int, noun: str) -> str:
    """
    Put a number before a noun.

    Example:
        >>> counted(1, "item"), counted(2, "item")
        ('1 item', '2 items')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def id_of(cls: Any) -> str:
    """
    Say what the id of a class is called.

    Args:
        cls: The document class.

    Returns:
        A sentence with a space before it.
    """
    return f" The id of {an(cls.__name__)} is {cls._by_db_field['_id']._name!r}."


def _form(name: str) -> str:
    """Give a name without what languages and habits write in different ways."""
    return name.replace("_", "").lower() or name


def unknown_name(scope: Any, name: str, part: str, *, stored: bool = False) -> str:
    """
    Say that a name means nothing, and what may have been meant.

    Args:
        scope: The document class, or the field, below which it is none.
        name: The whole name, dotted or not.
        part: The part of it that means nothing.
        stored: Whether stored names would do as well.

    Returns:
        What follows *has no field*: the name, and sentences, the last with its full stop.
    """
    where = "" if part == name else f": nothing there is named {part!r}"
    return f"{name!r}{where}.{_meant(scope, part, stored)}"


def _meant(scope: Any, part: str, stored: bool) -> str:
    """Say what a part of a name may have meant, if that can be guessed."""
    if part in ("_id", "id", "pk") and hasattr(scope, "_by_db_field"):
        return id_of(scope)
    if getattr(scope, "_holds_references", False):
        return NOT_FOLLOWED
    names = _names_below(scope, stored)
    first, _, habit = part.partition("__")
    if habit and first in names:
        return f" Operators are written by query field, User.{first} > 3, and parts by a dot."
    return suggestion(part, names)


def _names_below(scope: Any, stored: bool) -> list[str]:
    """Give the names that mean something in a class or below a field."""
    if isinstance(scope, type):
        fields = getattr(scope, "_fields", {})
    else:
        fields = scope.subfields() if getattr(scope, "has_subfields", False) else {}
    return [*fields, *([field.db_field for field in fields.values()] if stored else ())]
