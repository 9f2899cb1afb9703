"""Photos and labels meet in one space, as with open_clip's models."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from phototagger.model.embedded import model as embedded_model
from phototagger.model.embedded.model import EmbeddedModel
from phototagger.model.embedded.wordpiece import WordPiece
from phototagger.model.encoder import Encoder
from phototagger.model.preprocess import Preprocess
from tests.shared import SAMPLES


@pytest.fixture(scope="module")
def batch() -> torch.Tensor:
    return torch.randn(6, 3, 224, 224, generator=torch.Generator().manual_seed(0)).clamp(-1, 1)


def scores(
    model: EmbeddedModel, tokenizer: WordPiece, image: torch.Tensor, labels: list[str]
) -> dict[str, float]:
    texts = model.encode_text(tokenizer([f"a photo of {label}" for label in labels]))
    return dict(zip(labels, (model.encode_image(image[None]) @ texts.T)[0].tolist(), strict=True))


def test_photos_become_float32_unit_rows_of_1665(model: EmbeddedModel, batch: torch.Tensor) -> None:
    vectors = model.encode_image(batch)
    assert vectors.shape == (6, 1665)
    assert vectors.dtype == torch.float32
    assert torch.allclose(vectors.norm(dim=1), torch.ones(6), atol=1e-6)


def test_labels_become_float32_unit_rows_of_1665(
    model: EmbeddedModel, tokenizer: WordPiece
) -> None:
    vectors = model.encode_text(tokenizer([f"a photo of label {n}" for n in range(19)]))
    assert vectors.shape == (19, 1665)
    assert vectors.dtype == torch.float32
    assert torch.allclose(vectors.norm(dim=1), torch.ones(19), atol=1e-6)


@pytest.mark.parametrize(
    ("label", "part"), [("person", 1.0), ("people", 1.0), ("dog", 0.0), ("tree frog", 0.0)]
)
def test_a_label_that_means_a_word_gets_its_probe_and_no_other_label_does(
    model: EmbeddedModel, tokenizer: WordPiece, label: str, part: float
) -> None:
    tokens = tokenizer([f"a photo of {label}"])
    of_words = (model.probe_words @ model.encoder(tokens)[0]).argmax()
    with_probe = model.encode_text(tokens)[0, :1664]
    probes, model.probes = model.probes, torch.zeros_like(model.probes)
    try:
        without = model.encode_text(tokens)[0, :1664]
    finally:
        model.probes = probes
    wanted = without / without.norm() + part * probes[of_words]
    assert torch.allclose(with_probe / with_probe.norm(), wanted / wanted.norm(), atol=2e-4)


def test_people_are_told_from_other_photos(
    model: EmbeddedModel, tokenizer: WordPiece, preprocess: Preprocess
) -> None:
    def person(name: str) -> float:
        with Image.open(SAMPLES / name) as image:
            return scores(model, tokenizer, preprocess(image.convert("RGB")), ["person"])["person"]

    others = ("animals/tiger.jpg", "food/citrus.jpg", "nature/mountain-path.jpg", "rocket.jpg")
    assert person("people/astronaut.jpg") > max(map(person, others)) + 0.1


def test_the_parts_weigh_one_third_and_two_thirds_beside_a_constant(
    model: EmbeddedModel, tokenizer: WordPiece, batch: torch.Tensor
) -> None:
    for vectors in (model.encode_image(batch[:2]), model.encode_text(tokenizer(["dog", "sea"]))):
        for part, share in ((slice(384), 1 / 3), (slice(384, 1664), 2 / 3)):
            wanted = pytest.approx([0.926 * share] * 2, abs=1e-6)
            assert vectors[:, part].square().sum(1).tolist() == wanted


def test_scores_are_on_the_scale_of_clip(
    model: EmbeddedModel, tokenizer: WordPiece, batch: torch.Tensor
) -> None:
    photos, labels = model.encode_image(batch), model.encode_text(tokenizer(["dog", "sea"]))
    cosines = photos[:, :1664] @ labels[:, :1664].T / 0.926
    assert torch.allclose(photos @ labels.T, 0.926 * cosines - 0.074, atol=1e-6)


def test_a_photo_does_not_depend_on_the_others_in_its_batch(
    model: EmbeddedModel, batch: torch.Tensor
) -> None:
    together = model.encode_image(batch)
    alone = torch.cat([model.encode_image(photo[None]) for photo in batch])
    backwards = model.encode_image(batch.flip(0)).flip(0)
    assert (together - alone).abs().max() < 1e-6
    assert (together - backwards).abs().max() < 1e-6


def test_a_label_does_not_depend_on_the_others(model: EmbeddedModel, tokenizer: WordPiece) -> None:
    texts = ["a photo of " + "very " * n + "old dog" for n in range(20)]
    together = model.encode_text(tokenizer(texts))
    alone = torch.cat([model.encode_text(tokenizer([text])) for text in texts])
    assert (together - alone).abs().max() < 1e-6


def test_to_the_bit_a_label_does_not_depend_on_the_others(
    model: EmbeddedModel, tokenizer: WordPiece
) -> None:
    encoder = Encoder(model, None, tokenizer)
    labels = ["dog", "old dog", "sea", "cat", "tree", "car", "very old dog", "sky", "bus", "man"]
    alone = np.concatenate([encoder.labels([label]) for label in labels])
    assert np.array_equal(encoder.labels(labels), alone)
    assert np.array_equal(encoder.labels(labels[3:]), alone[3:])
    assert np.array_equal(encoder.labels(labels[::-1]), alone[::-1])


def test_the_same_photos_give_the_same_bits(model: EmbeddedModel, batch: torch.Tensor) -> None:
    assert torch.equal(model.encode_image(batch[:2]), model.encode_image(batch[:2]))


def test_autocast_around_it_changes_nothing(
    model: EmbeddedModel, tokenizer: WordPiece, batch: torch.Tensor
) -> None:
    tokens = tokenizer(["a photo of a dog"])
    photos, labels = model.encode_image(batch[:2]), model.encode_text(tokens)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(model.encode_image(batch[:2]), photos)
        assert torch.equal(model.encode_text(tokens), labels)


def test_on_cuda_it_computes_with_cudnn_and_in_true_float32(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cudnn, products = torch.backends.cudnn, torch.backends.cuda.matmul
    monkeypatch.setattr(cudnn, "allow_tf32", True)
    with embedded_model._full_precision(torch.device("cuda")):
        assert cudnn.enabled
        assert (cudnn.allow_tf32, products.allow_tf32) == (False, False)
    assert cudnn.allow_tf32


def test_nothing_in_is_nothing_out(model: EmbeddedModel, tokenizer: WordPiece) -> None:
    assert model.encode_image(torch.zeros(0, 3, 224, 224)).shape == (0, 1665)
    assert model.encode_text(tokenizer([])).shape == (0, 1665)


def test_a_flat_photo_has_a_finite_vector(model: EmbeddedModel) -> None:
    vectors = model.encode_image(torch.stack([torch.full((3, 224, 224), v) for v in (-1.0, 0, 1)]))
    assert torch.isfinite(vectors).all()


def test_photos_are_squashed_to_224_and_scaled_to_minus_one_to_one(preprocess: Preprocess) -> None:
    pixels = np.zeros((300, 900, 3), np.uint8)
    pixels[:, 450:] = (254, 127, 255)
    made = preprocess(Image.fromarray(pixels))
    assert made.shape == (3, 224, 224)
    assert made[:, 100, 20].tolist() == pytest.approx([-127 / 128] * 3, abs=1e-6)
    assert made[:, 100, 200].tolist() == pytest.approx([127 / 128, 0, 1], abs=1e-6)


def test_a_drawn_traffic_light_is_a_traffic_light(
    model: EmbeddedModel, preprocess: Preprocess, tokenizer: WordPiece
) -> None:
    image = Image.new("RGB", (400, 400), (130, 170, 220))
    draw = ImageDraw.Draw(image)
    draw.rectangle((140, 20, 260, 340), fill=(25, 25, 25))
    draw.rectangle((190, 340, 210, 400), fill=(60, 60, 60))
    for top, colour in ((35, (230, 30, 20)), (135, (70, 60, 10)), (235, (10, 60, 20))):
        draw.ellipse((155, top, 245, top + 90), fill=colour)
    labels = ["traffic light", "dog", "pizza", "bed", "elephant", "beach", "flower", "airplane"]
    found = scores(model, tokenizer, preprocess(image), labels)
    first, second = sorted(found, key=found.__getitem__)[:-3:-1]
    assert first == "traffic light"
    assert found[first] > found[second] + 0.1
