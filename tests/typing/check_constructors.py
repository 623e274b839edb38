"""What checkers know of the keywords of a constructor, in both styles of classes."""

from __future__ import annotations

from typing import Any

from bson.objectid import ObjectId
from typing_extensions import assert_type

from ommongo import (
    Document,
    DocumentField,
    Field,
    Index,
    IntField,
    ListField,
    ObjectIdField,
    SRefField,
    StringField,
    computed_field,
    typed,
)
from ommongo.query_expression import QueryField


class Plain(Document):
    """Fields without annotations: any keyword is taken."""

    name = StringField()
    age = IntField()


class Annotated(Document):
    """Annotations alone change nothing."""

    name: Field[str] = StringField()
    age = IntField()


@typed
class Address(Document):
    """To be embedded."""

    city: StringField = StringField()


@typed
class Person(Document):
    """Annotations of every kind, and what is no keyword."""

    config_collection_name = "people"

    name: Field[str] = StringField()
    age: IntField = IntField(default=3)
    nick: Field[str | None] = StringField(allow_none=True)
    tags: ListField[str] = ListField(StringField(), default_empty=True)
    address: DocumentField[Address] = DocumentField(Address)
    owner: ObjectIdField = ObjectIdField(required=False)
    boss_id: SRefField[Person] = SRefField("Person", required=False)
    boss = boss_id.rel()
    by_name = Index().ascending("name")

    @computed_field(IntField(), deps=["age"])
    @staticmethod
    def twice(values: dict[str, Any]) -> int:
        """Twice the age."""
        return int(values["age"]) * 2

    def greet(self) -> str:
        """Use the types of the fields."""
        return f"{self.name.upper()} {self.age + 1}"


@typed
class Worker(Person):
    """A subclass has the keywords of both."""

    wage: IntField = IntField()


class Loose(Person):
    """One that is not decorated has those of its base."""


def check_plain() -> None:
    """No keyword is a false error."""
    assert_type(Plain(name="Ada", age=36), Plain)
    assert_type(Annotated(name="Ada", age=36), Annotated)
    assert_type(Annotated.name, QueryField[str])
    assert_type(Plain(mongo_id=ObjectId()).name, str)


def check_typed(address: Address, boss: Person) -> None:
    """Every field is a keyword, and none has to be given."""
    assert_type(Person(), Person)
    assert_type(Person(name="Ada", nick=None, tags=["a"], address=address), Person)
    assert_type(Person(mongo_id=ObjectId(), tags=("a",), boss_id=ObjectId()), Person)
    assert_type(Person(owner="0123456789abcdef01234567"), Person)
    assert_type(Worker(name="Ada", wage=3), Worker)
    assert_type(Loose(name="Ada"), Loose)
    assert_type(Person().name, str)
    assert_type(Person().age, int)
    assert_type(Person().nick, str | None)
    assert_type(Person().tags, list[str])
    assert_type(Person().address.city, str)
    assert_type(Person().boss, Person)
    assert_type(Person().twice, int)
    assert_type(Person.tags, QueryField[list[str]])


def check_refused() -> None:
    """A wrong value and a wrong name are refused."""
    Person(name=3)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Person(age="36")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Person(name=None)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Person(tags=[3])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    Person(nmae="Ada")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Person("Ada")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Person(by_name=3)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    Worker(name="Ada", wage="3")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    Plain(name="Ada").nmae  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def check_annotations() -> None:
    """An annotation that its field does not keep is refused."""

    class Wrong(Document):
        """What it says is not what it has."""

        name: Field[str] = StringField(allow_none=True)  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
        age: Field[str] = IntField()  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
        tags: ListField[int] = ListField(StringField())  # type: ignore[arg-type]  # pyright: ignore[reportAssignmentType]

    Wrong()
