"""Fields of embedded documents."""

from __future__ import annotations

import pytest

from ommongo.document import Document, document_type_registry
from ommongo.exceptions import (
    BadFieldSpecification,
    BadValueException,
    ExtraValueException,
    MissingValueException,
)
from ommongo.fields import DocumentField, IntField, ListField, StringField
from tests.unit.fields.refusals import refusal

CALLS = ("wrap", "unwrap", "validate_wrap", "validate_unwrap")
BOTH = pytest.mark.parametrize("name", CALLS)


class Shape(Document):
    config_namespace = "tests.documents"
    config_polymorphic = "kind"

    kind = StringField(db_field="t", required=False)


class Circle(Shape):
    config_polymorphic_identity = "circle"

    radius = IntField(db_field="r")


class Node(Document):
    """A document that holds documents of its own class."""

    config_namespace = "tests.documents"

    name = StringField()
    child = DocumentField("Node", required=False)
    children = ListField(DocumentField("Node"), required=False)


@pytest.fixture(autouse=True)
def _registered(monkeypatch):
    """Other tests may clear the registries."""
    classes = {"Shape": Shape, "Circle": Circle, "Node": Node}
    monkeypatch.setitem(document_type_registry, "tests.documents", classes)


def test_a_document_is_stored_within():
    """An embedded document is wrapped as a document and loads as one of its class."""
    field = DocumentField(Circle)

    assert field.wrap(Circle(radius=3)) == {"t": "circle", "r": 3}
    loaded = field.unwrap({"t": "circle", "r": 3})
    assert type(loaded) is Circle
    assert loaded.radius == 3


def test_an_instance_of_a_subclass():
    """A subclass's instance is accepted, and loads as what it is."""
    field = DocumentField(Shape)

    assert field.is_valid_wrap(Circle(radius=3))
    assert type(field.unwrap({"t": "circle", "r": 3})) is Circle
    assert type(field.unwrap({})) is Shape


@pytest.mark.parametrize("name", ["wrap", "validate_wrap", "wrap_value"])
@pytest.mark.parametrize(
    "value", [{"r": 3}, "text", 33333, Circle, Shape(), Node(name="a")], ids=ascii
)
def test_instances_only_are_stored(name, value):
    """A dict, a class and an instance of another class are refused."""
    error = refusal(getattr(DocumentField(Circle), name), value)
    assert "takes Circle, not" in str(error)


@pytest.mark.parametrize("name", ["unwrap", "validate_unwrap"])
@pytest.mark.parametrize("value", [[1], "text", 33333], ids=ascii)
def test_dicts_only_are_loaded(name, value):
    """What is stored is a document."""
    assert "takes dict, not" in str(refusal(getattr(DocumentField(Circle), name), value))


def test_judging_leaves_the_embedded_document_alone():
    """A document that lacks something may be assigned; storing it is refused."""

    class Page(Document):
        shape = DocumentField(Circle)

    page = Page(shape=Circle())

    assert DocumentField(Circle).is_valid_wrap(Circle())
    with pytest.raises(MissingValueException, match="radius"):
        page.wrap()
    page.shape.radius = 3
    assert page.wrap() == {"shape": {"t": "circle", "r": 3}}


def test_validate_unwrap_judges_known_keys_only():
    """Unknown keys are left to unwrap, which refuses them."""
    field = DocumentField(Circle)

    assert field.is_valid_unwrap({"t": "circle", "r": 3, "unknown": 1})
    assert field.is_valid_unwrap({})
    assert not field.is_valid_unwrap({"t": "circle", "r": "3"})
    with pytest.raises(ExtraValueException, match="unknown"):
        field.unwrap({"r": 3, "unknown": 1})


def test_validate_unwrap_judges_as_the_class_of_the_stored_document():
    """The fields of the subclass that a stored document belongs to are known keys too."""
    assert not DocumentField(Shape).is_valid_unwrap({"t": "circle", "r": "3"})
    assert DocumentField(Shape).is_valid_unwrap({"t": "square", "r": "3"})


@BOTH
def test_path_of_a_value(name):
    """A refusal names the way to the value, through documents and lists."""
    field = DocumentField(Node)
    field.__set_name__(Node, "top")
    stored = {"name": "a", "children": [{"name": "b"}, {"name": 3}]}
    value = stored
    if "un" not in name:
        value = Node(name="a", children=[Node(name="b"), Node(name="c")])
        value.children[1].__dict__["name"] = 3  # as only a default could
    if name == "validate_wrap":
        getattr(field, name)(value)
        return

    with pytest.raises(BadValueException, match="takes str, not int") as caught:
        getattr(field, name)(value)
    assert caught.value.name == "top.children[1].name"


# -- classes by name ------------------------------------------------------------------------------


def test_a_class_may_hold_itself():
    """A name is looked up when it is first used, in the namespace of the declaring class."""
    node = Node(name="a", child=Node(name="b"), children=[Node(name="c")])
    stored = {"name": "a", "child": {"name": "b"}, "children": [{"name": "c"}]}

    assert node.wrap() == stored
    assert Node.unwrap(stored).wrap() == stored


def test_a_class_that_is_declared_later():
    """A class can be named before it exists."""

    class Early(Document):
        config_namespace = "tests.documents"

        late = DocumentField("Late", required=False)

    class Late(Document):
        config_namespace = "tests.documents"

        number = IntField()

    assert Early(late=Late(number=3)).wrap() == {"late": {"number": 3}}


def test_the_class_that_has_the_name_then():
    """A name that was declared again means the later class."""

    class Holder(Document):
        config_namespace = "tests.documents"

        part = DocumentField("Part")

    for _ in range(2):

        class Part(Document):
            config_namespace = "tests.documents"

    assert Holder.get_fields()["part"].document_class is Part


def test_a_field_of_no_class_looks_in_the_global_namespace():
    """Without a declaring class, names are those of the namespace that classes have by default."""

    class GlobalPart(Document):
        pass

    assert DocumentField("GlobalPart").document_class is GlobalPart


@pytest.mark.parametrize("name", [*CALLS, "is_valid_wrap", "is_valid_unwrap", "wrap_value"])
@pytest.mark.parametrize("value", [3, {}, Circle(radius=1)], ids=["int", "dict", "document"])
def test_unknown_name(name, value):
    """With a name that is no class nothing can be judged, whatever the value is."""
    with pytest.raises(BadFieldSpecification, match=r"'Nowhere'.*namespace 'global'"):
        getattr(DocumentField("Nowhere"), name)(value)


def test_name_in_a_class_without_a_namespace():
    """A class that is not registered cannot name others."""

    class Hidden(Document):
        config_namespace = None

        part = DocumentField("Node")

    with pytest.raises(BadFieldSpecification, match="config_namespace = None"):
        Hidden(part=Node(name="a"))


@pytest.mark.parametrize(
    "target",
    [int, Circle(radius=1), None, 3, IntField()],
    ids=["type", "instance", "none", "int", "field"],
)
def test_what_is_no_document_class(target):
    """Only a document class or a name can be embedded."""
    with pytest.raises(BadFieldSpecification, match=r"is no document class\. Pass a subclass"):
        DocumentField(target)


def test_subfields_are_those_of_the_class():
    """Queries reach the fields of the embedded document; loading binds it to the session."""
    field = DocumentField(Circle)

    assert field.has_subfields
    assert field.subfields() is Circle.get_fields()
    assert field.has_autoload


def test_validators_are_asked_about_the_document():
    """A validator sees the document on storing and the dict on loading."""
    seen = []
    field = DocumentField(Circle, validator=seen.append)
    circle = Circle(radius=3)

    field.wrap(circle)
    field.unwrap({"t": "circle", "r": 3})
    assert seen == [circle, {"t": "circle", "r": 3}]


def test_embedded_documents_read_at_native_speed():
    """Python finds an embedded document without asking the field."""
    assert not hasattr(DocumentField(Circle), "__set__")
