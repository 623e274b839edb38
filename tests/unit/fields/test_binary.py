"""Fields of bytes."""

from __future__ import annotations

import pytest
from bson.binary import Binary

from ommongo.fields import BinaryField
from tests.unit.fields.refusals import refusal

BOTH = pytest.mark.parametrize("name", ["wrap", "unwrap"])


@BOTH
def test_bytes_become_binary(name):
    """Storing and loading both give a Binary (which Python does not call equal to its bytes)."""
    assert getattr(BinaryField(), name)(b"\x00\xff") == Binary(b"\x00\xff")


@BOTH
def test_binary_keeps_its_subtype(name):
    """A Binary of another subtype stays what it is."""
    value = Binary(b"abc", 5)
    assert getattr(BinaryField(), name)(value) is value


@pytest.mark.parametrize("name", ["wrap", "unwrap", "validate_wrap", "validate_unwrap"])
@pytest.mark.parametrize("value", ["text", bytearray(b"abc"), memoryview(b"abc"), [1, 2], 33333])
def test_bytes_only(name, value):
    """Text and other buffers are refused."""
    assert "takes bytes or Binary, not" in str(refusal(getattr(BinaryField(), name), value))


def test_bytes_of_an_application():
    """A value that only a subclass of the field accepts is passed through."""

    class Loose(BinaryField):
        def validate_wrap(self, value):
            pass

    value = bytearray(b"abc")
    assert Loose().wrap(value) is value
