"""A loaded model at work: pixels and label texts → vectors, float32, not normalised."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from phototagger.batches import batches
from phototagger.errors import PhototaggerError
from phototagger.formats import PathLike
from phototagger.imaging.decode import open_photo
from phototagger.model.cores import Cores
from phototagger.model.cuda import (
    first_line,
    has_bfloat16,
    is_lost,
    is_out_of_memory,
    true_float32,
)
from phototagger.model.gpu import AHEAD, Gpu
from phototagger.model.preprocess import Preprocess
from phototagger.model.vectors import Float32, normalised

if TYPE_CHECKING:
    import torch

    from phototagger.model.half import HalfTower

Prompt = str | Sequence[str]

_CHUNK, _CHUNK_ON_CUDA = 8, 64  # photos; more are no faster on a core, fewer leave a card idle
_WIDE = 8  # photos that are computed again in float32
_GROWS_AFTER = 50  # chunks that were no trouble
_log = logging.getLogger(__name__)


class Encoder:
    """A loaded model that turns pixels and labels into vectors, halving what is too much for it.

    Photos are computed in chunks of one shape, the last one filled up, and texts one by one, or
    filled up likewise where the model has ``texts_at_once``: to the bit, a vector depends on
    nothing that is computed beside it.

    On CUDA several threads may use it, so that it computes ``ahead`` batches beside the first.
    For CUDA: ``precision`` is the setting; ``compiled``: whether the model is to be compiled;
    ``owned``: nobody else uses the model, so that its weights may be put into half precision.
    ``say`` is told what a person should know.
    """

    def __init__(
        self,
        model: Any,
        preprocess: Any,
        tokenizer: Any,
        device: Any = None,
        *,
        precision: str = "auto",
        compiled: bool = False,
        owned: bool = False,
        say: Callable[[str], None] = _log.warning,
    ) -> None:
        import torch

        self.model = model
        self.preprocess = preprocess
        self.tokenizer = tokenizer
        self.device = torch.device(device or next(model.parameters()).device)
        self._cores = Cores()
        is_cuda = self.device.type == "cuda"
        self.ahead = AHEAD if is_cuda else 0
        self._say = say
        self._half = self._half_precision(precision) if is_cuda else None
        self._tower: HalfTower | None = None
        if self._half and owned:
            from phototagger.model.half import HalfTower

            self._tower = HalfTower(model, self._half)
        self._gpu = Gpu(self.device) if is_cuda else None
        self._compiled: Any = None
        if compiled and is_cuda:
            self._compiled = torch.compile(model.encode_image, dynamic=False)
        self._whole = self._shape = _CHUNK_ON_CUDA if is_cuda else _CHUNK
        self._texts_at_once = getattr(model, "texts_at_once", 1)
        self._good = 0  # chunks of a halved shape that were no trouble since
        self._shaping = threading.Lock()
        self._said_halves: set[int] = set()
        self._is_told = False  # that half precision was not enough somewhere

    @property
    def at_once(self) -> int:
        """How many photos are computed at the same time: others than multiples leave some idle."""
        return self._shape * (1 if self._gpu else self._cores.count)

    def _half_precision(self, precision: str) -> torch.dtype | None:
        """Return the number format of the images on CUDA; None: float32."""
        import torch

        if precision == "float32":
            return None
        if precision != "bfloat16":
            return torch.float16
        if has_bfloat16(self.device):
            return torch.bfloat16
        self._say("this GPU has no bfloat16 of its own: computing in float16")
        return torch.float16

    def look_at(self, path: PathLike) -> NDArray[Any]:
        """Return what the model sees of a photo: uint8 [H, W, 3].

        A preprocess that is not ours is called with the upright image, and gives what it gives.
        """
        if isinstance(self.preprocess, Preprocess):
            picture = open_photo(path, short=self.preprocess.needed)
            size = (picture.width, picture.height)
            return self.preprocess.pixels(picture.image, size, picture.box)
        return np.asarray(self.preprocess(open_photo(path).image))

    def images(self, batch: NDArray[Any]) -> Float32:
        """Return float32 [N, D] of what ``look_at`` returned, N of them stacked.

        Where a card's memory runs out, chunks are half as large, until some of them were no
        trouble: whoever had the memory may have gone. Raises PhototaggerError where it is too
        little for one photo, or the model gives no numbers.
        """
        if self._gpu:
            return np.concatenate(list(self._chunks_on_gpu(self._gpu, batch)))
        return np.concatenate(self._cores.each(self._on_cpu, _cut(batch, self._shape)))

    def _chunks_on_gpu(self, gpu: Gpu, batch: NDArray[Any]) -> Iterator[Float32]:
        while len(batch):
            shape = self._shape  # another thread may halve it
            vectors = self._if_it_fits(gpu, batch[:shape], shape)
            if vectors is None:
                self._halve(shape)
            else:
                self._grow(shape)
                yield vectors
                batch = batch[shape:]

    def _if_it_fits(self, gpu: Gpu, batch: NDArray[Any], shape: int) -> Float32 | None:
        try:
            return self._on_gpu(gpu, batch, shape)
        except RuntimeError as error:
            _refuse_all_but_lack_of_memory(error, "photo" if shape == 1 else "")
            return None

    def _halve(self, shape: int) -> None:
        import torch

        torch.cuda.empty_cache()
        with self._shaping:
            if self._shape != shape:  # another thread found it, too
                return
            self._shape, self._good = shape // 2, 0
            is_new = self._shape not in self._said_halves
            self._said_halves.add(self._shape)
        if is_new:
            self._say(f"the GPU is out of memory: going on with {shape // 2} photos at once")

    def _grow(self, shape: int) -> None:
        """Note that a chunk was no trouble; after some, they are larger again."""
        with self._shaping:
            if shape != self._shape or shape == self._whole:
                return
            self._good += 1
            if self._good == _GROWS_AFTER:
                self._shape, self._good = 2 * shape, 0

    def _on_cpu(self, batch: NDArray[Any]) -> Float32:
        import torch

        with torch.inference_mode():
            tensor = self._normalised(_filled(torch.from_numpy(batch), self._shape))
            return _finite(_as_float32(self.model.encode_image(tensor))[: len(batch)])

    def _on_gpu(self, gpu: Gpu, batch: NDArray[Any], shape: int) -> Float32:
        import torch

        with torch.inference_mode():
            tensor = gpu.moved(torch.from_numpy(batch))
            with gpu.computing() as done:
                tensor = self._normalised(_filled(tensor, shape))
                with self._number_format():
                    on_card = self._encode_image(tensor)[: len(batch)].float()
            vectors = gpu.fetched(on_card, done)
            odd = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
            if len(odd) and self._half:
                # Half precision ends at 65,504, and some models' layers go beyond it.
                self._tell_once()
                for rows in _cut(odd, min(_WIDE, shape)):
                    vectors[rows] = self._wide(gpu, tensor[torch.from_numpy(rows)], shape)
            return _finite(vectors)

    def _wide(self, gpu: Gpu, tensor: torch.Tensor, shape: int) -> Float32:
        """Return the vectors of at most 8 photos on the card, computed in float32."""
        count = len(tensor)
        wide = self._tower.in_float32() if self._tower else contextlib.nullcontext()
        with gpu.computing() as done, true_float32(self.device), wide:
            filled = _filled(tensor, min(_WIDE, shape))
            on_card = self.model.encode_image(filled)[:count].float()
        return gpu.fetched(on_card, done)

    def _normalised(self, tensor: torch.Tensor) -> torch.Tensor:
        import torch

        if tensor.dtype != torch.uint8:
            return tensor
        normalised: torch.Tensor = self.preprocess.normalise(tensor)
        return normalised

    def _number_format(self) -> AbstractContextManager[Any]:
        import torch

        if self._half is None:
            return true_float32(self.device)
        return torch.autocast(self.device.type, dtype=self._half)

    def _tell_once(self) -> None:
        if not self._is_told:
            self._is_told = True
            self._say(
                f"{str(self._half).removeprefix('torch.')} is too narrow for some photos: they "
                "are computed again in float32"
            )

    def _encode_image(self, tensor: torch.Tensor) -> torch.Tensor:
        if self._compiled:
            try:
                return cast("torch.Tensor", self._compiled(tensor))
            # It compiles when it is called first, with Triton and a C compiler of the machine's.
            except (RuntimeError, ImportError, OSError) as error:
                if is_out_of_memory(error) or is_lost(error):
                    raise
                self._compiled = None
                self._say(f"torch.compile failed, going on without it: {first_line(error)}")
        return cast("torch.Tensor", self.model.encode_image(tensor))

    def labels(self, labels: Sequence[str], prompt: Prompt = "a photo of {}") -> Float32:
        """Return float32 [M, D] of labels put into one prompt or an ensemble of them."""
        prompts = [prompt] if isinstance(prompt, str) else list(prompt)
        each = [self._texts([template.format(label) for label in labels]) for template in prompts]
        if len(each) == 1:
            return each[0]
        ensemble: Float32 = np.mean([normalised(vectors) for vectors in each], axis=0)
        return ensemble.astype(np.float32, copy=False)

    def _texts(self, texts: list[str]) -> Float32:
        tokens = [self.tokenizer([text]) for text in texts]
        alike = _alike([len(row[0]) for row in tokens], self._texts_at_once)
        chunks = [[tokens[position] for position in positions] for positions in alike]
        if self._gpu:
            parts = [self._text_vectors(chunk) for chunk in chunks]
        else:
            parts = self._cores.each(self._text_vectors, chunks)
        if not parts:
            return np.zeros((0, 0), np.float32)
        vectors = np.concatenate(parts)
        vectors[np.concatenate(alike)] = vectors.copy()
        return vectors

    def _text_vectors(self, chunk: list[torch.Tensor]) -> Float32:
        """Return the vectors of texts of one length, at most as many as are computed at once."""
        import torch

        turn = self._gpu.computing() if self._gpu else contextlib.nullcontext()
        try:
            with torch.inference_mode(), turn, true_float32(self.device):
                tokens = _filled(torch.cat(chunk), self._texts_at_once).to(self.device)
                return _finite(_as_float32(self.model.encode_text(tokens))[: len(chunk)])
        except RuntimeError as error:
            _refuse_all_but_lack_of_memory(error, "label")
            raise


def _refuse_all_but_lack_of_memory(error: RuntimeError, single: str) -> None:
    """Raise what is not a lack of a card's memory, and that too where it was a ``single`` one's."""
    if not is_out_of_memory(error):
        raise error
    if single:
        raise PhototaggerError(
            f"the GPU has no memory left for a single {single}",
            "stop what else uses it, or use `--device cpu`",
        ) from error


def _filled(tensor: torch.Tensor, count: int) -> torch.Tensor:
    """Return a chunk of so many photos, the last one repeated."""
    import torch

    if len(tensor) == count:
        return tensor
    return torch.cat([tensor, tensor[-1:].expand(count - len(tensor), *tensor.shape[1:])])


def _as_float32(tensor: torch.Tensor) -> Float32:
    array: Float32 = tensor.detach().float().cpu().numpy()
    return array


def _finite(vectors: Float32) -> Float32:
    """Return vectors that are numbers; PhototaggerError where the model gives others."""
    if not np.isfinite(vectors).all():
        raise PhototaggerError(
            "the model gives no finite numbers: its weights are damaged",
            "fetch the weights again, or use another model or `--device cpu`",
        )
    return vectors


def _alike(lengths: list[int], most: int) -> list[list[int]]:
    """Return the positions of equal lengths together, at most so many of them."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    return [
        batch for _, same in groupby(order, lengths.__getitem__) for batch in batches(same, most)
    ]


def _cut(batch: NDArray[Any], most: int) -> Iterator[NDArray[Any]]:
    for start in range(0, len(batch), most):
        yield batch[start : start + most]


def whole(size: int, at_once: int) -> int:
    """Return the least multiple of ``at_once`` that is at least ``size``."""
    return -(-size // at_once) * at_once
