"""
What only the built pages show: ``check_pages.py FOLDER``, after the documentation was built.

Sphinx takes for right what the theme shows as an error, and what is empty.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

WRONG = {
    'class="contents': "a table of contents of its own, which the theme puts a red box in place of",
    'class="system-message': "a message of docutils",
    'class="problematic"': "a markup that docutils could not read",
}


def main(folder: Path) -> None:
    """Look at every page, and say where they are."""
    pages = sorted(folder.rglob("*.html"))
    assert pages, f"there are no pages in {folder}"
    faults = [
        f"{page.relative_to(folder)}: {what}"
        for page in pages
        for text in [page.read_text(encoding="utf-8")]
        for what in [*(why for mark, why in WRONG.items() if mark in text), *torn_tables(text)]
    ]
    if faults:
        sys.exit("\n".join(faults))
    print(f"{len(pages)} pages; the first is {folder / 'index.html'}")


def torn_tables(text: str) -> list[str]:
    """Find rows with an empty first cell: in a simple table each line of a cell may become one."""
    torn = re.findall(r'<tr class="row-(?:odd|even)"><td>(?:<p>)?\s*(?:</p>)?</td>', text)
    return [f"{len(torn)} rows of tables begin with nothing"] if torn else []


if __name__ == "__main__":
    main(Path(sys.argv[1]))
