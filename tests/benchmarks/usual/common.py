"""What is written alike with every library."""

from __future__ import annotations

from typing import Any

from usual.documents import Row

__all__ = ["MemberMethods"]


class MemberMethods:
    """
    Members are made and read.

    Attributes:
        new: The class of new members.
        place: The class of what is embedded in them.
    """

    new: Any
    place: Any

    def read(self, m: Any) -> tuple[Any, ...]:
        home, work = m.places
        return (m.name, m.email, m.age, m.height, m.level, m.country, m.settings, m.phone,
                m.club, m.joined, home.label, home.street, work.label, work.street)  # fmt: skip

    def make(self, row: Row) -> Any:
        name, email, age, height, level, settings, phone, club, joined, places = row
        place = self.place
        return self.new(
            name=name, email=email, age=age, height=height, level=level, settings={**settings},
            phone=phone, club=club, joined=joined,
            places=[place(label=label, street=street) for label, street in places],
        )  # fmt: skip
