"""What a flush has done, in numbers."""

from __future__ import annotations

import dataclasses
import pickle

import pytest

from ommongo._persistence.report import FlushReport


def test_a_report_of_nothing_is_all_zeros():
    """Whatever is not said has not happened."""
    assert dataclasses.asdict(FlushReport()) == {
        "inserted": 0,
        "replaced": 0,
        "updated": 0,
        "removed": 0,
        "failed": 0,
        "not_attempted": 0,
        "unknown": 0,
        "server_calls": 0,
        "atomic": False,
    }


def test_what_was_applied_is_the_sum_of_its_kinds():
    """Inserted, replaced, updated and removed; nothing else."""
    report = FlushReport(1, 20, 300, 4000, failed=5, not_attempted=6, unknown=7, server_calls=8)

    assert report.applied == 4321


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(FlushReport)])
def test_nothing_in_a_report_can_be_changed(name):
    """It says what has happened."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(FlushReport(), name, 1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        delattr(FlushReport(), name)


def test_reports_are_compared_by_what_they_say():
    """Two flushes that did the same have equal reports, which are values."""
    assert FlushReport(inserted=1) == FlushReport(inserted=1) != FlushReport(updated=1)
    assert len({FlushReport(inserted=1), FlushReport(inserted=1)}) == 1
    assert pickle.loads(pickle.dumps(FlushReport(atomic=True))) == FlushReport(atomic=True)
