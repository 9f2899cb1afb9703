"""A detector of a few thousand random weights, saved to disk as a real one is."""

import json
from pathlib import Path

import torch
from transformers import (
    CLIPTokenizer,
    OwlViTConfig,
    OwlViTForObjectDetection,
    OwlViTImageProcessor,
    OwlViTProcessor,
)

_SMALL = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1}


def save_tiny_detector(folder: Path) -> Path:
    """Save it; it sees something everywhere, as its random scores are near one half."""
    folder.mkdir()
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    words = [*letters, *(f"{one}</w>" for one in letters), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({word: at for at, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = CLIPTokenizer.from_pretrained(folder, model_max_length=16, pad_token="!")
    size = {"height": 64, "width": 64}
    images = OwlViTImageProcessor(size=size, crop_size=size)
    OwlViTProcessor(images, tokenizer).save_pretrained(folder)
    text = {**_SMALL, "num_attention_heads": 2, "vocab_size": 64, "max_position_embeddings": 16}
    vision = {**_SMALL, "num_attention_heads": 2, "image_size": 64, "patch_size": 16}
    torch.manual_seed(3)
    config = OwlViTConfig(text_config=text, vision_config=vision, projection_dim=16)
    OwlViTForObjectDetection(config).save_pretrained(folder)
    return folder
