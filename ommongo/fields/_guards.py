"""What goes around every field's conversions, whoever wrote them: ``None`` and validators."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

__all__ = ["GUARDS"]


def _guarded_conversion(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """Let ``None`` pass *method* (a ``wrap`` or an ``unwrap``) where the field allows it."""

    @functools.wraps(method)
    def guarded(self: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
        if value is None and self._allow_none:
            return None
        return method(self, value, *args, **kwargs)

    return guarded


def _guarded_validation(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """Let ``None`` pass *method* where allowed, and ask the declared validators after it."""

    @functools.wraps(method)
    def guarded(self: Any, value: Any, *args: Any, **kwargs: Any) -> Any:
        if value is None and self._allow_none:
            return None
        result = method(self, value, *args, **kwargs)
        # A method reached through super() leaves the validators to the one that called it.
        if self._has_validators and getattr(type(self), name) is guarded:
            self._ask_validators(value, storing=name == "validate_wrap")
        return result

    return guarded


GUARDS: dict[str, Callable[[str, Callable[..., Any]], Callable[..., Any]]] = {
    "wrap": _guarded_conversion,
    "unwrap": _guarded_conversion,
    "validate_wrap": _guarded_validation,
    "validate_unwrap": _guarded_validation,
}
"""Method name to what goes around it."""
