"""How many examples are tried."""

from __future__ import annotations

from hypothesis import settings

# For `tox run -e fast`: a first look. Everywhere else each test tries all that it asks for.
settings.register_profile("fast", max_examples=20)
