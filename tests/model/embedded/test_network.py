"""The network computes what timm's EfficientNet-Lite0 computes from the same weights."""

import math
from pathlib import Path

import pytest
import timm
import torch
from torch.nn import functional

from phototagger.model import embedded
from phototagger.model.embedded.model import EmbeddedModel
from phototagger.model.embedded.network import EfficientNetLite0, SameConv


@pytest.fixture(scope="module")
def reference() -> torch.nn.Module:
    """Give timm's network the same file; both list their tensors in the order of computation."""
    path = embedded.NETWORK.find()
    assert path is not None
    values = torch.load(path, weights_only=True).values()
    network = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    names = network.state_dict().keys()
    network.load_state_dict(dict(zip(names, values, strict=True)))
    return network.eval()


def test_features_and_classes_are_timms_to_1e_5(
    model: EmbeddedModel, reference: torch.nn.Module
) -> None:
    generator = torch.Generator().manual_seed(0)
    batch = torch.randn(4, 3, 224, 224, generator=generator)
    with torch.inference_mode():
        features = model.network(batch)
        expected = reference.forward_head(reference.forward_features(batch), pre_logits=True)
        assert features.shape == (4, 1280)
        assert torch.allclose(features, expected, rtol=1e-5, atol=1e-5)
        classes, expected = model.network.fc(features), reference(batch)
        assert (classes - expected).abs().max() < 1e-5 * expected.abs().max()


@pytest.mark.parametrize(("kernel", "stride"), [(1, 1), (3, 1), (3, 2), (5, 1), (5, 2)])
def test_padding_is_tensorflows_same(kernel: int, stride: int) -> None:
    convolution = SameConv(1, 1, kernel, stride)
    image = torch.randn(1, 1, 8, 8)
    total = max((math.ceil(8 / stride) - 1) * stride + kernel - 8, 0)
    before = total // 2
    padded = functional.pad(image, (before, total - before) * 2)
    expected = functional.conv2d(padded, convolution.weight, stride=stride)
    assert torch.equal(convolution(image), expected)


def test_expected_features_are_the_mean_of_relu6_of_a_normal() -> None:
    network = EfficientNetLite0()
    torch.manual_seed(1)
    torch.nn.init.normal_(network.bn1.bias, 0, 3)
    torch.nn.init.normal_(network.bn1.weight, 0, 2)
    draws = network.bn1.bias + network.bn1.weight * torch.randn(20_000, 1280)
    assert torch.allclose(
        network.expected_features(), functional.relu6(draws).mean(0), rtol=0, atol=0.12
    )


def test_a_file_of_another_network_is_refused(tmp_path: Path) -> None:
    from phototagger.model.embedded.network import load_network

    torch.save({"_fc.weight": torch.zeros(1000, 1280)}, tmp_path / "other.pth")
    with pytest.raises(RuntimeError, match="Missing key"):
        load_network(tmp_path / "other.pth")
