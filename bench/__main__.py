"""Runs benchmarks by name, each interleaved with its baseline, and prints their figures.

    python -m bench [NAME ...] [--small] [--json]
    python -m bench keys SET.npz [--by photo|label] [--screen 120x40] [--json]

Without a name all of them run. ``--json``: one object a line on stdout. Exit code 1 where a figure
misses what it must reach, but not with ``--small``, which only shows that each runs.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from typing import TYPE_CHECKING

from bench.figures import narrate, show

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.figures import Figure

BENCHMARKS = {
    "rerun": "bench.rerun:rerun",
    "preprocess": "bench.decode:preprocess",
    "two_outputs": "bench.decode:two_outputs",
    "formats": "bench.formats:formats",
    "pipeline": "bench.pipeline:pipeline",
    "embed": "bench.embed:embed",
    "load": "bench.embed:load",
    "moved": "bench.embed:moved",
    "one_shape": "bench.embed:one_shape",
    "shards": "bench.shards:shards",
    "gpu": "bench.gpu:gpu",
    "cores": "bench.cores:cores",
    "peer": "bench.peer:peer",
    "score": "bench.score:score",
    "labels": "bench.labels:labels",
    "find": "bench.find:find",
    "sidecars": "bench.sidecars:sidecars",
    "ui": "bench.ui:ui",
    "million": "bench.million:million",
    "first": "bench.first:first",
    "ui_leak": "bench.ui_leak:ui_leak",
    "decide": "bench.decide:decide",
    "keys": "bench.keys:keys",
}
"""Where each benchmark is; its imports wait until it runs."""


def _benchmark(name: str) -> Callable[..., list[Figure]]:
    module, _, function = BENCHMARKS[name].partition(":")
    benchmark: Callable[..., list[Figure]] = getattr(importlib.import_module(module), function)
    return benchmark


def main(argv: list[str] | None = None) -> int:
    words = sys.argv[1:] if argv is None else argv
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # who uses it has its modules compiled
    if words[:1] == ["keys"] and any(word.endswith(".npz") for word in words):
        from bench.keys import main as play_keys

        return play_keys(words[1:])
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--small", action="store_true", help="only show that each runs")
    parser.add_argument("--json", action="store_true", help="one object a line on stdout")
    chosen = parser.parse_args(argv)
    if unknown := [name for name in chosen.names if name not in BENCHMARKS]:
        parser.error(f"there is no {', '.join(unknown)}; the benchmarks: {', '.join(BENCHMARKS)}")
    met = True
    for name in chosen.names or BENCHMARKS:
        narrate(f"{name} ...")
        for figure in _benchmark(name)(small=chosen.small):
            show(figure, as_json=chosen.json)
            met &= figure.ok
    return 0 if met or chosen.small else 1


if __name__ == "__main__":
    sys.exit(main())
