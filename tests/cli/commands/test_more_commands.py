"""doctor, completion, --dry-run, --prune, --embeddings: the commands around the pipeline."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from phototagger.cli.command_table import COMMANDS
from phototagger.errors import ExitCode
from phototagger.store import Catalogue
from phototagger.store.photos.contents import KnownFile, remember_files
from tests.cli.conftest import SAMPLES
from tests.places import jpeg

EMBEDDED = ("--model-name", "embedded")


def everything(folder: Path) -> dict[str, bytes]:
    """Return every file, but for those that SQLite keeps while a catalogue is being read."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in files if "catalogue.db-" not in path.name}


def test_doctor_says_one_line_each_and_writes_nothing(tagger):
    done = tagger("doctor", *EMBEDDED)
    assert done.returncode == 0, done.stdout
    lines = done.stdout.splitlines()
    assert [line[8:24].strip() for line in lines] == [
        "packages", "formats", "exiftool", "root", "run_dir", "cache_dir", "disk", "terminal",
        "embedded model", "GPU",
    ]  # fmt: skip
    assert all(re.match(r"(ok|look|MISSING) ", line) for line in lines)
    assert list(tagger.folder.iterdir()) == []


def test_doctor_names_the_root_that_find_looks_in(tagged):
    tagged("scan", SAMPLES / "food", *EMBEDDED)
    tagged("scan", SAMPLES, *EMBEDDED)
    done = tagged("doctor", *EMBEDDED)
    root = next(line for line in done.stdout.splitlines() if line[8:24].strip() == "root")
    assert root == f"ok      root            {SAMPLES}, the last one with this run_dir"
    assert tagged("find", "name:cat").stdout.splitlines() == [str(SAMPLES / "animals/cat.jpg")]


def test_doctor_names_the_cure_and_exits_3_where_something_needed_is_missing(tagger, tmp_path):
    done = tagger("doctor", "--pretrained", tmp_path / "absent.pt")
    assert done.returncode == ExitCode.MISSING
    assert f"MISSING weights         ViT-L-14 ({tmp_path}/absent.pt)" in done.stdout
    assert "there is no such weights file" in done.stdout


def test_doctor_tells_of_a_missing_exiftool_that_only_sidecars_need_it(tagger):
    tagger.env["PATH"] = str(tagger.folder)
    done = tagger("doctor", *EMBEDDED)
    assert "look    exiftool        not found: sudo apt-get install" in done.stdout
    assert done.returncode == 0


def test_doctor_knows_a_scipy_that_was_built_for_numpy_1(monkeypatch):
    from phototagger.cli.commands import doctor

    versions = {"scipy": "1.10.1", "numpy": "2.1.0"}
    monkeypatch.setattr(doctor.metadata, "version", versions.__getitem__)
    (found,) = doctor._scipy()
    assert (found.mark, found.cure) == ("look", "pip install --upgrade scipy")


def test_doctor_knows_a_torchvision_that_does_not_fit(monkeypatch):
    from phototagger.cli.commands import doctor

    class Broken:
        def find_spec(self, name, path=None, target=None):
            if name == "open_clip":
                raise RuntimeError("operator torchvision::nms does not exist")

    monkeypatch.delitem(sys.modules, "open_clip", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    found = doctor._open_clip()
    assert found.mark == "MISSING"
    assert "operator torchvision::nms does not exist" in found.cure
    assert "pip install --force-reinstall torch torchvision" in found.cure


def test_an_environment_that_is_too_old_gets_the_cure_and_no_traceback(tagger, tmp_path):
    old = tmp_path / "old" / "open_clip_torch-2.32.0.dist-info"
    old.mkdir(parents=True)
    (old / "METADATA").write_text("Metadata-Version: 2.1\nName: open-clip-torch\nVersion: 2.32.0\n")
    known = [str(old.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    tagger.env["PYTHONPATH"] = os.pathsep.join(known)
    done = tagger("scan", SAMPLES, *EMBEDDED)
    assert done.returncode == ExitCode.MISSING
    assert done.stderr == (
        "phototagger: open-clip-torch 2.32.0 is older than 3.0; "
        "type `pip install --upgrade 'open-clip-torch>=3.0'`\n"
    )
    done = tagger("doctor", *EMBEDDED)
    assert done.returncode == ExitCode.MISSING
    assert "MISSING packages        8 of 9 packages: open-clip-torch 2.32.0 is old" in done.stdout


def test_doctor_speaks_json(tagger):
    done = tagger("doctor", *EMBEDDED, "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["state"] for line in lines[:-1]} <= {"ok", "look"}
    assert lines[-1] == {"event": "finished", "run": None, "exit": 0}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_knows_every_command_and_setting(tagger, shell):
    done = tagger("completion", shell)
    assert done.returncode == 0
    for word in (*COMMANDS, "batch-images", "threshold", "save-embeddings"):
        assert word in done.stdout


def test_bash_completes_the_name_of_a_command(tagger):
    script = tagger.folder / "completion.bash"
    script.write_text(tagger("completion", "bash").stdout)
    ask = (
        f"source {script}; COMP_WORDS=(phototagger sc); COMP_CWORD=1; "
        "$(complete -p phototagger | sed 's/.*-F \\([^ ]*\\).*/\\1/') phototagger sc phototagger; "
        'echo "${COMPREPLY[*]}"'
    )
    done = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == {"scan", "score"}


def test_completion_of_another_shell_is_a_usage_mistake(tagger):
    done = tagger("completion", "tcsh")
    assert done.returncode == ExitCode.USAGE
    assert "bash|zsh|fish" in done.stderr


def test_completion_names_its_extra_where_it_is_absent(tagger):
    script = (
        "import sys; sys.modules['shtab'] = None\n"
        "from phototagger.cli.tagger import main\n"
        "sys.exit(main(['completion', 'bash']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == ExitCode.MISSING
    assert "pip install 'phototagger[completion]'" in done.stderr


def test_a_dry_run_counts_and_writes_nothing(tagger):
    (tagger.folder / "labels.txt").write_text("cat\n")
    done = tagger("run", SAMPLES, *EMBEDDED, "--dry-run")
    assert done.returncode == 0
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "scan: 19 photos, 0 as before",
        "thumbs: 19 to make, 0 as before",
        "embed: 19 to compute, 0 as before, 1 labels",
        "score: results.parquet of 19 photos",
        "medoids: folder_medoids.csv of 6 folders",
        "export: results.csv, approved.csv, approvals.parquet",
        f"nothing was written; the run_dir is {tagger.folder}/runs",
    ]
    assert [path.name for path in tagger.folder.iterdir()] == ["labels.txt"]


@pytest.mark.parametrize("more", [(), ("--dry-run",)])
def test_photos_that_lie_in_the_run_dir_are_told_with_their_number(tagger, more):
    for name in ("a.jpg", "2024/b.jpg", "2024/c.jpg"):
        (tagger.folder / "photos" / name).parent.mkdir(parents=True, exist_ok=True)
        (tagger.folder / "photos" / name).write_bytes(jpeg(64, 48, (len(name), 0, 0)))
    done = tagger("scan", "photos", "--run-dir", "photos/2024", *more)
    assert done.returncode == 0, done.stderr
    assert (
        f"2 photos in {tagger.folder}/photos/2024 are left out, as that is the folder of "
        "phototagger's own files: name another with --run-dir" in done.stderr
    )
    assert "scan: 1 " in done.stderr


def test_a_dry_run_knows_what_is_done_already(tagged):
    before = everything(tagged.folder)
    done = tagged("run", SAMPLES, *EMBEDDED, "--dry-run")
    assert "embed: 0 to compute, 19 as before" in done.stderr
    assert everything(tagged.folder) == before


def test_prune_removes_only_thumbnails_that_no_photo_uses(tagged):
    cache = tagged.folder / "thumb_cache"
    kept = {path.name for path in cache.rglob("*.jpg")}
    stray, unknown = (cache / "ab" / f"{name * 20}.jpg" for name in ("ab", "0f"))
    unknown = cache / "0f" / unknown.name
    for path in (stray, unknown):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(jpeg(40, 30))
    gone = KnownFile(f"{SAMPLES}/gone.jpg", b"\xab" * 20, 9, 9, 40, 30, None)
    with closing(Catalogue(tagged.folder / "runs")) as catalogue:
        remember_files(catalogue, [gone])
    ended = f"{2**31 - 1:08x}"  # the number of no process
    old, young = (stray.with_name(f".phototagger-{ended}{one * 8}.tmp") for one in "01")
    old.touch()
    os.utime(old, (0, 0))
    young.touch()
    pretended = tagged("thumbs", SAMPLES, *EMBEDDED, "--prune", "--dry-run")
    assert "prune: 1 thumbnails to remove" in pretended.stderr
    assert (
        "left as they are, being no thumbnails of photos that this run_dir knows: "
        f"{unknown}\n" in pretended.stderr
    )
    assert stray.exists()
    done = tagged("thumbs", SAMPLES, *EMBEDDED, "--prune")
    assert "prune: 1 thumbnails removed" in done.stderr
    assert young.exists()
    assert not old.exists()
    assert {path.name for path in cache.rglob("*.jpg")} == {*kept, unknown.name}


def test_saved_embeddings_are_plain_arrays_and_serve_another_run_dir(tagged):
    done = tagged("run", SAMPLES, *EMBEDDED, "--save-embeddings")
    folder = Path(done.stdout.strip()) / "embeddings"
    images, labels = np.load(folder / "images.npy"), np.load(folder / "labels.npy")
    index = pl.read_parquet(folder / "index.parquet")
    assert images.shape == (19, 1665)
    assert images.dtype == labels.dtype == np.float32
    assert len(index) == len(images) + len(labels)
    photos = index.filter(pl.col("file") == "images.npy")
    cat = photos.row(by_predicate=pl.col("path").str.ends_with("cat.jpg"), named=True)["row"]
    word = index.row(by_predicate=pl.col("label") == "cat", named=True)["row"]
    assert images[cat] @ labels[word] > 0.3
    other = tagged("run", SAMPLES, *EMBEDDED, "--embeddings", folder, "--run-dir", "elsewhere")
    assert "embed: 0 new, 19 as before" in other.stderr
    first, second = (
        (Path(one.stdout.strip()) / "results.csv").read_text() for one in (done, other)
    )
    names = [Path(one.stdout.strip()).name for one in (done, other)]
    assert first.replace(names[0], "ID") == second.replace(names[1], "ID")


def test_a_run_folder_that_holds_embeddings_is_used_and_filled(tagged):
    run = Path(tagged("run", SAMPLES / "food", *EMBEDDED, "--save-embeddings").stdout.strip())
    shutil.rmtree(next((tagged.folder / "runs" / "vectors").glob("embedded-*/images")))
    again = tagged("embed", SAMPLES / "food", *EMBEDDED, "--run", run.name)
    assert "embed: 0 new, 3 as before" in again.stderr
    assert len(np.load(run / "embeddings" / "images.npy")) == 3


@pytest.mark.parametrize("what", ["of the model as it was before", "damaged"])
def test_a_run_folder_whose_embeddings_do_not_serve_gets_new_ones(tagged, what):
    run = Path(tagged("run", SAMPLES / "food", *EMBEDDED, "--save-embeddings").stdout.strip())
    before = np.load(run / "embeddings" / "images.npy")
    index = run / "embeddings" / "index.parquet"
    if what == "damaged":
        index.write_bytes(b"PAR1")
    else:
        pl.read_parquet(index).with_columns(model=pl.lit("embedded-0123-1")).write_parquet(index)
    again = tagged("embed", SAMPLES / "food", *EMBEDDED, "--run", run.name)
    assert again.returncode == 0, again.stderr
    assert "they are made anew" in again.stderr
    assert set(pl.read_parquet(index)["model"]) != {"embedded-0123-1"}
    assert np.array_equal(np.load(run / "embeddings" / "images.npy"), before)
    assert "made anew" not in tagged("embed", SAMPLES / "food", *EMBEDDED, "--run", run.name).stderr


def test_embeddings_of_another_model_are_refused(tagged):
    run = Path(tagged("run", SAMPLES, *EMBEDDED, "--save-embeddings").stdout.strip())
    folder = tagged.folder / "foreign"
    shutil.copytree(run / "embeddings", folder)
    index = pl.read_parquet(folder / "index.parquet")
    index.with_columns(model=pl.lit("other-model")).write_parquet(folder / "index.parquet")
    done = tagged("score", SAMPLES, *EMBEDDED, "--embeddings", folder)
    assert done.returncode == ExitCode.USAGE
    assert "the embeddings are of the model other-model" in done.stderr


def test_embeddings_that_cannot_be_read_are_refused(tagged, tmp_path):
    done = tagged("score", SAMPLES, *EMBEDDED, "--embeddings", tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert "holds no embeddings that can be read" in done.stderr


def test_doctor_finds_a_damaged_catalogue(tagged):
    run_dir = tagged.folder / "damaged"
    run_dir.mkdir()
    catalogue = run_dir / "catalogue.db"
    data = bytearray((tagged.folder / "runs" / "catalogue.db").read_bytes())
    assert len(data) > 12_000
    data[5_000:11_000] = b"x" * 6_000
    catalogue.write_bytes(data)
    done = tagged("doctor", *EMBEDDED, "--run-dir", run_dir)
    assert done.returncode == ExitCode.MISSING
    (line,) = (line for line in done.stdout.splitlines() if "catalogue" in line[:20])
    assert line.startswith("MISSING")
    assert "ok      catalogue       ok" in tagged("doctor", *EMBEDDED).stdout


def test_doctor_repairs_a_damaged_catalogue_and_says_what_became_of_it(tagged):
    run_dir = tagged.folder / "repaired"
    shutil.copytree(tagged.folder / "runs", run_dir)
    flags = (*EMBEDDED, "--run-dir", run_dir)
    assert "is not damaged" in tagged("doctor", "--repair", *flags).stderr
    catalogue = run_dir / "catalogue.db"
    before = tagged("export", SAMPLES, *flags)
    with closing(sqlite3.connect(catalogue)) as opened:
        ((files,),) = opened.execute("SELECT count(*) FROM file")
    data = bytearray(catalogue.read_bytes())
    data[4096 * 3 : 4096 * 4] = bytes(4096)
    catalogue.write_bytes(data)
    refused = tagged("export", SAMPLES, *flags)
    assert refused.returncode == ExitCode.SOME_FAILED
    assert f"doctor --repair --run-dir {run_dir}" in refused.stderr
    done = tagged("doctor", "--repair", *flags)
    assert done.returncode == ExitCode.DONE, done.stdout
    assert f"file (which file holds which photo): {files} rows brought back" in done.stdout
    assert "lost" not in done.stdout
    kept = min(run_dir.glob("catalogue.db.damaged-*"))
    assert kept.read_bytes() == data
    after = tagged("export", SAMPLES, *flags)
    assert after.returncode == ExitCode.DONE, after.stderr
    tables = [Path(one.stdout.splitlines()[-1]).parent for one in (before, after)]
    assert len({(table / "results.csv").read_text() for table in tables}) == 1
