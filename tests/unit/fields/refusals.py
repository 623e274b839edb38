"""What every refusal of a value has to say."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from ommongo.exceptions import BadValueException

__all__ = ["refusal"]


def refusal(call: Callable[[Any], Any], value: Any) -> BadValueException:
    """
    Let *call* refuse *value*, and give the exception.

    It carries the value and names its type, it says in a second sentence what to do, and the text
    does not show the value.
    """
    with pytest.raises(BadValueException) as caught:
        call(value)
    error, text = caught.value, str(caught.value)
    assert error.value is value
    assert re.search(rf"\b{type(value).__name__}\b", text), text
    assert ". " in text.rstrip("."), text
    assert len(repr(value)) < 5 or repr(value) not in text, text
    return error
