"""What the log may say of an error of the server, whose own words hold values of documents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from pymongo.errors import OperationFailure

from ommongo.exceptions import OmMongoException

__all__ = ["redacted"]

# Compiled by the first error and not with the library.
_INDEX = r"E\d+ duplicate key error collection: .+? index: (.+?)(?: collation: .+?)? dup key: "
_PARTS = (
    "details",
    "clausesNotSatisfied",
    "clausesSatisfied",
    "schemaRulesNotSatisfied",
    "schemasNotSatisfied",
    "failingDependencies",
)
"""Where the explanation of a rule that a validator refused by has the rules within it."""

_DUPLICATE_KEYS = frozenset({11000, 11001, 12582})


def redacted(error: BaseException) -> str:
    """
    Say what an error is about without a value of a document.

    Args:
        error: The error.

    Returns:
        Its class, the server's code, and the index and the paths that the server names; the whole
        message of an error of the library's own, which has no values.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/error-codes/
    """
    if isinstance(error, OmMongoException):
        return str(error)
    name = type(error).__name__
    if not isinstance(error, OperationFailure):
        return name
    details: Mapping[str, Any] = error.details or {}
    code = f"E{error.code}" if error.code in _DUPLICATE_KEYS else f"code {error.code}"
    parts = [f"{name} ({code})"]
    index = re.match(_INDEX, str(details.get("errmsg", "")))
    if index:
        parts.append(f"index {index[1]!r}")
    paths = list(dict.fromkeys(_paths(details)))
    if paths:
        parts.append(f"path {', '.join(map(repr, paths))}")
    return ", ".join(parts)


def _paths(details: Mapping[str, Any]) -> Iterator[str]:
    """Give the paths that the structured part of an error names."""
    yield from _names(details.get("keyPattern"))
    explanation = details.get("errInfo")
    if isinstance(explanation, Mapping):
        yield from _not_satisfied(explanation.get("details"), "")


def _not_satisfied(rule: Any, above: str) -> Iterator[str]:
    """
    Give the paths that a validator's rule is about.

    Only names that stand in the validator are taken. The others in the server's explanation are
    keys of the document, which may be data of the application.
    """
    if isinstance(rule, list):
        for one in rule:
            yield from _not_satisfied(one, above)
    if not isinstance(rule, Mapping):
        return
    if str(rule.get("operatorName")).startswith("$"):
        yield from (name for name in _names(rule.get("specifiedAs")) if name[:1] != "$")
    yield from (above + name for name in _names(rule.get("missingProperties")))
    for one in rule.get("propertiesNotSatisfied", ()):
        name = f"{above}{one.get('propertyName')}"
        below = list(_not_satisfied(one.get("details"), f"{name}."))
        yield from below or [name]
    for part in _PARTS:
        yield from _not_satisfied(rule.get(part), above)


def _names(value: Any) -> list[str]:
    """Give the names in a list of them, or in a document."""
    return [name for name in value or () if isinstance(name, str)]
