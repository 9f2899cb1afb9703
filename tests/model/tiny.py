"""A tiny random model that open_clip loads as it loads any other."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import open_clip
import torch
from safetensors.torch import save_file

NAME = "tiny-for-tests"
CONFIG: dict[str, Any] = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 224, "layers": 2, "width": 64, "patch_size": 32},
    "text_cfg": {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 1},
}


@dataclass(frozen=True)
class Tiny:
    """Where the tiny model's files are, and its weights."""

    folder: Path
    weights: dict[str, torch.Tensor]

    @property
    def torch_file(self) -> str:
        return str(self.folder / "tiny.pt")

    @property
    def safe_file(self) -> str:
        return str(self.folder / "tiny.safetensors")


def make(folder: Path) -> Tiny:
    """Tell open_clip of the tiny model and save its weights in both kinds of files."""
    (folder / f"{NAME}.json").write_text(json.dumps(CONFIG))
    open_clip.add_model_config(folder / f"{NAME}.json")
    torch.manual_seed(0)
    model = open_clip.create_model(NAME)
    with torch.no_grad():  # so that photos differ in more than the last digits
        model.visual.conv1.weight.mul_(20)
        model.visual.positional_embedding.mul_(5)
    weights = {name: tensor.contiguous().clone() for name, tensor in model.state_dict().items()}
    tiny = Tiny(folder, weights)
    torch.save(weights, tiny.torch_file)
    save_file(weights, tiny.safe_file)
    return tiny
