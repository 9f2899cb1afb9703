"""Threads that look ahead: in order, within bounds, gone at the end."""

import os
import threading
from random import Random

import numpy as np
import pytest

from phototagger.engine.events import PhotoReady
from phototagger.engine.photo_reader.reader import Looked, Looker, in_batches
from phototagger.engine.photo_reader.stream import PixelBudget, ordered_map


def threads_left() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name.startswith("decode")]


def test_results_come_in_the_order_of_the_items_whichever_is_done_first():
    release = [threading.Event() for _ in range(20)]

    def make(item: int) -> int:
        if item % 2 == 0:
            assert release[item].wait(30)  # until the next one is done
        else:
            release[item - 1].set()
        return item * item

    made = ordered_map(make, range(20), threads=4, window=6)
    assert list(made) == [item * item for item in range(20)]
    assert threads_left() == []


@pytest.mark.parametrize("window", [1, 2, 5, 100])
def test_no_more_items_are_taken_ahead_than_the_window(window):
    taken = []

    def items():
        for item in range(30):
            taken.append(item)
            yield item

    given = 0
    for made in ordered_map(str, items(), threads=3, window=window):
        assert made == str(given)
        given += 1
        assert len(taken) <= given + window - 1
    assert given == 30


def test_an_error_comes_where_its_item_would_have_and_ends_the_threads():
    def make(item: int) -> int:
        if item == 5:
            raise KeyError(item)
        return item

    given = []
    with pytest.raises(KeyError, match="5"):
        given.extend(ordered_map(make, iter(range(100)), threads=4, window=8))
    assert threads_left() == []
    made = ordered_map(make, iter(range(100)), threads=4, window=8)
    assert [next(made) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(KeyError):
        next(made)


def test_an_error_of_the_items_themselves_ends_the_threads():
    def items():
        yield 1
        raise OSError("the list is cut short")

    with pytest.raises(OSError, match="cut short"):
        list(ordered_map(str, items(), threads=2, window=4))
    assert threads_left() == []


def test_whoever_stops_listening_stops_the_threads_and_what_is_ahead():
    begun = []
    go_on = threading.Event()

    def make(item: int) -> int:
        begun.append(item)
        assert item == 0 or go_on.wait(30)
        return item

    made = ordered_map(make, range(1000), threads=2, window=50)
    assert next(made) == 0
    threading.Timer(0.3, go_on.set).start()
    made.close()
    assert threads_left() == []
    assert len(begun) < 50


def test_the_pixels_decoded_at_once_never_exceed_the_budget():
    limit = 1000
    budget = PixelBudget(limit)
    guard = threading.Lock()
    now, most, done = [0], [0], []
    random = Random(1)
    sizes = [random.choice([1, 10, 300, 500, 999, 1000]) for _ in range(300)]

    def decode(pixels: int) -> None:
        with budget.of(pixels):
            with guard:
                now[0] += pixels
                most[0] = max(most[0], now[0])
            threading.Event().wait(0.0005)
            with guard:
                now[0] -= pixels
        done.append(pixels)

    list(ordered_map(decode, sizes, threads=8, window=32))
    assert len(done) == len(sizes)
    assert now == [0]
    assert most[0] <= limit
    assert most[0] > 500  # several did fit at once


def test_a_photo_larger_than_the_whole_budget_is_decoded_alone():
    budget = PixelBudget(100)
    with budget.of(10**9):
        waiting = threading.Thread(target=lambda: budget.of(1).__enter__())
        waiting.start()
        waiting.join(0.05)
        assert waiting.is_alive()
    waiting.join(30)
    assert not waiting.is_alive()


def test_a_decode_that_fails_gives_its_pixels_back():
    budget = PixelBudget(100)
    for _ in range(3):
        with pytest.raises(KeyError), budget.of(100):
            raise KeyError
    with budget.of(100):
        pass


def test_the_first_photos_are_ready_before_the_later_ones_are_even_looked_at(photos, monkeypatch):
    looked, looked_then, ready = [], [], []
    look = Looker.look
    monkeypatch.setattr(
        Looker, "look", lambda self, photo: looked.append(photo) or look(self, photo)
    )
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: range(1))

    def heard(_, event) -> None:
        if isinstance(event, PhotoReady):
            ready.append(os.path.basename(event.path))  # noqa: PTH119
            looked_then.append(len(looked))

    ran = photos.run(batch_images=1, heard=heard)
    assert ready == ["a.jpg", "b.png", "c.jpg", "d.jpg", "e.jpg", "f.jpg", "g.png"]
    assert looked_then[0] <= 4  # the window: three batches ahead
    assert looked_then == sorted(looked_then)
    assert len(looked) == 7
    first = next(one for one in ran.events if isinstance(one, PhotoReady))
    row = ran.results()["a.jpg"]
    assert "|".join(first.suggestions["topk_labels"]) == row["top5_labels"]
    assert first.suggestions["top1"] == row["top1"]
    assert f"{first.suggestions['top1_score']:.4f}" == row["top1_score"]
    assert all(value >= 0.2 for _, value in first.suggestions["over_threshold"])


@pytest.mark.parametrize(
    ("size", "first", "made"),
    [
        (8, 2, [2, 4, 8, 8, 1]),
        (4, 9, [4, 4, 4, 4, 4, 3]),
        (100, 100, [23]),
        (8, 1, [1, 2, 4, 8, 8]),
    ],
)
def test_batches_begin_small_where_somebody_waits(size, first, made):
    looks = [Looked(at, None, pixels=np.zeros(1, np.uint8)) for at in range(23)]
    found = list(in_batches(looks, size, first))
    assert [len(batch) for batch in found] == made
    assert [one.position for batch in found for one in batch] == list(range(23))
