"""The world fails: a message with cause and cure, the right exit code, nothing else changed."""

import csv
import hashlib
import json
import os
import re
import stat
import struct
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from phototagger.core.medoid import medoid, medoid_of_blocks
from phototagger.errors import ExitCode
from tests.shared import CHECKOUT, SAMPLES, shared_data

EMBEDDED = ("--model-name", "embedded")


class World:
    """A folder with photos and labels that every user may reach, and a command line in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.photos = folder / "photos"
        self.photos.mkdir()
        (folder / "disk").mkdir()
        (folder / "labels.txt").write_text("cat\ncoffee\nbridge\n")
        for path in (folder, self.photos):
            path.chmod(0o755)

    def add(self, name: str | bytes, data: bytes) -> Path:
        path = self.photos / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def run(self, *words: object, **limits: object) -> subprocess.CompletedProcess[str]:
        flags: list[object] = []
        for name, value in limits.items():
            flags += [f"--{name.replace('_', '-')}", value]
        words = words or ("run", self.photos, *EMBEDDED)
        env = {**os.environ, "XDG_STATE_HOME": str(self.folder / "state"), "HOME": str(self.folder)}
        disk = self.folder / "disk"
        places = ["--run-dir", disk / "runs", "--cache-dir", disk / "cache"]
        places += ["--labels", self.folder / "labels.txt"]
        command = [sys.executable, "-m", "tests.faults.world_driver", *flags, *words, *places]
        return subprocess.run(
            list(map(str, command)), cwd=CHECKOUT, env=env, capture_output=True, check=False,
            timeout=200, encoding="utf-8", errors="surrogateescape",
        )  # fmt: skip

    def originals(self) -> dict[bytes, tuple]:
        found = {}
        for folder, _, names in os.walk(os.fsencode(self.photos)):
            for name in names:
                path = Path(os.fsdecode(folder + b"/" + name))
                status = path.lstat()
                whole = path.read_bytes() if stat.S_ISREG(status.st_mode) else b""
                digest = hashlib.sha256(whole).hexdigest()
                found[bytes(path)] = (status.st_mtime_ns, status.st_ino, digest)
        return found


@pytest.fixture
def world():
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield World(Path(folder))


def photo(number: int = 0) -> bytes:
    return (SAMPLES / "food" / "espresso.jpg").read_bytes() + b" " * number


def table(done: subprocess.CompletedProcess[str], name: str) -> list[dict[str, str]]:
    path = Path(done.stdout.splitlines()[-1]) / name
    with path.open(newline="", encoding="utf-8", errors="surrogateescape") as file:
        return list(csv.DictReader(file))


def no_traceback(done: subprocess.CompletedProcess[str]) -> None:
    assert "Traceback" not in done.stderr
    assert "Exception" not in done.stderr


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to mount a disk")


@as_root
@pytest.mark.parametrize("size", [4, 32, 64, 100, 160, 300, 600, 900])
def test_a_full_disk_exits_3_names_the_cure_and_the_next_run_goes_on(world, size):
    for number in range(30):
        world.add(f"{number:02}.jpg", photo(number))
    before = world.originals()
    disk = world.folder / "disk"
    options = f"size={size}k,mode=0755"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], check=True)
    try:
        full = world.run()
        no_traceback(full)
        assert full.returncode == ExitCode.MISSING, full.stderr
        assert "make room" in full.stderr
        assert world.originals() == before
        subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
        after = world.run()
        assert after.returncode == ExitCode.DONE, after.stderr
        assert len(table(after, "results.csv")) == 30
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("most", [0, 300, 2_000, 9_000, 20_000, 33_000, 50_000])
def test_a_limit_on_files_at_any_kind_of_write_exits_3_and_the_next_run_goes_on(world, most):
    for number in range(30):
        world.add(f"{number:02}.jpg", photo(number))
    before = world.originals()
    full = world.run(files_at_most=most)
    no_traceback(full)
    assert full.returncode == ExitCode.MISSING, full.stderr
    assert "make room" in full.stderr
    assert world.originals() == before
    after = world.run()
    assert after.returncode == ExitCode.DONE, after.stderr
    assert len(table(after, "results.csv")) == 30


def test_a_read_only_root_is_no_hindrance(world):
    world.add("a.jpg", photo())
    world.photos.chmod(0o555)
    done = world.run(humble="yes")
    assert done.returncode == ExitCode.DONE, done.stderr


def test_a_folder_and_a_photo_that_cannot_be_read_are_named_and_the_rest_is_done(world):
    world.add("good.jpg", photo())
    world.add("secret/a.jpg", photo(1))
    world.add("bad.jpg", photo(2))
    (world.photos / "secret").chmod(0)
    (world.photos / "bad.jpg").chmod(0)
    done = world.run(humble="yes")
    (world.photos / "secret").chmod(0o755)
    assert done.returncode == ExitCode.SOME_FAILED, done.stderr
    reasons = {Path(row["path"]).name: row["reason"] for row in table(done, "failures.csv")}
    assert reasons == {
        "secret": "the folder cannot be read: Permission denied",
        "bad.jpg": "cannot be read: Permission denied",
    }
    assert [Path(row["path"]).name for row in table(done, "results.csv")] == ["good.jpg"]


@pytest.mark.parametrize("name", ["runs", "cache"])
def test_a_folder_that_cannot_be_written_is_named_with_the_flag_that_names_another(world, name):
    world.add("a.jpg", photo())
    folder = world.folder / "disk" / name
    folder.mkdir()
    folder.chmod(0o555)
    done = world.run(humble="yes")
    no_traceback(done)
    assert done.returncode == ExitCode.MISSING, done.stderr
    assert str(folder) in done.stderr
    assert "--run-dir" in done.stderr


def test_a_damaged_catalogue_is_left_as_it_is_and_the_cure_is_named(world):
    world.add("a.jpg", photo())
    world.run()
    catalogue = world.folder / "disk" / "runs" / "catalogue.db"
    damaged = b"this is no database" * 1000
    catalogue.write_bytes(damaged)
    done = world.run()
    no_traceback(done)
    assert done.returncode == ExitCode.SOME_FAILED
    assert str(catalogue) in done.stderr
    assert "damaged" in done.stderr
    assert catalogue.read_bytes() == damaged


def test_a_damaged_part_is_computed_again(world):
    for number in range(3):
        world.add(f"{number}.jpg", photo(number))
    first = world.run()
    (part,) = world.folder.glob("disk/runs/vectors/*/images/*.npy")
    part.write_bytes(part.read_bytes()[:100])
    second = world.run()
    assert second.returncode == ExitCode.DONE
    assert "embed: 3 new" in second.stderr
    rows = [[row["path"], row["top5_scores"]] for row in table(second, "results.csv")]
    assert rows == [[row["path"], row["top5_scores"]] for row in table(first, "results.csv")]


def test_a_thumbnail_that_is_gone_is_made_again_without_embedding(world):
    world.add("a.jpg", photo())
    world.run()
    (thumbnail,) = world.folder.glob("disk/cache/*/*.jpg")
    data = thumbnail.read_bytes()
    thumbnail.unlink()
    done = world.run()
    assert "thumbs: 1 new" in done.stderr
    assert "embed: 0 new" in done.stderr
    assert thumbnail.read_bytes() == data


def names() -> dict[bytes, bytes]:
    return {
        b"caf\xe9.jpg": photo(1),
        b"new\nline.jpg": photo(2),
        b're\rturn, "comma".jpg': photo(3),
        b"-dash.jpg": photo(4),
        b"x" * 251 + b".jpg": photo(5),
        "日本 🎉.jpg".encode(): photo(6),
        b"sub\xff/a.jpg": photo(7),
    }


def test_odd_names_survive_from_scan_to_csv_json_log_and_back_through_paths_from(world):
    for name, data in names().items():
        world.add(name, data)
    done = world.run("run", world.photos, *EMBEDDED, "--json")
    assert done.returncode == ExitCode.DONE, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    ready = [one for one in events if one["event"] == "photo_ready"]
    told = {
        bytes.fromhex(one["path_bytes"]) if "path_bytes" in one else os.fsencode(one["path"])
        for one in ready
    }
    root = os.fsencode(world.photos) + b"/"
    assert told == {root + name for name in names()}
    run = Path(events[-1]["run"])
    with (run / "results.csv").open(newline="", encoding="utf-8") as file:
        written = {row["path"].encode() for row in csv.DictReader(file)}
    assert written == {name.decode(errors="replace").encode() for name in told}
    notices = [one["text"] for one in events if one["event"] == "notice"]
    assert any("results.csv: 2 rows have names that are not UTF-8" in one for one in notices)
    assert (run / "log.txt").read_text(encoding="utf-8").count("\n") == 6
    listed = world.folder / "list"
    listed.write_bytes(b"\0".join(sorted(told)))
    approved = world.run(
        "approve", world.photos, *EMBEDDED, "--label", "odd", "--paths-from", listed, "-0"
    )
    assert "approve: 7 decisions on 7 photos recorded" in approved.stderr, approved.stderr


def test_a_root_that_is_not_utf8_works_throughout(world):
    folder = Path(os.fsdecode(os.fsencode(world.folder) + b"/ph\xf6tos"))
    folder.mkdir()
    (folder / "a.jpg").write_bytes(photo())
    done = world.run("run", folder, *EMBEDDED)
    assert done.returncode == ExitCode.DONE, done.stderr
    config = Path(done.stdout.splitlines()[-1]) / "config.json"
    again = world.run("run", "--from", config)
    assert again.returncode == ExitCode.DONE, again.stderr
    assert len(table(again, "results.csv")) == 1


def png(wide: int, high: int, mode: int = 6) -> bytes:
    """Return a PNG of one colour, whose pixels take next to no room in the file."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    width = {0: 1, 2: 3, 6: 4}[mode]
    packer = zlib.compressobj(1)
    row = b"\0" + b"\x80" * (wide * width)
    pixels = b"".join(packer.compress(row) for _ in range(high)) + packer.flush()
    header = struct.pack(">IIBBBBB", wide, high, 8, mode, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def test_photos_of_a_hundred_million_pixels_stay_within_the_memory_that_is_promised(world):
    world.add("small.png", png(10, 10))
    base = int(world.run().stderr.split()[-1])
    world.add("a.png", png(9_990, 9_990))
    world.add("b.png", png(9_980, 9_980, mode=2))
    done = world.run()
    assert done.returncode == ExitCode.DONE, done.stderr
    assert int(done.stderr.split()[-1]) - base <= 600e6


def test_a_header_of_3_6_gigapixels_costs_nothing(world):
    world.add("good.jpg", photo())
    bomb = bytearray(png(10, 10))
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    bomb[8:33] = (
        struct.pack(">I", 13) + b"IHDR" + header + struct.pack(">I", zlib.crc32(b"IHDR" + header))
    )
    world.add("bomb.png", bytes(bomb))
    done = world.run()
    (failure,) = table(done, "failures.csv")
    assert failure["reason"].startswith("has 60000 x 60000 pixels, more than max_pixels")
    assert int(done.stderr.split()[-1]) < 250e6


def test_every_cut_of_a_photo_gets_a_row_or_a_reason(world):
    data = (SAMPLES / "rocket.jpg").read_bytes()
    lengths = [0, 1, 2, 3, 10, 100, *range(1_000, len(data), len(data) // 40)]
    for length in lengths:
        world.add(f"cut-{length}.jpg", data[:length])
        world.add(
            f"flip-{length}.jpg", data[:length] + bytes([255 - data[length]]) + data[length + 1 :]
        )
    done = world.run()
    no_traceback(done)
    rows, failures = table(done, "results.csv"), table(done, "failures.csv")
    assert len(rows) + len(failures) == 2 * len(lengths)
    assert all(row["reason"] for row in failures)


def test_everything_that_is_not_a_photo_gets_a_reason_that_a_person_understands(world):
    world.add("good.jpg", photo())
    Image.new("RGB", (8, 8)).save(world.photos / "gif.jpg", "GIF")
    Image.new("RGB", (8, 8)).save(world.photos / "webp.png", "WEBP")
    world.add("text.jpg", b"hello")
    world.add("empty.png", b"")
    os.mkfifo(world.photos / "fifo.jpg")
    (world.photos / "folder.jpg").mkdir()
    (world.photos / "dangling.jpg").symlink_to("nowhere")
    (world.photos / "loop.jpg").symlink_to("loop.jpg")
    (world.photos / "link.jpg").symlink_to("good.jpg")
    before = world.originals()
    done = world.run()
    assert done.returncode == ExitCode.SOME_FAILED
    reasons = {Path(row["path"]).name: row["reason"] for row in table(done, "failures.csv")}
    assert reasons == {
        "dangling.jpg": "is a link to nothing",
        "empty.png": "is an empty file",
        "fifo.jpg": "is not a regular file (a pipe, a socket or a device)",
        "folder.jpg": "is a folder with the name of a photo",
        "gif.jpg": "holds a GIF image, not JPEG or PNG",
        "loop.jpg": "cannot be read: Too many levels of symbolic links",
        "text.jpg": "is not an image that can be recognised",
        "webp.png": "holds a WEBP image, not JPEG or PNG",
    }
    assert [row["rel_path"] for row in table(done, "results.csv")] == ["good.jpg", "link.jpg"]
    assert world.originals() == before


def test_every_broken_file_of_the_collection_gets_a_row_or_a_reason(world):
    source = shared_data() / "broken"
    before = {path: path.read_bytes() for path in source.rglob("*") if path.is_file()}
    done = world.run("run", source, *EMBEDDED, "--max-images", "0")
    no_traceback(done)
    assert done.returncode == ExitCode.SOME_FAILED
    rows, failures = table(done, "results.csv"), table(done, "failures.csv")
    expected = {
        str(path) for path in before if path.suffix.lower() in (".jpg", ".jpeg", ".png")
        and not any(part.startswith(".") for part in path.relative_to(source).parts)
    }  # fmt: skip
    assert {row["path"] for row in (*rows, *failures)} == expected
    assert all(row["reason"] and "Error" not in row["reason"] for row in failures)
    assert {path: path.read_bytes() for path in before} == before


def test_where_no_run_folder_can_be_made_the_report_goes_to_stderr(world):
    world.add("a.jpg", photo())
    (world.folder / "disk" / "runs").write_text("a file, not a folder")
    done = world.run()
    no_traceback(done)
    assert done.returncode == ExitCode.MISSING, done.stderr
    headings = [line for line in done.stderr.splitlines() if line.startswith("#")]
    assert headings == [
        "# Build/Run Report",
        "## Step that failed",
        "## Command executed",
        "## Error output",
        "## Likely cause",
        "## Proposed fix",
        "## What completed successfully",
        "## Awaiting User confirmation",
    ]
    assert "name another with --run-dir" in done.stderr


def test_a_photo_of_the_year_2514_does_not_stop_the_others(world):
    world.add("a.jpg", photo())
    os.utime(world.add("b.jpg", photo(1)), (2**34, 2**34))
    for _ in range(2):
        done = world.run()
        assert done.returncode == ExitCode.DONE, done.stderr
        assert len(table(done, "results.csv")) == 2


def test_a_cache_dir_or_run_dir_that_is_the_root_is_refused(world):
    original = world.add(f"ab/ab{'c' * 38}.jpg", photo())
    for name in ("runs", "cache"):
        (world.folder / "disk" / name).symlink_to(world.photos)
        done = world.run("thumbs", world.photos, *EMBEDDED, "--prune")
        assert done.returncode == ExitCode.USAGE
        assert re.search("is the root.*; name .* folder with --(run|cache)-dir", done.stderr)
        (world.folder / "disk" / name).unlink()
    assert original.exists()


def test_a_photo_that_failed_before_is_named_again(world):
    world.add("good.jpg", photo())
    world.add("bad.jpg", b"no photo")
    for words in ("run", "run", "scan"):
        done = world.run(words, world.photos, *EMBEDDED)
        assert done.returncode == ExitCode.SOME_FAILED
        assert "failed: " in done.stderr
        assert "bad.jpg: is not an image that can be recognised" in done.stderr


def test_a_folder_of_many_photos_takes_the_memory_of_one_block():
    rows = np.random.default_rng(3).standard_normal((20_000, 8)).astype(np.float32)
    sizes = []

    def blocks():
        for start in range(0, len(rows), 4096):
            sizes.append(len(rows[start : start + 4096]))
            yield rows[start : start + 4096]

    assert medoid_of_blocks(blocks) == medoid(rows)
    assert max(sizes) == 4096
