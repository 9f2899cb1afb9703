"""``peer``: against rclip 3.3.0 on the same photos with the same weights, ViT-B-32-256, CPU.

rclip runs in an environment of its own (``build/bench/rclip``, made with pip on first use), its
model is the same random weights exported to ONNX, and both have their model loaded when the clock
starts. What each does is in the note: rclip reads, hashes, decodes in threads at full size, runs
ONNX Runtime in batches of its default 8 and stores vectors; phototagger's ``run``, to the end of
the command, reads, hashes, decodes, makes thumbnails, runs torch and stores vectors, suggestions,
medoids and tables. Where rclip cannot be installed the row is left out, and said so.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from bench.command import command, places
from bench.figures import Figure, Spent, compared, narrate
from bench.pictures import big_photos, copies
from bench.weights import random_weights

MODEL = "ViT-B-32-256"
_RCLIP = "rclip==3.3.0"
_EXPORT = ("onnx", "onnxscript", "onnx-ir", "ml_dtypes", "protobuf")
_BATCH = "8"  # rclip's own default
_PLACE = Path(__file__).parents[1] / "build" / "bench"
_NOTE = "theirs: no thumbnails, suggestions or tables; ours: all of them"

_EXPORTER = """
import sys, warnings
warnings.simplefilter("ignore")
sys.path.append(sys.argv[4])
import open_clip, torch
model = open_clip.create_model(sys.argv[1], pretrained=sys.argv[2]).eval()
class Visual(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.model = model
    def forward(self, input):
        return self.model.encode_image(input)
torch.onnx.export(
    Visual(), (torch.randn(2, 3, 256, 256),), sys.argv[3], input_names=["input"],
    output_names=["output"], dynamic_shapes={"input": {0: torch.export.Dim("n")}},
    external_data=False, dynamo=True,
)
"""


def _environment() -> Path | None:
    """Return the Python of rclip's own environment, None where it cannot be made."""
    python = _PLACE / "rclip" / "bin" / "python"
    tools = _PLACE / "onnx"
    try:
        if not _imports(python, "import rclip.main, onnxruntime"):
            venv.create(_PLACE / "rclip", with_pip=True, clear=True)
            _quietly(python, "-m", "pip", "install", _RCLIP)
        if not (tools / "onnxscript").is_dir():
            # Beside torch's own environment: these are only needed to export to what rclip takes.
            _quietly(python, "-m", "pip", "install", "--no-deps", "--target", tools, *_EXPORT)
    except (OSError, subprocess.CalledProcessError):
        return None
    return python


def _imports(python: Path, statement: str) -> bool:
    if not python.exists():
        return False
    done = subprocess.run([python, "-c", statement], capture_output=True, check=False)
    return done.returncode == 0


def _quietly(*words: object) -> None:
    subprocess.run([str(word) for word in words], check=True, capture_output=True, timeout=600)


def _indexed(python: Path, photos: Path, data: Path) -> Spent:
    """Index the photos with rclip, into an empty database."""
    (data / "db.sqlite3").unlink(missing_ok=True)
    words = [python, Path(__file__).with_name("peer_index.py"), photos, _BATCH]
    environment = {**os.environ, "RCLIP_DATADIR": str(data)}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    report = json.loads(done.stdout.splitlines()[-1])
    if report["count"] != len(list(photos.iterdir())):
        raise RuntimeError(f"rclip indexed {report['count']} photos")
    return Spent(report["wall"], report["cpu"])


def peer(*, small: bool) -> list[Figure]:
    """Return the figures of the ``peer`` row; none where rclip cannot be had."""
    rounds, count, different = (1, 4, 1) if small else (3, 64, 6)
    if small and not (_PLACE / "rclip").is_dir():
        narrate("peer: left out: --small makes no environment for rclip")
        return []
    python = _environment()
    if python is None:
        narrate(f"peer: left out: {_RCLIP} cannot be installed here")
        return []
    ours: list[Spent] = []
    theirs: list[Spent] = []
    with tempfile.TemporaryDirectory(dir=Path.cwd(), prefix=".bench-") as name:
        place = Path(name)
        photos = copies(big_photos(different), place / "photos", count)
        weights = random_weights(MODEL, place)
        data = place / "rclip"
        model = data / "ViT-B-32-256-datacomp_s34b_b86k"
        (data / "tokenizer").mkdir(parents=True)
        model.mkdir()
        # Only their presence is asked for where photos are indexed.
        (model / "textual.onnx").touch()
        (data / "tokenizer" / "bpe_simple_vocab_16e6.txt.gz").touch()
        exporter = [sys.executable, "-c", _EXPORTER, MODEL, weights, model / "visual.onnx"]
        _quietly(*exporter, _PLACE / "onnx")
        for number in range(rounds):
            theirs.append(_indexed(python, photos, data))
            words = places(photos, place / str(number), MODEL, weights)
            report = command("--from-loaded", "run", *words).said
            ours.append(Spent(report["wall"], report["cpu"]))
    figures = []
    for name, part, must in (
        ("peer", "cpu", ">= 1.5x (ratio <= 0.667)"),
        ("peer wall", "wall", ""),
    ):
        figures.append(
            compared(
                name, f"{'CPU ' if part == 'cpu' else ''}ms an image",
                [1000 * getattr(spent, part) / count for spent in ours],
                [1000 * getattr(spent, part) / count for spent in theirs],
                must, lambda _, ratio, must=must: not must or ratio <= 1 / 1.5, note=_NOTE,
            )
        )  # fmt: skip
    return figures
