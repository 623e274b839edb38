"""What to change: update expressions, and find-and-modify."""

from __future__ import annotations

from ommongo.exceptions import (
    ConflictingModifierException,
    InvalidModifierException,
    UpdateException,
)
from ommongo.update_expression.expression import UpdateExpression
from ommongo.update_expression.find_and_modify import FindAndModifyExpression
from ommongo.update_expression.limits import Limits as Limits

__all__ = [
    "ConflictingModifierException",
    "FindAndModifyExpression",
    "InvalidModifierException",
    "UpdateException",
    "UpdateExpression",
]
