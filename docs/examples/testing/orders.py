"""An application to be tested: orders, and what one may do with them."""

from __future__ import annotations

from ommongo import Document, Index, IntField, Session, StringField


class Order(Document):
    """What a customer wants."""

    number = IntField()
    state = StringField(default="new")
    by_number = Index().ascending("number").unique()


def pay(session: Session, number: int) -> bool:
    """Mark an order as paid, once; tell whether this call did."""
    new = session.query(Order).filter(Order.number == number, Order.state == "new")
    reply = new.set(Order.state, "paid").execute()
    return reply is not None and reply["n"] == 1
