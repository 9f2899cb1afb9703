"""EfficientNet-Lite0, the picture half of the embedded model, in plain torch.

The architecture is Tan and Le's EfficientNet-B0 (2019) as the TensorFlow authors reduced it for
small devices ("EfficientNet-Lite", 2020): no squeeze-and-excitation, ReLU6 for swish, TensorFlow's
``SAME`` padding. Written here so that it works where torchvision does not import.
"""

import math
import re
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

FEATURES = 1280
CLASSES = 1000

_EPSILON = 1e-3  # TensorFlow's BatchNorm, not torch's 1e-5
_STEM = 32

# Each stage: blocks, kernel, stride of its first block, expansion, channels out.
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


class SameConv(nn.Conv2d):
    """A convolution without bias that pads as TensorFlow's ``SAME``: the odd pixel goes last."""

    def __init__(
        self, wide: int, out: int, kernel: int = 1, stride: int = 1, groups: int = 1
    ) -> None:
        # An even input (224 and its halves are) needs kernel - stride pixels in all; where that
        # is an even number both sides get the same, and the convolution can pad by itself.
        total = kernel - stride
        padding = 0 if total % 2 else total // 2
        super().__init__(wide, out, kernel, stride, padding, groups=groups, bias=False)
        self.uneven = (total // 2, total - total // 2) * 2 if total % 2 else None

    def forward(self, batch: Tensor) -> Tensor:
        """Return float32 [N, out, H / stride, W / stride] of float32 [N, wide, H, W]."""
        return super().forward(functional.pad(batch, self.uneven) if self.uneven else batch)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=_EPSILON)


class Block(nn.Module):
    """One inverted bottleneck: widen, filter each channel, narrow; added to its input if it can."""

    def __init__(self, wide: int, out: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        inner = wide * expansion
        self.residual = stride == 1 and wide == out
        self.expands = expansion > 1
        if self.expands:
            self.expand_conv, self.bn0 = SameConv(wide, inner), _norm(inner)
        self.depthwise_conv = SameConv(inner, inner, kernel, stride, groups=inner)
        self.bn1 = _norm(inner)
        self.project_conv, self.bn2 = SameConv(inner, out), _norm(out)

    def forward(self, batch: Tensor) -> Tensor:
        """Return float32 [N, out, H / stride, W / stride] of float32 [N, wide, H, W]."""
        inner = batch
        if self.expands:
            inner = functional.relu6(self.bn0(self.expand_conv(inner)))
        inner = functional.relu6(self.bn1(self.depthwise_conv(inner)))
        narrow: Tensor = self.bn2(self.project_conv(inner))
        return batch + narrow if self.residual else narrow


class EfficientNetLite0(nn.Module):
    """The ImageNet-1k classifier: 224-pixel squares, values (x - 127) / 128."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_stem, self.bn0 = SameConv(3, _STEM, 3, stride=2), _norm(_STEM)
        wide, blocks = _STEM, []
        for count, kernel, stride, expansion, out in _STAGES:
            for index in range(count):
                blocks.append(Block(wide, out, kernel, 1 if index else stride, expansion))
                wide = out
        self.blocks = nn.Sequential(*blocks)
        self.conv_head, self.bn1 = SameConv(wide, FEATURES), _norm(FEATURES)
        self.fc = nn.Linear(FEATURES, CLASSES)

    def forward(self, batch: Tensor) -> Tensor:
        """Return the pooled features, float32 [N, 1280], of float32 [N, 3, 224, 224]."""
        batch = batch.contiguous(memory_format=torch.channels_last)
        batch = functional.relu6(self.bn0(self.conv_stem(batch)))
        batch = functional.relu6(self.bn1(self.conv_head(self.blocks(batch))))
        return batch.mean(dim=(2, 3))

    def expected_features(self) -> Tensor:
        """Return the mean of the pooled features over ImageNet, float32 [1280], without a photo.

        The head's BatchNorm makes each channel about normal with mean ``bias`` and deviation
        ``|weight|`` over the photos it was trained on; this is the mean of ReLU6 of that normal:
        E max(x, 0) - E max(x - 6, 0).
        """
        mean, spread = self.bn1.bias.double(), self.bn1.weight.double().abs().clamp_min(1e-12)
        expected = _mean_above_zero(mean, spread) - _mean_above_zero(mean - 6, spread)
        return expected.float()


def _mean_above_zero(mean: Tensor, spread: Tensor) -> Tensor:
    """Return E max(x, 0) of normal variables with these means and deviations."""
    ratio = mean / spread
    density = torch.exp(-ratio.square() / 2) / math.sqrt(2 * math.pi)
    above: Tensor = torch.special.ndtr(ratio)
    return mean * above + spread * density


def load_network(path: Path) -> EfficientNetLite0:
    """Return the network with the weights of a ``.pth`` file, ready for inference, on the CPU.

    The file's names are ours with a leading underscore here and there; any other difference in
    names or shapes raises RuntimeError.
    """
    weights = torch.load(path, map_location="cpu", weights_only=True)
    network = EfficientNetLite0()
    network.load_state_dict({re.sub(r"\b_", "", name): value for name, value in weights.items()})
    # About a quarter faster on a CPU.
    network.to(memory_format=torch.channels_last)
    return network.eval().requires_grad_(requires_grad=False)
