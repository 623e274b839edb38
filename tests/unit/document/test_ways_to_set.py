"""Every way to set and to delete a value is seen, whoever wrote the field."""

from __future__ import annotations

from datetime import datetime

import pytest

from ommongo import (
    AnythingField,
    DateTimeField,
    DictDoc,
    DictField,
    Document,
    DocumentField,
    IntField,
    ListField,
    SetField,
    StringField,
    VersionField,
    computed_field,
)
from ommongo.exceptions import BadValueException

calls: list[object] = []


@pytest.fixture(autouse=True)
def _no_calls():
    calls.clear()


def escaped(value):
    """Change text as applications do before it is kept."""
    return value.replace("<", "&lt;")


class BySetValue(StringField):
    def __set__(self, instance, value):
        self.set_value(instance, escaped(value))


class BySuper(StringField):
    def __set__(self, instance, value):
        super().__set__(instance, escaped(value))


class ByDict(StringField):
    def __set__(self, instance, value):
        instance.__dict__[self._name] = escaped(value)


class Escaping:
    """A mixin that is no field."""

    def __set__(self, instance, value):
        super().__set__(instance, escaped(value))


class ByMixin(Escaping, StringField):
    pass


class InMixin:
    """A mixin that is no field, and asks none."""

    def __set__(self, instance, value):
        instance.__dict__[self._name] = escaped(value)


class ByDictInMixin(InMixin, StringField):
    pass


class SubclassOfOverride(BySuper):
    pass


class BySetValueOverride(StringField):
    def set_value(self, instance, value, from_db=False):
        super().set_value(instance, value if from_db else escaped(value), from_db)


class ByDictInSetValue(StringField):
    def set_value(self, instance, value, from_db=False):
        instance.__dict__[self._name] = value if from_db else escaped(value)


class ByBoth(BySetValueOverride):
    def __set__(self, instance, value):
        calls.append("__set__")
        super().__set__(instance, value)


WAYS = [
    BySetValue,
    BySuper,
    ByDict,
    ByMixin,
    ByDictInMixin,
    SubclassOfOverride,
    BySetValueOverride,
    ByDictInSetValue,
    ByBoth,
]


@pytest.fixture(params=WAYS, ids=lambda way: way.__name__)
def comment(request):
    """A class with a field that sets values its own way."""

    class Comment(Document, DictDoc):
        config_namespace = None
        text = request.param(required=False)
        number = IntField(required=False)

    return Comment


def test_the_constructor_sets_as_the_field_does(comment):
    """A value that is given to a new document passes the field's own way."""
    assert comment(text="<b>").wrap() == {"text": "&lt;b>"}


def test_an_assignment_to_a_new_document_sets_as_the_field_does(comment):
    """So does one that is assigned."""
    document = comment()
    document.text = "<b>"

    assert document.text == "&lt;b>"
    assert document.wrap() == {"text": "&lt;b>"}


def test_an_assignment_to_a_loaded_document_is_a_change(comment):
    """What the field stores is compared with what was stored before."""
    document = comment.unwrap({"text": "a", "number": 1})
    document.text = "<b>"

    assert document.text == "&lt;b>"
    assert document.get_dirty_ops() == {"$set": {"text": "&lt;b>"}}


def test_an_assignment_of_what_is_stored_is_none(comment):
    """An equal value makes nothing dirty, and neither does one that is set back."""
    document = comment.unwrap({"text": "&lt;b>"})
    document.text = "<b>"
    assert document.get_dirty_ops() == {}
    document.text = "c"
    document.text = "<b>"

    assert document.get_dirty_ops() == {}


def test_loading_is_no_change(comment):
    """A loaded value is held as it is stored."""
    document = comment.unwrap({"text": "<b>"})

    assert document.text == "<b>"
    assert document.get_dirty_ops() == {}


def test_setting_by_name_is_setting(comment):
    """`DictDoc` and `setattr` are ways like any other."""
    document = comment.unwrap({})
    assert document.setdefault("text", "<a>") == "&lt;a>"
    document["text"] = "<b>"
    assert document.get_dirty_ops() == {"$set": {"text": "&lt;b>"}}
    document.text = "<c>"

    assert document.get_dirty_ops() == {"$set": {"text": "&lt;c>"}}


def test_setting_below_is_setting(comment):
    """In an embedded document too."""
    comment_class = comment

    class Page(Document):
        config_namespace = None
        comment = DocumentField(comment_class)

    page = Page.unwrap({"comment": {"text": "a", "number": 1}})
    page.comment.text = "<b>"
    assert page.get_dirty_ops() == {"$set": {"comment.text": "&lt;b>"}}
    page.comment = comment_class(text="<c>")

    assert page.get_dirty_ops() == {"$set": {"comment": {"text": "&lt;c>"}}}


def test_setting_what_was_not_retrieved(comment):
    """In a partial document it is a change whatever is stored."""
    document = comment.unwrap({"number": 1}, fields=["number"])
    document.text = "<b>"

    assert document.text == "&lt;b>"
    assert document.get_dirty_ops() == {"$set": {"text": "&lt;b>"}}


@pytest.mark.parametrize("way", [BySetValue, BySuper, ByMixin, BySetValueOverride, ByBoth])
def test_a_refusal_has_the_path(way):
    """A value that the field refuses is refused with the names of class and field."""

    class Note(Document):
        config_namespace = None
        text = way(max_length=3, required=False)

    with pytest.raises(BadValueException) as caught:
        Note(text="abcd")
    assert caught.value.name == "Note.text"
    note = Note.unwrap({"text": "a"})
    with pytest.raises(BadValueException) as caught:
        note.text = "abcd"
    assert caught.value.name == "Note.text"
    assert note.get_dirty_ops() == {}


def test_a_field_may_override_both():
    """A ``__set__`` comes first, and `set_value` by it."""

    class Note(Document):
        config_namespace = None
        text = ByBoth()

    note = Note(text="<")
    note.text = "<<"

    assert calls == ["__set__", "__set__"]
    assert note.text == "&lt;&lt;"


def test_python_calls_the_same_method():
    """Python's own way to a descriptor, past the document, is seen as well."""

    class Note(Document):
        config_namespace = None
        by_dict = ByDict(required=False)
        by_super = BySuper(required=False)
        tags = ListField(StringField(), required=False)

    note = Note.unwrap({"by_dict": "a", "by_super": "a", "tags": ["a"]})
    object.__setattr__(note, "by_dict", "<")
    Note.get_fields()["by_super"].__set__(note, "<")
    object.__setattr__(note, "tags", ["b"])

    assert note.get_dirty_ops() == {"$set": {"by_dict": "&lt;", "by_super": "&lt;", "tags": ["b"]}}


class Growing(ListField):
    """Adds to the list that is there."""

    def __set__(self, instance, value):
        if self._name in instance.__dict__:
            instance.__dict__[self._name].extend(value)
        else:
            super().__set__(instance, value)


def test_what_was_stored_is_remembered_before_the_field_sets():
    """A ``__set__`` may change the value that is there in place."""

    class Note(Document):
        config_namespace = None
        tags = Growing(StringField(), required=False)

    note = Note.unwrap({"tags": ["a"]})
    note.tags = ["b"]
    assert note.tags == ["a", "b"]
    assert note.get_dirty_ops() == {"$set": {"tags": ["a", "b"]}}
    assert Note(tags=["a"]).wrap() == {"tags": ["a"]}


def test_a_field_that_sets_nothing_makes_nothing_dirty():
    """A ``__set__`` that drops the value leaves the document as it was."""

    class Frozen(IntField):
        def __set__(self, instance, value):
            pass

    class Counter(Document):
        config_namespace = None
        hits = Frozen(on_update="$inc")

    counter = Counter.unwrap({"hits": 3})
    counter.hits = 5

    assert counter.hits == 3
    assert counter.get_dirty_ops() == {}


# -- deleting -------------------------------------------------------------------------------------


class DeletedBySuper(StringField):
    def __delete__(self, instance):
        calls.append("__delete__")
        super().__delete__(instance)


class DeletedByDict(StringField):
    def __delete__(self, instance):
        calls.append("__delete__")
        del instance.__dict__[self._name]


class DeletingMixin:
    def __delete__(self, instance):
        calls.append("__delete__")
        instance.__dict__.pop(self._name, None)


class DeletedByMixin(DeletingMixin, StringField):
    pass


@pytest.mark.parametrize("way", [DeletedBySuper, DeletedByDict, DeletedByMixin])
def test_deleting_is_left_to_the_field(way):
    """An overridden ``__delete__`` is called, and what it deletes is unset."""

    class Note(Document):
        config_namespace = None
        text = way(required=False)

    note = Note.unwrap({"text": "a"})
    del note.text
    assert calls == ["__delete__"]
    assert not hasattr(note, "text")
    assert note.get_dirty_ops() == {"$unset": {"text": True}}
    note.text = "b"
    assert note.get_dirty_ops() == {"$set": {"text": "b"}}
    del note.text
    assert note.get_dirty_ops() == {"$unset": {"text": True}}
    assert note.wrap() == {}


def test_a_field_may_put_something_in_place_of_what_is_deleted():
    """An overridden ``__delete__`` may set a value."""

    class Emptied(StringField):
        def __delete__(self, instance):
            instance.__dict__[self._name] = ""

    class Note(Document):
        config_namespace = None
        text = Emptied(required=False)

    note = Note.unwrap({"text": "a"})
    del note.text

    assert note.get_dirty_ops() == {"$set": {"text": ""}}


def test_a_field_may_refuse_to_be_deleted():
    """What an overridden ``__delete__`` raises is raised."""

    class Kept(StringField):
        def __delete__(self, instance):
            raise AttributeError("stays")

    class Note(Document):
        config_namespace = None
        text = Kept(required=False)

    note = Note.unwrap({"text": "a"})
    with pytest.raises(AttributeError, match="stays"):
        del note.text
    assert (note.text, note.get_dirty_ops()) == ("a", {})


def test_a_field_with_a_set_of_its_own_is_deleted_as_any_other():
    """Overriding ``__set__`` alone changes nothing in how a value is deleted."""

    class Note(Document):
        config_namespace = None
        text = BySuper(required=False)

    note = Note.unwrap({"text": "a"})
    del note.text
    assert note.get_dirty_ops() == {"$unset": {"text": True}}
    with pytest.raises(AttributeError, match="is not set"):
        del note.text


# -- set_value from outside -----------------------------------------------------------------------


class Inner(Document):
    config_namespace = None
    number = IntField(required=False)


class Everything(Document):
    config_namespace = None
    text = StringField(required=False)
    number = IntField(required=False)
    date = DateTimeField(required=False)
    tags = ListField(StringField(), required=False)
    dates = ListField(DateTimeField(), required=False)
    chosen = SetField(IntField(), required=False)
    settings = DictField(AnythingField(), required=False)
    anything = AnythingField(required=False)
    inner = DocumentField(Inner, required=False)
    inners = ListField(DocumentField(Inner), required=False)
    by_dict = ByDictInSetValue(required=False)


NOON = datetime(2020, 1, 1, 12)
# Name to what is stored, what is set, and what that is stored as.
CASES = {
    "text": ("a", "é", "é"),
    "number": (1, 2, 2),
    "date": (NOON, NOON.replace(hour=1), NOON.replace(hour=1)),
    "tags": (["a"], ["b"], ["b"]),
    "dates": ([NOON], [], []),
    "chosen": ([1], {2}, [2]),
    "settings": ({"a": 1}, {"a": True}, {"a": True}),
    "anything": ({"a": 1}, [1], [1]),
    "inner": ({"number": 1}, Inner(number=2), {"number": 2}),
    "inners": ([{"number": 1}], [Inner(number=2)], [{"number": 2}]),
    "by_dict": ("a", "<", "&lt;"),
}
EACH = pytest.mark.parametrize("name", CASES)


def put(document, name, value, **options):
    """Set a value as an application does that has the field."""
    type(document).get_fields()[name].set_value(document, value, **options)


@EACH
def test_a_value_set_from_outside_is_a_change(name):
    """`set_value` of a field, called by an application, makes the field dirty."""
    stored, value, wrapped = CASES[name]
    document = Everything.unwrap({key: case[0] for key, case in CASES.items()})
    put(document, name, value)

    assert document.get_dirty_ops() == {"$set": {name: wrapped}}
    put(document, name, type(document).get_fields()[name].unwrap(stored))
    assert document.get_dirty_ops() == {}


@EACH
def test_a_value_set_from_outside_is_a_change_of_what_was_read(name):
    """The same after it was read, and for one that was not stored."""
    stored, value, wrapped = CASES[name]
    document = Everything.unwrap({name: stored})
    getattr(document, name)
    put(document, name, value)
    assert document.get_dirty_ops() == {"$set": {name: wrapped}}
    document = Everything.unwrap({})
    put(document, name, value)

    assert document.get_dirty_ops() == {"$set": {name: wrapped}}


@EACH
def test_a_value_set_from_outside_below_is_a_change(name):
    """An embedded document tells its parent."""

    class Holder(Document):
        config_namespace = None
        everything = DocumentField(Everything)

    stored, value, wrapped = CASES[name]
    holder = Holder.unwrap({"everything": {name: stored}})
    put(holder.everything, name, value)

    assert holder.get_dirty_ops() == {"$set": {f"everything.{name}": wrapped}}


@EACH
def test_a_value_set_from_outside_that_was_not_retrieved(name):
    """In a partial document the field is then one that can be read, and is sent."""
    _, value, wrapped = CASES[name]
    document = Everything.unwrap({}, fields=["mongo_id"])
    put(document, name, value)

    assert getattr(document, name) is not None
    assert document.get_dirty_ops() == {"$set": {name: wrapped}}


@EACH
def test_a_value_set_from_outside_into_a_new_document(name):
    """A new document stores it."""
    _, value, wrapped = CASES[name]
    document = Everything()
    put(document, name, value)

    assert document.wrap() == {name: wrapped}


@EACH
def test_a_value_that_is_said_to_be_loaded_is_no_change(name):
    """With *from_db* it is what is stored."""
    stored, _, wrapped = CASES[name]
    document = Everything.unwrap({name: stored})
    put(document, name, Everything.get_fields()[name].unwrap(wrapped), from_db=True)

    assert document.get_dirty_ops() == {}


def test_a_refused_value_changes_nothing():
    """`set_value` judges what it is given."""
    document = Everything.unwrap({"number": 1})
    with pytest.raises(BadValueException):
        put(document, "number", "2")

    assert document.number == 1
    assert document.get_dirty_ops() == {}


def test_an_argument_of_an_operator_may_be_set_from_outside():
    """An equal value is an assignment too: it is what is to be added."""

    class Counter(Document):
        config_namespace = None
        hits = IntField(on_update="$inc")

    counter = Counter.unwrap({"hits": 3})
    put(counter, "hits", 3)

    assert counter.get_dirty_ops() == {"$inc": {"hits": 3}}


def test_a_default_that_was_read_may_be_set_from_outside():
    """From then on it is a value of the document's own."""

    class Defaulted(Document, DictDoc):
        config_namespace = None
        tags = ListField(StringField(), default_empty=True)

    document = Defaulted.unwrap({})
    assert document.tags == []
    put(document, "tags", [])

    assert "tags" in document
    assert document.get_dirty_ops() == {"$set": {"tags": []}}


def test_a_one_time_computed_value_may_be_set_once_from_outside():
    """A value that is not computed yet can be given, and is a change; a second one is refused."""

    class Letter(Document):
        config_namespace = None

        @computed_field(IntField(), one_time=True, required=False)
        def number(values):
            return 1

    letter = Letter.unwrap({})
    put(letter, "number", 7)
    assert letter.number == 7
    assert letter.get_dirty_ops() == {"$set": {"number": 7}}
    with pytest.raises(BadValueException):
        put(letter, "number", 8)
    with pytest.raises(BadValueException) as caught:
        letter.number = 8
    assert caught.value.name == "Letter.number"
    assert Letter(number=7).wrap() == {"number": 7}
    assert Letter.unwrap({"number": 7}).get_dirty_ops() == {}


def test_a_version_cannot_be_set_from_outside():
    """The session alone counts versions."""

    class Page(Document):
        config_namespace = None
        version = VersionField()

    page = Page.unwrap({"version": 3})
    with pytest.raises(BadValueException):
        put(page, "version", 4)
    assert page.get_dirty_ops() == {}


def test_fields_that_override_nothing_are_found_by_python():
    """Fields pay for this only where they override something."""
    assert not hasattr(StringField, "__set__")
    assert not hasattr(DeletedBySuper.__mro__[1], "__delete__")
    assert hasattr(BySuper, "__delete__")
