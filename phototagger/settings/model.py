"""Every setting once: its name, default, bounds and one sentence.

The command line's flags, ``config.yaml``, docs/settings.md and a run's ``config.json`` are all
made from the dataclass here.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from phototagger.formats import FORMATS, USUAL

PLACEHOLDER_ROOT = "/path/to/test"
"""The root in the ``config.yaml`` that ships with the project; it counts as none chosen."""


@dataclass(frozen=True)
class Rule:
    """What is known about one setting beside its default: how to check it and how to say it."""

    sentence: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    is_path: bool = False
    flag: str | None = None
    may_be_empty: bool = False


def _setting(default: Any, sentence: str, **details: Any) -> Any:
    rule = Rule(sentence, **details)
    if isinstance(default, dict):
        return field(default_factory=lambda: dict(default), metadata={"rule": rule})
    return field(default=default, metadata={"rule": rule})


class AutoThreshold(float):
    """A threshold that is settled for library and model; a number until there is more to go by."""

    __slots__ = ()


class SettledThreshold(AutoThreshold):
    """The number at which it was settled; a person still said no other."""

    __slots__ = ()


@dataclass(frozen=True)
class Settings:
    """All settings of one job; every value has been checked."""

    root: str = _setting(
        "",
        "The folder that holds the photos, subfolders included.",
        is_path=True,
        may_be_empty=True,
    )
    labels_file: str = _setting(
        "labels.txt",
        "The text file with the labels to suggest, one a line.",
        is_path=True,
        flag="--labels",
    )
    model_name: str = _setting(
        "ViT-L-14", "The CLIP model, by its open_clip name; `embedded` needs no download."
    )
    pretrained: str = _setting(
        "openai",
        "The weights of the model: an open_clip tag, or a path to a weights file; "
        "`embedded` ignores it.",
    )
    batch_images: int = _setting(
        64,
        "How many photos are computed and kept in one go; a vector does not depend on it.",
        low=1,
        high=4096,
    )
    batch_labels: int = _setting(
        64,
        "How many labels are computed and kept in one go; a vector does not depend on it.",
        low=1,
        high=4096,
    )
    threshold: float = _setting(
        0.25,
        "A label whose cosine with a photo is at least this is over the threshold; `auto` settles "
        "it once for library and model, where one label a photo is over it.",
        low=-1.0,
        high=1.0,
    )
    topk: int = _setting(
        5, "How many of its best labels are kept and shown for each photo.", low=1, high=100
    )
    max_images: int = _setting(
        10000, "How many photos are taken at most, in scan order; 0 takes all.", low=0, high=10**9
    )
    run_dir: str = _setting(
        "runs",
        "The folder for runs, decisions and vectors; keep using the same one for the same photos.",
        is_path=True,
    )
    cache_dir: str = _setting("thumb_cache", "The folder of thumbnails.", is_path=True)
    prompt: str | tuple[str, ...] = _setting(
        "a photo of {}",
        "The sentence a label is put into for the model; a list is averaged.",
    )
    device: str = _setting(
        "auto",
        "Where the model computes: `auto`, `cpu`, `cuda` (all cards) or `cuda:N`.",
    )
    precision: str = _setting(
        "auto",
        "The number format of the model on CUDA; the CPU always computes in float32.",
        choices=("auto", "float32", "float16", "bfloat16"),
    )
    compile: bool = _setting(
        False,  # noqa: FBT003
        "Compile the model on CUDA with torch.compile: slower to start, faster after.",
    )
    from_thumbs: bool = _setting(
        False,  # noqa: FBT003
        "Make vectors from cached thumbnails: fast for photos that are known, not quite exact, and "
        "kept apart.",
    )
    max_pixels: int = _setting(
        100_000_000,
        "Photos with more pixels than this are not opened.",
        low=1_000_000,
        high=10_000_000_000,
    )
    sidecar_style: str = _setting(
        "append",
        "A sidecar's name: `append` gives IMG.jpg.xmp, `replace` gives IMG.xmp.",
        choices=("append", "replace"),
    )
    formats: tuple[str, ...] = _setting(
        USUAL,
        "The formats of photos to read, such as `jpeg,png,webp`.",
        choices=tuple(FORMATS),
    )
    pair_raw: bool = _setting(
        True,  # noqa: FBT003
        "A raw with its JPEG beside it is one photo: the JPEG is shown, the sidecars are of both.",
    )
    parents: bool = _setting(
        False,  # noqa: FBT003
        "Write the levels above a label of a tree into sidecars, too, as keywords of their own.",
    )
    label_case: str = _setting(
        "lower",
        "How labels are shown and written: in lower case, or with `keep` as the labels file spells "
        "them.",
        choices=("lower", "keep"),
    )
    images: str = _setting(
        "auto",
        "How the review draws pictures.",
        choices=("auto", "kitty", "sixel", "sextant", "quadrant", "halfcell", "none"),
    )
    columns: int = _setting(6, "How many thumbnails stand in a row of the review.", low=1, high=50)
    discover: tuple[str, ...] = _setting(
        (),
        "Providers of labels beyond the labels file that a run asks, too: a list of names; "
        "`phototagger discover list` says which there are.",
    )
    theme: str = _setting(
        "",
        "The colours of the review, such as `textual-light`; ctrl+p, theme lists them. "
        "Empty takes the usual dark ones.",
        may_be_empty=True,
    )
    settle: float = _setting(
        0.4,
        "How many seconds a question of the review is there before enter answers it; 0 does not "
        "wait.",
        low=0,
        high=5,
    )
    stack_seconds: float = _setting(
        10.0,
        "Photos that follow each other within so many seconds and are alike are one stack in the "
        "review; 0 makes none.",
        low=0,
        high=3600,
    )
    keys: Mapping[str, str] = _setting({}, "Keys of the review to rebind: action: key.")

    @property
    def prompts(self) -> tuple[str, ...]:
        """The prompt, or the prompts of an ensemble, as a tuple."""
        return (self.prompt,) if isinstance(self.prompt, str) else tuple(self.prompt)

    def frozen(self) -> dict[str, Any]:
        """Return the settings as plain JSON data, in their order."""
        values = dataclasses.asdict(self)
        return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}


FIRST_TEN = tuple(f.name for f in dataclasses.fields(Settings)[:10])
"""The settings that stand in the ``config.yaml`` that ships with the project."""

RULES: Mapping[str, Rule] = {f.name: f.metadata["rule"] for f in dataclasses.fields(Settings)}


def default_of(name: str) -> Any:
    """Return a setting's default."""
    return getattr(Settings(), name)


def written_default(name: str) -> str:
    """Return a setting's default as a person would write it; empty where there is none."""
    default = default_of(name)
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple):
        return ",".join(default)
    return "" if default in ("", {}) else str(default)


def flag_of(name: str) -> str:
    """Return the flag of a setting: ``--batch-images`` of ``batch_images``."""
    return RULES[name].flag or "--" + name.replace("_", "-")
