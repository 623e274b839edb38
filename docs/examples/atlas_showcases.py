"""The showcases of the tour: each asks the database and checks the answer against the raw data."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from atlas_data import Raw
from atlas_models import Capital, City, Continent, Country
from atlas_tour import Tour
from pymongo.errors import DuplicateKeyError

from ommongo.exceptions import FieldNotRetrieved

JAKARTA = 1642911
EARTH_RADIUS_KM = 6378.1


def filtered_and_sorted(tour: Tour) -> None:
    """A filtered and sorted query: large cities of Indonesia."""
    query = (
        tour.session.query(City)
        .filter(City.country_code == "ID", City.population >= 1_000_000)
        .descending(City.population)
    )
    tour.say(f"  sends {query.query}")
    found = [(city.name, city.population) for city in query]
    tour.show(found[:5])
    large = [
        (raw["name"], raw["population"])
        for raw in tour.atlas.cities
        if raw["country_code"] == "ID" and raw["population"] >= 1_000_000
    ]
    tour.check(
        f"all {len(large)} of them, largest first",
        found,
        sorted(large, key=lambda city: -city[1]),
    )


def around_jakarta(tour: Tour) -> None:
    """A geo query: cities within 40 km of Jakarta, nearest first."""
    center = longitude, latitude = tour.atlas.city(JAKARTA)["location"]
    near = City.location.near_sphere(longitude, latitude, max_distance=40 / EARTH_RADIUS_KM)
    found = list(tour.session.query(City).filter(near))
    tour.show((city.name, round(_distance(center, city.location))) for city in found[:5])
    distances = {raw["number"]: _distance(center, raw["location"]) for raw in tour.atlas.cities}
    tour.check(
        "the cities that plain trigonometry finds",
        {city.number for city in found},
        {number for number, distance in distances.items() if distance <= 40},
    )
    in_order = [distances[city.number] for city in found]
    tour.check("from the nearest to the farthest", in_order, sorted(in_order))


def _distance(one: Any, other: Any) -> float:
    """Give the distance of two points in km along a great circle."""
    (x1, y1), (x2, y2) = (map(math.radians, point) for point in (one, other))
    half = math.sin((y2 - y1) / 2) ** 2
    half += math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half))


def text_search(tour: Tour) -> None:
    """A text search over all names: cities that are, or were, called Batavia."""
    found = tour.session.query(City).search("Batavia").all()
    tour.show(
        (city.name, city.country_code, f"score {city.get_index_score():.1f}") for city in found
    )
    word = re.compile(r"\bbatavia\b", re.IGNORECASE)
    tour.check(
        "every city with that word in a name",
        {city.number for city in found},
        {
            raw["number"]
            for raw in tour.atlas.cities
            if word.search(raw["name"]) or any(map(word.search, raw["names"]))
        },
    )
    scores = [city.get_index_score() for city in found]
    tour.check("best matches first", scores, sorted(scores, reverse=True))


def polymorphic(tour: Tour) -> None:
    """A polymorphic query: capitals are cities, and come as capitals."""
    session, cities = tour.session, tour.atlas.cities
    surpassed = session.query(Capital).filter(Capital.largest == False)
    largest = surpassed.descending(Capital.population).limit(4).all()
    tour.say("  the largest capitals that have a larger city in their country:")
    tour.show((city.name, city.country_code, city.population) for city in largest)
    outdone = [raw for raw in cities if raw.get("largest") is False]
    outdone.sort(key=lambda raw: -int(raw["population"]))
    tour.check(
        "the same capitals as in the raw data",
        [city.number for city in largest],
        [raw["number"] for raw in outdone[:4]],
    )
    capitals = sum("largest" in raw for raw in cities)
    counts = {
        "City": session.query(City).count(),
        "City alone": session.query(City, exclude_subclasses=True).count(),
        "Capital": session.query(Capital).count(),
    }
    tour.show(counts.items())
    tour.check(
        "one collection, three ways to ask",
        counts,
        {"City": len(cities), "City alone": len(cities) - capitals, "Capital": capitals},
    )
    classes = Counter(type(city) for city in session.query(City).filter_by(country_code="ID"))
    in_indonesia = sum(raw["country_code"] == "ID" for raw in cities)
    tour.check(
        "a query for City gives each object its own class",
        classes,
        Counter({City: in_indonesia - 1, Capital: 1}),
    )


def aggregation(tour: Tour) -> None:
    """An aggregation: countries by the people in their cities of a million."""
    rows = (
        tour.session.query(City)
        .filter(City.population >= 1_000_000)
        .aggregate(
            [
                {
                    "$group": {
                        "_id": "$country_code",
                        "cities": {"$sum": 1},
                        "people": {"$sum": "$population"},
                    }
                },
                {"$sort": {"people": -1}},
                {"$limit": 5},
            ]
        )
    )
    found = [(row["_id"], row["cities"], row["people"]) for row in rows]
    tour.show(found)
    people: Counter[str] = Counter()
    number: Counter[str] = Counter()
    for raw in tour.atlas.cities:
        if raw["population"] >= 1_000_000:
            people[raw["country_code"]] += raw["population"]
            number[raw["country_code"]] += 1
    tour.check(
        "the sums that plain Python makes",
        found,
        [(code, number[code], total) for code, total in people.most_common(5)],
    )


def partial_loading(tour: Tour) -> None:
    """Partial loading: two fields of Jakarta, without its many names."""
    query = tour.session.query(City).filter(City.number == JAKARTA)
    jakarta = query.fields(City.name, City.population).one()
    tour.show([(jakarta.name, jakarta.population)])
    raw = tour.atlas.city(JAKARTA)
    tour.check(
        "the two fields are there",
        (jakarta.name, jakarta.population),
        (raw["name"], raw["population"]),
    )
    reason = ""
    try:
        jakarta.names  # noqa: B018 - reading it is the point
    except FieldNotRetrieved as error:
        reason = type(error).__name__
        tour.say(f"  reading .names: {error}")
    tour.check("any other field says that it was not retrieved", reason, "FieldNotRetrieved")


def references(tour: Tour) -> None:
    """Following references: from a city to its country, continent and neighbours."""
    session, atlas = tour.session, tour.atlas
    jakarta = session.query(City).filter(City.number == JAKARTA).one()
    country: Country = jakarta.country
    neighbours = [neighbour.name for neighbour in country.neighbours]
    tour.say(f"  {jakarta.name} -> {country.name} -> {country.continent.name}")
    tour.say(f"  {country.name} has {country.density:.0f} people for each square kilometre")
    tour.say(f"  its neighbours: {', '.join(neighbours)}")
    raw = atlas.country("ID")
    tour.check(
        "country, continent and density",
        (country.name, country.continent.name, country.density),
        (raw["name"], "Asia", raw["population"] / raw["area"]),
    )
    tour.check(
        "the neighbours, in the stored order",
        neighbours,
        [atlas.country(code)["name"] for code in raw["neighbour_codes"]],
    )
    bandung = session.query(City).filter(City.name == "Bandung").one()
    tour.check("another city leads to the same object", bandung.country is country, True)


def update_expression(tour: Tour) -> None:
    """An update expression: one statement changes many cities."""
    session = tour.session
    in_java = (City.country_code == "ID") & (City.time_zone == "Asia/Jakarta")
    reply = (
        session.query(City)
        .filter(in_java)
        .inc(City.visits, 2)
        .add_to_set(City.names, "Western Indonesia")
        .multi()
        .execute()
    )
    tour.say(f"  matched {reply['n']}, changed {reply['nModified']}")
    meant = {
        raw["number"]
        for raw in tour.atlas.cities
        if raw["country_code"] == "ID" and raw["time_zone"] == "Asia/Jakarta"
    }
    tour.check("as many as the raw data has", (reply["n"], reply["nModified"]), (len(meant),) * 2)
    visited = session.query(City).filter(City.visits == 2, City.names == "Western Indonesia")
    tour.check("exactly these hold the change", {city.number for city in visited}, meant)


def find_and_modify(tour: Tour) -> None:
    """Find and modify: count a visit and get the city in one step."""
    query = tour.session.query(City).filter(City.number == JAKARTA)
    # The session may hold the city as it was before the update expression: look again.
    before = tour.session.refresh(query.one()).visits
    after = query.find_and_modify(new=True).inc(City.visits, 1).execute()
    tour.say(f"  {after.name}: {before} visits, then {after.visits}")
    tour.check(
        "the object shows the state after", (after.number, after.visits), (JAKARTA, before + 1)
    )


def changed_in_place(tour: Tour) -> None:
    """Session.update: an object changed in place sends what changed, and only that."""
    session = tour.session
    germany = session.query(Country).filter(Country.code == "DE").one()
    germany.currency.name = "Deutsche Mark"
    germany.languages.append("nds")
    changes = germany.get_dirty_ops()
    tour.say(f"  sends {changes}")
    raw = tour.atlas.country("DE")
    languages = [*raw["languages"], "nds"]
    tour.check(
        "the changed paths by their stored names",
        changes,
        {"$set": {"currency.name": "Deutsche Mark", "languages": languages}},
    )
    session.update(germany)
    stored = session.refresh(germany)
    tour.check(
        "the database has the changes and everything else as it was",
        (stored.currency.name, stored.currency.code, stored.languages, stored.name),
        ("Deutsche Mark", raw["currency"]["code"], languages, raw["name"]),
    )
    tour.check("nothing is left to send", session.update(germany), None)


def failing_block(tour: Tour) -> None:
    """A block that fails leaves nothing behind."""
    session = tour.session
    before = session.query(Continent).count()
    try:
        with session:
            session.add(Continent(code="AL", name="Atlantis", names={}, population=0))
            session.remove(session.query(Continent).filter(Continent.code == "AS").one())
            tour.say(f"  {len(session.queue)} operations queued, then something goes wrong")
            raise RuntimeError("the island sank")
    except RuntimeError as error:
        tour.say(f"  RuntimeError: {error}")
    left = sorted(continent.code for continent in session.query(Continent))
    tour.check("the queue is empty", session.queue, [])
    tour.check("Atlantis is not stored", session.query(Continent).count(), before)
    tour.check("Asia is still there", left, sorted(raw["code"] for raw in tour.atlas.continents))
    refused = ""
    try:
        with session:
            session.add(Continent(code="AL", name="Atlantis", names={}, population=0))
            session.add(_atlantis(tour, "IDN"))
    except DuplicateKeyError as error:
        refused = type(error).__name__
        tour.say("  in another block the server refuses the second write")
    tour.check("the error is raised", refused, "DuplicateKeyError")
    tour.check("the first write is not stored either", session.query(Continent).count(), before)


def duplicate_key(tour: Tour) -> None:
    """A duplicate key: the server refuses a second country with the code IDN."""
    session = tour.session
    refused: DuplicateKeyError | None = None
    try:
        session.save(_atlantis(tour, "IDN"))
    except DuplicateKeyError as error:
        refused = error
        tour.say(f"  {error.details['errmsg'] if error.details else error}")
        for note in getattr(error, "__notes__", []):
            tour.say(f"  {note}")
    tour.check("the error is reported", type(refused), DuplicateKeyError)
    tour.check(
        "the first one is still the only one",
        [country.name for country in session.query(Country).filter(Country.iso3 == "IDN")],
        ["Indonesia"],
    )
    session.save(_atlantis(tour, "ATL"))
    tour.check("the session goes on", session.query(Country).count(), len(tour.atlas.countries) + 1)


def _atlantis(tour: Tour, iso3: str) -> Country:
    """Make one more country."""
    raw: Raw = {**tour.atlas.country("TV"), "code": "XX", "name": "Atlantis", "iso3": iso3}
    del raw["currency"]
    return Country(**raw)


SHOWCASES: list[Callable[[Tour], None]] = [
    filtered_and_sorted,
    around_jakarta,
    text_search,
    polymorphic,
    aggregation,
    partial_loading,
    references,
    update_expression,
    find_and_modify,
    changed_in_place,
    failing_block,
    duplicate_key,
]
