"""
What is released, looked at as a user has it: ``check_distributions.py FOLDER``.

The folder holds the wheel and the source distribution that were built. Anything that is wrong ends
the program with an error.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from email import message_from_string
from pathlib import Path

PYTHONS = ("3.10", "3.11", "3.12", "3.13")

IMPORT = """
import ommongo, ommongo.session, ommongo.query, ommongo.testing, importlib.metadata
assert ommongo.__version__ == importlib.metadata.version("ommongo")
"""

IN_SOURCE = ("docs/conf.py", "tests/conftest.py", "tox.ini", "toxfile.py", ".ci/run", "LICENSE")
"""What a source distribution has beside the package."""


def main(folder: Path) -> None:
    """Check both distributions."""
    [wheel], [source] = folder.glob("*.whl"), folder.glob("*.tar.gz")
    run(sys.executable, "-m", "twine", "check", "--strict", wheel, source)
    run(sys.executable, "-m", "check_wheel_contents", wheel)
    check_metadata(wheel)
    with tempfile.TemporaryDirectory() as there:
        place = Path(there)
        for version, python in pythons():
            print(f"install and import with Python {version}", flush=True)
            run(installed(python, place / version, wheel), "-I", "-c", IMPORT)
        print("run the tests of the source distribution", flush=True)
        checkout = unpacked(source, place)
        python = installed(sys.executable, place / "source", f"{checkout}[embedded,test]")
        run(python, "-m", "pytest", "-q", "-n", "2", "tests/unit", "tests/docs", within=checkout)


def check_metadata(wheel: Path) -> None:
    """See that the metadata say what they should."""
    with zipfile.ZipFile(wheel) as archive:
        [name] = [n for n in archive.namelist() if n.endswith(".dist-info/METADATA")]
        metadata = message_from_string(archive.read(name).decode())
    assert metadata["License-Expression"] == "MIT", metadata["License-Expression"]
    assert metadata["License-File"] == "LICENSE"
    # A relative link leads nowhere from the page of a registry.
    text = str(metadata.get_payload())
    relative = re.findall(r"`[^`]+ <(?!https?://)([^>]+)>`_", text)
    assert not relative, f"the description has relative links: {relative}"


def pythons() -> Iterator[tuple[str, str]]:
    """Give the supported Pythons with their programs; that of this run at least."""
    for version in PYTHONS:
        program = shutil.which(f"python{version}")
        if "{}.{}".format(*sys.version_info) == version:
            program = sys.executable
        if program is None:
            print(f"there is no Python {version} here", flush=True)
        elif not subprocess.run([program, "-c", ""], capture_output=True).returncode:
            yield version, program


def installed(python: str, place: Path, what: object) -> str:
    """Install something in a new environment; give its Python."""
    run(python, "-m", "venv", place)
    program = str(place / "bin" / "python")
    run(program, "-m", "pip", "install", "-q", "--disable-pip-version-check", what)
    return program


def unpacked(source: Path, place: Path) -> Path:
    """Unpack a source distribution; give its folder."""
    with tarfile.open(source) as archive:
        archive.extractall(place, filter="data")
    [checkout] = (path.parent for path in place.glob("*/setup.py"))
    for name in IN_SOURCE:
        assert (checkout / name).exists(), f"the source distribution lacks {name}"
    return checkout


def run(*command: object, within: Path | None = None) -> None:
    """Run a program, which has to succeed."""
    subprocess.run([str(part) for part in command], check=True, cwd=within)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
