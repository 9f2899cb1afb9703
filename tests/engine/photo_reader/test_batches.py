"""Batches computed ahead: in order, two beside the one that is waited for, none left at the end."""

import threading

import numpy as np
import pytest

from phototagger.core.thumb_cache import begin_cache
from phototagger.engine.photo_reader.asked import Asked
from phototagger.engine.photo_reader.batches import looked_at
from phototagger.engine.photo_reader.reader import Have
from phototagger.imaging.limits import USUAL
from phototagger.store.vectors.keys import as_keys
from tests.engine.pictures import picture
from tests.engine.standin import PREPROCESS, image_vectors

COUNT = 24


@pytest.fixture
def given(tmp_path):
    """What ``looked_at`` is asked for: photos one by one, in batches of ``size``."""
    files = [picture(tmp_path / f"{number:02}.png", number) for number in range(COUNT)]
    items = [(number, str(file)) for number, file in enumerate(files)]
    begin_cache(tmp_path / "cache")

    def asked(size, first=None):
        nothing = Have.of([as_keys(())] * 5)
        return Asked(
            str(tmp_path / "cache"), PREPROCESS, nothing, USUAL, size, first or size
        ), items

    return asked


class Device:
    """Computes a batch when it may, and knows how many it was given."""

    def __init__(self):
        self.begun = 0
        self.changed = threading.Condition()
        self.may = 10**9

    def images(self, batch):
        with self.changed:
            self.begun += 1
            self.changed.notify_all()
            assert self.changed.wait_for(lambda: self.may > 0, 30)
            self.may -= 1
        return image_vectors(batch)

    def wait_for(self, count):
        with self.changed:
            assert self.changed.wait_for(lambda: self.begun >= count, 30)

    def let(self, count):
        with self.changed:
            self.may = count
            self.changed.notify_all()


def computing():
    return [one for one in threading.enumerate() if one.name.startswith(("compute", "decode"))]


def test_vectors_are_the_same_and_in_order_however_many_batches_are_ahead(given):
    found = []
    for ahead in (0, 1, 2):
        batches = list(looked_at(*given(5), image_vectors, lambda: None, ahead=ahead))
        assert [one.position for batch in batches for one in batch.due] == list(range(COUNT))
        found.append(np.concatenate([batch.vectors for batch in batches]))
        assert computing() == []
    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])


def test_two_batches_are_computed_while_the_one_before_is_being_kept(given):
    device = Device()
    batches = looked_at(*given(4), device.images, lambda: None, ahead=2)
    next(batches)
    device.wait_for(3)  # though nobody asked for more than the first
    next(batches)
    device.wait_for(4)
    assert device.begun == 4
    batches.close()


def test_small_first_batches_wait_for_no_other(given):
    device = Device()
    device.let(1)
    batches = looked_at(*given(8, first=2), device.images, lambda: None, ahead=2)
    assert len(next(batches).due) == 2
    assert device.begun == 1
    device.let(10**9)
    assert sum(len(batch.due) for batch in batches) == COUNT - 2


def test_what_fails_ahead_is_raised_in_its_turn_and_no_thread_stays(given):
    device = Device()

    def fails(batch):
        found = device.images(batch)
        if device.begun == 3:
            raise ValueError("the third")
        return found

    batches = looked_at(*given(4), fails, lambda: None, ahead=1)
    assert len(next(batches).due) == 4
    with pytest.raises(ValueError, match="the third"):
        list(batches)
    assert computing() == []


def test_who_stops_listening_waits_for_what_is_being_computed(given):
    device = Device()
    batches = looked_at(*given(4), device.images, lambda: None, ahead=2)
    next(batches)
    device.wait_for(3)
    batches.close()
    assert computing() == []
    assert device.begun == 3


def test_nothing_is_computed_where_it_was_stopped(given):
    device = Device()

    def stop():
        raise InterruptedError

    with pytest.raises(InterruptedError):
        next(looked_at(*given(4), device.images, stop, ahead=2))
    assert device.begun == 0
