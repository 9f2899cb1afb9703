"""The model of a job: known by its files, loaded only when something must be computed."""

from __future__ import annotations

import contextlib
import glob
import hashlib
import json
import logging
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from phototagger.core.clip_model import EMBEDDED, load_clip
from phototagger.core.label_tree import LabelTree
from phototagger.engine.library.tree import tree_of
from phototagger.engine.memory import keep_large
from phototagger.engine.photo_reader.asked import Asked
from phototagger.engine.photo_reader.batches import Batch, looked_at
from phototagger.files.own import make_below
from phototagger.model import embedded
from phototagger.model.encoder import Encoder
from phototagger.model.preprocess import PREPROCESS_VERSION, Preprocess
from phototagger.model.vectors import Float32, normalised
from phototagger.model.weights import digest_of, find_weights
from phototagger.settings.model import Settings
from phototagger.store.catalogue.database import Catalogue
from phototagger.store.vectors.by_content import Vectors
from phototagger.store.vectors.keys import as_keys
from phototagger.store.vectors.models import KnownModel, known_model, model_id, remember_model

if TYPE_CHECKING:
    from phototagger.engine.process.elsewhere import Computes

VECTORS_FOLDER = "vectors"
_OF_THUMBNAILS = ".thumbs"  # at the end of a model's name


class Encodes(Protocol):
    """A loaded model, as the engine uses it; see ``model.encoder.Encoder``."""

    @property
    def preprocess(self) -> Preprocess:
        """How upright pixels become what the model looks at."""

    @property
    def ahead(self) -> int:
        """How many batches may be computed, by as many threads, beside the one waited for."""

    @property
    def at_once(self) -> int:
        """How many photos are computed at the same time: a batch is to hold a multiple of it."""

    def images(self, batch: NDArray[Any], /) -> Float32:
        """Return float32 [N, D] of uint8 [N, H, W, 3]."""

    def labels(self, labels: Sequence[str], prompts: Sequence[str], /) -> Float32:
        """Return float32 [M, D] of labels."""


class Loaded(NamedTuple):
    """A loaded model, the files that its weights came from, and what else decides its vectors."""

    encoder: Encodes
    files: tuple[Path, ...]
    kind: str


def load(settings: Settings, say: Callable[[str], None]) -> Loaded:
    """Load the model of the settings into this process; ``say`` what a person should know."""
    keep_large()
    name, pretrained = settings.model_name, settings.pretrained
    files = () if name == EMBEDDED else find_weights(name, pretrained)
    with _warnings_of(load_clip.__module__) as warnings:
        model, preprocess, tokenizer, device = load_clip(name, pretrained, settings.device)
    if not warnings and settings.device.startswith("cuda") and device.type == "cpu":
        warnings = ["CUDA is not here: computing on the CPU"]
    for text in warnings:
        say(text)
    if settings.compile and device.type == "cpu":
        say("compile is for CUDA: computing on the CPU without it")
    encoder = Encoder(
        model, preprocess, tokenizer, device,
        precision=settings.precision, compiled=settings.compile, owned=True, say=say,
    )  # fmt: skip
    # QuickGELU is chosen by the tag, not by the file.
    kind = f"{preprocess.identity} {getattr(model, 'quick_gelu', pretrained)}"
    return Loaded(encoder, files, kind)


def weights_digest(settings: Settings) -> str:
    """Return what identifies the weights that the settings mean; see ``find_weights``."""
    if settings.model_name == EMBEDDED:
        return embedded.digest()
    return digest_of(find_weights(settings.model_name, settings.pretrained))


@contextlib.contextmanager
def _warnings_of(module: str) -> Iterator[list[str]]:
    """Collect what a module warns of."""
    messages: list[str] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = lambda record: messages.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger(module)
    logger.addHandler(handler)
    try:
        yield messages
    finally:
        logger.removeHandler(handler)


def _named(exact: KnownModel, settings: Settings) -> KnownModel:
    """Return the model by the names that vectors and suggestions are kept under."""
    end = _OF_THUMBNAILS if settings.from_thumbs else ""
    return exact._replace(model=exact.model + end, pictures=exact.pictures + end)


def place_of(known: KnownModel, kind: str) -> Path:
    """Return where a model's vectors of a kind, ``images`` or ``labels``, lie in a run_dir."""
    # Labels do not depend on how photos are seen, nor photos on how words are read.
    name = known.model.removesuffix(_OF_THUMBNAILS) if kind == "labels" else known.pictures
    return Path(VECTORS_FOLDER, name, kind)


def _of_words(encoder: Encodes, each: Sequence[Sequence[str]], prompts: Sequence[str]) -> Float32:
    """Return float32 [M, D] of labels, each by its words: of several, the mean."""
    vectors = encoder.labels([word for of_label in each for word in of_label], prompts)
    if len(vectors) == len(each):
        return vectors
    starts = np.cumsum([0, *map(len, each)])[:-1]
    counts = np.array([len(of_label) for of_label in each], np.float32)
    means = np.add.reduceat(normalised(vectors), starts, axis=0) / counts[:, None]
    return means.astype(np.float32, copy=False)


class Model:
    """Answers what the model is called and gives its vectors; loads it when it must.

    With ``writable`` False it gives what is there, and nothing of the store is changed. With a
    ``remote`` the model lives in other processes. A ``tree`` stands in for the labels file's.
    Several threads may use it.
    """

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,
        run_dir: Path,
        say: Callable[[str], None],
        *,
        writable: bool = True,
        remote: Computes | None = None,
        tree: LabelTree | None = None,
    ) -> None:
        self._settings = settings
        self.tree = tree or tree_of(settings)
        self._catalogue = catalogue
        self._run_dir = run_dir
        self._say = say
        self._writable = writable
        self._remote = remote
        self._encoder: Encodes | None = None
        self._known: KnownModel | None = None
        self._stores: dict[str, Vectors] = {}
        self._loading, self._opening = threading.RLock(), threading.Lock()
        self._begun: Future[Encodes] | None = None

    @property
    def loaded(self) -> bool:
        """Whether the model has been loaded, and its process has not ended since."""
        return self._encoder is not None and (self._remote is None or self._remote.loaded)

    def use(self, settings: Settings) -> None:
        """Go on with other settings; the model they name must be the same."""
        self._settings = settings
        self.tree = tree_of(settings)

    @property
    def known_or_none(self) -> KnownModel | None:
        """The model's id and the digest of its weights, where they are known without loading."""
        if self._known is None:
            name, pretrained = self._settings.model_name, self._settings.pretrained
            exact: KnownModel | None
            if name == EMBEDDED:
                digest, kind = embedded.digest(), str(PREPROCESS_VERSION)
                pictures = model_id(name, embedded.picture_digest(), kind)
                exact = KnownModel(model_id(name, digest, kind), digest, pictures)
            else:
                exact = known_model(self._catalogue, name, pretrained)
            self._known = exact and _named(exact, self._settings)
        return self._known

    @property
    def known(self) -> KnownModel:
        """The model's id and the digest of its weights; loads it where they are new."""
        if self.known_or_none is None:
            self._load()
        assert self._known is not None
        return self._known

    @property
    def encoder(self) -> Encodes:
        """The loaded model."""
        return self._load()

    def begin_loading(self) -> None:
        """Begin to load the model on a thread; whoever asks for it waits, and gets its errors."""
        if self._begun is None and not self.loaded:
            begun: Future[Encodes] = Future()
            self._begun = begun

            def load_it() -> None:
                try:
                    begun.set_result(self._load_now())
                # This thread's edge: told where the model is asked for.
                except Exception as error:  # noqa: BLE001
                    begun.set_exception(error)

            threading.Thread(target=load_it, name="model", daemon=True).start()

    def _load(self) -> Encodes:
        begun, self._begun = self._begun, None
        return self._load_now() if begun is None else begun.result()

    def _load_now(self) -> Encodes:
        settings = self._settings
        name, pretrained = settings.model_name, settings.pretrained
        with self._loading:
            if self._encoder is not None and self.loaded:
                return self._encoder
            load_it = self._remote.load if self._remote else load
            self._encoder, files, kind = load_it(settings, self._say)
            if files and self._known is None:
                digest = digest_of(files)
                short = hashlib.sha256(kind.encode()).hexdigest()[:8]
                model = model_id(name, digest, short)
                exact = KnownModel(model, digest, model)
                remember_model(self._catalogue, name, pretrained, files, exact)
                self._known = _named(exact, self._settings)
            return self._encoder

    def looked_at(
        self, asked: Asked, items: Iterable[tuple[int, str]], before: Callable[[], None]
    ) -> Generator[Batch, None, None]:
        """Yield batches of looks at photos (position, path); see ``batches.looked_at``.

        With a preprocess the model must have been loaded.
        """
        if self._remote:
            return self._remote.looked_at(asked, items, self._say, before)

        def images(batch: NDArray[Any]) -> Float32:
            return self.encoder.images(batch)

        if not asked.preprocess:
            return looked_at(asked, items, images, before)
        encoder = self.encoder
        return looked_at(asked, items, images, before, ahead=encoder.ahead, at_once=encoder.at_once)

    @property
    def folder(self) -> Path:
        """Where this model's vectors of photos are kept."""
        return self._run_dir / VECTORS_FOLDER / self.known.pictures

    @property
    def is_renewed(self) -> bool:
        """Whether all vectors here are of this model as it was before: other weights or recipe."""
        if len(self.images):
            return False
        name = self.known.pictures.rsplit("-", 2)[0]
        before = self._run_dir.glob(f"{VECTORS_FOLDER}/{glob.escape(name)}-*-*")
        of_thumbs = self._settings.from_thumbs
        others = [
            path
            for path in before
            if path.name.rsplit("-", 2)[0] == name
            and path.name.endswith(_OF_THUMBNAILS) == of_thumbs
            and (path / "images").is_dir()
        ]
        return any(path != self.folder for path in others)

    @property
    def images(self) -> Vectors:
        """The photos' vectors of this model."""
        return self.vectors("images")

    def vectors(self, kind: str) -> Vectors:
        """Return this model's vectors of a kind: ``images`` or ``labels``."""
        place = place_of(self.known, kind)
        with self._opening:
            if kind not in self._stores:
                check = self._catalogue.check_place
                if self._writable:
                    check()
                    make_below(self._run_dir, *place.parts)
                self._stores[kind] = Vectors(
                    self._run_dir / place,
                    writable=self._writable,
                    say=self._say,
                    check=check,
                )
            return self._stores[kind]

    def must_load(self, labels: list[str]) -> bool:
        """Tell whether the model has to be loaded to give these labels' vectors."""
        if self.loaded:
            return False
        if self.known_or_none is None:
            return True
        keys = as_keys(map(self._label_key, labels))
        return not self.vectors("labels").has(keys).all()

    def labels(self, labels: list[str], before: Callable[[], None] = lambda: None) -> Float32:
        """Return the labels' vectors float32 [M, D]; only new labels are computed.

        ``before`` is called before each batch of them is computed, and may raise.
        """
        settings = self._settings
        store = self.vectors("labels")
        keys = [self._label_key(label) for label in labels]
        missing = np.flatnonzero(~self.labels_here(labels)).tolist()
        for start in range(0, len(missing), settings.batch_labels):
            block = missing[start : start + settings.batch_labels]
            before()
            vectors = _of_words(
                self.encoder,
                [self.tree.words(labels[position]) for position in block],
                settings.prompts,
            )
            store.append([keys[position] for position in block], vectors)
        return store.get(as_keys(keys))

    def labels_here(self, labels: list[str]) -> NDArray[np.bool_]:
        """Tell which labels have vectors, without loading the model."""
        return self.vectors("labels").has(as_keys(self._label_key(label) for label in labels))

    def with_vectors(self, labels: list[str]) -> list[str]:
        """Return those of some labels that have vectors, without loading the model."""
        if self.known_or_none is None:
            return []
        has_vector = self.labels_here(labels).tolist()
        return [label for label, has in zip(labels, has_vector, strict=True) if has]

    def take_labels(self, labels: list[str], vectors: Float32) -> None:
        """Add labels' vectors float32 [M, D] that were computed elsewhere, where they are new."""
        store = self.vectors("labels")
        keys = [self._label_key(label) for label in labels]
        new = np.flatnonzero(~store.has(as_keys(keys))).tolist()
        store.append([keys[position] for position in new], vectors[new])

    @property
    def prompts(self) -> str:
        """The prompts, as what a label's vector is known by holds them."""
        return json.dumps(list(self._settings.prompts))

    def _label_key(self, label: str) -> bytes:
        words = self.tree.words(label)
        text = json.dumps([list(self._settings.prompts), words[0] if len(words) == 1 else words])
        return hashlib.sha1(text.encode(), usedforsecurity=False).digest()

    def flush(self) -> None:
        """Put every vector that is still in memory on disk."""
        for store in list(self._stores.values()):
            store.flush()

    def stop(self) -> None:
        """End the model's process at once, also in the middle of a batch, from any thread."""
        if self._remote:
            self._remote.stop()

    def release(self) -> bool:
        """End the model's process, unless that is loading it; the next use loads the model anew."""
        begun = self._begun
        is_loading = begun is not None and not begun.done()
        if is_loading or not self._loading.acquire(blocking=False):
            return False
        try:
            self._begun = None
            if self._remote:
                self._remote.close()
        finally:
            self._loading.release()
        return True

    def close(self) -> None:
        """Put every vector that is still in memory on disk, and end the model's process."""
        try:
            self.flush()
        finally:
            if self._begun is not None and not self._begun.done():
                self.stop()  # nobody waits for it any more
            if self._remote:
                self._remote.close()
