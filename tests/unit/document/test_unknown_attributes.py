"""
Attributes that are no fields: ``user.agee = 4``.

It is said once for each class and name, and is an error where the class says so. Nothing is said of
a name with an underscore, of a property, a slot, a descriptor, a class variable, an annotation, or
what an ``__init__`` sets; in the class itself or in a base, document or not. So it is with settings
in a class body: misspelt ones, and those of other libraries.
"""

from __future__ import annotations

import copy
import pickle
import warnings
from typing import Any, ClassVar

import pytest

from ommongo import DictDoc, Document, DocumentField, IntField, SRefField, StringField
from ommongo.exceptions import ExtraValueException, UnknownAttributeWarning


class Named:
    nickname = None


class User(Document, Named):
    config_namespace = "tests.unknown_attributes"

    name = StringField(required=False)
    age = IntField(default=1)
    boss_id = SRefField("User", required=False)
    boss = boss_id.rel()

    plain = 3
    shared: ClassVar[int] = 4
    annotated: Any

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.made_here = []

    @property
    def shown(self):
        """What is shown."""
        return self.__dict__["shown"]

    @shown.setter
    def shown(self, value):
        self.__dict__["shown"] = value

    def method(self):
        """Do nothing."""


def declare(**body):
    """Make a class with two fields that nobody has assigned anything to."""
    fields = {"name": StringField(required=False), "age": IntField(required=False)}
    return type("Person", (Document,), {"config_namespace": None, **fields, **body})


def test_a_misspelt_assignment_warns():
    """The message has the class, the name and what was meant, and the line is the user's."""
    person = declare()()

    with pytest.warns(UnknownAttributeWarning) as caught:
        person.agee = 4
    [warning] = caught
    assert warning.filename == __file__
    text = str(warning.message)
    assert text.startswith("Person has no field and no attribute 'agee'. Did you mean 'age'?")
    assert "not stored" in text
    assert person.agee == 4
    assert person.wrap() == {}


@pytest.mark.parametrize("name", ["agee", "Age", "aeg", "colour", "x", "save", "objects", "count"])
def test_every_name_that_is_nothing(name):
    """So does a name that is like none, and one that another library has a method for."""
    person = declare()()

    with pytest.warns(UnknownAttributeWarning, match=f"'{name}'"):
        setattr(person, name, 4)


def test_it_is_said_once_for_each_class_and_name():
    """Whatever the filters of warnings; another name and another class are said for themselves."""
    one, other = declare(), declare()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for cls in (one, other):
            for _ in range(3):
                person = cls()
                person.agee, person.nme = 4, "ada"
    assert len(caught) == 4


def test_an_attribute_without_end(recwarn):
    """A program that makes names up is not told of each of them for ever."""
    person = declare()()
    warnings.simplefilter("always")
    for number in range(1100):
        setattr(person, f"x{number}", number)

    assert len(recwarn) == 1000
    assert len(type(person)._judged_attributes) <= 1101


ALLOWED = {
    "field": lambda user: setattr(user, "age", 3),
    "underscore": lambda user: setattr(user, "_agee", 3),
    "two underscores": lambda user: setattr(user, "__agee", 3),
    "class attribute": lambda user: setattr(user, "plain", 3),
    "class variable": lambda user: setattr(user, "shared", 3),
    "annotation": lambda user: setattr(user, "annotated", 3),
    "made in __init__": lambda user: setattr(user, "made_here", 3),
    "property": lambda user: setattr(user, "shown", 3),
    "method": lambda user: setattr(user, "method", 3),
    "of a base that is no document": lambda user: setattr(user, "nickname", 3),
    "reference": lambda user: setattr(user, "boss", User(mongo_id="0" * 24)),
    "by the values": lambda user: user.__dict__.update(agee=3),
    "by Python": lambda user: object.__setattr__(user, "agee", 3),
}


@pytest.mark.parametrize("kind", ["warns", "is refused"])
@pytest.mark.parametrize("assign", ALLOWED.values(), ids=ALLOWED)
def test_what_the_class_knows(assign, kind):
    """Of none of these is anything said; nor in a subclass, nor where the class is strict."""
    strict = {"config_namespace": None, "config_strict_attributes": kind == "is refused"}
    for cls in (type("Strict", (User,), strict), User):
        assign(cls())


def test_a_slot():
    """A slot is an attribute of its class."""
    cls = type("WithSlot", (Document,), {"config_namespace": None, "__slots__": ("slot",)})
    document = cls()
    document.slot = 3

    assert document.slot == 3


def test_a_strict_class_refuses():
    """Nothing is set, every time; a subclass inherits it, and may be less strict."""
    person = declare(config_strict_attributes=True)()
    subclass = type("Below", (type(person),), {"config_namespace": None})

    for document in (person, person, subclass()):
        with pytest.raises(AttributeError, match=r"'agee'\. Did you mean 'age'\?"):
            document.agee = 4
        assert not hasattr(document, "agee")
    lax = type(
        "Lax", (type(person),), {"config_strict_attributes": False, "config_namespace": None}
    )
    with pytest.warns(UnknownAttributeWarning):
        lax().agee = 4


def test_an_embedded_document():
    """What is embedded is an object with a class too."""
    holder = declare(part=DocumentField(declare(city=StringField(required=False))))
    document = holder(part=holder.part.get_type().document_class())

    with pytest.warns(UnknownAttributeWarning, match="Did you mean 'city'"):
        document.part.ctiy = "Bogor"


def test_a_class_that_keeps_extra_fields():
    """An attribute is no extra field there either."""
    person = declare(config_extra_fields="ignore")()

    with pytest.warns(UnknownAttributeWarning):
        person.agee = 4
    assert person.get_extra_fields() == {}


def test_what_is_loaded_and_copied_says_nothing():
    """Only an assignment does."""
    user = User(name="ada")
    user.__dict__["agee"] = 4

    for other in (copy.copy(user), copy.deepcopy(user), pickle.loads(pickle.dumps(user))):
        assert other.agee == 4
    loose = declare(config_extra_fields="ignore")
    assert loose.unwrap({"agee": 4}).get_extra_fields() == {"agee": 4}
    assert loose(agee=4).get_extra_fields() == {"agee": 4}


def test_by_subscription():
    """A `DictDoc` has fields only, and says so as a dict does."""

    class Sub(Document, DictDoc):
        config_namespace = None
        age = IntField()

    with pytest.raises(KeyError):
        Sub()["agee"] = 4


SETTINGS = {
    "config_colection_name": ("people", "Did you mean 'config_collection_name'?"),
    "config_collection": ("people", "Did you mean 'config_collection_name'?"),
    "config_extra_field": ("ignore", "Did you mean 'config_extra_fields'?"),
    "config_polymorfic": ("kind", "Did you mean 'config_polymorphic'?"),
    "config_strict_atributes": (True, "Did you mean 'config_strict_attributes'?"),
    "meta": ({"collection": "people"}, "config_collection_name"),
    "Meta": (type("Meta", (), {}), "config_collection_name"),
    "Settings": (type("Settings", (), {}), "config_collection_name"),
    "Config": (type("Config", (), {}), "config_collection_name"),
    "model_config": ({}, "config_collection_name"),
    "__tablename__": ("people", "config_collection_name"),
    "__collection__": ("people", "config_collection_name"),
}


@pytest.mark.parametrize(("name", "setting"), SETTINGS.items())
def test_what_sets_nothing(name, setting):
    """A setting that the library does not have is not passed over."""
    value, advice = setting
    with pytest.warns(UnknownAttributeWarning) as caught:
        type("Person", (Document,), {"config_namespace": None, name: value})
    [warning] = caught
    assert warning.filename == __file__
    assert f"Person.{name} sets nothing." in str(warning.message)
    assert advice in str(warning.message)


@pytest.mark.parametrize(
    "body",
    [
        {"config_collection_name": "people"},
        {"config_zebra": 3},
        {"meta": DocumentField(User, required=False)},
        {"meta": None},
        {"Meta": 3},
        {"_meta": {}},
    ],
)
def test_what_sets_something_or_is_an_applications_own(body):
    """A field may have such a name, and an application settings of its own."""
    type("Person", (Document,), {"config_namespace": None, **body})


def test_a_setting_of_an_applications_own_base():
    """What a base has is a setting, whatever it is like."""

    class Base(Document):
        config_namespace = None
        config_zebra_name = None

    class Below(Base):
        config_zebra_name = "a"

    class MixIn:
        config_collection = None

    type("Person", (MixIn, Document), {"config_namespace": None, "config_collection": "a"})


class Tag(Document):
    config_namespace = "tests.unknown_attributes"

    slug = StringField(_id=True)


@pytest.mark.parametrize(("make", "name"), [(User, "mongo_id"), (Tag, "slug")])
def test_the_id_by_the_name_of_another_library(make, name):
    """What is assigned to ``_id`` would not be stored, and another id would be; it is an error."""
    document = make()
    for cls in (make, type("Strict", (make,), {"config_strict_attributes": True})):
        with pytest.raises(
            AttributeError, match=rf"no attribute '_id'\..* is {name!r}\. Assign to"
        ):
            cls()._id = 3
    with pytest.warns(UnknownAttributeWarning, match=rf"'pk'\. The id of .* is {name!r}\."):
        document.pk = 3
    for other in ("_id", "pk"):
        with pytest.raises(ExtraValueException, match=rf"The id of .* is {name!r}"):
            make(**{other: "a"})


def test_an_attribute_of_its_own_that_is_named_as_the_id():
    """A property may have the name."""

    class Own(User):
        @property
        def _id(self):
            return self.mongo_id

        @_id.setter
        def _id(self, value):
            self.mongo_id = value

    own = Own()
    own._id = "0" * 24
    assert own.mongo_id == "0" * 24
