"""
What is computed from a value that a partial document changes does not stay behind it.

Members: the value is assigned, set to ``None`` or deleted; what is computed of it is another value,
or none at all, with ``optional`` or for want of what it is computed from; the value, its result,
another field or nothing was retrieved; by ``update``, ``save`` and ``add``.
"""

from __future__ import annotations

import pytest

from ommongo import Document, IntField, StringField, computed_field


class Sale(Document):
    config_namespace = None
    config_collection_name = "sales"

    net = IntField(optional=True)
    units = IntField(required=False)
    note = StringField(optional=True)

    @computed_field(IntField(), deps=[net], optional=True)
    def gross(values):
        """Nothing where there is nothing to pay."""
        return None if values["net"] is None else values["net"] * 2

    @computed_field(IntField(), deps=[net])
    def sort_key(values):
        """A number in any case."""
        return -1 if values["net"] is None else values["net"]

    @computed_field(IntField(), deps=[units], required=False)
    def packets(values):
        """Unset where its field is."""
        return values["units"] // 10


def result_of(session, database, retrieved, change, way):
    """Change a document that was loaded in part, and give what is stored of it then."""
    session.save(Sale(net=5, units=50, note="a"))
    query = session.query(Sale)
    sale = (query.fields(retrieved) if retrieved else query).one()
    change(sale)
    getattr(session, way)(sale)
    session.flush()
    stored = database["sales"].find_one()
    del stored["_id"]
    return stored


def assign(sale):
    """Give another value."""
    sale.net = 7


def to_nothing(sale):
    """Take the value out."""
    sale.net = None


OTHERS = {"units": 50, "packets": 5, "note": "a"}
CHANGED = {assign: {"net": 7, "gross": 14, "sort_key": 7}, to_nothing: {"sort_key": -1}}


@pytest.mark.parametrize("way", ["update", "save", "add"])
@pytest.mark.parametrize("retrieved", ["note", "net", "gross", "sort_key", ""])
@pytest.mark.parametrize("change", CHANGED, ids=lambda change: change.__name__)
def test_what_is_computed_goes_along(session, database, change, retrieved, way):
    """The stored results are those of the stored value, whatever was loaded of either."""
    stored = result_of(session, database, retrieved, change, way)

    assert stored == {**OTHERS, **CHANGED[change]}


@pytest.mark.parametrize("way", ["update", "save", "add"])
@pytest.mark.parametrize("retrieved", ["units", ""])
def test_what_nothing_can_be_computed_of(session, database, retrieved, way):
    """Its result is unset with what it was computed from."""
    stored = result_of(session, database, retrieved, lambda sale: delattr(sale, "units"), way)

    assert stored == {"net": 5, "gross": 10, "sort_key": 5, "note": "a"}
