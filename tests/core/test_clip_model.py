"""Photos and labels → vectors, as open_clip's own functions give them."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import open_clip
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image, ImageOps

from phototagger.core import clip_model
from phototagger.core.clip_model import choose_device, embed_images, embed_labels, load_clip
from phototagger.errors import ExitCode, MissingError, UnreadablePhoto, UsageError
from phototagger.model import cuda, weights
from phototagger.model.preprocess import Preprocess
from phototagger.model.vectors import normalised
from tests.imaging.pictures import save_turned, scene
from tests.model.tiny import CONFIG, NAME, Tiny
from tests.shared import SAMPLES, shared_data

pytestmark = pytest.mark.usefixtures("one_thread")
LABELS = ["dog", "a very long label " * 20, "日本", "{}", "cat"]


@pytest.fixture(scope="module")
def loaded(tiny: Tiny) -> tuple[Any, Any, Any, torch.device]:
    return load_clip(NAME, tiny.torch_file, "cpu")


def cosines(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    return (normalised(one).astype(np.float64) * normalised(other)).sum(axis=1)


def samples() -> list[Path]:
    return sorted(SAMPLES.rglob("*.*g"))


def by_open_clip(paths: list[Path], model: Any) -> NDArray[Any]:
    """Return what open_clip's own preprocess and encode_image give for upright photos."""
    preprocess = open_clip.image_transform(224, is_train=False)
    made = []
    with torch.inference_mode():
        for path in paths:
            with Image.open(path) as image:
                upright = ImageOps.exif_transpose(image)
                assert "A" not in upright.getbands()
                made.append(model.encode_image(preprocess(upright)[None])[0].numpy())
    return np.stack(made)


# Photos


def test_the_samples_vectors_are_those_of_open_clip(loaded: Any) -> None:
    model, preprocess, _, device = loaded
    found = embed_images(samples(), model, preprocess, device=device)
    assert cosines(found, by_open_clip(samples(), model)).min() >= 0.9999


def test_the_shared_photos_vectors_are_those_of_open_clip(loaded: Any) -> None:
    paths = sorted((shared_data() / "photos").rglob("*.jpg"))
    assert len(paths) > 80
    model, preprocess, _, device = loaded
    found = embed_images(paths, model, preprocess, device=device)
    same = cosines(found, by_open_clip(paths, model))
    print(f"minimum cosine of {len(paths)} shared photos: {same.min():.7f}")
    assert same.min() >= 0.9999


def test_the_tiny_model_tells_photos_apart(loaded: Any) -> None:
    model, preprocess, _, _ = loaded
    units = normalised(embed_images(samples(), model, preprocess))
    apart = (units @ units.T)[np.triu_indices(len(units), 1)]
    assert np.median(apart) < 0.99


def test_vectors_are_float32_one_a_path_in_order_and_not_normalised(loaded: Any) -> None:
    model, preprocess, _, _ = loaded
    paths = samples()
    found = embed_images(paths, model, preprocess)
    assert found.dtype == np.float32
    assert found.shape == (len(paths), 32)
    assert np.abs(np.linalg.norm(found, axis=1) - 1).min() > 0.1
    backwards = embed_images(paths[::-1], model, preprocess)
    assert np.allclose(backwards[::-1], found, atol=1e-4)


@pytest.mark.parametrize("batch_size", [1, 2, 5, 1000])
def test_the_batch_size_changes_nothing(loaded: Any, batch_size: int) -> None:
    model, preprocess, _, _ = loaded
    paths = samples()[:5]
    found = embed_images(paths, model, preprocess, batch_size=batch_size)
    assert np.allclose(found, embed_images(paths, model, preprocess), atol=1e-4)


def test_a_path_may_be_text_bytes_or_a_path_and_paths_may_come_one_by_one(loaded: Any) -> None:
    model, preprocess, _, _ = loaded
    path = samples()[0]
    kinds = [str(path), os.fsencode(path), path]
    found = embed_images(iter(kinds), model, preprocess)
    assert np.allclose(found, found[0], atol=1e-5)
    assert found.shape == (3, 32)


def test_no_path_gives_no_vector(loaded: Any) -> None:
    model, preprocess, _, _ = loaded
    assert len(embed_images([], model, preprocess)) == 0


@pytest.mark.parametrize("name", ["broken.jpg", "gone.jpg", "folder.jpg"])
def test_the_first_path_that_cannot_be_read_is_named(
    tmp_path: Path, loaded: Any, name: str
) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "folder.jpg").mkdir()
    model, preprocess, _, _ = loaded
    with pytest.raises(UnreadablePhoto) as caught:
        embed_images([samples()[0], tmp_path / name], model, preprocess)
    assert caught.value.path == str(tmp_path / name)


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_a_turned_photo_has_the_vector_of_the_upright_one(
    tmp_path: Path, loaded: Any, orientation: int
) -> None:
    model, preprocess, _, _ = loaded
    save_turned(scene(1203, 901), 1, tmp_path / "upright.jpg")
    save_turned(scene(1203, 901), orientation, tmp_path / "turned.jpg")
    found = embed_images([tmp_path / "upright.jpg", tmp_path / "turned.jpg"], model, preprocess)
    assert cosines(found[:1], found[1:]).min() >= 0.9999


def test_a_preprocess_of_open_clip_s_own_may_be_given(loaded: Any) -> None:
    model, preprocess, _, _ = loaded
    own = open_clip.image_transform(224, is_train=False)
    found = embed_images(samples()[:3], model, own)
    assert cosines(found, embed_images(samples()[:3], model, preprocess)).min() >= 0.9999


# Labels


def test_labels_vectors_are_those_of_open_clip_in_the_prompt(loaded: Any) -> None:
    model, _, tokenizer, device = loaded
    found = embed_labels(LABELS, model, tokenizer, device)
    with torch.inference_mode():
        wanted = model.encode_text(tokenizer([f"a photo of {label}" for label in LABELS])).numpy()
    assert found.dtype == np.float32
    assert found.shape == (5, 32)
    assert np.allclose(found, wanted, atol=1e-5)
    assert np.abs(np.linalg.norm(found, axis=1) - 1).min() > 0.01


def test_an_ensemble_is_the_mean_of_the_normalised_vectors(loaded: Any) -> None:
    model, _, tokenizer, _ = loaded
    prompts = ["a photo of {}", "{} in {{art}}", "{}"]
    each = [embed_labels(LABELS, model, tokenizer, prompt=prompt) for prompt in prompts]
    for given in (prompts, tuple(prompts)):
        found = embed_labels(LABELS, model, tokenizer, prompt=given)
        assert np.allclose(found, np.mean([normalised(one) for one in each], axis=0), atol=1e-6)
    [alone] = [embed_labels(LABELS, model, tokenizer, prompt=["{}"])]
    assert np.allclose(alone, each[2])


def test_the_prompt_changes_the_vector_and_the_other_labels_do_not(loaded: Any) -> None:
    model, _, tokenizer, _ = loaded
    one = embed_labels(["dog"], model, tokenizer)
    assert np.allclose(one, embed_labels(LABELS, model, tokenizer)[:1], atol=1e-5)
    assert cosines(one, embed_labels(["dog"], model, tokenizer, prompt="{}"))[0] < 0.9999


def test_more_labels_than_go_at_once_and_none_are_embedded(loaded: Any) -> None:
    model, _, tokenizer, _ = loaded
    many = [f"label {number}" for number in range(300)]
    found = embed_labels(many, model, tokenizer)
    assert found.shape == (300, 32)
    assert np.allclose(found[290:], embed_labels(many[290:], model, tokenizer), atol=1e-5)
    assert len(embed_labels([], model, tokenizer)) == 0


# Loading


def test_a_model_is_loaded_ready_for_use(tiny: Tiny, loaded: Any) -> None:
    model, preprocess, _, device = loaded
    assert device == torch.device("cpu")
    assert isinstance(device, torch.device)
    assert not model.training
    assert isinstance(preprocess, Preprocess)
    assert (preprocess.height, preprocess.width) == (224, 224)
    assert (preprocess.mean, preprocess.std) == (
        open_clip.OPENAI_DATASET_MEAN, open_clip.OPENAI_DATASET_STD,
    )  # fmt: skip
    for name, tensor in model.state_dict().items():
        assert tensor.dtype == tiny.weights[name].dtype
        assert torch.equal(tensor, tiny.weights[name])


def test_safetensors_and_a_checkpoint_of_a_training_run_are_loaded(
    tmp_path: Path, tiny: Tiny
) -> None:
    training = {f"module.{name}": tensor for name, tensor in tiny.weights.items()}
    torch.save({"state_dict": training, "epoch": 3}, tmp_path / "epoch_3.pt")
    for path in (tiny.safe_file, str(tmp_path / "epoch_3.pt")):
        model, *_ = load_clip(NAME, path, "cpu")
        assert torch.equal(model.visual.proj, tiny.weights["visual.proj"])


@pytest.fixture
def model_folder(tmp_path: Path, tiny: Tiny) -> Path:
    """Give a folder that holds a model, as open_clip pushes it to a hub."""
    preprocess = {"mean": [0.1, 0.2, 0.3], "std": [0.5, 0.5, 0.5], "interpolation": "bilinear",
                  "resize_mode": "squash"}  # fmt: skip
    config = {"model_cfg": CONFIG, "preprocess_cfg": preprocess}
    (tmp_path / "open_clip_config.json").write_text(json.dumps(config))
    shutil.copy(tiny.safe_file, tmp_path / "open_clip_model.safetensors")
    return tmp_path


def test_a_model_is_loaded_from_a_folder(model_folder: Path, tiny: Tiny) -> None:
    model, preprocess, tokenizer, device = load_clip(f"local-dir:{model_folder}", "openai", "cpu")
    assert torch.equal(model.visual.proj, tiny.weights["visual.proj"])
    assert (preprocess.mean, preprocess.std) == ((0.1, 0.2, 0.3), (0.5, 0.5, 0.5))
    assert (preprocess.interpolation, preprocess.resize_mode) == ("bilinear", "squash")
    found = embed_images(samples()[:2], model, preprocess, device=device)
    assert found.shape == (2, 32)
    assert embed_labels(["dog"], model, tokenizer, device).shape == (1, 32)
    preprocessed = open_clip.transform.image_transform_v2(
        open_clip.transform.PreprocessCfg(**model.visual.preprocess_cfg), is_train=False
    )
    with Image.open(samples()[0]) as image, torch.inference_mode():
        own = model.encode_image(preprocessed(image)[None]).numpy()
    assert cosines(found[:1], own).min() >= 0.9999


@pytest.mark.parametrize("missing", ["open_clip_config.json", "open_clip_model.safetensors", "*"])
def test_a_folder_that_holds_no_model_is_told(model_folder: Path, missing: str) -> None:
    for path in model_folder.glob(missing):
        path.unlink()
    if missing == "*":
        model_folder.rmdir()
    (model_folder.parent / "other.pt").write_bytes(b"")
    with pytest.raises(MissingError) as caught:
        load_clip(f"local-dir:{model_folder}")
    assert str(caught.value) == (
        f"{model_folder}: holds no open_clip model; "
        "open_clip_config.json and a weights file must be there"
    )


def test_weights_in_a_folder_that_open_clip_would_not_load_are_no_model(model_folder: Path) -> None:
    (model_folder / "open_clip_model.safetensors").rename(model_folder / "model.pt")
    with pytest.raises(MissingError, match="holds no open_clip model"):
        load_clip(f"local-dir:{model_folder}")


@pytest.mark.parametrize("text", ["{", "{}", '{"model_cfg": 5}', "[]"])
def test_a_folder_with_a_broken_configuration_is_told(model_folder: Path, text: str) -> None:
    (model_folder / "open_clip_config.json").write_text(text)
    with pytest.raises(UsageError, match="cannot be loaded as local-dir:"):
        load_clip(f"local-dir:{model_folder}")


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("evil-was-here",)


WRONG: dict[str, Any] = {
    "nothing": b"",
    "text": b"no weights at all",
    "a web page": b"<html>404</html>",
    "zeros": b"\0" * 1000,
    "a zip": b"PK\5\6" + b"\0" * 18,
    "code": Evil(),
    "a list": [torch.zeros(2)],
    "an empty mapping": {},
    "numbers as names": {1: torch.zeros(2)},
    "no tensors": {"visual.proj": "text"},
    "another model": {"visual.proj": torch.zeros(3, 3)},
}


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize(
    ("kind", "suffix"),
    [
        (kind, suffix)
        for kind in WRONG
        for suffix in (".pt", ".safetensors", ".npz", "")
        # NumPy leaves a zip open that is no .npz, and torch.save writes zips.
        if suffix != ".npz" or (kind != "a zip" and isinstance(WRONG[kind], bytes))
    ],
)
def test_a_file_that_holds_no_weights_of_the_model_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, suffix: str
) -> None:
    monkeypatch.chdir(tmp_path)
    content = WRONG[kind]
    path = tmp_path / f"weights{suffix}"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.save(content, path)
    with pytest.raises(UsageError) as caught:
        load_clip(NAME, str(path), "cpu")
    message = str(caught.value)
    assert message.startswith(f"{path}: the weights cannot be loaded as {NAME}: ")
    assert len(message.splitlines()) == 1
    assert len(message) > len(f"{path}: the weights cannot be loaded as {NAME}: ")
    assert caught.value.exit_code == ExitCode.USAGE
    assert not (tmp_path / "evil-was-here").exists()


def test_weights_of_another_architecture_are_told(tmp_path: Path, tiny: Tiny) -> None:
    smaller = dict(tiny.weights)
    del smaller["visual.proj"]
    torch.save(smaller, tmp_path / "w.pt")
    with pytest.raises(UsageError, match="cannot be loaded as tiny-for-tests: "):
        load_clip(NAME, str(tmp_path / "w.pt"), "cpu")


@pytest.mark.parametrize(
    "error",
    [
        MemoryError("no memory"),
        torch.OutOfMemoryError("no memory"),
        RuntimeError("CUDA error: out of memory"),
    ],
)
def test_a_model_that_needs_more_memory_than_there_is_is_told(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def create_model(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(open_clip, "create_model", create_model)
    with pytest.raises(MissingError, match="tiny-for-tests needs more memory than there is"):
        load_clip(NAME, tiny.torch_file, "cpu")


def test_a_card_that_breaks_while_weights_are_put_on_it_is_not_blamed_on_the_weights(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create_model(*_: Any, **__: Any) -> None:
        raise RuntimeError("CUDA error: an illegal memory access was encountered")

    monkeypatch.setattr(open_clip, "create_model", create_model)
    with pytest.raises(RuntimeError, match="illegal memory access"):
        load_clip(NAME, tiny.torch_file, "cpu")


@pytest.mark.usefixtures("tiny")
def test_a_weights_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(MissingError) as caught:
        load_clip(NAME, str(tmp_path / "gone.pt"))
    assert (
        str(caught.value)
        == f"{tmp_path}/gone.pt: there is no such weights file; name one with --pretrained"
    )
    assert caught.value.exit_code == ExitCode.MISSING


@pytest.mark.parametrize("pretrained", ["openai", "{file}"])
def test_an_unknown_model_is_told_with_the_nearest(tiny: Tiny, pretrained: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_clip("ViT-B32", pretrained.format(file=tiny.torch_file))
    assert str(caught.value).startswith("model_name: open_clip has no 'ViT-B32'; near: ViT-B-32, ")


def test_an_unknown_tag_is_told_with_the_tags_there_are() -> None:
    with pytest.raises(UsageError) as caught:
        load_clip("ViT-B-32-256", "openia")
    assert str(caught.value) == (
        "pretrained: 'openia' is no weights file and no tag of ViT-B-32-256; "
        "its tags: datacomp_s34b_b86k"
    )


# Tags, by way of a cache that already holds the file


@pytest.fixture
def cached(tmp_path: Path, tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Let the tiny model have a tag whose weights lie in the hub's cache, and no network."""
    from huggingface_hub import constants

    snapshot = tmp_path / "hub/models--somebody--tiny/snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    (snapshot.parents[1] / "refs").mkdir()
    (snapshot.parents[1] / "refs/main").write_text("0" * 40)
    shutil.copy(tiny.safe_file, snapshot / "open_clip_model.safetensors")
    tag: dict[str, Any] = {"hf_hub": "somebody/tiny/"}
    monkeypatch.setitem(open_clip.pretrained._PRETRAINED, NAME, {"mytag": tag})
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))

    def download(*_: Any, **__: Any) -> None:
        pytest.fail("the network was asked")

    monkeypatch.setattr(weights, "_reachable", download)
    for module in (open_clip, open_clip.factory):
        monkeypatch.setattr(module, "download_pretrained", download)
    yield tag
    assert names_of(tmp_path / "hub") == ["models--somebody--tiny"]


def names_of(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.usefixtures("cached")
def test_weights_in_the_cache_are_loaded_without_the_network(tiny: Tiny) -> None:
    model, preprocess, _, _ = load_clip(NAME, "mytag", "cpu")
    assert torch.equal(model.visual.proj, tiny.weights["visual.proj"])
    assert preprocess.mean == open_clip.OPENAI_DATASET_MEAN


def test_a_tag_s_own_preprocessing_is_used(cached: dict[str, Any]) -> None:
    cached.update(mean=(0.5, 0.4, 0.3), std=(0.1, 0.2, 0.3), interpolation="bilinear",
                  resize_mode="squash")  # fmt: skip
    _, preprocess, _, _ = load_clip(NAME, "mytag", "cpu")
    assert preprocess == Preprocess(
        224, 224, (0.5, 0.4, 0.3), (0.1, 0.2, 0.3), "bilinear", "squash", 0
    )


@pytest.mark.parametrize(("said", "quick"), [({}, False), ({"quick_gelu": True}, True)])
def test_quickgelu_is_used_where_the_tag_was_trained_with_it(
    cached: dict[str, Any], said: dict[str, Any], quick: bool
) -> None:
    cached.update(said)
    model, preprocess, _, _ = load_clip(NAME, "mytag", "cpu")
    kinds = {type(module).__name__ for module in model.modules()}
    assert ("QuickGELU" in kinds) == quick
    assert ("GELU" in kinds) != quick
    found = embed_images(samples()[:2], model, preprocess)
    assert cosines(found, by_open_clip(samples()[:2], model)).min() >= 0.9999


# The device


def test_where_cuda_is_not_here_the_cpu_computes(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(cuda, "_cards", list)
    for asked in (None, "auto", "cpu", torch.device("cpu")):
        assert choose_device(asked) == torch.device("cpu")
    assert caplog.text == ""
    for asked in ("cuda", "cuda:1", torch.device("cuda")):
        assert choose_device(asked) == torch.device("cpu")
    assert caplog.messages == ["CUDA is not here: computing on the CPU"] * 3


def test_where_cuda_is_here_it_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(clip_model, "unusable", lambda _: "")
    assert choose_device() == choose_device("auto") == torch.device("cuda")
    assert choose_device("cuda:1") == torch.device("cuda:1")
    assert choose_device("cpu") == torch.device("cpu")


def test_a_card_that_cannot_be_used_is_passed_over_and_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(clip_model, "unusable", lambda _: "no kernel image is available")
    assert choose_device() == torch.device("cpu")
    assert "cannot be used (no kernel image is available; install a driver" in caplog.messages[0]
    with pytest.raises(MissingError, match="device cuda:0 cannot be used: no kernel image"):
        choose_device("cuda:0")
    assert choose_device("cpu") == torch.device("cpu")


def test_a_card_that_torch_does_not_see_is_told(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(clip_model, "why_no_cuda", lambda: "this torch was built without CUDA")
    assert choose_device() == torch.device("cpu")
    assert caplog.messages == [
        "CUDA is not here (this torch was built without CUDA): computing on the CPU"
    ]
    with pytest.raises(MissingError, match="device cuda cannot be used: this torch was built"):
        choose_device("cuda")


@pytest.mark.parametrize("asked", ["cuda:2", "cuda:99999999999"])
def test_a_gpu_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(UsageError, match=f"device: there is no {asked}; the last is cuda:1"):
        choose_device(asked)


def test_a_model_asked_onto_cuda_loads_on_the_cpu_where_there_is_none(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    model, preprocess, _, device = load_clip(NAME, tiny.torch_file, "cuda")
    assert device == torch.device("cpu")
    assert embed_images(samples()[:1], model, preprocess, device=device).shape == (1, 32)


# The embedded model


def test_the_embedded_model_needs_no_pretrained_and_no_open_clip(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from phototagger.model import embedded

    monkeypatch.setattr(embedded, "load", lambda device: ("model", "preprocess", "tokenizer"))
    monkeypatch.setattr(clip_model, "open_clip_module", lambda: pytest.fail("open_clip"))
    made = load_clip("embedded", "whatever", "cpu")
    assert made == ("model", "preprocess", "tokenizer", torch.device("cpu"))


# The tokenizer


def test_a_tokenizer_that_cannot_be_had_is_told(
    tiny: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    def get_tokenizer(_: str) -> None:
        raise OSError("no network\nand more")

    monkeypatch.setattr(open_clip, "get_tokenizer", get_tokenizer)
    with pytest.raises(MissingError) as caught:
        load_clip(NAME, tiny.torch_file, "cpu")
    assert str(caught.value) == (
        "the tokenizer of tiny-for-tests cannot be had: no network and more; "
        "go online once, or use `--model-name embedded`"
    )
