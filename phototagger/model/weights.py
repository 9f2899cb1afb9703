"""Which files hold a model's weights, and what identifies them; nothing is loaded here."""

import difflib
import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from phototagger.errors import MissingError, UsageError
from phototagger.printable import printable

CONNECT_SECONDS = 5.0
"""How long one attempt to reach the hub may take before it counts as unreachable."""

_BLOCK = 2**20
_WEIGHT_SUFFIXES = (".safetensors", ".bin", ".pth")  # what open_clip looks for in a folder


def open_clip_module() -> ModuleType:
    """Import open_clip; raises MissingError with the cure where its own imports fail."""
    try:
        import open_clip
    except (ImportError, RuntimeError) as error:
        raise MissingError(
            f"open_clip cannot be imported: {error}. torch and torchvision must be of one build",
            "reinstall both with `pip install --force-reinstall torch torchvision`, "
            "or use `--model-name embedded`",
        ) from error
    module: ModuleType = open_clip
    return module


def find_weights(model_name: str, pretrained: str) -> tuple[Path, ...]:
    """Return the files that hold the weights of an open_clip model, downloading them if need be.

    Raises UsageError for a model or tag that does not exist, MissingError where the weights are
    neither here nor reachable.
    """
    kind, _, name = model_name.partition(":")
    if kind == "local-dir":
        return _in_folder(Path(name))
    if os.path.isabs(pretrained) and kind != "hf-hub":  # noqa: PTH117
        if not Path(pretrained).is_file():
            raise MissingError(
                f"{printable(pretrained)}: there is no such weights file",
                "name one with --pretrained",
            )
        check_name(open_clip_module(), model_name)
        return (Path(pretrained),)
    open_clip = open_clip_module()
    source = _source(open_clip, kind, name, model_name, pretrained)
    return (Path(_downloaded(open_clip, source, model_name, pretrained)),)


def weights_here(model_name: str, pretrained: str) -> tuple[Path, ...] | None:
    """Return the files of a model's weights, None where they would have to be downloaded."""
    kind, _, name = model_name.partition(":")
    if kind == "local-dir" or os.path.isabs(pretrained):  # noqa: PTH117
        return find_weights(model_name, pretrained)
    source = _source(open_clip_module(), kind, name, model_name, pretrained)
    file = _cached(source)
    return (Path(file),) if file else None


def digest_of(files: tuple[Path, ...]) -> str:
    """Return the SHA-256 of the files' bytes, one after the other, as hex."""
    digest = hashlib.sha256()
    for path in files:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    return digest.hexdigest()


def _in_folder(folder: Path) -> tuple[Path, ...]:
    files = tuple(sorted(folder.glob("*"))) if folder.is_dir() else ()
    weights = tuple(path for path in files if path.suffix in _WEIGHT_SUFFIXES)
    config = folder / "open_clip_config.json"
    if not weights or not config.is_file():
        raise MissingError(
            f"{printable(folder)}: holds no open_clip model",
            "open_clip_config.json and a weights file must be there",
        )
    return (config, *weights)


def _source(
    open_clip: ModuleType, kind: str, name: str, model_name: str, pretrained: str
) -> dict[str, Any]:
    if kind == "hf-hub":
        return {"hf_hub": name + "/"}
    return _known_tag(open_clip, model_name, pretrained)


def trained_with(open_clip: ModuleType, model_name: str, pretrained: str) -> dict[str, Any]:
    """Return what open_clip knows of a tag: where it lies and how it was trained; {}: no tag."""
    config: dict[str, Any] = open_clip.get_pretrained_cfg(_cleaned(model_name), pretrained)
    return config


def _cleaned(model_name: str) -> str:
    return model_name.replace("/", "-")  # ViT-B/32, as papers write it


def check_name(open_clip: ModuleType, model_name: str) -> None:
    """Raise UsageError with the nearest names where open_clip has no such model."""
    models = open_clip.list_models()
    if _cleaned(model_name) not in models:
        near = difflib.get_close_matches(model_name, [*models, "embedded"], n=3, cutoff=0.0)
        raise UsageError(f"model_name: open_clip has no {model_name!r}", f"near: {', '.join(near)}")


def _known_tag(open_clip: ModuleType, model_name: str, pretrained: str) -> dict[str, Any]:
    check_name(open_clip, model_name)
    config = trained_with(open_clip, model_name, pretrained)
    if not config:
        tags = open_clip.list_pretrained_tags_by_model(_cleaned(model_name))
        raise UsageError(
            f"pretrained: {pretrained!r} is no weights file and no tag of {model_name}",
            f"its tags: {', '.join(tags) or 'none'}",
        )
    return config


def _downloaded(
    open_clip: ModuleType, source: dict[str, Any], model_name: str, pretrained: str
) -> str:
    import http.client

    cached = _cached(source)
    if cached is not None:
        return cached
    model = f"{model_name} ({pretrained})"
    if not _reachable(_address(source)):
        raise _unavailable(source, model, "the network cannot be reached")
    try:
        return str(open_clip.download_pretrained(source))
    except (OSError, RuntimeError, ValueError, http.client.HTTPException) as error:
        raise _unavailable(source, model, str(error)) from error


def _unavailable(source: dict[str, Any], model: str, why: str) -> MissingError:
    repository, name = os.path.split(source.get("hf_hub") or source.get("url", ""))
    file = f"{next(_file_names(name))} of {repository}"
    return MissingError(
        f"the weights of {model} are not in {_cache_folder(source)}, and could not be "
        f"downloaded: {why}",
        f"go online once, or fetch {file} elsewhere and name the file with "
        "--pretrained /PATH, or use `--model-name embedded`, which needs no download",
    )


def _cached(source: dict[str, Any]) -> str | None:
    """Return the file that open_clip would find without the network."""
    if source.get("file"):
        return str(source["file"])
    if not source.get("hf_hub"):
        file = Path(_cache_folder(source)) / Path(source.get("url", "")).name
        return str(file) if file.is_file() else None
    from huggingface_hub import try_to_load_from_cache

    repository, name = os.path.split(source["hf_hub"])
    for candidate in _file_names(name):
        cached = try_to_load_from_cache(repository, candidate)
        if isinstance(cached, str):
            return cached
    return None


def _file_names(name: str) -> Iterator[str]:
    name = name or "open_clip_pytorch_model.bin"
    if name == "open_clip_pytorch_model.bin":
        yield "open_clip_model.safetensors"
    elif name.endswith((".bin", ".pth")):
        yield name[:-4] + ".safetensors"
    yield name


def _cache_folder(source: dict[str, Any]) -> str:
    if source.get("hf_hub"):
        from huggingface_hub.constants import HF_HUB_CACHE

        return str(HF_HUB_CACHE)
    return str(Path("~/.cache/clip").expanduser())


def _address(source: dict[str, Any]) -> str:
    if source.get("hf_hub"):
        from huggingface_hub.constants import ENDPOINT, HF_HUB_OFFLINE

        return "" if HF_HUB_OFFLINE else str(ENDPOINT)
    return str(source.get("url", ""))


def _reachable(address: str) -> bool:
    """Try once to reach an address; the hub's own client would retry for minutes."""
    # Not above: they cost the review a tenth of its start.
    import http.client
    import urllib.error
    import urllib.request

    answered = threading.Event()

    def ask() -> None:
        request = urllib.request.Request(address, method="HEAD")  # noqa: S310
        try:
            urllib.request.urlopen(request, timeout=CONNECT_SECONDS).close()  # noqa: S310
        except urllib.error.HTTPError:
            answered.set()  # any answer is an answer
        except (OSError, http.client.HTTPException):
            return
        answered.set()

    if not address.startswith(("https://", "http://")):  # HF_ENDPOINT may name a plain mirror
        return False
    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(CONNECT_SECONDS)  # looking the name up has no time limit of its own
    return answered.is_set()
