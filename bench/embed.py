"""``embed``, ``load``, ``moved``, ``one_shape``: what a command over new photos costs, by part.

``embed``: CPU seconds (user and system) of the command, loading the model included, against the
same work done bare by a process of its own. ``load``: the memory of a model while it is loaded,
over that of the imports, against its weights. ``moved``: a run after photos were moved, against a
run after nothing was. ``one_shape``: photos through the encoder, whose chunks are filled up,
against the same on as many threads with a shorter last chunk; and one photo alone, against eight.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from bench.bare import forward
from bench.command import command, places, process
from bench.figures import Figure, alone, compared, measured
from bench.pictures import big_photos, copies, small_photos
from bench.weights import MODEL, SMALL_MODEL, random_weights
from phototagger.core.clip_model import EMBEDDED, load_clip
from phototagger.model.cores import Cores
from phototagger.model.encoder import Encoder

_LOAD = """
import json, re, sys
import open_clip, torch
from phototagger.core.clip_model import load_clip

def peak():
    return int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1]) / 1024

before = peak()
model = load_clip(sys.argv[1], sys.argv[2], "cpu")[0]
weights = sum(part.numel() * part.element_size() for part in model.state_dict().values()) / 2**20
print(json.dumps([peak() - before, weights]))
"""


def embed(*, small: bool) -> list[Figure]:
    """Return the figures of the ``embed`` row."""
    rounds, different = (1, 1) if small else (3, 6)
    kinds = [(EMBEDDED, 4)] if small else [(EMBEDDED, 200), (MODEL, 150)]
    figures = []
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as name:
        for model, count in kinds:
            place = Path(name, model)
            photos = copies(big_photos(different), place / "photos", count)
            weights = [] if model == EMBEDDED else [random_weights(model, place)]
            ours, bare, peaks = [], [], []
            for number in range(rounds):
                bare.append(process(["-m", "bench.bare", photos, model, *weights]).spent.cpu)
                ran = command("embed", *places(photos, place / str(number), model, *weights))
                ours.append(ran.spent.cpu)
                peaks.append(ran.said["peak"] / 2**20)
            figures += [
                compared(
                    f"embed {model}", "CPU s", ours, bare, "<= 1.15 x bare",
                    lambda _, ratio: ratio <= 1.15, note=f"{count} photos, user and system",
                ),
                alone(f"embed {model} memory", "MB", peaks),
            ]  # fmt: skip
    return figures


def load(*, small: bool) -> list[Figure]:
    """Return the figures of the ``load`` row."""
    model, rounds = (SMALL_MODEL, 1) if small else (MODEL, 3)
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as name:
        weights = random_weights(model, Path(name))
        words = [sys.executable, "-c", _LOAD, model, str(weights)]
        runs = [subprocess.run(words, capture_output=True, check=True) for _ in range(rounds)]
        sizes = [json.loads(ran.stdout.splitlines()[-1]) for ran in runs]
    return [
        compared(
            "load", "MB", [more for more, _ in sizes], [weight for _, weight in sizes],
            "<= 1.3 x the weights", lambda _, ratio: ratio <= 1.3, note="beyond the imports",
        )
    ]  # fmt: skip


def moved(*, small: bool) -> list[Figure]:
    """Return the figures of the ``moved`` row."""
    rounds, count = (1, 4) if small else (5, 12)
    same, after, torch = [], [], []
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as name:
        place = Path(name)
        photos = copies(small_photos(count), place / "photos" / "0", count).parent
        words = ["run", *places(photos, place, EMBEDDED)]
        command(*words)
        for number in range(rounds):
            same.append(command(*words).spent.cpu)
            (photos / str(number)).rename(photos / str(number + 1))
            ran = command(*words)
            after.append(ran.spent.cpu)
            torch.append(float(ran.said["torch"]))
    return [
        compared(
            "moved", "CPU s", after, same, "<= 1.3 x unchanged", lambda _, ratio: ratio <= 1.3,
            note=f"{count} photos",
        ),
        alone("moved torch", "imports", torch, "no torch", lambda value: value == 0),
    ]  # fmt: skip


def one_shape(*, small: bool) -> list[Figure]:
    """Return the figures of the ``one_shape`` row."""
    rounds, count = (1, 20) if small else (3, 1000)
    model, preprocess, tokenizer, device = load_clip(EMBEDDED, device="cpu")
    encoder = Encoder(model, preprocess, tokenizer, device)
    batch = 64
    size = (batch, preprocess.height, preprocess.width, 3)
    pixels = np.random.default_rng(0).integers(0, 256, size, np.uint8)
    parts = [pixels[: min(batch, count - start)] for start in range(0, count, batch)]
    cores = Cores()

    def unfilled(part: np.ndarray) -> None:
        chunks = [part[start : start + 8] for start in range(0, len(part), 8)]
        cores.each(lambda chunk: forward(chunk, model, preprocess), chunks)

    whole, bare, single, eight = [], [], [], []
    for _ in range(rounds):
        bare.append(measured(lambda: [unfilled(part) for part in parts]).cpu)
        whole.append(measured(lambda: [encoder.images(part) for part in parts]).cpu)
        eight.append(measured(lambda: forward(pixels[:8], model, preprocess)).cpu)
        single.append(measured(lambda: encoder.images(pixels[:1])).cpu)
    return [
        compared(
            "one_shape", "CPU s", whole, bare, "", lambda *_: True,
            note=f"{count} photos, embedded",
        ),
        compared(
            "one_shape, one photo", "CPU s", single, eight, "<= 8 photos",
            lambda _, ratio: ratio <= 1.2,
        ),
    ]  # fmt: skip
