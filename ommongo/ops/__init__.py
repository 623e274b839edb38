"""
One small class for each kind of queued write.

An operation knows how to become a call of the driver and what its outcome means for its document,
not when it is sent. What it sends is encoded when it is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ommongo._on_demand import on_demand

if TYPE_CHECKING:
    from ommongo.ops._local_dates import (
        refuse_what_has_no_local_form as refuse_what_has_no_local_form,
    )
    from ommongo.ops._making import make_known as make_known
    from ommongo.ops._making import save_operation as save_operation
    from ommongo.ops._making import update_operation as update_operation
    from ommongo.ops._operation import Operation
    from ommongo.ops._removing import ClearCollectionOp, RemoveDocumentOp, RemoveOp
    from ommongo.ops._saving import SaveOp
    from ommongo.ops._updating import UpdateDocumentOp, UpdateOp
else:  # what writes is imported with the first write
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "ommongo.ops._local_dates": "refuse_what_has_no_local_form",
            "ommongo.ops._making": "make_known save_operation update_operation",
            "ommongo.ops._operation": "Operation",
            "ommongo.ops._removing": "ClearCollectionOp RemoveDocumentOp RemoveOp",
            "ommongo.ops._saving": "SaveOp",
            "ommongo.ops._updating": "UpdateDocumentOp UpdateOp",
        },
    )

__all__ = [
    "ClearCollectionOp",
    "Operation",
    "RemoveDocumentOp",
    "RemoveOp",
    "SaveOp",
    "UpdateDocumentOp",
    "UpdateOp",
]
