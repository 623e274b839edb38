"""Evaluation query operators: ``$regex`` and ``$mod``."""

from __future__ import annotations

import re
from typing import Any

from bson.regex import Regex

from ommongo.exceptions import BadQueryException
from ommongo.query_expression._conditions import PATTERNS
from ommongo.query_expression._operand import (
    Operand,
    is_number,
    yields_for_checkers,
    yields_to_subfield,
)
from ommongo.query_expression.logical import QueryExpression, expression

__all__ = ["Evaluation"]

_OPTION_OF_FLAG = {
    re.IGNORECASE: "i",
    re.MULTILINE: "m",
    re.DOTALL: "s",
    re.VERBOSE: "x",
}


class Evaluation(Operand):
    """
    The operators that compute something from the value.

    MongoDB manual:
        https://www.mongodb.com/docs/manual/reference/operator/query-evaluation/
    """

    __slots__ = ()

    def regex(
        self,
        pattern: str | re.Pattern[str] | Regex[str],
        ignore_case: bool = False,
        options: str | None = None,
    ) -> QueryExpression:
        """
        Ask for text that a regular expression finds.

        Args:
            pattern: The expression, in the server's dialect (PCRE), or a compiled one, whose
                flags become options.
            ignore_case: Whether upper and lower case are the same.
            options: Options of the server, each a letter: ``i`` as *ignore_case*, ``m`` anchors
                match at each line, ``s`` a dot matches line ends, ``x`` white space and comments
                in the pattern do not count.

        Returns:
            An expression.

        Raises:
            BadQueryException: *pattern* is no text, or *options* has other letters.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.name.regex("^a", ignore_case=True).obj
            {'name': {'$regex': '^a', '$options': 'i'}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/regex/
        """
        letters = self._option_letters(ignore_case, options)
        if isinstance(pattern, PATTERNS):
            letters += "".join(
                letter
                for flag, letter in _OPTION_OF_FLAG.items()
                if pattern.flags & flag and letter not in letters
            )
            text: Any = pattern.pattern
        else:
            text = pattern
        if not isinstance(text, str):
            raise self._bad_argument("regex()", "text or a compiled pattern of text", text)
        condition = {"$regex": text}
        if letters:
            condition["$options"] = letters
        return expression({self._path: condition}, True, self._roots)

    def startswith(
        self, prefix: str, ignore_case: bool = False, options: str | None = None
    ) -> QueryExpression:
        """
        Ask for text that begins with another.

        Args:
            prefix: The beginning, taken literally.
            ignore_case: Whether upper and lower case are the same; an index then helps little.
            options: As for `regex`; with ``m`` each line counts.

        Returns:
            An expression.

        Raises:
            BadQueryException: *prefix* is no text, or *options* has unknown letters.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.name.startswith("a.").obj
            {'name': {'$regex': '^a\\\\.'}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/regex/
        """
        return self.regex("^" + self._escaped("startswith()", prefix), ignore_case, options)

    def endswith(
        self, suffix: str, ignore_case: bool = False, options: str | None = None
    ) -> QueryExpression:
        """
        Ask for text that ends with another.

        Args:
            suffix: The end, taken literally.
            ignore_case: Whether upper and lower case are the same.
            options: As for `regex`; with ``m`` each line counts.

        Returns:
            An expression.

        Raises:
            BadQueryException: *suffix* is no text, or *options* has unknown letters.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.name.endswith("a.").obj
            {'name': {'$regex': 'a\\\\.\\\\z'}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/regex/
        """
        # For the server $ also matches before a line end that closes the text.
        end = "$" if options and "m" in options else r"\z"
        return self.regex(self._escaped("endswith()", suffix) + end, ignore_case, options)

    @yields_for_checkers
    @yields_to_subfield
    def mod(self, divisor: int, remainder: int) -> QueryExpression:
        """
        Ask for numbers with a given remainder.

        Args:
            divisor: What to divide by, not 0.
            remainder: What is to be left.

        Returns:
            An expression.

        Raises:
            BadQueryException: One of them is no whole number, or *divisor* is 0.

        Example:
            >>> from ommongo.query_expression import Q
            >>> Q.age.mod(2, 1).obj
            {'age': {'$mod': [2, 1]}}

        MongoDB manual:
            https://www.mongodb.com/docs/manual/reference/operator/query/mod/
        """
        for number in (divisor, remainder):
            if not is_number(number, int):
                raise self._bad_argument("mod()", "whole numbers", number)
        if divisor == 0:
            raise BadQueryException(f"{self._path}.mod() divides by 0. Pass another divisor.")
        return self._condition("$mod", [divisor, remainder])

    def _option_letters(self, ignore_case: bool, options: Any) -> str:
        """Give the letters of ``$options``."""
        letters = "" if options is None else options
        if not isinstance(letters, str) or not set(letters) <= set("imsxu"):
            raise self._bad_argument("regex()", "as options the letters i, m, s, x, u", options)
        return letters + "i" if ignore_case and "i" not in letters else letters

    def _escaped(self, operator: str, text: Any) -> str:
        """Give text as a pattern that finds it literally."""
        if not isinstance(text, str):
            raise self._bad_argument(operator, "text", text)
        return re.escape(text).replace("\0", r"\x00")  # the server refuses a NUL in a pattern
