"""Random weights of true architectures, in a file: they cost the same as trained ones."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MODEL = "ViT-B-32-256"
"""What is measured."""

SMALL_MODEL, SMALL_DIMENSION = "ViT-S-32-alt", 256
"""A model a tenth of its size, where a benchmark has only to run."""


def random_weights(model_name: str, folder: Path) -> Path:
    """Write weights that open_clip loads; return their file."""
    import open_clip
    import torch

    logging.disable(logging.WARNING)  # that they are random is known
    torch.manual_seed(0)
    model = open_clip.create_model(model_name, pretrained=None)
    logging.disable(logging.NOTSET)
    file = folder / f"{model_name}.pt"
    torch.save(model.state_dict(), file)
    return file
