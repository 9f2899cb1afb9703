"""Commands, flags, exit codes: what reaches stdout, what stderr."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from phototagger.cli.command_table import COMMANDS
from phototagger.cli.flags import first_word, settings_flags, takes_value
from phototagger.cli.parser import parser_of
from phototagger.cli.tagger import main
from phototagger.errors import ExitCode
from phototagger.notices import listen, tell
from phototagger.settings.model import RULES, flag_of
from tests.cli.conftest import CHECKOUT, SAMPLES

HEADER = (
    "path,rel_path,width,height,top1,top1_score,top5_labels,top5_scores,"
    "approved_labels,run_id,model_name"
)
EMBEDDED = ("--model-name", "embedded")


def test_the_command_of_the_first_plan_works_as_written(tagger):
    (tagger.folder / "labels.txt").write_text("cat\ndog\ncoffee\n")
    words = "run --labels labels.txt --threshold 0.25 --topk 5 --model-name embedded --root"
    done = subprocess.run(
        [sys.executable, "-m", "phototagger.cli.tagger", *words.split(), SAMPLES / "animals"],
        cwd=tagger.folder, env=tagger.env, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    run = Path(done.stdout.splitlines()[-1])
    lines = (run / "results.csv").read_text().splitlines()
    assert lines[0] == HEADER
    assert (
        lines[1].split(",")[1:5] == ["animals/cat.jpg", "451", "300", "cat"]
        or lines[1].split(",")[4] == "cat"
    )


def test_without_weights_and_network_the_run_exits_3_and_names_the_cure(tagger):
    (tagger.folder / "labels.txt").write_text("cat\n")
    done = tagger("run", SAMPLES / "animals", "--labels", "labels.txt")
    assert done.returncode == ExitCode.MISSING
    assert "the weights of ViT-L-14 (openai) are not in" in done.stderr
    assert str(tagger.folder / "hub") in done.stderr
    assert "--model-name embedded" in done.stderr
    assert "Traceback" not in done.stderr


def test_stdout_holds_data_only_and_ends_with_the_run_folder(tagged):
    done = tagged("run", SAMPLES, *EMBEDDED)
    assert done.stdout.splitlines() == [done.stdout.strip()]
    assert (Path(done.stdout.strip()) / "results.csv").is_file()
    assert "embed: 0 new, 19 as before" in done.stderr


def test_batch_root_is_run_root(tagged):
    done = tagged("--batch", SAMPLES, *EMBEDDED, "--topk", "2")
    assert done.returncode == 0
    run = Path(done.stdout.strip())
    assert json.loads((run / "config.json").read_text())["settings"]["topk"] == 2


def test_each_step_is_a_command_and_says_where_its_output_is(tagged):
    expected = {
        "scan": "photos.parquet",
        "thumbs": "thumb_cache",
        "embed": "vectors/embedded-",
        "score": "results.parquet",
        "medoids": "folder_medoids.csv",
        "export": "results.csv",
    }
    for name, output in expected.items():
        done = tagged(name, "--root", SAMPLES, *EMBEDDED)
        assert done.returncode == 0, done.stderr
        first = done.stdout.splitlines()[0]
        assert output in first
        assert Path(first).exists()
        assert f"run_dir: {tagged.folder}/runs" in done.stderr


def test_a_step_continues_the_newest_run_of_the_same_root_model_and_labels(tagged):
    runs = set((tagged.folder / "runs").glob("2*"))
    tagged("medoids", SAMPLES, *EMBEDDED)
    assert set((tagged.folder / "runs").glob("2*")) == runs


def test_flags_may_stand_before_the_command(tagged):
    before = tagged("--root", SAMPLES, *EMBEDDED, "scan")
    after = tagged("scan", "--root", SAMPLES, *EMBEDDED)
    assert before.stdout == after.stdout
    assert before.returncode == after.returncode == 0


def test_every_setting_has_a_flag_on_every_command():
    for command in COMMANDS:
        said = _help(command)
        for name in RULES:
            assert f"{flag_of(name)} " in said, f"{command} lacks {name}"


def _help(command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "phototagger", command, "--help"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def test_a_typed_flag_beats_the_file_and_the_file_beats_the_default(tagged):
    config = tagged.folder / "mine.yaml"
    config.write_text("topk: 2\nthreshold: 0.5\nmodel_name: embedded\nlabels_file: labels.txt\n")
    done = tagged("run", SAMPLES, "--config", config, "--topk", "4")
    frozen = json.loads((Path(done.stdout.strip()) / "config.json").read_text())["settings"]
    assert (frozen["topk"], frozen["threshold"], frozen["max_images"]) == (4, 0.5, 10000)


def test_config_yaml_of_the_current_folder_is_read_by_itself(tagger):
    (tagger.folder / "config.yaml").write_text("topk: nine\n")
    done = tagger("scan", SAMPLES)
    assert done.returncode == ExitCode.USAGE
    assert done.stderr == "phototagger: config.yaml:1: topk: must be a whole number, not 'nine'\n"


def test_all_mistakes_are_reported_at_once_and_nothing_is_written(tagger):
    (tagger.folder / "bad.yaml").write_text("treshold: 0.3\nmax_images: -1\n")
    done = tagger("run", SAMPLES, "--config", "bad.yaml", "--batch-images", "0", "--device", "tpu")
    assert done.returncode == ExitCode.USAGE
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "phototagger: bad.yaml:1: treshold: no such setting; the nearest is threshold",
        "phototagger: bad.yaml:2: max_images: must be at least 0, not -1",
        "phototagger: --batch-images: must be at least 1, not 0",
        "phototagger: --device: must be auto, cpu, cuda or cuda:N, not 'tpu'",
    ]
    assert [path.name for path in tagger.folder.iterdir()] == ["bad.yaml"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nonsense"], "'nonsense' is neither a command nor a folder; the commands: "),
        (["aprove"], "neither a command nor a folder; did you mean `phototagger approve`? the"),
        ([str(SAMPLES)], "phototagger --batch"),
        (["run"], "no folder of photos is chosen"),
        (["run", "--root", "/path/to/test"], "no folder of photos is chosen"),
        (["run", "/does/not/exist"], "/does/not/exist: the root does not exist"),
        (["run", str(SAMPLES), "--thres", "1"], "unrecognized arguments"),
        (["run", str(SAMPLES), "--run", "20200101-000000"], "holds no run '20200101-000000'"),
        (["run", str(SAMPLES), "--from", "absent.json"], "absent.json: cannot be read"),
        (["run", str(SAMPLES), "--labels", "absent.txt"], "absent.txt: cannot be read"),
        ([], "usage: phototagger ROOT [flags]"),
    ],
)
def test_a_usage_mistake_exits_2_and_says_what_to_do(tagger, words, said):
    (tagger.folder / "labels.txt").write_text("cat\n")
    done = tagger(*words)
    assert done.returncode == ExitCode.USAGE
    assert said in done.stderr
    assert done.stdout == ""
    assert not list(tagger.folder.glob("runs/2*"))


def test_a_photo_that_cannot_be_read_makes_exit_1_and_the_rest_is_done(tagger, tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "good.jpg").write_bytes((SAMPLES / "animals" / "cat.jpg").read_bytes())
    (photos / "bad.jpg").write_text("no photo")
    (tagger.folder / "labels.txt").write_text("cat\ndog\n")
    done = tagger("run", photos, *EMBEDDED)
    assert done.returncode == ExitCode.SOME_FAILED
    run = Path(done.stdout.strip())
    assert (run / "failures.csv").read_text() == (
        f"path,reason\n{photos}/bad.jpg,is not an image that can be recognised\n"
    )
    assert (run / "results.csv").read_text().count("good.jpg") == 2
    assert f"failed: {photos}/bad.jpg: is not an image" in done.stderr


def test_json_prints_one_event_a_line_and_finished_last(tagged):
    done = tagged("run", SAMPLES / "food", *EMBEDDED, "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    kinds = {event["event"] for event in events}
    assert {"notice", "step_started", "step_finished", "finished"} <= kinds
    assert events[-1]["event"] == "finished"
    assert events[-1]["exit"] == 0
    assert (Path(events[-1]["run"]) / "results.csv").is_file()
    assert done.stderr == ""


def test_json_tells_of_photos_as_they_become_ready(tagger):
    (tagger.folder / "labels.txt").write_text("cat\ncoffee\n")
    done = tagger("run", SAMPLES / "food", *EMBEDDED, "--json", "--topk", "1")
    ready = [json.loads(line) for line in done.stdout.splitlines() if "photo_ready" in line]
    assert [Path(event["path"]).name for event in ready] == [
        "citrus.jpg",
        "espresso.jpg",
        "fig.jpg",
    ]
    assert set(ready[0]["suggestions"]) == {
        "top1", "top1_score", "topk_labels", "topk_scores", "over_threshold",
    }  # fmt: skip


def test_json_ends_with_finished_also_after_a_mistake(tagger):
    done = tagger("run", "--json", "--topk", "x")
    assert [json.loads(line) for line in done.stdout.splitlines()][-1] == {
        "event": "finished", "run": None, "exit": 2,
    }  # fmt: skip
    assert done.returncode == ExitCode.USAGE


def test_quiet_says_nothing_but_the_data(tagged):
    done = tagged("run", SAMPLES, *EMBEDDED, "--quiet")
    assert done.stderr == ""
    assert Path(done.stdout.strip()).is_dir()


def test_a_run_repeats_from_its_config_json_with_its_own_labels(tagged):
    (tagged.folder / "labels.txt").rename(tagged.folder / "elsewhere.txt")
    try:
        done = tagged("run", "--from", tagged.run / "config.json")
    finally:
        (tagged.folder / "elsewhere.txt").rename(tagged.folder / "labels.txt")
    assert done.returncode == 0, done.stderr
    again = Path(done.stdout.strip())
    first, second = ((run / "results.csv").read_text() for run in (tagged.run, again))
    assert first.replace(tagged.run.name, "ID") == second.replace(again.name, "ID")


def test_another_phototagger_in_the_run_dir_makes_exit_4(tagged):
    from phototagger.store.lock import RunDirLock

    lock = RunDirLock(tagged.folder / "runs")
    try:
        done = tagged("scan", SAMPLES, *EMBEDDED)
    finally:
        lock.release()
    assert done.returncode == ExitCode.LOCKED
    assert f"process {os.getpid()} on" in done.stderr


def test_a_root_used_with_another_run_dir_before_is_mentioned(tagged):
    tagged("scan", SAMPLES, *EMBEDDED, "--run-dir", "other")
    done = tagged("scan", SAMPLES, *EMBEDDED)
    assert f"was used with another run_dir before: {tagged.folder}/other" in done.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_finishes_the_batch_and_exits_130(tagger, tmp_path, number):
    photos = tmp_path / "photos"
    photos.mkdir()
    data = (SAMPLES / "animals" / "cat.jpg").read_bytes()
    for name in range(60):
        (photos / f"{name:03}.jpg").write_bytes(data + str(name).encode())
    (tagger.folder / "labels.txt").write_text("cat\n")
    words = tagger.command("run", photos, *EMBEDDED, "--batch-images", "4", "--json")
    process = subprocess.Popen(
        words, cwd=tagger.folder, env=tagger.env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    ready = 0
    for line in process.stdout:
        ready += '"photo_ready"' in line
        if ready == 1:
            process.send_signal(number)
            break
    rest, errors = process.communicate(timeout=120)
    assert process.returncode == ExitCode.INTERRUPTED
    assert "stopped; everything finished so far is kept" in errors
    assert json.loads(rest.splitlines()[-1])["exit"] == ExitCode.INTERRUPTED
    again = tagger("run", photos, *EMBEDDED)
    assert again.returncode == 0
    kept = re.search(r"embed: (\d+) new, (\d+) as before", again.stderr)
    assert kept is not None
    assert int(kept[2]) >= 4


def test_a_reader_of_stdout_that_leaves_makes_no_traceback(tagged):
    process = subprocess.Popen(
        tagged.command("run", SAMPLES, *EMBEDDED, "--json"),
        cwd=tagged.folder, env=tagged.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read().decode()
    process.stderr.close()
    process.wait(timeout=60)
    assert "Traceback" not in errors
    assert "Exception ignored" not in errors


def test_the_first_word_is_found_among_flags_and_their_values():
    assert first_word(["--root", "scan", "run"]) == 2
    assert first_word(["--root=scan", "run"]) == 1
    assert first_word(["--json", "--topk", "3"]) is None
    assert first_word(["--quiet", "run", "--topk", "3"]) == 1


def test_every_flag_that_is_followed_by_a_value_may_stand_before_the_command():
    for command in COMMANDS.values():
        for action in parser_of(command)._actions:
            for flag in action.option_strings:
                assert takes_value(flag) is (action.nargs != 0), f"{command.name} {flag}"


def test_a_value_of_two_dashes_is_refused_in_words(tagger):
    for flag in ("--config", "--run", "--run-dir", "--labels"):
        done = tagger("scan", SAMPLES, f"{flag}=--")
        assert done.returncode == ExitCode.USAGE
        assert f"phototagger: {flag}=--: `--` is no value" in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", [["sidecars", "--undo", "--verify"], ["run", "--nosuch"], []])
def test_a_wrong_flag_is_told_in_json_where_that_was_asked_for(tagger, words):
    done = tagger(*words, "--json")
    assert done.returncode == ExitCode.USAGE
    error, finished = map(json.loads, done.stdout.splitlines())
    assert error["event"] == "error"
    assert f"error: {error['cause']}" in done.stderr
    assert finished == {"event": "finished", "run": None, "exit": 2}
    assert tagger(*words).stdout == ""


def test_flags_leave_no_trace_unless_typed():
    assert vars(settings_flags().parse_args([])) == {}


def test_help_lists_exactly_the_commands_that_exist():
    done = subprocess.run(
        [sys.executable, "-m", "phototagger", "--help"], capture_output=True, text=True, check=True
    )
    listed = re.findall(r"^  (\w+) +[A-Z]", done.stdout, re.MULTILINE)
    assert listed == list(COMMANDS)
    for code in ExitCode:
        assert f"{code.value:>3}  {code.sentence}" in done.stdout


def test_help_is_quick_to_load_nothing_heavy():
    script = (
        "import sys\n"
        "from phototagger.cli.tagger import main\n"
        "try: main(['run', '--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'open_clip', 'polars', 'textual', 'numpy', 'PIL', 'rich'}\n"
        "print('LOADED', sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "LOADED []"


def test_progress_bars_are_drawn_on_a_terminal_only(tagged):
    import pty

    parent, child = pty.openpty()
    process = subprocess.Popen(
        tagged.command("run", SAMPLES, *EMBEDDED),
        cwd=tagged.folder, env={**tagged.env, "TERM": "xterm"},
        stdout=subprocess.DEVNULL, stderr=child,
    )  # fmt: skip
    os.close(child)
    drawn = b""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            block = os.read(parent, 65536)
        except OSError:
            break
        if not block:
            break
        drawn += block
    process.wait(timeout=60)
    os.close(parent)
    assert b"\x1b[?25l" in drawn  # the cursor is hidden while bars move
    assert b"scan: 0 new, 19 as before" in drawn
    assert (CHECKOUT / "README.md").is_file()


@pytest.mark.parametrize(
    ("name", "value"),
    [("POLARS_MAX_THREADS", "0"), ("TORCH_LOGS", "foo"), ("HF_HUB_ETAG_TIMEOUT", "abc")],
)
def test_a_variable_that_a_library_cannot_read_is_named_and_exits_2(tagger, name, value):
    (tagger.folder / "labels.txt").write_text("cat\n")
    tagger.env[name] = value
    model = "ViT-B-32" if name.startswith("HF") else "embedded"
    done = tagger("run", SAMPLES / "animals", "--model-name", model)
    assert done.returncode == ExitCode.USAGE, done.stderr
    assert f"the environment sets {name} to {value!r}" in done.stderr
    assert f"type `unset {name}`" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(("flags", "said"), [((), "a large catalogue …\n"), (("--quiet",), "")])
def test_what_takes_long_is_said_on_stderr_unless_it_is_to_be_quiet(capsys, flags, said):
    main(["undo", "--run-dir", "/nowhere", *flags])  # which ends soon
    capsys.readouterr()
    tell("a large catalogue …")
    listen(None)
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", said)
