"""Fields of references."""

from __future__ import annotations

import inspect

import pytest
from bson.dbref import DBRef
from bson.objectid import ObjectId

from ommongo.document import Document, document_type_registry
from ommongo.exceptions import BadFieldSpecification, BadReferenceException, BadValueException
from ommongo.fields import DocumentField, IntField, RefField, SRefField, StringField, TupleField
from tests.unit.fields.refusals import refusal

CALLS = ("wrap", "unwrap", "validate_wrap", "validate_unwrap")
BOTH = pytest.mark.parametrize("name", CALLS)
OID = ObjectId("5f0c5e3b8f1b2c3d4e5f6a7b")


class Company(Document):
    config_namespace = "tests.references"
    config_collection_name = "companies"

    name = StringField(required=False)


class Branch(Company):
    """A subclass with a collection of its own."""


class City(Document):
    config_namespace = "tests.references"

    number = IntField(_id=True, min_value=1)


class Place(Document):
    config_namespace = "tests.references"

    at = TupleField(IntField(), IntField(), _id=True)


@pytest.fixture(autouse=True)
def _registered(monkeypatch):
    """Other tests may clear the registries."""
    classes = {"Company": Company, "City": City, "Place": Place}
    monkeypatch.setitem(document_type_registry, "tests.references", classes)


# -- RefField -------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize(
    ("options", "ref"),
    [
        ({}, DBRef("anything", 1)),
        ({}, DBRef("anything", 1, "elsewhere")),
        ({"type": Company}, DBRef("companies", OID)),
        ({"type": DocumentField(Company)}, DBRef("companies", OID)),
        ({"type": "Company", "namespace": "tests.references"}, DBRef("companies", OID)),
        ({"db": "here"}, DBRef("anything", 1, "here")),
        ({"db": "here"}, DBRef("anything", 1)),
        ({"db_required": True}, DBRef("anything", 1, "elsewhere")),
    ],
)
def test_references_are_accepted(name, options, ref):
    """A DBRef into the right collection and database is stored and loaded as it is."""
    assert getattr(RefField(**options), name)(ref) in (ref, None)


@BOTH
@pytest.mark.parametrize(
    ("options", "ref", "reason"),
    [
        ({"type": Company}, DBRef("people", OID), "into the collection 'companies'"),
        ({"type": Company}, DBRef("Branch", OID), "into the collection 'companies'"),
        ({"db": "here"}, DBRef("companies", OID, "there"), "into the database 'here'"),
        ({"db_required": True}, DBRef("companies", OID), "names its database"),
        ({"db": "here", "db_required": True}, DBRef("companies", OID), "names its database"),
    ],
)
def test_wrong_references_are_refused(name, options, ref, reason):
    """A DBRef into another collection or database, or without the one it needs, is refused."""
    assert reason in str(refusal(getattr(RefField(**options), name), ref))


@BOTH
@pytest.mark.parametrize("value", [OID, "companies", {"$ref": "companies", "$id": 1}, 33333])
def test_dbrefs_only(name, value):
    """What is no DBRef is refused, a document and its id too."""
    assert "takes DBRef, not" in str(refusal(getattr(RefField(), name), value))


@pytest.mark.parametrize("make", [RefField, SRefField])
@pytest.mark.parametrize("target", [int, 3, IntField()], ids=["type", "value", "field"])
def test_what_names_no_class(make, target):
    """A reference refers to a document class, its name or a field of it."""
    with pytest.raises(BadFieldSpecification, match="no document class"):
        make(target)


@pytest.mark.parametrize("name", [*CALLS, "is_valid_wrap", "is_valid_unwrap"])
def test_unknown_name(name):
    """With a name that is no class nothing can be judged, whatever the value is."""
    with pytest.raises(BadFieldSpecification, match=r"'Nowhere'.*namespace 'spaceless'"):
        getattr(RefField("Nowhere", namespace="spaceless"), name)(3)


def test_name_is_looked_up_in_the_namespace_of_the_reference():
    """A reference names its namespace itself, whatever that of its class is."""

    class Person(Document):
        config_namespace = "tests.elsewhere"

        employer = RefField("Company", namespace="tests.references")

    assert Person.get_fields()["employer"].target_class is Company
    assert RefField().namespace == "global"


def test_name_in_a_document_field_is_looked_up_as_ever():
    """A name within a DocumentField belongs to the namespace of the declaring class."""

    class Person(Document):
        config_namespace = "tests.references"

        employer = RefField(DocumentField("Company"))

    assert Person.get_fields()["employer"].target_class is Company


@pytest.mark.parametrize(
    ("make", "names"),
    [(RefField, ["type", "db", "db_required", "namespace"]), (SRefField, ["type", "db"])],
)
def test_reference_parameters(make, names):
    """The parameters are those of the API, in their order."""
    assert list(inspect.signature(make).parameters)[: len(names)] == names


def test_reference_to_a_document():
    """The field makes the DBRef that it stores, with its database."""
    company = Company(mongo_id=OID)

    assert RefField(Company)._to_ref(company) == DBRef("companies", OID)
    assert RefField()._to_ref(company) == DBRef("companies", OID)
    assert RefField(Company, db="here")._to_ref(company) == DBRef("companies", OID, "here")


@pytest.mark.parametrize("make", [RefField, SRefField])
def test_reference_to_a_document_of_another_class(make):
    """A document that is none of the class is refused."""
    assert "takes Company, not City" in str(refusal(make(Company)._to_ref, City(number=1)))


@pytest.mark.parametrize("make", [RefField, SRefField])
def test_reference_to_a_document_without_an_id(make):
    """Nothing can refer to what has no id yet."""
    with pytest.raises(BadReferenceException, match="has no _id yet"):
        make(Company)._to_ref(Company())


def test_what_is_followed():
    """A reference without a database is looked up in that of its field."""
    ref, elsewhere = DBRef("companies", OID), DBRef("companies", OID, "here")

    assert RefField()._as_dbref(ref) is ref
    assert RefField(db="here")._as_dbref(ref) == elsewhere
    assert RefField(db="here")._as_dbref(elsewhere) is elsewhere
    assert SRefField(Company)._as_dbref(OID) == ref
    assert SRefField(Company, db="here")._as_dbref(OID) == elsewhere


# -- SRefField ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["wrap", "unwrap", "wrap_value"])
@pytest.mark.parametrize("target", [Company, DocumentField(Company)], ids=["class", "field"])
def test_ids_are_accepted(name, target):
    """An id is stored and loaded as it is."""
    assert getattr(SRefField(target), name)(OID) is OID


@pytest.mark.parametrize("name", ["unwrap", "validate_unwrap"])
@pytest.mark.parametrize("value", [str(OID), OID.binary, DBRef("companies", OID), 33333, {}])
def test_object_ids_only_are_loaded(name, value):
    """Where ids are ObjectIds, nothing else that is stored is one, not even another form of it."""
    assert "takes ObjectId, not" in str(refusal(getattr(SRefField(Company), name), value))


@pytest.mark.parametrize("value", [str(OID), OID.binary, DBRef("companies", OID)])
def test_other_forms_of_an_id_are_stored_as_the_id(value):
    """What the target's id field takes, and a DBRef into its collection, stand for the id."""
    assert SRefField(Company).wrap(value) == OID
    assert RefField(Company).wrap(value) == DBRef("companies", OID)


@pytest.mark.parametrize("name", ["wrap", "validate_wrap"])
@pytest.mark.parametrize("value", [33333, {}])
def test_what_is_no_id_of_the_class(name, value):
    """The refusal names the class and what its id field takes."""
    error = refusal(getattr(SRefField(Company), name), value)

    assert error.reason.startswith("takes Company or its _id, which takes ObjectId or str")


def test_ids_of_another_type():
    """The class's own id field judges and converts."""
    assert SRefField(City).wrap(3) == 3
    assert SRefField(Place).wrap((1, 2)) == [1, 2]
    assert SRefField(Place).unwrap([1, 2]) == (1, 2)


@BOTH
@pytest.mark.parametrize("value", [-77777, "77777", OID])
def test_ids_that_the_class_refuses(name, value):
    """An id that no object of the class can have is refused, under the name of the reference."""
    field = SRefField(City)
    field.__set_name__(City, "city_id")

    error = refusal(getattr(field, name), value)
    assert error.name == "city_id"
    assert isinstance(error.cause, BadValueException)


def test_an_id_alone_does_not_tell_its_class():
    """A class is needed."""
    with pytest.raises(BadFieldSpecification, match="type is None"):
        SRefField(None)


def test_sref_name_is_looked_up_in_the_namespace_of_its_class():
    """A name belongs to the namespace of the declaring class; it may be the class itself."""

    class Person(Document):
        config_namespace = "tests.references"

        boss_id = SRefField("Person", required=False)

    assert Person(boss_id=OID).wrap() == {"boss_id": OID}
    assert Person.get_fields()["boss_id"].target_class is Person


def test_sref_to_a_document():
    """The field makes the id that it keeps, in its Python form."""
    assert SRefField(Company)._to_ref(Branch(mongo_id=OID)) == OID
    assert SRefField(Place)._to_ref(Place(at=(1, 2))) == (1, 2)


def test_references_may_need_the_session():
    """A reference is followed through the session."""
    assert RefField().has_autoload
    assert SRefField(Company).has_autoload
    assert not SRefField(Company).has_subfields
