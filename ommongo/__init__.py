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

from typing import TYPE_CHECKING

from ommongo._on_demand import on_demand
from ommongo.document import Document, Index, typed
from ommongo.fields import (
    BoolField,
    DateTimeField,
    DocumentField,
    Field,
    FloatField,
    IntField,
    ListField,
    NumberField,
    ObjectIdField,
    RegExStringField,
    StringField,
)
from ommongo.session import Session

if TYPE_CHECKING:
    from ommongo.document import DictDoc
    from ommongo.fields import (
        AnythingField,
        BinaryField,
        ComputedField,
        CreatedField,
        DictField,
        EnumField,
        GeoField,
        KVField,
        ModifiedField,
        RefField,
        SetField,
        SRefField,
        TupleField,
        VersionField,
        computed_field,
    )
    from ommongo.query_expression import Q
    from ommongo.session import scoped_session
else:  # most programs need few of these
    __getattr__, __dir__ = on_demand(
        __name__,
        {
            "ommongo.document": "DictDoc",
            "ommongo.fields": (
                "AnythingField BinaryField ComputedField CreatedField DictField EnumField GeoField "
                "KVField ModifiedField RefField SetField SRefField TupleField VersionField "
                "computed_field"
            ),
            "ommongo.query_expression": "Q",
            "ommongo.session": "scoped_session",
        },
    )

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
