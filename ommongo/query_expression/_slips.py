"""What Python's operators would make of fields and expressions in silence, and what is said."""

from __future__ import annotations

from typing import Any, NoReturn

__all__ = ["NoValue", "needs_parentheses", "no_truth"]


def needs_parentheses(left: Any, operator: str, right: Any) -> TypeError:
    """
    Make the error for what is no expression beside ``|`` or ``&``.

    Args:
        left: What stands on the left.
        operator: The operator.
        right: What stands on the right.

    Returns:
        The error.
    """
    return TypeError(
        f"'{operator}' joins two query expressions, not {type(left).__name__} and "
        f"{type(right).__name__}. It binds more tightly than a comparison: put parentheses around "
        f"both sides, (User.age > 3) {operator} (User.age == 5)."
    )


def no_truth(what: str) -> TypeError:
    """
    Make the error for what somebody asked whether it is true.

    Args:
        what: What it is.

    Returns:
        The error.
    """
    return TypeError(
        f"A {what} has no truth value: the server judges it. Write & for and, | for or, ~ for not, "
        f"field.in_(values) for in, and (field > 3) & (field < 9) for a range; ask 'is not None' "
        f"to find out whether there is one."
    )


class NoValue:
    """What stands for a field is none of its values: Python cannot ask, order or join it."""

    __slots__ = ()

    def __bool__(self) -> NoReturn:
        raise no_truth("query field")

    def __or__(self, other: Any) -> NoReturn:
        raise needs_parentheses(self, "|", other)

    def __ror__(self, other: Any) -> NoReturn:
        raise needs_parentheses(other, "|", self)

    def __and__(self, other: Any) -> NoReturn:
        raise needs_parentheses(self, "&", other)

    def __rand__(self, other: Any) -> NoReturn:
        raise needs_parentheses(other, "&", self)

    def __invert__(self) -> NoReturn:
        raise TypeError(
            f"~ negates a query expression, not the field {self}. Compare it first: "
            f"~(User.active == True), or User.active != True."
        )

    def __neg__(self) -> NoReturn:
        raise TypeError(
            f"The field {self} has no sign. To sort from the highest, write descending(field) or "
            f"sort((field, -1))."
        )

    __iter__ = None  # or Python would count up from 0 below

    def __getitem__(self, key: Any) -> NoReturn:
        raise TypeError(
            f"The field {self} has no [...]. By text 'items.0' is the first item of a list and "
            f"'items.key' a value of a dict; matched_index() is the item that the filter matched, "
            f"and slice(2) loads the first two."
        )

    def __contains__(self, item: Any) -> NoReturn:
        raise TypeError(
            f"'in' cannot ask what the field {self} holds: the server judges it. Compare the list "
            f"with one item by ==, or call in_(values) or all_(values)."
        )
