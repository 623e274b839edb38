"""What lets a type checker know the keywords of a class's constructor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ommongo.exceptions import BadFieldSpecification
from ommongo.fields import Field

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**options: Any) -> Any:
        """Do nothing: checkers alone look at it, and Python has it from 3.11 on."""
        return lambda function: function


__all__ = ["typed"]

D = TypeVar("D")


@dataclass_transform(kw_only_default=True, eq_default=False)
def typed(cls: type[D]) -> type[D]:
    """
    Let type checkers check the keywords of a class's constructor.

    They then know the keywords by the annotations of its fields, and by those that it inherits from
    a class that is decorated too. At run time the class stays as it is. A class without it takes
    any keyword, for checkers; the class itself refuses an unknown one in any case.

    Args:
        cls: A document class, each of whose fields has an annotation: `Field` of the type of its
            values, or the class of the field.

    Returns:
        The class.

    Raises:
        BadFieldSpecification: A field has no annotation, so that checkers would refuse its keyword.

    Example:
        >>> from ommongo import Document, Field, IntField, ListField, StringField, typed
        >>> @typed
        ... class City(Document):
        ...     name: Field[str] = StringField()
        ...     population: IntField = IntField(min_value=0)
        ...     names: ListField[str] = ListField(StringField(), default_empty=True)
        >>> City(name="Bandung", population=2_500_000).names
        []

    MongoDB manual:
        https://www.mongodb.com/docs/manual/core/document/
    """
    annotated = vars(cls).get("__annotations__", {})
    for name, value in vars(cls).items():
        if isinstance(value, Field) and name not in annotated:
            if value._is_computed:
                continue  # no value is given to it
            kind = type(value).__name__
            raise BadFieldSpecification(
                f"{cls.__name__}.{name} has no annotation, so type checkers would refuse it as a "
                f"keyword. Write {name}: {kind} = {kind}(...), or leave @typed out."
            )
    return cls
