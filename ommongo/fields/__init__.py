"""Fields: what a document's values may be, and how each is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bson.binary import Binary
from bson.dbref import DBRef
from bson.objectid import ObjectId

from ommongo._on_demand import on_demand
from ommongo.exceptions import (
    BadFieldSpecification,
    BadValueException,
    FieldNotRetrieved,
    InvalidConfigException,
    MissingValueException,
)
from ommongo.fields._attribute import Following as Following
from ommongo.fields._primitive import PrimitiveField as PrimitiveField
from ommongo.fields._refusal import DATA_ERRORS as DATA_ERRORS
from ommongo.fields._refusal import located as located
from ommongo.fields._refusal import raised as raised
from ommongo.fields._written import ALWAYS as ALWAYS
from ommongo.fields._written import PartTests as PartTests
from ommongo.fields.base import SCALAR_MODIFIERS, Field
from ommongo.fields.dates import DateTimeField
from ommongo.fields.documents import DocumentField
from ommongo.fields.numbers import NUMBER_MODIFIERS, BoolField, FloatField, IntField, NumberField
from ommongo.fields.objectid import ObjectIdField
from ommongo.fields.sequences import LIST_MODIFIERS, ListField
from ommongo.fields.sequences import SequenceField as SequenceField
from ommongo.fields.text import RegExStringField, StringField

if TYPE_CHECKING:
    from ommongo.fields.binary import BinaryField
    from ommongo.fields.choice import ANY_MODIFIER, AnythingField, EnumField
    from ommongo.fields.computed import ComputedField, computed_field
    from ommongo.fields.geo import GeoField
    from ommongo.fields.id_references import SRefField
    from ommongo.fields.mappings import DictField, KVField
    from ommongo.fields.proxies import ListProxy, Proxy
    from ommongo.fields.references import RefField
    from ommongo.fields.sets import SetField
    from ommongo.fields.times import CreatedField, ModifiedField
    from ommongo.fields.tuples import TupleField
    from ommongo.fields.version import VersionField
else:  # most programs need few of these
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "ommongo.fields.binary": "BinaryField",
            "ommongo.fields.choice": "ANY_MODIFIER AnythingField EnumField",
            "ommongo.fields.computed": "ComputedField computed_field",
            "ommongo.fields.geo": "GeoField",
            "ommongo.fields.id_references": "SRefField",
            "ommongo.fields.mappings": "DictField KVField",
            "ommongo.fields.proxies": "ListProxy Proxy",
            "ommongo.fields.references": "RefField",
            "ommongo.fields.sets": "SetField",
            "ommongo.fields.times": "CreatedField ModifiedField",
            "ommongo.fields.tuples": "TupleField",
            "ommongo.fields.version": "VersionField",
        },
    )

__all__ = [
    "ANY_MODIFIER",
    "LIST_MODIFIERS",
    "NUMBER_MODIFIERS",
    "SCALAR_MODIFIERS",
    "AnythingField",
    "BadFieldSpecification",
    "BadValueException",
    "Binary",
    "BinaryField",
    "BoolField",
    "ComputedField",
    "CreatedField",
    "DBRef",
    "DateTimeField",
    "DictField",
    "DocumentField",
    "EnumField",
    "Field",
    "FieldNotRetrieved",
    "FloatField",
    "GeoField",
    "IntField",
    "InvalidConfigException",
    "KVField",
    "ListField",
    "ListProxy",
    "MissingValueException",
    "ModifiedField",
    "NumberField",
    "ObjectId",
    "ObjectIdField",
    "Proxy",
    "RefField",
    "RegExStringField",
    "SRefField",
    "SetField",
    "StringField",
    "TupleField",
    "VersionField",
    "computed_field",
]
