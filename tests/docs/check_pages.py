"""
What only the built pages show: ``check_pages.py FOLDER``, after the documentation was built.

Sphinx takes for right what the theme shows as an error, and what is empty.
"""

from __future__ import annotations

import html
import re
import sys
from collections.abc import Iterator
from pathlib import Path

WRONG = {
    'class="contents': "a table of contents of its own, which the theme puts a red box in place of",
    'class="system-message': "a message of docutils",
    'class="problematic"': "a markup that docutils could not read",
}

# Some ten screens, in characters.
LONGEST_OF_THE_REFERENCE = 12_000


def main(folder: Path) -> None:
    """Look at every page, and say where they are."""
    pages = sorted(folder.rglob("*.html"))
    assert pages, f"there are no pages in {folder}"
    faults = [
        f"{page.relative_to(folder)}: {what}"
        for page in pages
        for what in faults_of(page.read_text(encoding="utf-8"), page)
    ]
    if faults:
        sys.exit("\n".join(faults))
    print(f"{len(pages)} pages; the first is {folder / 'index.html'}")


def faults_of(text: str, page: Path) -> Iterator[str]:
    """Say what is wrong with a page."""
    yield from (why for mark, why in WRONG.items() if mark in text)
    article = re.search(r"<article.*</article>", text, re.DOTALL)
    shown = article[0] if article else ""
    yield from torn_tables(shown)
    words = words_of(re.sub(r"<(pre|code)\b.*?</\1>", "", shown, flags=re.DOTALL))
    if markup := re.search(r".{0,20}(``|:[a-z]+:`|\.\. [a-z-]+::|>>> ).{0,20}", words):
        yield f"markup that is shown as it is written: {markup[0]!r}"
    if "/reference/" in page.as_posix() and len(words_of(shown)) > LONGEST_OF_THE_REFERENCE:
        yield "longer than ten screens: describe some of it on a page of its own"
    for path in re.findall(r'<img[^>]* src="([^":?#]+)', shown):
        if not (page.parent / path).exists():
            yield f"there is no picture {path}"


def torn_tables(text: str) -> list[str]:
    """Find rows with an empty first cell: in a simple table each line of a cell may become one."""
    torn = re.findall(r'<tr class="row-(?:odd|even)"><td>(?:<p>)?\s*(?:</p>)?</td>', text)
    return [f"{len(torn)} rows of tables begin with nothing"] if torn else []


def words_of(text: str) -> str:
    """Give what is read of a piece of HTML."""
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
