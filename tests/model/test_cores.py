"""A batch on all cores: in order, within bounds, and its errors told."""

import threading

import pytest

from phototagger.model.cores import Cores


def test_parts_come_back_in_their_order_from_as_many_threads_as_there_are_cores():
    seen, together = set(), threading.Barrier(3, timeout=10)

    def make(part):
        seen.add(threading.current_thread().name)
        together.wait()
        return part * 2

    assert Cores(3).each(make, list(range(6))) == [0, 2, 4, 6, 8, 10]
    assert len(seen) == 3


@pytest.mark.parametrize(("count", "share"), [(1, 8), (2, 8), (4, 8), (8, 4), (16, 2)])
def test_many_cores_hold_no_more_photos_at_once(count, share):
    assert Cores(count).share == share


@pytest.mark.parametrize(("count", "parts"), [(1, [1, 2]), (4, [1]), (4, [])])
def test_one_part_or_one_core_needs_no_thread(count, parts):
    here = threading.current_thread()
    assert Cores(count).each(lambda _: threading.current_thread() is here, parts) == [True] * len(
        parts
    )


def test_an_error_in_a_part_is_raised():
    def make(part):
        if part == 2:
            raise MemoryError(part)

    with pytest.raises(MemoryError):
        Cores(2).each(make, [1, 2, 3])
