"""Places on a map."""

from __future__ import annotations

from typing import Any

from ommongo.fields.numbers import FloatField
from ommongo.fields.tuples import TupleField

__all__ = ["GeoField"]


class GeoField(TupleField):
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

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(FloatField(), FloatField(), **kwargs)
