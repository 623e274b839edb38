"""The check of the built pages finds what only they show."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.check_pages import faults_of, main

GOOD = "<article><p>Read <code>``raw``</code>.</p><pre>&gt;&gt;&gt; 1</pre></article>"


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ('<div class="system-message">', "a message of docutils"),
        ('<span class="problematic">', "could not read"),
        ('<nav class="contents local">', "a table of contents"),
        ('<tr class="row-odd"><td></td><td>a</td></tr>', "begin with nothing"),
        ("<p>Call ``save``.</p>", "shown as it is written"),
        ("<p>See :doc:`errors`.</p>", "shown as it is written"),
        ("<p>.. note:: this</p>", "shown as it is written"),
        ("<p>&gt;&gt;&gt; session.flush()</p>", "shown as it is written"),
        ('<img alt="curve" src="../_images/none.svg">', "no picture"),
        (f"<p>{'many words ' * 2000}</p>", "ten screens"),
    ],
)
def test_a_fault_is_found(inside: str, said: str, tmp_path: Path) -> None:
    """Each fault is said of its page; without it nothing is."""
    page = tmp_path / "reference" / "page.html"

    assert list(faults_of(GOOD, page)) == []
    [fault] = faults_of(GOOD.replace("<p>", f"{inside}<p>", 1), page)
    assert said in fault


def test_the_program_fails_where_a_page_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names the page and the fault, and where all is well the first page."""
    page = tmp_path / "index.html"
    page.write_text(GOOD, encoding="utf-8")
    main(tmp_path)
    assert "1 pages; the first is" in capsys.readouterr().out

    page.write_text('<p class="problematic">', encoding="utf-8")
    with pytest.raises(SystemExit, match=r"index\.html: a markup") as stopped:
        main(tmp_path)
    assert stopped.value.code
