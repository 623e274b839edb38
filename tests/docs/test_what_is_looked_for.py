"""What people type into the search of the pages leads to a page."""

from __future__ import annotations

import re

import pytest

from tests.docs.test_documentation import DOCS

WORDS = [
    *("async", "fastapi", "pydantic", "docker", "atlas", "embedded", "pytest"),
    *("sqlalchemy", "mongoengine", "pymongo", "mongoalchemy", "alembic", "scoped_session"),
    *("pagination", "batch_size", "memory", "csv", "progress", "to_dict", "json"),
    *("uuid", "decimal", "enum", "null", "None", "between", "like", "unique", "primary_key"),
    *("lease", "tenant", "soft deletion", "time zone", "counter", "rolling", "migration"),
    *("readPreference", "timeout", "logging", "commit", "rollback", "order_by", "objects"),
]


@pytest.mark.parametrize("word", WORDS)
def test_a_page_has_the_word(word: str) -> None:
    """A page that is no note of a change has the word, as it is typed."""
    pages = [page for page in DOCS.rglob("*.rst") if "changelog.d" not in page.parts]
    found = re.compile(rf"\b{re.escape(word)}", re.IGNORECASE)

    assert any(found.search(page.read_text(encoding="utf-8")) for page in pages)
