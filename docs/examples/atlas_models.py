"""The documents of the atlas: continents, countries and cities, as an application declares them."""

from __future__ import annotations

from typing import Any

from ommongo import (
    BoolField,
    DictField,
    Document,
    DocumentField,
    FloatField,
    GeoField,
    Index,
    IntField,
    ListField,
    SetField,
    SRefField,
    StringField,
    computed_field,
)
from ommongo.exceptions import BadValueException


def on_the_map(point: tuple[float, float]) -> None:
    """Refuse a point that no map has: the server's ``2d`` index would refuse it too, but later."""
    longitude, latitude = point
    if not (-180 <= longitude < 180 and -90 <= latitude <= 90):
        raise BadValueException(
            "location", point, "is not on the map: longitude -180 to 180, latitude -90 to 90"
        )


class Continent(Document):
    """One of the seven continents."""

    config_collection_name = "continents"

    code = StringField(_id=True, min_length=2, max_length=2)
    name = StringField()
    names = DictField(StringField())
    population = IntField(min_value=0)


class Currency(Document):
    """What a country pays with; embedded in the country."""

    code = StringField(min_length=3, max_length=3)
    name = StringField()


class Country(Document):
    """A country or territory, by its two-letter ISO code."""

    config_collection_name = "countries"

    code = StringField(_id=True, min_length=2, max_length=2)
    iso3 = StringField(min_length=3, max_length=3)
    name = StringField()
    population = IntField(min_value=0)
    area = FloatField(min_value=0)
    currency = DocumentField(Currency, required=False)
    languages = ListField(StringField())
    continent_code = SRefField(Continent)
    # The class is not there yet when its own body runs, so it goes by its name.
    neighbour_codes = ListField(SRefField("Country"))

    continent = continent_code.rel()
    neighbours = neighbour_codes.rel()

    i_iso3 = Index().ascending("iso3").unique()

    @computed_field(FloatField(), deps=[population, area])
    def density(values: dict[str, Any]) -> float:
        """People for each square kilometre."""
        return float(values["population"] / values["area"]) if values["area"] else 0.0


class City(Document):
    """A city, by its number in the GeoNames gazetteer."""

    config_collection_name = "cities"
    # The stored value of `kind` says which class a loaded object gets.
    config_polymorphic = "kind"
    config_polymorphic_identity = "city"
    config_polymorphic_collection = True

    number = IntField(_id=True)
    kind = StringField(default="city")
    name = StringField(min_length=1)
    names = SetField(StringField(min_length=1))
    location = GeoField(validator=on_the_map)
    population = IntField(min_value=0)
    time_zone = StringField()
    country_code = SRefField(Country)
    visits = IntField(default=0)

    country = country_code.rel()

    i_country = Index().ascending("country_code").descending("population")
    i_location = Index().geo2d("location", min=-180, max=180)
    i_names = Index().text("name", "names", weights={"name": 10}, default_language="none")


class Capital(City):
    """A city that a country is governed from."""

    config_polymorphic_identity = "capital"

    kind = StringField(default="capital")
    largest = BoolField()
