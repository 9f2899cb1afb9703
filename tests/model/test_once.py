"""A model is loaded with its weights in memory once, and they are those of the file."""

from pathlib import Path
from typing import Any

import open_clip.factory
import pytest
import torch
from torch import nn

from phototagger.core.clip_model import load_clip
from phototagger.errors import UsageError
from phototagger.model.once import WeightsOnce
from tests.model.tiny import NAME, Tiny


def weights_of(file: str) -> dict[str, torch.Tensor]:
    return load_clip(NAME, file, "cpu")[0].state_dict()  # type: ignore[no-any-return]


@pytest.mark.parametrize("kind", ["torch_file", "safe_file"])
def test_what_was_read_becomes_the_model_s_own_without_a_copy(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    read, load = {}, open_clip.factory.load_state_dict

    def heard(*args: Any, **named: Any) -> Any:
        read.update(load(*args, **named))
        return dict(read)

    monkeypatch.setattr(open_clip.factory, "load_state_dict", heard)
    found = weights_of(getattr(tiny, kind))
    assert all(torch.equal(found[name], one) for name, one in tiny.weights.items())
    own = {name for name, one in found.items() if one.data_ptr() == read[name].data_ptr()}
    assert own == set(tiny.weights)


def test_weights_of_half_precision_become_float32(tiny: Tiny, tmp_path: Path) -> None:
    half = {name: one.half() for name, one in tiny.weights.items()}
    torch.save(half, tmp_path / "half.pt")
    for name, one in weights_of(str(tmp_path / "half.pt")).items():
        assert one.dtype == torch.float32
        assert torch.equal(one, half[name].float())


def test_a_file_that_lacks_a_weight_is_refused(tiny: Tiny, tmp_path: Path) -> None:
    some = dict(list(tiny.weights.items())[1:])
    torch.save(some, tmp_path / "some.pt")
    with pytest.raises(UsageError, match="cannot be loaded"):
        load_clip(NAME, str(tmp_path / "some.pt"), "cpu")


def test_no_random_numbers_are_drawn_meanwhile_and_are_again_afterwards() -> None:
    before = torch.get_rng_state()
    with WeightsOnce():
        nn.MultiheadAttention(16, 2)
        nn.init.trunc_normal_(nn.Linear(8, 8).weight)
        nn.Embedding(8, 8)
    assert torch.equal(torch.get_rng_state(), before)
    nn.Linear(8, 8)
    assert not torch.equal(torch.get_rng_state(), before)
