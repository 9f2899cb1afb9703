"""A loaded model at work: what is too much for it at once is halved, and nothing else changes."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from phototagger.batches import batches
from phototagger.core.clip_model import embed_images
from phototagger.errors import PhototaggerError
from phototagger.model import encoder as encoder_module
from phototagger.model.encoder import Encoder
from phototagger.model.preprocess import Preprocess
from tests.imaging.pictures import scene

PREPROCESS = Preprocess(8, 8, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


class Model:
    """Holds so many photos at once; a photo's vector is its own mean colour."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.seen: list[int] = []

    def parameters(self) -> Any:
        return iter([torch.zeros(1)])

    def encode_image(self, batch: torch.Tensor) -> torch.Tensor:
        self.seen.append(len(batch))
        if len(batch) > self.most:
            raise torch.OutOfMemoryError("CUDA out of memory")
        assert batch.dtype == torch.float32
        assert torch.is_inference_mode_enabled()
        return batch.mean(dim=(2, 3))


def photos(count: int) -> np.ndarray:
    batch = np.zeros((count, 8, 8, 3), np.uint8)
    batch[:] = np.arange(count, dtype=np.uint8).reshape(-1, 1, 1, 1)
    return batch


class StandInGpu:
    """Takes the place of a CUDA device, and tells how it was used."""

    def __init__(self, _device: torch.device) -> None:
        self.told: list[str] = []

    @contextmanager
    def computing(self) -> Iterator[str]:
        self.told.append("compute")
        yield "done"
        self.told.append("end")

    def moved(self, batch: torch.Tensor) -> torch.Tensor:
        self.told.append(f"{batch.dtype} {tuple(batch.shape)}")
        return batch

    def fetched(self, made: torch.Tensor, done: str) -> np.ndarray:
        self.told.append(f"{done} {made.dtype} {tuple(made.shape)}")
        return made.numpy()


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a stand-in take the place of a CUDA device, whose chunks hold eight photos."""
    monkeypatch.setattr(encoder_module, "Gpu", StandInGpu)
    monkeypatch.setattr(encoder_module, "_CHUNK_ON_CUDA", 8)
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())


@pytest.mark.usefixtures("card")
def test_a_shape_that_is_too_much_is_halved_until_it_fits_and_said() -> None:
    model, said = Model(3), []
    encoder = Encoder(model, PREPROCESS, None, "cuda", say=said.append)
    found = encoder.images(photos(8))
    assert model.seen == [8, 4, 2, 2, 2, 2]
    assert said == [f"the GPU is out of memory: going on with {most} photos at once"
                    for most in (4, 2)]  # fmt: skip
    assert np.allclose(found * 255, np.arange(8).reshape(-1, 1).repeat(3, axis=1), atol=1e-4)
    assert encoder.at_once == 2


@pytest.mark.usefixtures("card")
def test_after_fifty_chunks_without_trouble_they_are_larger_again() -> None:
    model = Model(2)
    said: list[str] = []
    encoder = Encoder(model, PREPROCESS, None, "cuda", say=said.append)
    encoder.images(photos(8))
    model.seen.clear()
    for _ in range(46):  # four were no trouble already
        encoder.images(photos(2))
    assert model.seen == [2] * 46
    encoder.images(photos(4))
    assert model.seen[46:] == [4, 2, 2]  # as large again, and still too much: not said twice
    assert len(said) == 2
    model.most = 99  # whoever had the memory has gone
    for _ in range(50):
        encoder.images(photos(2))
    for _ in range(50):
        encoder.images(photos(4))
    assert encoder.at_once == 8
    for _ in range(60):
        encoder.images(photos(8))
    assert encoder.at_once == 8


@pytest.mark.usefixtures("card")
def test_a_shape_that_two_threads_find_too_large_is_halved_once() -> None:
    both = threading.Barrier(2, timeout=30)

    class Full(Model):
        def encode_image(self, batch: torch.Tensor) -> torch.Tensor:
            if len(batch) > self.most:
                both.wait()
            return super().encode_image(batch)

    said: list[str] = []
    encoder = Encoder(Full(4), PREPROCESS, None, "cuda", say=said.append)
    with ThreadPoolExecutor(2) as threads:
        for found in threads.map(encoder.images, [photos(8)] * 2):
            assert np.round(found[:, 0] * 255).tolist() == list(range(8))
    assert said == ["the GPU is out of memory: going on with 4 photos at once"]


@pytest.mark.usefixtures("card")
def test_odd_batches_lose_nothing() -> None:
    for most in range(1, 8):
        for count in range(1, 15):
            encoder = Encoder(Model(most), PREPROCESS, None, "cuda", say=lambda _: None)
            found = encoder.images(photos(count))
            assert np.round(found[:, 0] * 255).tolist() == list(range(count))


@pytest.mark.usefixtures("card")
@pytest.mark.parametrize(("device", "shape"), [("cpu", 8), ("cuda", 8)])
def test_the_model_sees_one_shape_however_many_photos_there_are(device: str, shape: int) -> None:
    model = Model(99)
    encoder = Encoder(model, PREPROCESS, None, device)
    for count in (1, 7, 8, 9, 43):
        found = encoder.images(photos(count))
        assert np.round(found[:, 0] * 255).tolist() == list(range(count))
    assert model.seen == [shape] * (1 + 1 + 1 + 2 + 6)


def test_a_label_costs_one_text_however_many_come_with_it() -> None:
    seen: list[list[str]] = []

    class Texts(Model):
        def encode_text(self, tokens: torch.Tensor) -> torch.Tensor:
            return tokens

    def tokenizer(texts: Sequence[str]) -> torch.Tensor:
        seen.append(list(texts))
        return torch.tensor([[float(len(text))] for text in texts])

    encoder = Encoder(Texts(9), PREPROCESS, tokenizer)
    labels = ["a" * length for length in range(1, 30)]
    assert encoder.labels(labels, "{}")[:, 0].tolist() == list(range(1, 30))
    assert sorted(seen) == [[label] for label in labels]
    seen.clear()
    encoder.labels(["dog"])
    assert seen == [["a photo of dog"]]


@pytest.mark.usefixtures("card")
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_a_model_that_reads_texts_together_sees_one_shape_of_each_length(device: str) -> None:
    seen: list[tuple[int, ...]] = []

    class Together(Model):
        texts_at_once = 4

        def encode_text(self, tokens: torch.Tensor) -> torch.Tensor:
            seen.append(tuple(tokens.shape))
            return tokens[:, :1]

    def tokenizer(texts: Sequence[str]) -> torch.Tensor:
        return torch.tensor([[float(text)] * len(text) for text in texts])

    encoder = Encoder(Together(9), PREPROCESS, tokenizer, device)
    encoder.device = torch.device("cpu")  # the tokens have no card to go to
    labels = ["1", "22", "3", "4", "333", "5", "66", "7"]
    assert encoder.labels(labels, "{}").tolist() == [[float(label)] for label in labels]
    assert sorted(seen) == [(4, 1), (4, 1), (4, 2), (4, 3)]
    assert encoder.labels([], "{}").shape == (0, 0)


@pytest.mark.usefixtures("card")
@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
        RuntimeError("Unable to find a valid cuDNN algorithm to run convolution"),
        RuntimeError("FIND was unable to find an engine to execute this computation"),
    ],
)
def test_memory_that_runs_out_is_recognised_in_all_its_forms(error: RuntimeError) -> None:
    class Full(Model):
        def encode_image(self, batch: torch.Tensor) -> torch.Tensor:
            if len(batch) > 2:
                raise error
            return super().encode_image(batch)

        def encode_text(self, tokens: torch.Tensor) -> torch.Tensor:
            raise error

    encoder = Encoder(Full(9), PREPROCESS, torch.zeros, "cuda", say=lambda _: None)
    assert np.round(encoder.images(photos(7))[:, 0] * 255).tolist() == list(range(7))
    encoder.tokenizer = lambda texts: torch.zeros(len(texts), 4)
    encoder.device = torch.device("cpu")  # the tokens have no card to go to
    with pytest.raises(PhototaggerError) as caught:
        encoder.labels(["dog"])
    assert str(caught.value) == (
        "the GPU has no memory left for a single label; stop what else uses it, "
        "or use `--device cpu`"
    )


def test_another_error_of_the_card_is_not_taken_for_a_lack_of_memory() -> None:
    class Breaks(Model):
        def encode_image(self, batch: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("CUDA error: an illegal memory access was encountered")

    with pytest.raises(RuntimeError, match="illegal memory access"):
        Encoder(Breaks(9), PREPROCESS, None).images(photos(4))


@pytest.mark.usefixtures("card")
def test_a_single_photo_that_is_too_much_is_told() -> None:
    model = Model(0)
    encoder = Encoder(model, PREPROCESS, None, "cuda", say=lambda _: None)
    with pytest.raises(PhototaggerError) as caught:
        encoder.images(photos(4))
    assert str(caught.value) == (
        "the GPU has no memory left for a single photo; stop what else uses it, "
        "or use `--device cpu`"
    )
    assert model.seen == [8, 4, 2, 1]


@pytest.mark.usefixtures("card")
def test_embed_images_goes_on_where_memory_runs_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    paths = [tmp_path / f"{number}.png" for number in range(5)]
    for number, path in enumerate(paths):
        scene(20, 16, number).save(path)
    whole = embed_images(paths, Model(100), PREPROCESS)
    halved = embed_images(paths, Model(1), PREPROCESS, batch_size=4, device="cuda")
    assert np.allclose(halved, whole, atol=1e-6)
    assert caplog.messages == [
        f"the GPU is out of memory: going on with {most} photos at once" for most in (4, 2, 1)
    ]


def test_photos_reach_the_gpu_as_bytes_on_its_own_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_module, "Gpu", StandInGpu)
    monkeypatch.setattr(torch, "autocast", lambda *_, **__: nullcontext())
    model = Model(99)
    encoder = Encoder(model, PREPROCESS, None, "cuda")
    found = encoder.images(photos(40))
    assert model.seen == [64]
    assert encoder._gpu is not None
    assert encoder._gpu.told == [
        "torch.uint8 (40, 8, 8, 3)", "compute", "end", "done torch.float32 (40, 3)",
    ]  # fmt: skip
    assert np.round(found[:, 0] * 255).tolist() == list(range(40))


@pytest.mark.parametrize(
    ("device", "precision", "wanted"),
    [
        ("cuda", "auto", [torch.float16]),
        ("cuda", "float16", [torch.float16]),
        ("cuda", "bfloat16", [torch.bfloat16]),
        ("cuda", "float32", []),
        ("cpu", "auto", []),
        ("cpu", "bfloat16", []),
    ],
)
def test_mixed_precision_is_for_cuda_only(
    monkeypatch: pytest.MonkeyPatch, device: str, precision: str, wanted: list[torch.dtype]
) -> None:
    used = []

    def autocast(kind: str, *, dtype: torch.dtype) -> nullcontext[None]:
        assert kind == device
        used.append(dtype)
        return nullcontext()

    monkeypatch.setattr(torch, "autocast", autocast)
    monkeypatch.setattr(encoder_module, "Gpu", StandInGpu)
    monkeypatch.setattr(encoder_module, "has_bfloat16", lambda _: True)
    encoder = Encoder(Model(99), PREPROCESS, None, device, precision=precision)
    encoder.images(photos(2))
    assert used == wanted


@pytest.mark.parametrize(("capability", "wanted"), [((7, 5), "float16"), ((8, 0), "bfloat16")])
def test_bfloat16_is_used_where_the_gpu_has_it_and_not_emulated(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], wanted: str
) -> None:
    used, said = [], []
    monkeypatch.setattr(torch, "autocast", lambda _, dtype: nullcontext(used.append(dtype)))
    monkeypatch.setattr(encoder_module, "Gpu", StandInGpu)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _: capability)
    encoder = Encoder(Model(99), PREPROCESS, None, "cuda", precision="bfloat16", say=said.append)
    encoder.images(photos(2))
    assert used == [getattr(torch, wanted)]
    assert len(said) == (wanted == "float16")


class Narrow(Model):
    """Goes beyond half precision on every third photo, and beyond all where ``broken``."""

    broken = False

    def encode_image(self, batch: torch.Tensor) -> torch.Tensor:
        vectors = super().encode_image(batch)
        if self.broken or self.is_mixed:
            numbers = (vectors[:, 0] * 255).round()
            vectors[numbers % 3 == 0, 1:] = torch.inf
        return vectors

    is_mixed = False


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> Narrow:
    model = Narrow(99)

    @contextmanager
    def autocast(kind: str, *, dtype: torch.dtype) -> Iterator[None]:
        model.is_mixed = True
        yield
        model.is_mixed = False

    monkeypatch.setattr(torch, "autocast", autocast)
    monkeypatch.setattr(encoder_module, "Gpu", StandInGpu)
    return model


def test_what_half_precision_cannot_hold_is_computed_again_in_float32(narrow: Narrow) -> None:
    said: list[str] = []
    encoder = Encoder(narrow, PREPROCESS, None, "cuda", say=said.append)
    for _ in range(2):
        found = encoder.images(photos(8))
        assert np.round(found * 255).tolist() == [[number] * 3 for number in range(8)]
    assert narrow.seen == [64, 8, 64, 8]  # also in float32 the model sees one shape
    assert said == ["float16 is too narrow for some photos: they are computed again in float32"]


@pytest.mark.parametrize(
    ("device", "precision"), [("cuda", "auto"), ("cuda", "float32"), ("cpu", "auto")]
)
def test_a_model_that_gives_no_numbers_is_told_and_no_vector_comes(
    narrow: Narrow, device: str, precision: str
) -> None:
    narrow.broken = True
    encoder = Encoder(narrow, PREPROCESS, None, device, precision=precision, say=lambda _: None)
    with pytest.raises(PhototaggerError, match="no finite numbers: its weights are damaged; fetch"):
        encoder.images(photos(4))


def test_labels_without_numbers_are_told() -> None:
    class Broken(Model):
        def encode_text(self, tokens: torch.Tensor) -> torch.Tensor:
            return tokens * torch.nan

    encoder = Encoder(Broken(1), PREPROCESS, lambda texts: torch.ones(len(texts), 4))
    with pytest.raises(PhototaggerError, match="no finite numbers"):
        encoder.labels(["dog"])


def test_float32_means_it_on_cuda_and_what_was_set_comes_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encoder_module, "Gpu", StandInGpu)
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", True)
    monkeypatch.setattr(torch.backends.cuda.matmul, "allow_tf32", True)
    seen = []

    class Looks(Model):
        def encode_image(self, batch: torch.Tensor) -> torch.Tensor:
            cudnn = torch.backends.cudnn
            seen.append((cudnn.enabled, cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32))
            return super().encode_image(batch)

    Encoder(Looks(99), PREPROCESS, None, "cuda", precision="float32").images(photos(2))
    assert seen == [(True, False, False)]
    assert torch.backends.cudnn.allow_tf32
    assert torch.backends.cuda.matmul.allow_tf32


@pytest.fixture
def compiled(card: None, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let a stand-in compile; tell how many photos were given to what it made."""
    seen: list[int] = []

    def stand_in(encode: Any, *, dynamic: bool) -> Any:
        assert not dynamic

        def faster(batch: torch.Tensor) -> torch.Tensor:
            seen.append(len(batch))
            return encode(batch)  # type: ignore[no-any-return]

        return faster

    monkeypatch.setattr(torch, "compile", stand_in)
    return seen


def test_a_compiled_model_is_used_on_cuda_where_that_is_asked_for(compiled: list[int]) -> None:
    found = Encoder(Model(9), PREPROCESS, None, "cuda", compiled=True).images(photos(5))
    assert compiled == [8]
    assert np.round(found[:, 0] * 255).tolist() == list(range(5))
    Encoder(Model(9), PREPROCESS, None, "cuda").images(photos(5))
    Encoder(Model(9), PREPROCESS, None, "cpu", compiled=True).images(photos(5))
    assert compiled == [8]


def test_a_compiled_model_sees_one_shape_whatever_the_batches_are(compiled: list[int]) -> None:
    encoder = Encoder(Model(99), PREPROCESS, None, "cuda", compiled=True)
    for count in (8, 3, 1, 20):
        found = encoder.images(photos(count))
        assert np.round(found[:, 0] * 255).tolist() == list(range(count))
    assert compiled == [8] * 6


def test_a_compiled_model_that_is_too_much_at_once_is_halved(compiled: list[int]) -> None:
    said: list[str] = []
    encoder = Encoder(Model(2), PREPROCESS, None, "cuda", compiled=True, say=said.append)
    assert len(encoder.images(photos(5))) == 5
    assert compiled == [8, 4, 2, 2, 2]
    assert said == [
        f"the GPU is out of memory: going on with {most} photos at once" for most in (4, 2)
    ]


@pytest.mark.parametrize(
    "error", [RuntimeError("no working Triton\nand much more"), OSError("no working Triton")]
)
def test_where_compiling_fails_it_is_said_and_the_model_goes_on_as_it_is(
    compiled: list[int], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(_: torch.Tensor) -> torch.Tensor:
        compiled.append(-1)
        raise error

    monkeypatch.setattr(torch, "compile", lambda *_, **__: fails)
    said: list[str] = []
    encoder = Encoder(Model(9), PREPROCESS, None, "cuda", compiled=True, say=said.append)
    for _ in range(2):
        found = encoder.images(photos(3))
        assert np.round(found[:, 0] * 255).tolist() == list(range(3))
    assert said == ["torch.compile failed, going on without it: no working Triton"]
    assert compiled == [-1]


def test_a_card_that_is_lost_in_a_compiled_model_is_not_taken_for_a_failed_compilation(
    compiled: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: torch.Tensor) -> torch.Tensor:
        raise torch.AcceleratorError("CUDA error: unspecified launch failure", 719)

    monkeypatch.setattr(torch, "compile", lambda *_, **__: fails)
    said: list[str] = []
    encoder = Encoder(Model(9), PREPROCESS, None, "cuda", compiled=True, say=said.append)
    with pytest.raises(RuntimeError, match="unspecified launch failure"):
        encoder.images(photos(3))
    assert said == []


def test_half_precision_of_a_model_comes_out_as_float32() -> None:
    class Half(Model):
        def encode_image(self, batch: torch.Tensor) -> torch.Tensor:
            return super().encode_image(batch).half()

        def encode_text(self, tokens: torch.Tensor) -> torch.Tensor:
            return tokens.bfloat16()

    def tokenizer(texts: Sequence[str]) -> torch.Tensor:
        return torch.tensor([[float(len(text))] for text in texts])

    encoder = Encoder(Half(9), PREPROCESS, tokenizer)
    assert encoder.images(photos(2)).dtype == np.float32
    found = encoder.labels(["a", "bbb"], "{}")
    assert found.dtype == np.float32
    assert found.tolist() == [[1.0], [3.0]]


def test_the_device_is_the_model_s_own_unless_another_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encoder_module, "Gpu", StandInGpu)
    assert Encoder(Model(1), PREPROCESS, None).device == torch.device("cpu")
    assert Encoder(Model(1), PREPROCESS, None, "cuda:1").device == torch.device("cuda:1")


@pytest.mark.parametrize(
    ("count", "size", "made"), [(0, 3, []), (2, 3, [2]), (3, 3, [3]), (7, 3, [3, 3, 1]),
                                (2, 1, [1, 1])],
)  # fmt: skip
def test_items_come_in_batches_of_at_most_a_size(count: int, size: int, made: list[int]) -> None:
    found = list(batches(iter(range(count)), size))
    assert [len(batch) for batch in found] == made
    assert [item for batch in found for item in batch] == list(range(count))
