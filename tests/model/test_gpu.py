"""The way to a CUDA device, with stand-ins for its streams and events that note what is called."""

import threading
from contextlib import contextmanager

import pytest
import torch

from phototagger.model.gpu import AHEAD, Gpu

CPU = torch.device("cpu")


class Cuda:
    """Streams and events; ``told`` is what the host asked for, in order."""

    def __init__(self):
        self.told = []
        self.streams = []
        self.on = "default"
        self.free = threading.Event()  # whatever was copied has left pinned memory
        self.free.set()

    def stream_made(self, device):
        stream = Stream(self, ("copying", "own")[len(self.streams)])
        self.streams.append(stream)
        return stream

    @contextmanager
    def stream(self, stream):
        before, self.on = self.on, stream.name
        yield
        self.on = before


class Stream:
    def __init__(self, cuda, name):
        self.cuda, self.name = cuda, name

    def wait_stream(self, other):
        self.cuda.told.append(f"{self.name} waits for {other}")

    def wait_event(self, event):
        self.cuda.told.append(f"{self.name} waits for what {event.on} did")


class Event:
    def __init__(self, cuda, blocking):
        assert blocking, "a core would spin while it waits"
        self.cuda, self.on = cuda, None

    def record(self):
        self.on = self.cuda.on
        self.cuda.told.append(f"event on {self.on}")

    def synchronize(self):
        if self.on == "copying":
            assert self.cuda.free.wait(30)
        if self.on:
            self.cuda.told.append(f"host waits for {self.on}")


@pytest.fixture
def cuda(monkeypatch):
    made = Cuda()
    monkeypatch.setattr(torch.cuda, "Stream", made.stream_made)
    monkeypatch.setattr(torch.cuda, "Event", lambda blocking: Event(made, blocking))
    monkeypatch.setattr(torch.cuda, "current_stream", lambda _: "default")
    monkeypatch.setattr(torch.cuda, "stream", made.stream)
    monkeypatch.setattr(torch.Tensor, "record_stream", lambda *_: made.told.append("kept"))
    return made


@pytest.fixture
def pinned(monkeypatch):
    """Note every request for pinned memory, and give other memory."""
    asked = []
    empty = torch.empty

    def stand_in(size, *, dtype, pin_memory):
        assert pin_memory
        asked.append((size, dtype))
        return empty(size, dtype=dtype)

    monkeypatch.setattr(torch, "empty", stand_in)
    return asked


def bytes_of(value, count=4):
    return torch.full((count, 3), value, dtype=torch.uint8)


def test_copies_and_computing_have_streams_of_their_own_which_wait_for_what_they_need(cuda, pinned):
    gpu = Gpu(CPU)
    there = gpu.moved(bytes_of(7))
    with gpu.computing() as done:
        assert cuda.on == "own"
        made = there.float()
    assert gpu.fetched(made, done).tolist() == [[7.0] * 3] * 4
    assert cuda.told == [
        "own waits for default",
        "event on copying",
        "own waits for what copying did",
        "kept",
        "event on own",
        "host waits for own",
    ]


def test_pinned_memory_is_asked_for_once_for_each_batch_on_the_way_and_used_again(cuda, pinned):
    gpu = Gpu(CPU)
    for value in range(9):
        assert gpu.moved(bytes_of(value)).tolist() == bytes_of(value).tolist()
        assert gpu.moved(bytes_of(value + 100, 2)).tolist() == bytes_of(value + 100, 2).tolist()
    assert len(pinned) <= 2 * (AHEAD + 1)
    assert {size for size, _ in pinned} <= {6, 12}


def test_a_larger_batch_or_another_kind_of_numbers_asks_anew(cuda, pinned):
    gpu = Gpu(CPU)
    kinds = (torch.zeros(2, 3), torch.zeros(3, 3), torch.zeros(3, 3, dtype=torch.uint8))
    for batch in kinds:
        for _ in range(AHEAD + 1):
            gpu.moved(batch)
    wanted = [(6, torch.float32), (9, torch.float32), (9, torch.uint8)]
    assert pinned == [one for one in wanted for _ in range(AHEAD + 1)]


def test_pinned_memory_is_not_written_over_before_what_it_held_has_left_it(cuda, pinned):
    gpu = Gpu(CPU)
    for value in range(AHEAD + 1):
        gpu.moved(bytes_of(value))
    cuda.free.clear()
    moved = []
    next_one = threading.Thread(target=lambda: moved.append(gpu.moved(bytes_of(9))))
    next_one.start()
    next_one.join(0.1)
    assert not moved
    cuda.free.set()
    next_one.join(30)
    assert moved[0].tolist() == bytes_of(9).tolist()


def test_one_thread_at_a_time_computes_and_another_one_fetches_meanwhile(cuda, pinned):
    gpu = Gpu(CPU)
    with gpu.computing() as done:
        made = torch.ones(2, 3)
    begun, go_on = threading.Event(), threading.Event()
    order = []

    def other(name):
        with gpu.computing():
            order.append(name)
            begun.set()
            assert go_on.wait(30)

    threads = [threading.Thread(target=other, args=(name,)) for name in "ab"]
    threads[0].start()
    assert begun.wait(30)
    threads[1].start()
    assert gpu.fetched(made, done).tolist() == [[1.0] * 3] * 2
    assert order == ["a"]
    go_on.set()
    for thread in threads:
        thread.join(30)
    assert order == ["a", "b"]
