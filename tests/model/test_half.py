"""The weights in half precision once: autocast on the CPU does with them what it does on CUDA."""

from collections.abc import Iterator

import numpy as np
import open_clip
import pytest
import torch

from phototagger.model import encoder as encoder_module
from phototagger.model.encoder import Encoder
from phototagger.model.half import HalfTower
from phototagger.model.preprocess import Preprocess
from tests.model.test_encoder import StandInGpu
from tests.model.tiny import NAME, Tiny

PREPROCESS = Preprocess(224, 224, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


@pytest.fixture
def model(tiny: Tiny) -> Iterator[torch.nn.Module]:
    # It is left out under CUDA's autocast, not under that of the CPU.
    torch.backends.mha.set_fastpath_enabled(False)
    yield open_clip.create_model(NAME, pretrained=tiny.torch_file).eval()
    torch.backends.mha.set_fastpath_enabled(True)


@pytest.fixture
def inputs() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (5, 224, 224, 3), np.uint8)


@pytest.fixture
def on_cuda(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the CPU's autocast stand in for that of CUDA."""
    autocast = torch.autocast
    monkeypatch.setattr(torch, "autocast", lambda _, dtype: autocast("cpu", dtype=dtype))
    monkeypatch.setattr(encoder_module, "Gpu", StandInGpu)
    monkeypatch.setattr(encoder_module, "_CHUNK_ON_CUDA", 8)  # 64 take a CPU a while


@pytest.mark.usefixtures("on_cuda")
def test_vectors_are_those_of_autocast_to_the_bit_and_texts_stay_in_float32(
    model: torch.nn.Module, inputs: np.ndarray
) -> None:
    before = Encoder(model, PREPROCESS, None, "cuda").images(inputs)
    assert {one.dtype for one in model.parameters()} == {torch.float32}
    encoder = Encoder(model, PREPROCESS, None, "cuda", owned=True)
    kinds = {name: one.dtype for name, one in model.named_parameters()}
    assert kinds["visual.conv1.weight"] == torch.float16
    assert kinds["visual.transformer.resblocks.0.attn.in_proj_weight"] == torch.float16
    assert kinds["visual.transformer.resblocks.1.mlp.c_fc.weight"] == torch.float16
    assert kinds["visual.ln_pre.weight"] == torch.float32
    assert {kind for name, kind in kinds.items() if "visual" not in name} == {torch.float32}
    assert np.array_equal(encoder.images(inputs), before)


@pytest.mark.usefixtures("on_cuda")
def test_what_is_too_wide_for_half_precision_is_computed_in_float32_and_the_weights_go_back(
    model: torch.nn.Module, inputs: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    encode, wide = model.encode_image, []

    def overflows(batch: torch.Tensor) -> torch.Tensor:
        kind = model.visual.conv1.weight.dtype
        vectors = encode(batch)
        if kind == torch.float16:
            vectors[1] = torch.inf
        else:
            wide.append((kind, len(batch)))
        return vectors

    exact = Encoder(model, PREPROCESS, None, "cpu").images(inputs)
    monkeypatch.setattr(model, "encode_image", overflows)
    encoder = Encoder(model, PREPROCESS, None, "cuda", owned=True, say=lambda _: None)
    for _ in range(2):
        found = encoder.images(inputs)
        assert np.abs(found - exact).max() < 0.01 * np.abs(exact).max()
    assert wide == [(torch.float32, 8)] * 2
    assert model.visual.conv1.weight.dtype == torch.float16


def test_in_float32_and_on_the_cpu_the_weights_stay_as_they_are(
    model: torch.nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    Encoder(model, PREPROCESS, None, "cpu", owned=True)
    monkeypatch.setattr(encoder_module, "Gpu", StandInGpu)
    Encoder(model, PREPROCESS, None, "cuda", precision="float32", owned=True)
    assert {one.dtype for one in model.parameters()} == {torch.float32}


def test_layers_of_a_kind_of_their_own_and_models_without_a_tower_are_left_alone() -> None:
    class Standardised(torch.nn.Conv2d):
        """Takes the mean of its weights away, which half precision would change."""

    class Holder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.visual = torch.nn.Sequential(Standardised(3, 4, 2), torch.nn.Linear(4, 4))

    holder = Holder()
    HalfTower(holder, torch.float16)
    assert [one.weight.dtype for one in holder.visual] == [torch.float32, torch.float16]
    HalfTower(torch.nn.Linear(2, 2), torch.float16)
