"""Geospatial query operators on legacy pairs: ``$near`` and ``$geoWithin``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ommongo.query_expression._operand import Operand, is_number
from ommongo.query_expression.logical import QueryExpression, expression

__all__ = ["Geospatial"]

Pair = Sequence[float]


class Geospatial(Operand):
    """
    The operators that ask where something is.

    Points are pairs of numbers, longitude (x) first.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/operator/query-geospatial/
    """

    __slots__ = ()

    def near(self, x: float, y: float, max_distance: float | None = None) -> QueryExpression:
        """
        Ask for points by their distance, nearest first; needs a geospatial index.

        Args:
            x: The longitude.
            y: The latitude.
            max_distance: How far away a point may be, in the units of the index.

        Returns:
            An expression.

        Raises:
            BadQueryException: An argument is no number.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.at.near(106.8, -6.2, max_distance=3).obj
            {'at': {'$near': [106.8, -6.2], '$maxDistance': 3}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/near/
        """
        return self._near("$near", "near()", x, y, max_distance)

    def near_sphere(self, x: float, y: float, max_distance: float | None = None) -> QueryExpression:
        """
        Ask for points by their distance on a sphere, nearest first; needs a geospatial index.

        Args:
            x: The longitude.
            y: The latitude.
            max_distance: How far away a point may be, in radians.

        Returns:
            An expression.

        Raises:
            BadQueryException: An argument is no number.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.at.near_sphere(106.8, -6.2).obj
            {'at': {'$nearSphere': [106.8, -6.2]}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/nearSphere/
        """
        return self._near("$nearSphere", "near_sphere()", x, y, max_distance)

    def within_box(self, corner1: Pair, corner2: Pair) -> QueryExpression:
        """
        Ask for points in a rectangle.

        Args:
            corner1: The lower left corner.
            corner2: The upper right corner.

        Returns:
            An expression.

        Raises:
            BadQueryException: A corner is no pair of numbers.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.at.within_box((0, 0), (10, 5)).obj
            {'at': {'$geoWithin': {'$box': [[0, 0], [10, 5]]}}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/box/
        """
        corners = [self._pair("within_box()", corner) for corner in (corner1, corner2)]
        return self._condition("$geoWithin", {"$box": corners})

    def within_radius(self, x: float, y: float, r: float) -> QueryExpression:
        """
        Ask for points in a circle on a plane.

        Args:
            x: The longitude of the centre.
            y: The latitude of the centre.
            r: The radius, in the units of the coordinates.

        Returns:
            An expression.

        Raises:
            BadQueryException: An argument is no number.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.at.within_radius(0, 0, 2).obj
            {'at': {'$geoWithin': {'$center': [[0, 0], 2]}}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/center/
        """
        operator = "within_radius()"
        circle = [self._pair(operator, (x, y)), self._number(operator, r)]
        return self._condition("$geoWithin", {"$center": circle})

    def within_radius_sphere(self, x: float, y: float, r: float) -> QueryExpression:
        """
        Ask for points in a circle on a sphere.

        Args:
            x: The longitude of the centre.
            y: The latitude of the centre.
            r: The radius, in radians.

        Returns:
            An expression.

        Raises:
            BadQueryException: An argument is no number.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.at.within_radius_sphere(0, 0, 0.1).obj
            {'at': {'$geoWithin': {'$centerSphere': [[0, 0], 0.1]}}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/centerSphere/
        """
        operator = "within_radius_sphere()"
        circle = [self._pair(operator, (x, y)), self._number(operator, r)]
        return self._condition("$geoWithin", {"$centerSphere": circle})

    def within_polygon(self, points: Iterable[Pair]) -> QueryExpression:
        """
        Ask for points in a polygon on a plane.

        Args:
            points: The corners, three or more; the last is joined to the first.

        Returns:
            An expression.

        Raises:
            BadQueryException: A corner is no pair of numbers.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.at.within_polygon([(0, 0), (3, 6), (6, 0)]).obj
            {'at': {'$geoWithin': {'$polygon': [[0, 0], [3, 6], [6, 0]]}}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/polygon/
        """
        operator = "within_polygon()"
        if isinstance(points, (str, dict)) or not isinstance(points, Iterable):
            raise self._bad_argument(operator, "pairs of numbers", points)
        corners = [self._pair(operator, point) for point in points]
        return self._condition("$geoWithin", {"$polygon": corners})

    def _near(
        self, name: str, operator: str, x: float, y: float, max_distance: float | None
    ) -> QueryExpression:
        """Make the expression of a distance."""
        condition: dict[str, Any] = {name: self._pair(operator, (x, y))}
        if max_distance is not None:
            condition["$maxDistance"] = self._number(operator, max_distance)
        return expression({self._path: condition}, True, self._roots)

    def _pair(self, operator: str, point: Any) -> list[float]:
        """Give a point as the server takes it."""
        if not isinstance(point, (list, tuple)) or len(point) != 2:
            raise self._bad_argument(operator, "pairs of numbers", point)
        return [self._number(operator, number) for number in point]

    def _number(self, operator: str, number: Any) -> float:
        """Give a number as it is, and refuse anything else."""
        if not is_number(number, int, float):
            raise self._bad_argument(operator, "numbers", number)
        return number  # type: ignore[no-any-return]  # judged in the line above
