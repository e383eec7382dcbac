from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.store.instants import as_seconds, as_text, is_instant
from daemon.store.restore import COUNTED, FLAGS

instants = st.floats(min_value=0, max_value=4e9)


def test_as_it_stands_in_the_database() -> None:
    assert as_text(1795343288.123456) == "2026-11-22T10:28:08.123456Z"
    assert as_text(0) == "1970-01-01T00:00:00.000000Z"


@settings(deadline=None)
@given(instants)
def test_there_and_back_is_the_nearest_microsecond(seconds: float) -> None:
    assert abs(as_seconds(as_text(seconds)) - seconds) < 1e-6


@settings(deadline=None)
@given(instants, instants)
def test_text_sorts_as_time_does(one: float, other: float) -> None:
    texts = sorted([as_text(one), as_text(other)])
    assert [as_seconds(text) for text in texts] == sorted(as_seconds(text) for text in texts)
    assert len(texts[0]) == len(texts[1])


def test_names_tell_which_columns_hold_instants_and_which_hold_flags() -> None:
    from sqlalchemy import Boolean

    from daemon.store.tables import METADATA, Instant

    for table in METADATA.tables.values():
        for column in table.columns:
            assert isinstance(column.type, Instant) == is_instant(column.name), f"{table.name}.{column.name}"
            if table.name in COUNTED:
                assert isinstance(column.type, Boolean) == (column.name in FLAGS), (
                    f"{table.name}.{column.name}"
                )
