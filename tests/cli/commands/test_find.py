"""find: paths on stdout, made for `approve --paths-from -`."""

import json
import os
import shutil
from pathlib import Path

import pytest
from PIL import ExifTags, Image

from phototagger.errors import ExitCode
from tests.cli.conftest import SAMPLES

EMBEDDED = ("--model-name", "embedded")
ROOT = ("--root", SAMPLES)


def names(done) -> list[str]:
    return [os.path.relpath(line, SAMPLES) for line in done.stdout.splitlines()]


def test_words_find_a_photo_by_what_it_shows(tagged):
    done = tagged("find", SAMPLES, "a kitten", *EMBEDDED, "--top", "3")
    assert done.returncode == 0, done.stderr
    assert names(done)[0] == "animals/cat.jpg"
    assert len(names(done)) == 3
    assert f"find: 3 of 19 photos under {SAMPLES}" in done.stderr


def test_what_is_found_can_be_decided_by_the_bytes_of_its_path(tagged, tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    odd = os.fsencode(photos) + b"/caf\xe9\nfig.jpg"
    shutil.copy(SAMPLES / "food" / "fig.jpg", odd)
    settings = ("--run-dir", tmp_path / "runs", "--cache-dir", tmp_path / "cache", *EMBEDDED)
    assert tagged("scan", photos, *settings).returncode == 0
    tagged("thumbs", photos, *settings)
    find = tagged.command("find", "name:fig", "-0", "--root", photos, *settings)
    approve = ("approve", photos, "--label", "fruit", "--paths-from", "-", "-0", *settings)
    piped = " ".join(map(shell, find)) + " | " + " ".join(map(shell, tagged.command(*approve)))
    done = run(tagged, piped)
    assert "approve: 1 decisions on 1 photos recorded" in done.stderr, done.stderr
    found = tagged("find", photos, "label:fruit", "--json", *settings)
    one, *_, last = [json.loads(line) for line in found.stdout.splitlines()]
    assert bytes.fromhex(one["path_bytes"]) == odd
    assert last["exit"] == 0


def shell(word) -> str:
    import shlex

    return shlex.quote(str(word))


def run(tagger, line):
    import subprocess

    return subprocess.run(
        ["bash", "-c", line], cwd=tagger.folder, env=tagger.env,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_what_is_like_a_photo_is_found(tagged):
    done = tagged("find", *ROOT, "--like", SAMPLES / "food" / "fig.jpg", *EMBEDDED, "--top", "2")
    assert names(done) == ["food/espresso.jpg", "food/citrus.jpg"]
    strange = tagged("find", *ROOT, "--like", "nowhere.jpg", *EMBEDDED)
    assert strange.returncode == ExitCode.USAGE
    assert "--like nowhere.jpg: is no photo of" in strange.stderr


def test_where_nothing_is_found_the_exit_code_is_1(tagged):
    done = tagged("find", *ROOT, "label:nothing", "--json")
    assert done.returncode == 1
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert lines[0]["message"].startswith("find: nothing was found under")
    assert lines[-1] == {"event": "finished", "run": None, "exit": 1}


def test_without_a_model_names_are_found_and_a_line_says_that_it_is_only_that(tagged):
    done = tagged("find", "fig", *ROOT, "--model-name", "ViT-B-32")
    assert names(done) == ["food/fig.jpg"]
    assert (
        "find: only names, labels, dates and cameras were searched: ViT-B-32 was never"
        in done.stderr
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "find: nothing to look for; write words, or --like PHOTO"),
        (["x", "--top", "0"], "--top 0: must be a number from 1 on"),
        (["x", "--top", "many"], "--top many: must be a number from 1 on"),
        (["x", "--run-dir", "absent"], "absent: holds nothing yet that could be found"),
    ],
)
def test_mistakes_are_usage_errors(tagged, words, said):
    done = tagged("find", *ROOT, *words)
    assert done.returncode == ExitCode.USAGE
    assert said in done.stderr


def test_a_camera_and_a_date_are_those_of_exif(tagged, tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    for name, model in (("a.jpg", "Canon EOS 5D"), ("b.jpg", "Canon EOS R5")):
        exif = Image.Exif()
        exif.update({0x010F: "Canon", 0x0110: model, 0x0132: "2001:02:03 04:05:06"})
        Image.new("RGB", (40, 30)).save(photos / name, exif=exif, comment=name)
    settings = ("--run-dir", tmp_path / "runs", "--cache-dir", tmp_path / "cache", *EMBEDDED)
    assert tagged("thumbs", photos, *settings).returncode == 0
    for words, found in (
        (["camera:CANON", "2001-02-03"], ["a.jpg", "b.jpg"]),
        (['camera:"eos 5d"'], ["a.jpg"]),
        (["camera:nikon"], []),
    ):
        done = tagged("find", *words, "--root", photos, *settings)
        assert [Path(line).name for line in done.stdout.splitlines()] == found


def test_json_tells_when_and_with_what_a_photo_was_taken(tagged, tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    exif = Image.Exif()
    exif.update({0x010F: "Canon", 0x0110: "Canon EOS R5"})
    zoned = {0x9003: "2001:02:03 04:05:06", 0x9291: "25", 0x9011: "-03:30"}
    exif.get_ifd(ExifTags.IFD.Exif).update(zoned)
    Image.new("RGB", (40, 30)).save(photos / "a.jpg", exif=exif)
    Image.new("RGB", (50, 30)).save(photos / "b.jpg")
    settings = ("--run-dir", tmp_path / "runs", "--cache-dir", tmp_path / "cache", *EMBEDDED)
    assert tagged("thumbs", photos, *settings).returncode == 0
    done = tagged("find", "name:jpg", "--json", "--root", photos, *settings)
    first, second = (json.loads(line) for line in done.stdout.splitlines()[:2])
    assert (first["taken"], first["camera"]) == ("2001-02-03T04:05:06.250000-03:30", "Canon EOS R5")
    assert (second["taken"], second["camera"]) == (None, None)
