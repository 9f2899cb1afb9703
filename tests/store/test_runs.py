"""Run folders: their names, what they remember, which one is continued."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from phototagger.engine.repeat import settings_from_run
from phototagger.errors import UsageError
from phototagger.settings.model import Settings
from phototagger.store.runs import RunFolder, clean_runs, new_run, newest_run, run_of

LABELS = ["cat", "dog"]
SETTINGS = Settings(root="/photos", model_name="ViT-B-32", pretrained="openai")


def at(second: int) -> datetime:
    return datetime(2024, 5, 1, 12, 30, second)


def a_run(run_dir, second=0, settings=SETTINGS, labels=LABELS) -> RunFolder:
    run = new_run(run_dir, lambda: at(second))
    run.write_config(settings, labels, {})
    return run


def test_a_run_is_named_by_its_start_and_numbered_where_two_start_in_one_second(run_dir):
    names = [new_run(run_dir, lambda: at(7)).run_id for _ in range(3)]
    assert names == ["20240501-123007", "20240501-123007-2", "20240501-123007-3"]
    assert (run_dir / "20240501-123007-3").is_dir()


def test_the_newest_run_of_the_same_root_model_and_labels_is_found(run_dir):
    runs = [a_run(run_dir, second) for second in (3, 9, 5)]
    assert newest_run(run_dir, SETTINGS, LABELS) == runs[1]


def test_of_runs_in_one_second_the_one_with_the_greatest_number_is_the_newest(run_dir):
    runs = [a_run(run_dir) for _ in range(11)]
    assert runs[-1].run_id == "20240501-123000-11"
    assert newest_run(run_dir, SETTINGS, LABELS) == runs[-1]


@pytest.mark.parametrize(
    ("settings", "labels"),
    [
        (Settings(root="/other", model_name="ViT-B-32", pretrained="openai"), LABELS),
        (Settings(root="/photos", model_name="ViT-L-14", pretrained="openai"), LABELS),
        (Settings(root="/photos", model_name="ViT-B-32", pretrained="/w.pt"), LABELS),
        (SETTINGS, ["dog", "cat"]),
        (SETTINGS, ["cat"]),
    ],
    ids=["root", "model", "weights", "order of labels", "labels"],
)
def test_a_run_of_another_root_model_or_labels_is_not_continued(run_dir, settings, labels):
    a_run(run_dir)
    assert newest_run(run_dir, settings, labels) is None


def test_the_same_labels_in_another_file_and_other_thresholds_are_the_same_run(run_dir):
    run = a_run(run_dir)
    other = Settings(
        root="/photos",
        model_name="ViT-B-32",
        pretrained="openai",
        labels_file="/elsewhere.txt",
        threshold=0.5,
        topk=9,
    )
    assert newest_run(run_dir, other, LABELS) == run


@pytest.mark.parametrize(
    "config",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"settings": null}',
        b'{"settings": []}',
        b"\xff",
        b"[" * 99_999,
        None,
    ],
)
def test_a_run_whose_config_cannot_be_read_is_passed_over(run_dir, config):
    run = a_run(run_dir)
    broken = new_run(run_dir, lambda: at(59))
    if config is not None:
        broken.file("config.json").write_bytes(config)
    assert newest_run(run_dir, SETTINGS, LABELS) == run


@pytest.mark.parametrize(
    "started",
    [
        "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "0001-01-01", "yesterday", [1], 7,
    ],
)  # fmt: skip
def test_a_run_that_began_at_no_time_there_is_does_no_harm(run_dir, started):
    run = a_run(run_dir)
    strange = a_run(run_dir, 59, labels=["a stranger's"])
    config = strange.config() | {"started": started}
    strange.file("config.json").write_text(json.dumps(config))
    (run_dir / "00010101-000000").mkdir()
    assert newest_run(run_dir, SETTINGS, LABELS) == run


def test_of_a_config_without_an_end_no_more_is_read_than_a_run_can_hold(run_dir):
    run = a_run(run_dir)
    with new_run(run_dir, lambda: at(59)).file("config.json").open("wb") as file:
        file.truncate(1 << 40)
    assert newest_run(run_dir, SETTINGS, LABELS) == run


def test_what_is_no_run_folder_is_passed_over(run_dir):
    run = a_run(run_dir)
    for name in ("vectors", "20240501-123059x", "2024-05-01", "20240501-123059-x"):
        (run_dir / name).mkdir()
        (run_dir / name / "config.json").write_bytes(run.file("config.json").read_bytes())
    (run_dir / "20240501-123059").write_text("a file")
    assert newest_run(run_dir, SETTINGS, LABELS) == run


def test_a_run_is_picked_by_its_id(run_dir):
    run = a_run(run_dir)
    assert run_of(run_dir, run.run_id, SETTINGS, LABELS) == run


def test_a_run_of_another_root_model_or_labels_is_refused_by_its_id_naming_both(run_dir):
    run = a_run(run_dir)
    other = replace(SETTINGS, root="/other")
    with pytest.raises(UsageError) as caught:
        run_of(run_dir, run.run_id, other, ["dog"])
    assert f"{run.run_id} cannot be continued: its root is /photos, not /other" in str(caught.value)
    assert f"its {len(LABELS)} labels are not the 1 of now" in str(caught.value)
    assert run_of(run_dir, run.run_id, SETTINGS, None) == run


def test_the_newest_run_is_the_one_that_began_last_whatever_the_clock_on_the_wall_said(run_dir):
    autumn = datetime(2024, 10, 27, 0, 30, tzinfo=UTC)
    summer_time, winter_time = (timezone(timedelta(hours=hours)) for hours in (2, 1))
    for later, zone in ((0, summer_time), (40, winter_time)):
        moment = (autumn + timedelta(minutes=later)).astimezone(zone)
        last = new_run(run_dir, lambda moment=moment: moment)
        last.write_config(SETTINGS, LABELS, {})
    assert min(one.name for one in run_dir.iterdir()) == last.run_id
    assert newest_run(run_dir, SETTINGS, LABELS) == last
    RunFolder(last.path).write_config(SETTINGS, LABELS, {})
    assert newest_run(run_dir, SETTINGS, LABELS) == last


@pytest.mark.parametrize(
    "run_id", ["20240501-123001", "vectors", "..", "", "20240501-123000/", "20240501-123000\n"]
)
def test_an_id_that_is_no_run_is_refused(run_dir, run_id):
    a_run(run_dir)
    (run_dir / "vectors").mkdir()
    with pytest.raises(UsageError) as caught:
        run_of(run_dir, run_id, SETTINGS, LABELS)
    assert caught.value.cause == f"--run: {run_dir} holds no run {run_id!r}"


def test_a_name_that_is_a_file_is_no_run(run_dir):
    (run_dir / "20240501-123000").write_text("a file")
    with pytest.raises(UsageError):
        run_of(run_dir, "20240501-123000", SETTINGS, LABELS)


def test_the_config_repeats_the_run_also_where_paths_are_not_utf_8(run_dir):
    settings = Settings(
        root="/photos/caf\udce9",
        run_dir=str(run_dir),
        cache_dir="/cache\udcff",
        labels_file="/l.txt",
        prompt=("a photo of {}", "{}, drawn"),
        model_name="embedded",
        threshold=0.1,
        keys={"approve": "x"},
    )
    run = a_run(run_dir, settings=settings, labels=["café", "straße"])
    assert newest_run(run_dir, settings, ["café", "straße"]) == run
    again, labels = settings_from_run(run.file("config.json"), {})
    assert again == settings
    assert labels == (["café", "straße"], None)


def test_the_config_is_text_that_a_person_can_read(run_dir):
    run = new_run(run_dir, lambda: at(0))
    run.write_config(SETTINGS, ["café"], {"versions": {"torch": "2.0"}})
    text = run.file("config.json").read_text(encoding="utf-8")
    assert '"labels": [\n    "café"\n  ]' in text
    found = json.loads(text)
    assert list(found) == ["run_id", "started", "settings", "labels", "versions"]
    assert found["run_id"] == "20240501-123000"
    assert found["settings"]["root"] == "/photos"
    assert found["versions"] == {"torch": "2.0"}
    assert [path.name for path in run.path.iterdir()] == ["config.json"]


def test_the_log_grows_by_a_line_with_its_time(run_dir):
    run = new_run(run_dir, lambda: at(0))
    for second, line in [(1, "scan: 3 new"), (2, "embed: café")]:
        run.log(line, lambda second=second: at(second))
    lines = run.file("log.txt").read_text(encoding="utf-8").splitlines()
    assert [line.partition(" ")[2] for line in lines] == ["scan: 3 new", "embed: café"]
    times = [datetime.fromisoformat(line.partition(" ")[0]) for line in lines]
    assert times == [at(1).astimezone(), at(2).astimezone()]


def test_what_killed_processes_left_half_written_goes_from_the_run_dir_and_every_run(tmp_path):
    run = tmp_path / "20260102-030405"
    (run / "embeddings").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    left = f".phototagger-{'f' * 16}.tmp"
    for folder in (tmp_path, run, run / "embeddings", tmp_path / "other"):
        (folder / left).write_bytes(b"half")
        (folder / "whole").write_bytes(b"")
    clean_runs(tmp_path)
    there = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob(left)]
    assert there == [f"other/{left}"]
    assert len(list(tmp_path.rglob("whole"))) == 4
