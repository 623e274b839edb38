"""References: what they store, and what the attributes made by ``rel`` load."""

from __future__ import annotations

import pytest
from bson import DBRef, ObjectId

from ommongo import (
    Document,
    DocumentField,
    IntField,
    ListField,
    RefField,
    SetField,
    SRefField,
    StringField,
)
from ommongo.document import FieldNotRetrieved
from ommongo.exceptions import BadReferenceException, BadValueException


class Company(Document):
    """What references lead to."""

    config_collection_name = "ref_companies"
    config_full_name = "references.Company"

    name = StringField()


class City(Document):
    """A class of another collection, with an id of its own."""

    config_collection_name = "ref_cities"

    code = StringField(_id=True)
    name = StringField(required=False)


class Person(Document):
    """A class with every kind of reference."""

    name = StringField(default="ada")

    employer_ref = RefField(Company, required=False, allow_none=True)
    employer = employer_ref.rel()
    employer_or_none = employer_ref.rel(allow_none=True)

    home_id = SRefField(City, required=False, allow_none=True)
    home = home_id.rel()
    home_or_none = home_id.rel(allow_none=True)

    past_refs = ListField(RefField(Company), required=False)
    past = past_refs.rel()
    past_known = past_refs.rel(ignore_missing=True)

    visited_ids = ListField(SRefField(City), required=False)
    visited = visited_ids.rel()
    visited_known = visited_ids.rel(ignore_missing=True)

    friend_refs = SetField(RefField(Company), required=False)
    friends = friend_refs.rel()

    any_ref = RefField(required=False)
    any = any_ref.rel()
    any_refs = ListField(RefField(), required=False)
    anything = any_refs.rel()


class Contract(Document):
    """References inside an embedded document, and by the name of a class."""

    with_ref = RefField("references.Company")
    partner = with_ref.rel()


class Deal(Document):
    """A document that embeds one with a reference."""

    contract = DocumentField(Contract)
    contracts = ListField(DocumentField(Contract), required=False)


def save(session, *documents):
    """Save *documents* and give them, or the one."""
    for document in documents:
        session.save(document)
    return documents[0] if len(documents) == 1 else documents


def employed(company, **values):
    """Give a new person whose employer is *company*."""
    person = Person(**values)
    person.employer = company
    return person


def only_person(session):
    """Load the one person that is stored."""
    return session.query(Person).one()


# -- single references --------------------------------------------------------------------------


def test_setting_a_rel_attribute_stores_the_reference(session, database):
    """Assigning a document stores a reference to it: a `DBRef`, or the id."""
    company, city = save(session, Company(name="acme"), City(code="BGR"))
    person = Person()
    person.employer = company
    person.home = city
    save(session, person)

    raw = database["Person"].find_one()
    assert raw["employer_ref"] == DBRef("ref_companies", company.mongo_id)
    assert raw["home_id"] == "BGR"


def test_setting_a_rel_attribute_sets_the_reference_field(session):
    """The reference field reads as the reference that was stored."""
    company, city = save(session, Company(name="acme"), City(code="BGR"))
    person = Person()
    person.employer = company
    person.home = city

    assert person.employer_ref.id == company.mongo_id
    assert person.home_id == "BGR"


def test_reading_a_rel_attribute_loads_the_object(session):
    """The attribute gives the object that the reference leads to."""
    company, city = save(session, Company(name="acme"), City(code="BGR", name="Bogor"))
    person = Person()
    person.employer = company
    person.home = city
    save(session, person)
    person = only_person(session)

    assert (type(person.employer), person.employer.name) == (Company, "acme")
    assert (type(person.home), person.home.name) == (City, "Bogor")


def test_loading_a_document_does_not_load_what_it_refers_to(session, commands):
    """A reference is followed when it is read, not before."""
    save(session, employed(save(session, Company(name="acme"))))
    commands.clear()
    person = only_person(session)
    assert commands.names("find") == ["find"]

    _ = person.employer
    assert commands.names("find") == ["find", "find"]


def test_repr_does_not_follow_references(session, commands):
    """Showing a document never touches the database."""
    save(session, employed(save(session, Company(name="acme"))))
    person = only_person(session)
    commands.clear()

    repr(person)
    assert commands.names() == []


def test_a_rel_attribute_of_a_saved_object_can_be_followed(session):
    """Saving binds an object to the session, so its references can be followed."""
    company = save(session, Company(name="acme"))
    person = save(session, Person(employer_ref=DBRef("ref_companies", company.mongo_id)))

    assert person.employer == company


def test_a_reference_of_none_reads_as_none(session):
    """Where ``None`` is stored, there is nothing to follow."""
    save(session, Person(employer_ref=None, home_id=None))
    person = only_person(session)

    assert person.employer is None
    assert person.home is None


def test_setting_a_rel_attribute_to_none_stores_none(session, database):
    """``None`` takes the reference out where the field allows it."""
    company = save(session, Company(name="acme"))
    person = save(session, employed(company))
    person.employer = None
    session.update(person)

    assert database["Person"].find_one()["employer_ref"] is None


def test_changing_the_reference_changes_what_the_attribute_gives(session):
    """The attribute follows the reference as it is now."""
    first, second = save(session, Company(name="a"), Company(name="b"))
    person = save(session, employed(first))
    assert person.employer.name == "a"
    person.employer_ref = second.to_ref()

    assert person.employer.name == "b"


def test_setting_a_rel_attribute_makes_the_reference_dirty(session):
    """An update writes the new reference, by the reference field's stored name."""
    first, second = save(session, Company(name="a"), Company(name="b"))
    save(session, employed(first))
    person = only_person(session)
    person.employer = second

    assert person.get_dirty_ops() == {
        "$set": {"employer_ref": DBRef("ref_companies", second.mongo_id)}
    }


def test_a_missing_target_raises(session):
    """A reference that leads nowhere is told, with the reference."""
    missing = ObjectId()
    save(session, Person(employer_ref=DBRef("ref_companies", missing), home_id="XXX"))
    person = only_person(session)

    with pytest.raises(BadReferenceException, match=str(missing)):
        _ = person.employer
    with pytest.raises(BadReferenceException, match="XXX"):
        _ = person.home


def test_a_missing_target_gives_none_where_that_is_allowed(session):
    """`rel(allow_none=True)` gives ``None`` for a reference that leads nowhere."""
    save(session, Person(employer_ref=DBRef("ref_companies", ObjectId()), home_id="XXX"))
    person = only_person(session)

    assert person.employer_or_none is None
    assert person.home_or_none is None


def test_a_target_that_is_there_is_given_where_none_is_allowed(session):
    """`rel(allow_none=True)` gives the object when there is one."""
    company = save(session, Company(name="acme"))
    save(session, employed(company))

    assert only_person(session).employer_or_none == company


def test_without_a_session_a_reference_cannot_be_followed(session):
    """A document that is bound to no session says how to bind it."""
    company = save(session, Company(name="acme"))
    person = Person(employer_ref=company.to_ref(), past_refs=[company.to_ref()])

    for name in ("employer", "employer_or_none"):
        with pytest.raises(BadReferenceException, match="add_to_session"):
            getattr(person, name)
    with pytest.raises(BadReferenceException, match="add_to_session"):
        list(person.past)


def test_add_to_session_lets_references_be_followed(session):
    """Binding an object queues nothing and is enough to follow its references."""
    company = save(session, Company(name="acme"))
    person = Person(employer_ref=company.to_ref())
    session.add_to_session(person)

    assert session.queue == []
    assert person.employer.name == "acme"


def test_an_unset_reference_reads_as_an_unset_field(session):
    """Where no reference is set, the attribute is not there either."""
    person = save(session, Person())

    with pytest.raises(AttributeError):
        _ = person.employer


def test_a_reference_that_was_not_retrieved_cannot_be_followed(session):
    """The attribute of a reference that was left out says so."""
    save(session, employed(save(session, Company(name="acme"))))
    person = session.query(Person).fields(Person.name).one()

    with pytest.raises(FieldNotRetrieved):
        _ = person.employer


def test_a_document_of_another_class_is_refused(session):
    """A reference to one class takes no object of another."""
    city = save(session, City(code="BGR"))

    with pytest.raises(BadValueException):
        employed(city)


def test_a_document_without_an_id_cannot_be_referred_to():
    """An object that was never stored has nothing to refer to."""
    with pytest.raises((BadValueException, BadReferenceException)):
        employed(Company(name="acme"))


def test_an_object_that_was_only_added_can_be_referred_to(session, database):
    """`add` gives an id at once, so references work before the flush."""
    company = Company(name="acme")
    session.add(company)
    session.add(employed(company))
    session.flush()

    assert (
        database["Person"].find_one()["employer_ref"].id
        == database["ref_companies"].find_one()["_id"]
    )


def test_a_reference_to_any_class_finds_it_by_its_collection(session):
    """A reference without a type follows to the class of the collection."""
    city = save(session, City(code="BGR", name="Bogor"))
    save(session, Person(any_ref=city.to_ref()))

    assert type(only_person(session).any) is City


def test_a_reference_to_a_collection_without_a_class_raises(session):
    """Where no class is known for a collection, the reference is told."""
    save(session, Person(any_ref=DBRef("NobodysCollection", 1)))

    with pytest.raises(BadReferenceException, match="NobodysCollection"):
        _ = only_person(session).any


def test_a_reference_by_class_name_is_followed(session):
    """The class of a reference may be given by name."""
    company = save(session, Company(name="acme"))
    save(session, Contract(with_ref=company.to_ref()))

    assert session.query(Contract).one().partner.name == "acme"


def test_a_reference_inside_an_embedded_document_is_followed(session):
    """Embedded documents are bound to the session with their parent."""
    company = save(session, Company(name="acme"))
    contract = Contract(with_ref=company.to_ref())
    save(session, Deal(contract=contract, contracts=[contract]))
    deal = session.query(Deal).one()

    assert deal.contract.partner.name == "acme"
    assert deal.contracts[0].partner.name == "acme"


def test_a_reference_into_another_database_is_followed_there(session, client, database):
    """A reference that names its database is looked up in it."""
    other = client[f"{database.name}_other"]
    try:
        other["ref_cities"].insert_one({"_id": "BGR", "name": "the other Bogor"})
        save(session, City(code="BGR", name="Bogor"))
        save(session, Person(any_ref=DBRef("ref_cities", "BGR", other.name)))

        assert only_person(session).any.name == "the other Bogor"
    finally:
        client.drop_database(other.name)


def test_an_object_that_is_held_is_not_loaded_again(make_session, commands):
    """A reference is looked up in the identity map first."""
    session = make_session(cache_size=10)
    company = save(session, Company(name="acme"))
    person = save(session, employed(company))
    commands.clear()

    assert person.employer is company
    assert commands.names("find") == []


def test_pending_writes_are_flushed_before_a_reference_is_followed(session):
    """A session sees its own pending writes through references too."""
    person = save(session, Person(home_id="BGR"))
    session.add(City(code="BGR", name="Bogor"))

    assert person.home.name == "Bogor"


def test_a_document_can_be_asked_for_by_its_reference(session):
    """The reference field is queried by the stored reference."""
    company = save(session, Company(name="acme"))
    save(session, employed(company), Person(name="eva"))

    found = session.query(Person).filter(Person.employer_ref == company.to_ref()).all()
    assert [person.name for person in found] == ["ada"]


# -- lists of references ------------------------------------------------------------------------


def test_the_rel_attribute_of_a_list_gives_its_targets_in_order(session):
    """A list's attribute gives the objects in the order of the references, repeated ones too."""
    a, b, c = save(session, Company(name="a"), Company(name="b"), Company(name="c"))
    save(session, Person(past_refs=[x.to_ref() for x in (c, a, b, a)]))

    assert [company.name for company in only_person(session).past] == ["c", "a", "b", "a"]


def test_the_rel_attribute_of_a_list_of_ids_gives_its_targets_in_order(session):
    """A list of plain ids is followed as one of references is."""
    save(session, *(City(code=code, name=code.lower()) for code in "ABC"))
    save(session, Person(visited_ids=["C", "A"]))

    assert [city.name for city in only_person(session).visited] == ["c", "a"]


def test_a_list_of_references_is_loaded_in_one_query(session, commands):
    """However many references a list has into one collection, one query loads them."""
    companies = [Company(name=str(number)) for number in range(20)]
    save(session, *companies)
    save(session, Person(past_refs=[company.to_ref() for company in companies]))
    person = only_person(session)
    commands.clear()

    assert [company.name for company in person.past] == [str(number) for number in range(20)]
    assert commands.names("find", "getMore", "aggregate") == ["find"]


def test_a_list_of_references_is_loaded_in_one_query_for_each_collection(session, commands):
    """References into several collections cost one query for each of these, in order."""
    companies = save(session, *(Company(name=f"company {number}") for number in range(3)))
    cities = save(session, *(City(code=str(number), name=f"city {number}") for number in range(3)))
    mixed = [x.to_ref() for pair in zip(companies, cities, strict=True) for x in pair]
    save(session, Person(any_refs=mixed))
    person = only_person(session)
    commands.clear()

    assert [found.name for found in person.anything] == [
        f"{kind} {number}" for number in range(3) for kind in ("company", "city")
    ]
    assert commands.names("find") == ["find", "find"]


def test_one_item_of_a_list_of_references_can_be_read(session):
    """The attribute of a list is read by index and by length, as a list is."""
    a, b = save(session, Company(name="a"), Company(name="b"))
    save(session, Person(past_refs=[a.to_ref(), b.to_ref()]))
    past = only_person(session).past

    assert past[1].name == "b"
    assert len(past) == 2


def test_an_empty_list_of_references_sends_nothing(session, commands):
    """Where there is nothing to follow, nothing is asked."""
    save(session, Person(past_refs=[]))
    person = only_person(session)
    commands.clear()

    assert list(person.past) == []
    assert commands.names() == []


def test_a_missing_target_of_a_list_raises(session):
    """One reference of a list that leads nowhere is told."""
    company, missing = save(session, Company(name="a")), ObjectId()
    save(session, Person(past_refs=[company.to_ref(), DBRef("ref_companies", missing)]))
    person = only_person(session)

    with pytest.raises(BadReferenceException, match=str(missing)):
        list(person.past)


def test_missing_targets_of_a_list_are_left_out_where_that_is_allowed(session):
    """`rel(ignore_missing=True)` gives the targets that there are."""
    company = save(session, Company(name="a"))
    save(session, City(code="A"), City(code="C"))
    refs = [
        DBRef("ref_companies", ObjectId()),
        company.to_ref(),
        DBRef("ref_companies", ObjectId()),
    ]
    save(session, Person(past_refs=refs, visited_ids=["A", "B", "C"]))
    person = only_person(session)

    assert [company.name for company in person.past_known] == ["a"]
    assert [city.code for city in person.visited_known] == ["A", "C"]


def test_a_set_of_references_is_followed_as_a_list_is(session, commands):
    """The attribute of a set gives all its targets, in one query."""
    companies = save(session, *(Company(name=str(number)) for number in range(3)))
    save(session, Person(friend_refs={company.to_ref() for company in companies}))
    person = only_person(session)
    commands.clear()

    assert {company.name for company in person.friends} == {"0", "1", "2"}
    assert commands.names("find") == ["find"]


def test_objects_of_a_list_that_are_held_are_not_loaded_again(make_session, commands):
    """Of a list of references only what is not held is asked for."""
    session = make_session(cache_size=10)
    companies = save(session, *(Company(name=str(number)) for number in range(3)))
    person = save(session, Person(past_refs=[company.to_ref() for company in companies]))
    commands.clear()

    assert [a is b for a, b in zip(person.past, companies, strict=True)] == [True] * 3
    assert commands.names("find") == []


def test_rel_of_a_list_whose_items_are_no_references_is_an_error_when_read(session):
    """Declaring it is allowed; there is nothing to follow when it is read."""

    class Odd(Document):
        numbers = ListField(IntField())
        things = numbers.rel()

    odd = save(session, Odd(numbers=[1]))

    with pytest.raises(BadReferenceException):
        list(odd.things)
