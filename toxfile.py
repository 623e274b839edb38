"""Let tox find the Pythons that pyenv has installed, also where they are not activated."""

import os
from pathlib import Path

_versions = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
# At the end, so that it changes nothing but what is found when nothing else fits.
os.environ["PATH"] = os.pathsep.join(
    [os.environ.get("PATH", os.defpath), *map(str, _versions.glob("3.1[0-3].*/bin"))]
)
