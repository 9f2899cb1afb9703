"""A loaded model at work: pixels and label texts → vectors, float32, not normalised."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from phototagger.errors import PhototaggerError
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
    import os
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    import torch
    from numpy.typing import NDArray

    from phototagger.model.half import HalfTower

    PathLike = str | bytes | os.PathLike[str]
    Prompt = str | Sequence[str]

_TEXTS = 256  # texts in one forward pass
_GROWS_AFTER = 50  # batches that were no trouble
_log = logging.getLogger(__name__)


class Encoder:
    """A loaded model that turns pixels and labels into vectors, halving what is too much for it.

    On CUDA several threads may use it, so that it computes ``ahead`` batches beside the first.
    For CUDA: ``precision`` is the setting; ``compiled``: how many photos a compiled model is always
    given, 0 where it is not to be compiled; ``owned``: nobody else uses the model, so that its
    weights may be put into half precision. ``say`` is told what a person should know.
    """

    def __init__(
        self,
        model: Any,
        preprocess: Any,
        tokenizer: Any,
        device: Any = None,
        *,
        precision: str = "auto",
        compiled: int = 0,
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
        self._shape = compiled if is_cuda else 0
        if self._shape:
            self._compiled = torch.compile(model.encode_image, dynamic=False)
        self._most = self._shape  # photos at once; 0: no limit found yet
        self._good = 0  # batches of so many that were no trouble since
        self._is_told = False  # that half precision was not enough somewhere

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

        Where memory runs out fewer go at once, and more again after some that were no trouble.
        Raises PhototaggerError where it is too little for one, or the model gives no numbers.
        """
        if self._most and len(batch) > self._most:
            parts = []
            while len(batch):
                most = self._most or len(batch)  # it may change from one to the next
                parts.append(self.images(batch[:most]))
                batch = batch[most:]
            return np.concatenate(parts)
        try:
            vectors = self._forward(batch)
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
            if len(batch) == 1:
                raise PhototaggerError(
                    "the GPU has no memory left for a single photo",
                    "stop what else uses it, or use `--device cpu`",
                ) from error
        else:
            self._good += 1
            if self._most and self._good >= _GROWS_AFTER:
                self._most, self._good = 2 * self._most, 0
                if self._shape:
                    self._most = min(self._most, self._shape)
            return vectors
        self._free()
        half, self._good = len(batch) // 2, 0
        if not self._most or half < self._most:  # another thread may have found it, too
            self._most = half
            self._say(f"the GPU is out of memory: going on with {half} photos at once")
        return self.images(batch)

    @staticmethod
    def _free() -> None:
        import torch

        torch.cuda.empty_cache()

    def _forward(self, batch: NDArray[Any]) -> Float32:
        if self._gpu:
            return self._on_gpu(self._gpu, batch)
        parts = list(_cut(batch, self._cores.share))
        return np.concatenate(self._cores.each(self._on_cpu, parts))

    def _on_cpu(self, batch: NDArray[Any]) -> Float32:
        import torch

        with torch.inference_mode():
            tensor = self._normalised(torch.from_numpy(batch).to(self.device))
            return _finite(_as_float32(self.model.encode_image(tensor)))

    def _on_gpu(self, gpu: Gpu, batch: NDArray[Any]) -> Float32:
        import torch

        with torch.inference_mode():
            tensor = gpu.moved(torch.from_numpy(batch))
            with gpu.computing() as done:
                tensor = self._normalised(tensor)
                with self._number_format():
                    made = self._encode_image(tensor).float()
            vectors = gpu.fetched(made, done)
            odd = np.flatnonzero(~np.isfinite(vectors).all(axis=1))
            if len(odd) and self._half:
                # Half precision ends at 65,504, and some models' layers go beyond it.
                self._tell_once()
                wide = self._tower.in_float32() if self._tower else contextlib.nullcontext()
                with gpu.computing() as done, true_float32(self.device), wide:
                    made = self.model.encode_image(tensor[torch.from_numpy(odd)]).float()
                vectors[odd] = gpu.fetched(made, done)
            return _finite(vectors)

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
            count = len(tensor)
            try:
                return cast(
                    "torch.Tensor", self._compiled(_filled(tensor, max(count, self._most)))[:count]
                )
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
        each = [self._texts([one.format(label) for label in labels]) for one in prompts]
        if len(each) == 1:
            return each[0]
        ensemble: Float32 = np.mean([normalised(vectors) for vectors in each], axis=0)
        return ensemble.astype(np.float32, copy=False)

    def _texts(self, texts: list[str]) -> Float32:
        if self._gpu:
            parts = [self._halved(part) for part in batches(texts, _TEXTS)]
        else:
            parts = self._cores.each(self._text_vectors, list(batches(texts, self._cores.share)))
        return np.concatenate(parts) if parts else np.zeros((0, 0), np.float32)

    def _halved(self, texts: list[str]) -> Float32:
        """Return the vectors of texts, of fewer at once where memory runs out."""
        try:
            return self._text_vectors(texts)
        except RuntimeError as error:
            if not is_out_of_memory(error) or len(texts) == 1:
                raise
        self._free()
        middle = len(texts) // 2
        return np.concatenate([self._halved(texts[:middle]), self._halved(texts[middle:])])

    def _text_vectors(self, texts: list[str]) -> Float32:
        import torch

        one = self._gpu.computing() if self._gpu else contextlib.nullcontext()
        with torch.inference_mode(), one, true_float32(self.device):
            tokens = self.tokenizer(texts).to(self.device)
            return _finite(_as_float32(self.model.encode_text(tokens)))


def _filled(tensor: torch.Tensor, count: int) -> torch.Tensor:
    """Return a batch with its last photo repeated: for another shape all is compiled anew."""
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


def _cut(batch: NDArray[Any], most: int) -> Iterator[NDArray[Any]]:
    for start in range(0, len(batch), most):
        yield batch[start : start + most]


def batches(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """Yield the items in lists of at most ``size``."""
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
