"""MiniLM, the text half of the embedded model: six BERT layers from torch's own parts.

all-MiniLM-L6-v2 (Wang et al. 2020, "MiniLM"; Reimers and Gurevych 2019, "Sentence-BERT"): a BERT
encoder with 12 heads whose token outputs are averaged and scaled to unit length.
"""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

WIDTH = 384

_VOCABULARY = 30522
_POSITIONS = 512
_LAYERS = 6
_HEADS = 12
_INNER = 1536
_EPSILON = 1e-12
_PAD = 0

# torch's name of each part of a layer, and BERT's.
_PARTS = {
    "self_attn.out_proj": "attention.output.dense",
    "norm1": "attention.output.LayerNorm",
    "linear1": "intermediate.dense",
    "linear2": "output.dense",
    "norm2": "output.LayerNorm",
}


class TextEncoder(nn.Module):
    """Token ids → one unit vector a text."""

    def __init__(self) -> None:
        super().__init__()
        # Drawing random numbers without storage would make torch load its compiler: 1.5 s.
        words, positions = torch.empty(_VOCABULARY, WIDTH), torch.empty(_POSITIONS, WIDTH)
        self.words = nn.Embedding(_VOCABULARY, WIDTH, _weight=words)
        self.positions = nn.Embedding(_POSITIONS, WIDTH, _weight=positions)
        self.norm = nn.LayerNorm(WIDTH, eps=_EPSILON)
        layer = nn.TransformerEncoderLayer(
            WIDTH, _HEADS, _INNER, activation="gelu", layer_norm_eps=_EPSILON, batch_first=True
        )
        # Nested tensors are still a prototype of torch's, and say so in a warning.
        self.layers = nn.TransformerEncoder(layer, _LAYERS, enable_nested_tensor=False)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return float32 [M, 384], unit rows, of int64 [M, L] token ids padded with 0."""
        padded = tokens == _PAD
        places = torch.arange(tokens.shape[1], device=tokens.device)
        hidden = self.norm(self.words(tokens) + self.positions(places))
        hidden = self.layers(hidden, src_key_padding_mask=padded)
        mask = (~padded).unsqueeze(-1).to(hidden.dtype)
        return functional.normalize((hidden * mask).sum(dim=1), dim=1)


def load_text_encoder(path: Path) -> TextEncoder:
    """Return the encoder with the weights of a BERT ``.safetensors`` file, on the CPU.

    A name that is missing raises KeyError, a shape that differs RuntimeError.
    """
    file = load_file(path)
    # There is one sentence, so BERT's first token type is added to every position.
    positions = file["embeddings.position_embeddings.weight"]
    weights = {
        "words.weight": file["embeddings.word_embeddings.weight"],
        "positions.weight": positions + file["embeddings.token_type_embeddings.weight"][0],
    }
    for kind in ("weight", "bias"):
        weights[f"norm.{kind}"] = file[f"embeddings.LayerNorm.{kind}"]
        for layer in range(_LAYERS):
            ours, bert = f"layers.layers.{layer}", f"encoder.layer.{layer}"
            weights[f"{ours}.self_attn.in_proj_{kind}"] = torch.cat(
                [file[f"{bert}.attention.self.{part}.{kind}"] for part in ("query", "key", "value")]
            )
            for name, bert_name in _PARTS.items():
                weights[f"{ours}.{name}.{kind}"] = file[f"{bert}.{bert_name}.{kind}"]
    # Built without storage, so that the 90 MB of weights are held once and never filled twice.
    with torch.device("meta"):
        encoder = TextEncoder()
    encoder.load_state_dict(weights, assign=True)
    return encoder.eval().requires_grad_(requires_grad=False)
