"""run --engine ray, as it is typed, in a process of its own."""

from pathlib import Path

import numpy as np

from phototagger.errors import ExitCode
from tests.cli.conftest import SAMPLES
from tests.engine.pictures import picture


def vectors(folder: Path) -> dict[str, np.ndarray]:
    """Return the vectors of a run_dir by the file that they lie in."""
    files = folder.glob("runs/vectors/*/*/*.npy")
    return {str(file.relative_to(folder)): np.load(file) for file in files}


def test_a_cluster_of_this_machine_says_what_a_run_without_it_says(template, tagger):
    folder, _ = template
    (tagger.folder / "labels.txt").write_bytes((folder / "labels.txt").read_bytes())
    done = tagger("run", SAMPLES, "--model-name", "embedded", "--engine", "ray")
    assert done.returncode == 0, done.stderr
    assert "a Ray cluster computes: node 1 (" in done.stderr
    assert "embed: 19 new" in done.stderr
    assert len(done.stdout.splitlines()) == 1
    plain, by_nodes = vectors(folder), vectors(tagger.folder)
    assert plain.keys() == by_nodes.keys()
    for name, rows in plain.items():
        assert rows.tobytes() == by_nodes[name].tobytes(), name


def test_what_is_typed_wrong_is_told(tagger):
    picture(tagger.folder / "photos" / "a.jpg", 1)
    for words in (["--engine", "spark"], ["--ray-address", "here:6379"]):
        assert tagger("embed", "photos", *words).returncode == ExitCode.USAGE, words
    assert tagger("score", "photos", "--engine", "ray").returncode == ExitCode.USAGE
    assert not (tagger.folder / "runs").exists()
