"""The text encoder is all-MiniLM-L6-v2."""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch.nn import functional

from phototagger.model.embedded.model import EmbeddedModel
from phototagger.model.embedded.wordpiece import WordPiece


def spelled_out(file: dict[str, torch.Tensor], ids: list[int]) -> torch.Tensor:
    """Compute one text's vector as the paper writes it, with none of torch's layers."""

    def linear(name: str, x: torch.Tensor) -> torch.Tensor:
        return x @ file[f"{name}.weight"].T + file[f"{name}.bias"]

    def norm(name: str, x: torch.Tensor) -> torch.Tensor:
        x = (x - x.mean(-1, keepdim=True)) / x.var(-1, correction=0, keepdim=True).sqrt()
        return x * file[f"{name}.weight"] + file[f"{name}.bias"]

    x = file["embeddings.word_embeddings.weight"][ids]
    x = x + file["embeddings.position_embeddings.weight"][: len(ids)]
    x = norm("embeddings.LayerNorm", x + file["embeddings.token_type_embeddings.weight"][0])
    for layer in range(6):
        name = f"encoder.layer.{layer}"
        query, key, value = (
            linear(f"{name}.attention.self.{part}", x).view(len(ids), 12, 32).transpose(0, 1)
            for part in ("query", "key", "value")
        )
        seen = (query @ key.transpose(1, 2) / 32**0.5).softmax(-1) @ value
        seen = seen.transpose(0, 1).reshape(len(ids), 384)
        x = norm(
            f"{name}.attention.output.LayerNorm",
            x + linear(f"{name}.attention.output.dense", seen),
        )
        inner = linear(f"{name}.intermediate.dense", x)
        inner = inner * (1 + torch.erf(inner / 2**0.5)) / 2
        x = norm(f"{name}.output.LayerNorm", x + linear(f"{name}.output.dense", inner))
    return functional.normalize(x.mean(0), dim=0)


def test_vectors_are_those_of_bert_spelled_out(
    model: EmbeddedModel, tokenizer: WordPiece, text_folder: Path
) -> None:
    file = {
        k: v.double()
        for k, v in load_file(text_folder / "model.safetensors").items()
        if v.is_floating_point()
    }
    texts = ["dog", "a photo of a Crème brûlée, on a table", "", "日本語 " * 20]
    with torch.inference_mode():
        vectors = model.encoder(tokenizer(texts))
    assert vectors.shape == (4, 384)
    assert vectors.dtype == torch.float32
    for text, vector in zip(texts, vectors, strict=True):
        assert (vector - spelled_out(file, tokenizer.encode(text))).abs().max() < 1e-5


def test_meaning_orders_the_cosines(model: EmbeddedModel, tokenizer: WordPiece) -> None:
    with torch.inference_mode():
        dog, puppy, violin = model.encoder(tokenizer(["a dog", "a puppy", "a violin"]))
    assert dog @ puppy > 0.7
    assert dog @ violin < 0.4


def test_padding_changes_nothing(model: EmbeddedModel, tokenizer: WordPiece) -> None:
    with torch.inference_mode():
        alone = model.encoder(tokenizer(["a dog"]))
        padded = model.encoder(tokenizer(["a dog", "a very long label " * 10]))
    assert (alone[0] - padded[0]).abs().max() < 1e-6
