"""The tests that the pages show as an example pass, as a user would run them."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from ommongo.testing import EmbeddedServer
from tests.docs.test_documentation import DOCS, ROOT


def test_the_tests_of_the_example_pass(
    server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``docs/examples/testing`` is an application whose tests pass."""
    monkeypatch.setenv("OMMONGO_TEST_URI", server.uri)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    folder = DOCS / "examples" / "testing"
    plain = ["-c", os.devnull, "--rootdir", str(folder), "-p", "no:cacheprovider"]

    run = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", *plain, "."],
        cwd=folder,
        capture_output=True,
        text=True,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    assert "2 passed" in run.stdout
