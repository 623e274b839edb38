"""One document: its class, its values, its changes and its indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ommongo._on_demand import on_demand
from ommongo._registry import collection_registry, document_type_registry
from ommongo.document._metaclass import DocumentMeta as DocumentMeta
from ommongo.document._typed import typed
from ommongo.document.document import Document
from ommongo.document.index import Index
from ommongo.exceptions import (
    BadFieldSpecification,
    BadIndexException,
    DocumentException,
    ExtraValueException,
    FieldNotRetrieved,
    MissingValueException,
)
from ommongo.fields import DocumentField

if TYPE_CHECKING:
    from ommongo.document._inserting import insertion as insertion
    from ommongo.document.dictdoc import DictDoc
else:  # few programs need them
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "ommongo.document._inserting": "insertion",
            "ommongo.document.dictdoc": "DictDoc",
        },
    )

__all__ = [
    "BadFieldSpecification",
    "BadIndexException",
    "DictDoc",
    "Document",
    "DocumentException",
    "DocumentField",
    "ExtraValueException",
    "FieldNotRetrieved",
    "Index",
    "MissingValueException",
    "collection_registry",
    "document_type_registry",
    "typed",
]
