"""What is known of a document, kept while something changes it, to be put back as a whole."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from operator import methodcaller
from typing import Any

from ommongo._tracking.embedded import embedded_in
from ommongo._tracking.layers import Layer, top_of
from ommongo._tracking.particulars import ORDINARY, Particulars
from ommongo._tracking.results import Result
from ommongo._tracking.state import UNSTORED, State
from ommongo._tracking.tracked import Tracked, set_state
from ommongo._tracking.undo import Undo

__all__ = ["Memento"]

_call = methodcaller("__call__")


class Memento:
    """
    What a document and those embedded in it hold, and what is known of them.

    A signal handler may raise an exception at any line. What cannot be one assignment is done under
    a memento: it comes about as a whole, or not at all. As a context manager it puts everything
    back when an exception leaves the block.

    Args:
        document: The document.
        changing: The layers of pending writes that change too: one, and all above it.
        undo: What a pending write has changed beside.
    """

    __slots__ = ("_steps",)

    def __init__(
        self, document: Tracked, changing: Sequence[Layer] = (), undo: Undo | None = None
    ) -> None:
        self._steps: list[Callable[[], Any]] = []
        for holder in _reached(document, changing):
            self._keep_document(holder)
        for one in changing:
            self._keep_layer(one)
        below = changing[0].under if changing else top_of(document)
        if below is not None:
            self._keep(below, "above")
        if undo is not None:
            self._steps.append(partial(setattr, undo, "steps", [*undo.steps]))

    def restore(self) -> None:
        """Put everything back. It is one call from end to end, which no signal strikes in."""
        deque(map(_call, self._steps), 0)

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is not None:
            self.restore()

    def _keep_document(self, document: Tracked) -> None:
        values, known = document.__dict__, document._known
        # In place: others hold the dict.
        self._steps += partial(values.clear), partial(values.update, {**values})
        self._steps.append(partial(set_state, document, known))
        if type(known) is State and known is not UNSTORED:
            self._keep(known, *State.__slots__)
            if known.particulars is not ORDINARY:
                self._keep(known.particulars, *Particulars.__slots__)

    def _keep_layer(self, layer: Layer) -> None:
        self._keep(layer, *_slots(type(layer)))
        for result in layer.results:
            self._keep(result, *Result.__slots__)

    def _keep(self, holder: Any, *names: str) -> None:
        for name in names:
            value = getattr(holder, name)
            kept = {**value} if type(value) is dict and name != "extra" else value
            self._steps.append(partial(setattr, holder, name, kept))


def _slots(cls: type[Layer]) -> tuple[str, ...]:
    """Give the names of all attributes of a class of layers."""
    return tuple(name for base in cls.__mro__ for name in getattr(base, "__slots__", ()))


def _reached(document: Tracked, layers: Iterable[Layer]) -> Iterator[Tracked]:
    """Give every document that the outcome of pending writes may change, each once."""
    documents = [document, *embedded_in(document)]
    for layer in layers:
        documents += layer.documents()
    yield from {id(one): one for one in documents}.values()
