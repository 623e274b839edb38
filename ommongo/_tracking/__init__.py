"""
What is stored of an object, and what differs.

This is the one hard thought of the library. What is stored of an object is a base, and a layer on
top of it for each write that is pending; the object is dirty in what differs from all of that.

Where to look: `state` has what is known of one document, `packed` its cheap spellings, `committed`
the stored value of a field; `diff` what an update sends; `layers` what a write leaves that is
pending, that was applied, that failed; `results` the same of fields whose value is
an argument (``$inc``); `undo` the rest. It knows fields, and not `ommongo.Document`: a document is
a `Tracked` here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ommongo._on_demand import on_demand
from ommongo._tracking.committed import (
    Committed,
    is_default,
    kept_form,
    partial_wrap,
    stored_form,
)
from ommongo._tracking.embedded import embedded_in, has_origins_below, live_at
from ommongo._tracking.marks import ASSIGNED, EXTRA, UNCHANGED, UNKNOWN, Assigned, is_known
from ommongo._tracking.originals import keep_id, keep_whole, kept_id, kept_whole
from ommongo._tracking.packed import (
    LARGE,
    LISTS_END,
    LISTS_FORMAT,
    PackedBson,
    decodes_exactly,
)
from ommongo._tracking.places import Place, Places
from ommongo._tracking.plan import Plan
from ommongo._tracking.retrieved import Retrieved
from ommongo._tracking.state import NO_ORIGINS, UNSTORED, State
from ommongo._tracking.tracked import Tracked, hold, missing, set_session, set_state, set_values
from ommongo._tracking.undo import Undo

if TYPE_CHECKING:
    from ommongo._tracking.changes import ARGUMENT_OPERATORS, Changes, count_version
    from ommongo._tracking.diff import full_diff
    from ommongo._tracking.diff_partial import partial_diff
    from ommongo._tracking.diff_quick import quick_diff
    from ommongo._tracking.expiry import Held, expire, held_values, put_back, renew
    from ommongo._tracking.extra import refuse_stored_names
    from ommongo._tracking.history import be_past
    from ommongo._tracking.layers import Layer, copied_state, layers_of
    from ommongo._tracking.memento import Memento
    from ommongo._tracking.operators import apply
    from ommongo._tracking.stamps import (
        Times,
        hold_version,
        put_times,
        sent_times,
        stored_times,
    )
    from ommongo._tracking.update_layers import QuickUpdateLayer, UpdateLayer
    from ommongo._tracking.whole_layers import RemovalLayer, SaveLayer, is_as_removed
else:  # what compares and what is pending is wanted by the first write
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "ommongo._tracking.changes": "ARGUMENT_OPERATORS Changes count_version",
            "ommongo._tracking.diff": "full_diff",
            "ommongo._tracking.diff_partial": "partial_diff",
            "ommongo._tracking.diff_quick": "quick_diff",
            "ommongo._tracking.expiry": "expire Held held_values put_back renew",
            "ommongo._tracking.extra": "refuse_stored_names",
            "ommongo._tracking.history": "be_past",
            "ommongo._tracking.layers": "copied_state Layer layers_of",
            "ommongo._tracking.memento": "Memento",
            "ommongo._tracking.operators": "apply",
            "ommongo._tracking.stamps": "hold_version put_times sent_times stored_times Times",
            "ommongo._tracking.update_layers": "QuickUpdateLayer UpdateLayer",
            "ommongo._tracking.whole_layers": "is_as_removed RemovalLayer SaveLayer",
        },
    )

__all__ = [
    "ARGUMENT_OPERATORS",
    "ASSIGNED",
    "EXTRA",
    "LARGE",
    "LISTS_END",
    "LISTS_FORMAT",
    "NO_ORIGINS",
    "UNCHANGED",
    "UNKNOWN",
    "UNSTORED",
    "Assigned",
    "Changes",
    "Committed",
    "Held",
    "Layer",
    "Memento",
    "PackedBson",
    "Place",
    "Places",
    "Plan",
    "QuickUpdateLayer",
    "RemovalLayer",
    "Retrieved",
    "SaveLayer",
    "State",
    "Times",
    "Tracked",
    "Undo",
    "UpdateLayer",
    "apply",
    "be_past",
    "copied_state",
    "count_version",
    "decodes_exactly",
    "embedded_in",
    "expire",
    "full_diff",
    "has_origins_below",
    "held_values",
    "hold",
    "hold_version",
    "is_as_removed",
    "is_default",
    "is_known",
    "keep_id",
    "keep_whole",
    "kept_form",
    "kept_id",
    "kept_whole",
    "layers_of",
    "live_at",
    "missing",
    "partial_diff",
    "partial_wrap",
    "put_back",
    "put_times",
    "quick_diff",
    "refuse_stored_names",
    "renew",
    "sent_times",
    "set_session",
    "set_state",
    "set_values",
    "stored_form",
    "stored_times",
]
