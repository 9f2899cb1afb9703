"""Matrix products through oneDNN: the same results, and torch's own way for everything else."""

import copy
from pathlib import Path
from typing import Any

import open_clip
import pytest
import torch
from torch import nn

from phototagger.core.clip_model import load_clip
from phototagger.model import onednn
from tests.model.tiny import NAME, Tiny

pytestmark = [
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.skipif(
        not (torch.backends.mkldnn.is_available() and onednn._works()),
        reason="this torch has no oneDNN",
    ),
]


@pytest.fixture
def faster(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this processor be one that oneDNN is faster on."""
    monkeypatch.setattr(onednn, "_is_faster", lambda: True)


def cosine(one: torch.Tensor, other: torch.Tensor) -> float:
    return float(torch.cosine_similarity(one.double(), other.double()).min())


@pytest.fixture
def pair(tiny: Tiny, faster: None) -> tuple[nn.Module, nn.Module]:
    """Give open_clip's model, and the same as it is loaded here."""
    theirs = open_clip.create_model(NAME, pretrained=tiny.torch_file).eval()
    return theirs, load_clip(NAME, tiny.torch_file, "cpu")[0]


def test_vectors_are_those_of_open_clip(pair: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    products = []
    real = onednn._product
    monkeypatch.setattr(onednn, "_product", lambda *given: products.append(1) or real(*given))
    theirs, ours = pair
    torch.manual_seed(1)
    photos = torch.randn(5, 3, 224, 224)
    texts = open_clip.get_tokenizer(NAME)(["a dog", "", "a very long label " * 30])
    with torch.inference_mode():
        assert cosine(ours.encode_image(photos), theirs.encode_image(photos)) > 0.999999
        assert cosine(ours.encode_text(texts), theirs.encode_text(texts)) > 0.999999
    assert len(products) == 4 * 3  # each of three layers: in, out, up, down


def test_a_model_remains_what_it_is(pair: Any) -> None:
    theirs, ours = pair
    weights = ours.state_dict()
    assert weights.keys() == theirs.state_dict().keys()
    assert all(torch.equal(weights[name], one) for name, one in theirs.state_dict().items())
    assert isinstance(ours.visual.transformer.resblocks[0].attn, nn.MultiheadAttention)
    again = copy.deepcopy(ours)
    photo = torch.randn(1, 3, 224, 224)
    with torch.inference_mode():
        assert torch.equal(again.encode_image(photo), ours.encode_image(photo))


def test_outside_of_inference_torch_computes_and_learns_as_ever(pair: Any) -> None:
    theirs, ours = pair
    photo = torch.randn(1, 3, 224, 224)
    vector = ours.encode_image(photo)
    assert torch.equal(vector, theirs.encode_image(photo))
    vector.sum().backward()
    assert ours.visual.conv1.weight.grad is not None
    assert ours.visual.transformer.resblocks[0].mlp.c_fc.weight.grad is not None


@pytest.mark.parametrize(
    "asked",
    [
        {"need_weights": True},
        {"key_padding_mask": torch.tensor([[False, False, True]] * 2)},
        {"attn_mask": torch.tensor([[False, True, True], [False, False, True], [False] * 3])},
        {"attn_mask": torch.zeros(2 * 4, 3, 3).index_fill(2, torch.tensor([2]), -torch.inf)},
        {"attn_mask": torch.zeros(3, 3).index_fill(1, torch.tensor([2]), -torch.inf)},
        {"attn_mask": None},
    ],
    ids=["weights", "padding", "yes or no", "each its own", "of floats", "none"],
)
def test_every_kind_of_attention_gives_what_torch_gives(faster: None, asked: Any) -> None:
    torch.manual_seed(2)
    theirs = nn.Sequential(nn.MultiheadAttention(8, 4, batch_first=True)).eval()
    ours = copy.deepcopy(theirs)
    onednn.speed_up(ours)
    assert type(ours[0]) is onednn._Attention
    rows, other = torch.randn(2, 3, 8), torch.randn(2, 3, 8)
    with torch.inference_mode():
        for given in ((rows, rows, rows), (rows, other, other)):
            named = {"need_weights": False, **asked}
            made, expected = ours[0](*given, **named), theirs[0](*given, **named)
            assert torch.allclose(made[0], expected[0], atol=1e-6)
            assert (made[1] is None) == (expected[1] is None)


def test_half_precision_is_left_to_torch(faster: None) -> None:
    layer = nn.Sequential(nn.Linear(4, 3)).bfloat16()
    rows = torch.randn(2, 4).bfloat16()
    with torch.inference_mode():
        expected = layer(rows)
        onednn.speed_up(layer)
        assert torch.equal(layer(rows), expected)


def test_what_torch_compiles_is_left_to_torch(
    faster: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer, rows = nn.Sequential(nn.Linear(4, 3)), torch.randn(2, 4)
    onednn.speed_up(layer)
    monkeypatch.setattr(onednn, "_product", lambda *_: pytest.fail("oneDNN was asked"))
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    with torch.inference_mode():
        assert layer(rows).shape == (2, 3)


@pytest.mark.parametrize("why", ["an Intel", "no AVX-512", "no MKL", "another torch", "not Linux"])
def test_where_it_is_not_faster_the_model_stays_as_it_is(
    monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    told = {"maker": "vendor_id : AuthenticAMD", "can": "AVX512", "mkl": True}
    told |= {"an Intel": {"maker": "vendor_id : GenuineIntel"}, "no AVX-512": {"can": "AVX2"},
             "no MKL": {"mkl": False}}.get(why, {})  # fmt: skip

    def read_text(_: Path) -> str:
        if why == "not Linux":
            raise FileNotFoundError
        return str(told["maker"])

    monkeypatch.setattr(onednn.Path, "read_text", read_text)
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: told["can"])
    monkeypatch.setattr(torch.backends.mkl, "is_available", lambda: told["mkl"])
    if why == "another torch":
        monkeypatch.setattr(onednn, "_product", lambda *_: torch.ops.mkldnn.no_such_thing())
    layer = nn.Sequential(nn.Linear(4, 3))
    onednn.speed_up(layer)
    assert type(layer[0]) is nn.Linear
