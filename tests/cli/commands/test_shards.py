"""embed --shard and --merge, as they are typed, in processes of their own."""

import pytest

from phototagger.errors import ExitCode
from tests.cli.conftest import SAMPLES
from tests.engine.pictures import picture

EMBEDDED = ("--root", SAMPLES, "--model-name", "embedded", "--labels", "labels.txt")


@pytest.fixture
def shards(tagger):
    """Two shards of the samples, computed by processes that know nothing of each other."""
    (tagger.folder / "labels.txt").write_text("cat\ndog\n")
    for number in (1, 2):
        own = ("--run-dir", f"part{number}", "--cache-dir", f"cache{number}")
        done = tagger("embed", *EMBEDDED, "--shard", f"{number}/2", *own)
        assert done.returncode == 0, done.stderr
        assert f"(shard {number}/2)" in done.stderr
    return tagger


def test_two_shards_are_merged_and_a_run_has_nothing_left_to_embed(shards):
    done = shards("embed", "--merge", "part1", "part2", *EMBEDDED)
    assert done.returncode == 0, done.stderr
    assert "embed: 0 new" in done.stderr
    done = shards("run", *EMBEDDED)
    assert done.returncode == 0, done.stderr
    assert "embed: 0 new" in done.stderr


def test_a_dry_run_counts_the_shard_alone(shards):
    said = shards("embed", *EMBEDDED, "--shard", "1/2", "--run-dir", "part1", "--dry-run").stderr
    assert "embed: 0 to compute" in said
    said = shards("embed", *EMBEDDED, "--shard", "2/2", "--run-dir", "part1", "--dry-run").stderr
    assert "embed: 0 to compute" not in said


def test_a_shard_of_another_model_is_refused_with_the_cure(shards):
    small = ("--from-thumbs", "true", "--run-dir", "small", "--cache-dir", "cache1")
    assert shards("embed", *EMBEDDED, "--shard", "1/2", *small).returncode == 0
    done = shards("embed", "--merge", "part1", "small", *EMBEDDED)
    assert done.returncode == ExitCode.USAGE
    assert "--merge: small holds no vectors of the model embedded-" in done.stderr
    assert "compute that part anew" in done.stderr
    assert not list(shards.folder.glob("runs/vectors/*/images/*.npy"))


def test_what_is_typed_wrong_is_told(tagger):
    picture(tagger.folder / "photos" / "a.jpg", 1)
    for words in (["--shard", "3/2"], ["--shard", "1/2", "--merge", "x"], ["--merge"]):
        done = tagger("embed", "photos", *words)
        assert done.returncode == ExitCode.USAGE, words
    assert tagger("score", "photos", "--shard", "1/2").returncode == ExitCode.USAGE
    assert not (tagger.folder / "runs").exists()
