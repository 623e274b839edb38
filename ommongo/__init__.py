"""
A synchronous object-document mapper for MongoDB, on pymongo.

Declare documents, open a session, query and store objects::

    from ommongo import Document, IntField, Session, StringField

    class User(Document):
        name = StringField()
        age = IntField()

    session = Session.connect("app", host="localhost")
    session.save(User(name="Ada", age=36))
    ada = session.query(User).filter(User.age > 30).one()
"""

from ommongo.document import DictDoc, Document, Index, typed
from ommongo.fields import (
    AnythingField,
    BinaryField,
    BoolField,
    ComputedField,
    CreatedField,
    DateTimeField,
    DictField,
    DocumentField,
    EnumField,
    Field,
    FloatField,
    GeoField,
    IntField,
    KVField,
    ListField,
    ModifiedField,
    NumberField,
    ObjectIdField,
    RefField,
    RegExStringField,
    SetField,
    SRefField,
    StringField,
    TupleField,
    VersionField,
    computed_field,
)
from ommongo.query_expression import Q
from ommongo.session import Session, scoped_session

__version__ = "2.0.0"

__all__ = [
    "AnythingField",
    "BinaryField",
    "BoolField",
    "ComputedField",
    "CreatedField",
    "DateTimeField",
    "DictDoc",
    "DictField",
    "Document",
    "DocumentField",
    "EnumField",
    "Field",
    "FloatField",
    "GeoField",
    "Index",
    "IntField",
    "KVField",
    "ListField",
    "ModifiedField",
    "NumberField",
    "ObjectIdField",
    "Q",
    "RefField",
    "RegExStringField",
    "SRefField",
    "Session",
    "SetField",
    "StringField",
    "TupleField",
    "VersionField",
    "__version__",
    "computed_field",
    "scoped_session",
    "typed",
]
