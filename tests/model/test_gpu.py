"""The way to a CUDA device, with torch's own functions standing in for one."""

from contextlib import nullcontext

import pytest
import torch

from phototagger.model.gpu import Gpu

CPU = torch.device("cpu")


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


def test_pinned_memory_is_asked_for_once_and_used_again(pinned):
    gpu = Gpu(CPU)
    full = torch.arange(4 * 3, dtype=torch.uint8).view(4, 3)
    assert gpu.moved(full).tolist() == full.tolist()
    assert gpu.moved(full[:2] + 1).tolist() == (full[:2] + 1).tolist()
    assert pinned == [(12, torch.uint8)]


def test_a_larger_batch_or_another_kind_of_numbers_asks_anew(pinned):
    gpu = Gpu(CPU)
    for batch in (torch.zeros(2, 3), torch.zeros(3, 3), torch.zeros(3, 3, dtype=torch.uint8)):
        gpu.moved(batch)
    assert pinned == [(6, torch.float32), (9, torch.float32), (9, torch.uint8)]


def test_the_stream_is_made_once_and_waits_for_the_weights(monkeypatch):
    told = []

    class Stream:
        def __init__(self, device):
            told.append(("made", device))

        def wait_stream(self, other):
            told.append(("waits for", other))

    monkeypatch.setattr(torch.cuda, "Stream", Stream)
    monkeypatch.setattr(torch.cuda, "current_stream", lambda _: "the default")
    monkeypatch.setattr(torch.cuda, "stream", nullcontext)
    gpu = Gpu(CPU)
    with gpu.stream() as first, gpu.stream() as second:
        assert first is second
    assert told == [("made", CPU), ("waits for", "the default")]
