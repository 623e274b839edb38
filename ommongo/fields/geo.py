"""Places on a map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from ommongo.fields._types import Place
from ommongo.fields.numbers import FloatField
from ommongo.fields.tuples import TupleField

if TYPE_CHECKING:
    from typing_extensions import Unpack

    from ommongo.fields._types import Options, OrNone

__all__ = ["GeoField"]


class GeoField(TupleField[Place]):
    """
    A place: longitude, then latitude, as a legacy coordinate pair.

    Args:
        kwargs: The options of every field, see `Field`.

    Example:
        >>> GeoField().wrap((106.8, -6))
        [106.8, -6.0]

    MongoDB manual:
        https://www.mongodb.com/docs/manual/geospatial-queries/#legacy-coordinate-pairs
    """

    _given_source = TupleField._given_source

    @overload
    def __init__(
        self: GeoField[tuple[float, float]],
        **options: Unpack[Options[tuple[float, float] | list[float]]],
    ) -> None: ...
    @overload
    def __init__(
        self: GeoField[tuple[float, float] | None],
        **options: Unpack[OrNone[tuple[float, float] | list[float]]],
    ) -> None: ...
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(FloatField(), FloatField(), **kwargs)  # type: ignore[misc]  # it is what the overloads say
