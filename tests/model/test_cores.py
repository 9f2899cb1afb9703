"""A batch on all cores: in order, within bounds, and its errors told."""

import threading

import pytest
import torch

from phototagger.model.cores import Cores


def test_parts_come_back_in_their_order_from_as_many_threads_as_there_are_cores():
    seen, together = set(), threading.Barrier(3, timeout=10)

    def make(part):
        seen.add(threading.current_thread().name)
        together.wait()
        return part * 2

    assert Cores(3).each(make, list(range(6))) == [0, 2, 4, 6, 8, 10]
    assert len(seen) == 3


@pytest.mark.parametrize(
    ("cores", "memory", "count"),
    [(1, 9, 1), (2, 9, 2), (16, 9, 16), (64, 9, 16), (16, 1, 2), (16, 0.1, 1)],
)
def test_as_many_work_as_there_are_cores_and_memory_for(monkeypatch, cores, memory, count):
    monkeypatch.setattr("phototagger.model.cores.usable_cores", lambda: cores)
    monkeypatch.setattr("phototagger.model.cores.usable_memory", lambda: int(memory * 2**30))
    assert Cores().count == count


@pytest.mark.parametrize(("count", "parts"), [(1, [1, 2]), (4, [1]), (4, [])])
def test_each_part_is_computed_by_one_thread_also_where_it_is_the_only_one(count, parts):
    assert Cores(count).each(lambda _: torch.get_num_threads(), parts) == [1] * len(parts)


def test_an_error_in_a_part_is_raised():
    def make(part):
        if part == 2:
            raise MemoryError(part)

    with pytest.raises(MemoryError):
        Cores(2).each(make, [1, 2, 3])
