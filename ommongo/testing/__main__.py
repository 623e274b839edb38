"""Run a throw-away server until Ctrl-C: ``python -m ommongo.testing``."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence

from ommongo.exceptions import OmMongoException
from ommongo.testing import EmbeddedServer

__all__: list[str] = []


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Start a server, print its address, and stop it at Ctrl-C or SIGTERM.

    Args:
        arguments: The command line; `sys.argv` when not given.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(
        prog="python -m ommongo.testing",
        description="Run a throw-away MongoDB server, print its address, end it at Ctrl-C.",
    )
    parser.add_argument("--standalone", action="store_true", help="no replica set")
    parser.add_argument("--members", type=int, default=1, help="how many in the replica set (1)")
    parser.add_argument("--port", type=int, help="the first member's port (a free one)")
    given = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with EmbeddedServer(not given.standalone, given.members, port=given.port) as server:
            print(server.uri, flush=True)
            while True:
                signal.pause()
    except KeyboardInterrupt:
        return 0
    except OmMongoException as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
