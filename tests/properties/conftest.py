"""How many examples are tried."""

from __future__ import annotations

from hypothesis import settings

# For `tox run -e fast`: a first look. Everywhere else each test tries all that it asks for.
settings.register_profile("fast", max_examples=20)
# For a night, or for a change of the code that is written for classes.
settings.register_profile("long", max_examples=1000)
