"""The tests of the application."""

from __future__ import annotations

import pytest
from orders import Order, pay
from pymongo.errors import DuplicateKeyError

from ommongo import Session


def test_an_order_is_paid_once(session: Session) -> None:
    """The second payment of an order is none."""
    session.save(Order(number=1))

    assert pay(session, 1)
    assert not pay(session, 1)

    assert session.db["Order"].find_one({}, {"_id": 0}) == {"number": 1, "state": "paid"}


def test_a_number_is_given_once(session: Session) -> None:
    """The server refuses a second order with a number."""
    session.save(Order(number=1))

    with pytest.raises(DuplicateKeyError):
        session.save(Order(number=1))
