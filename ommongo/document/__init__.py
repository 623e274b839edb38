"""One document: its class, its values, its changes and its indexes."""

from ommongo._registry import collection_registry, document_type_registry
from ommongo.document._inserting import insertion as insertion
from ommongo.document._metaclass import DocumentMeta as DocumentMeta
from ommongo.document._typed import typed
from ommongo.document.dictdoc import DictDoc
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
