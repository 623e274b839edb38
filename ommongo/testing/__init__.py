"""
A real MongoDB server for tests, examples and documentation.

`EmbeddedServer` starts a throw-away ``mongod`` on a free port of this machine and clears everything
away afterwards. ``python -m ommongo.testing`` does the same from the command line.
"""

from ommongo.testing._errors import ServerUnavailable
from ommongo.testing._server import EmbeddedServer

__all__ = ["EmbeddedServer", "ServerUnavailable"]
