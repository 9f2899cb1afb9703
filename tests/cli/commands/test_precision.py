"""``sample`` and ``approve --precision``: a promise from the draw to the revoke, as typed."""

import csv
import io
import json
from pathlib import Path

import pytest

from phototagger.cli.tagger import main
from phototagger.errors import ExitCode
from phototagger.store import Catalogue, Who, decisions
from tests.cli.conftest import SAMPLES
from tests.engine.certificates.conftest import Shelf, shelf

__all__ = ["shelf"]


class Typed:
    """Runs commands on a shelf in this process, and keeps what they print."""

    def __init__(self, shelf: Shelf, capsys: pytest.CaptureFixture) -> None:
        self.shelf = shelf
        self._capsys = capsys
        self.out = self.err = ""
        self.asked: list[dict[str, str]] = []

    def __call__(self, command: str, *words: str) -> int:
        shelf = self.shelf
        (shelf.folder / "labels.txt").write_text("\n".join(shelf.labels))
        code = main([
            *command.split(), *words, "--root", str(shelf.root), "--model-name", "embedded",
            "--run-dir", str(shelf.folder / "runs"), "--cache-dir", str(shelf.folder / "cache"),
            "--labels", str(shelf.folder / "labels.txt"), "--threshold", "0.2",
        ])  # fmt: skip
        self.out, self.err = self._capsys.readouterr()
        return code

    def answers(self, *, truly: bool = True) -> Path:
        """Fill the table of questions in; return it."""
        assert self("sample", "--questions") == ExitCode.DONE
        self.asked = list(csv.DictReader(io.StringIO(self.out)))
        return self.answered(self.asked, truly=truly)

    def answered(self, rows: list[dict[str, str]], *, truly: bool) -> Path:
        """Fill rows of questions in; return the file of answers."""
        for row in rows:
            true = row["label"] in self.shelf.truth[Path(row["path"]).name]
            row["decision"] = "approved" if true is truly else "rejected"
        file = self.shelf.folder / "answers.csv"
        with file.open("w", newline="") as out:
            table = csv.DictWriter(out, rows[0])
            table.writeheader()
            table.writerows(rows)
        return file

    def certified(self) -> set[tuple[bytes, str]]:
        catalogue = Catalogue(self.shelf.folder / "runs", writable=False)
        found = {(one.sha1, one.label) for one in decisions(catalogue) if one.certificate}
        catalogue.close()
        return found


@pytest.fixture
def typed(shelf: Shelf, capsys: pytest.CaptureFixture, tmp_path, monkeypatch) -> Typed:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    with shelf.job() as job:
        shelf.teach_some(job)
    return Typed(shelf, capsys)


def test_from_the_sample_to_the_certificate_and_back(typed):
    assert typed("sample", "--precision", "0.9") == ExitCode.DONE
    paths = typed.out.splitlines()
    assert len(set(paths)) == len(paths) > 60
    assert all(Path(path).is_file() for path in paths)
    assert f"0 of {len(paths)} photos looked at" in typed.err
    assert typed("approve", "--precision", "0.9") == ExitCode.USAGE
    assert f"0 of {len(paths)} photos of the sample C1 are looked at" in typed.err
    file = typed.answers()
    assert typed("approvals import", str(file)) == ExitCode.DONE
    assert typed("sample") == ExitCode.DONE
    assert typed.out == ""
    assert "all are looked at" in typed.err
    assert typed("approve", "--precision", "0.9") == ExitCode.DONE
    assert "of a photo taken at random, a label approved on it is right in at least 90" in typed.err
    held = typed.certified()
    assert len(held) > 50
    assert typed("stats") == ExitCode.DONE
    assert "C1: of a photo taken at random" in typed.out
    assert f"{len(held):,} labels approved on" in typed.out
    assert typed("approve", "--revoke", "c1") == ExitCode.DONE
    assert f"C1: {len(held):,} approvals taken back; `phototagger undo`" in typed.err
    assert typed.certified() == set()
    assert typed("undo", "--dry-run") == ExitCode.DONE
    assert "takes back: removed decisions on" in typed.err
    assert typed("approve", "--revoke", "C1") == ExitCode.USAGE
    assert typed("stats", "--json") == ExitCode.DONE
    (line,) = [one for one in map(json.loads, typed.out.splitlines()) if one.get("id")]
    assert (line["id"], line["holds"], line["approved"]) == ("C1", 0, len(held))


def test_answers_that_are_all_wrong_approve_nothing_and_say_why(typed):
    typed("sample", "--precision", "0.9")
    typed("approvals import", str(typed.answers(truly=False)))
    assert typed("approve", "--precision", "0.9") == ExitCode.SOME_FAILED
    assert "Likely cause" not in typed.err
    assert "looks at the surest labels were wrong, which does not prove 0.9" in typed.err
    assert "no number of looks proves more than is true" in typed.err
    assert typed.certified() == set()
    assert typed("sample", "--give-up") == ExitCode.DONE
    assert typed("stats") == ExitCode.DONE
    assert "C1: a sample for 0.9 that was given up (tested 1 time)" in typed.out


def test_answers_that_are_changed_after_a_test_end_the_sample_and_undo_puts_them_back(typed):
    typed("sample", "--precision", "0.9")
    typed("approvals import", str(typed.answers(truly=False)))
    assert typed("approve", "--precision", "0.9") == ExitCode.SOME_FAILED
    typed("approvals import", str(typed.answered(typed.asked, truly=True)))
    why = "answers that were tested are not what they were when the result was told"
    assert f"approvals: the sample C1 has ended: {why}" in typed.err
    assert typed("approve", "--precision", "0.9") == ExitCode.USAGE
    assert f"the sample C1 has ended: {why}; `phototagger sample --give-up` closes it" in typed.err
    assert typed("sample", "--looks", "100") == ExitCode.USAGE
    typed("stats")
    assert f"C1: a sample for 0.9 is being looked at (tested 1 time); it has ended: {why}" in (
        typed.out
    )
    assert typed.certified() == set()
    assert typed("undo") == ExitCode.DONE
    assert typed("approve", "--precision", "0.9") == ExitCode.SOME_FAILED
    assert "which does not prove 0.9" in typed.err


def test_a_sample_that_is_too_small_says_how_many_to_look_at(typed):
    typed("sample", "--precision", "0.9", "--looks", "20")
    assert len(typed.out.splitlines()) == 20
    typed("approvals import", str(typed.answers()))
    assert typed("approve", "--precision", "0.9") == ExitCode.SOME_FAILED
    assert "the sample of 20 photos is too small to prove 0.9" in typed.err
    assert "`phototagger sample --looks 40` draws the others" in typed.err
    typed("sample", "--looks", "60")
    assert len(typed.out.splitlines()) == 40


def test_photos_of_a_sample_that_are_gone_are_counted(typed):
    typed("sample", "--precision", "0.9", "--looks", "50")
    for path in typed.out.splitlines()[:2]:
        Path(path).unlink()
    typed("sample")
    assert len(typed.out.splitlines()) == 48
    assert "sample C1: 0 of 50 photos looked at; 2 gone, which count as wrong" in typed.err


def test_nothing_is_promised_before_a_sample(typed):
    assert typed("approve", "--precision", "0.95") == ExitCode.USAGE
    assert "none was drawn yet; draw one: `phototagger sample --precision 0.95`" in typed.err


def test_a_sample_for_one_promise_proves_no_other(typed):
    typed("sample", "--precision", "0.9")
    assert typed("approve", "--precision", "0.8") == ExitCode.USAGE
    assert "C1 was drawn for another promise" in typed.err


def test_new_labels_end_a_sample_and_many_new_photos_end_a_certificate(typed):
    typed("sample", "--precision", "0.9")
    typed("approvals import", str(typed.answers()))
    typed.shelf.labels.append("night")
    assert typed("approve", "--precision", "0.9") == ExitCode.USAGE
    assert "C1 has ended: the labels have changed since" in typed.err
    typed.shelf.labels.remove("night")
    assert typed("approve", "--precision", "0.9") == ExitCode.DONE
    typed("stats")
    assert "it has ended" not in typed.out
    typed.shelf.add(40, seed=1)
    typed("score")
    typed("stats")
    assert "it has ended: 40 photos of 300 came since, more than a tenth" in typed.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--precision", "0.3"), "--precision: must be a number from 0.5 to 0.999, not '0.3'"),
        (("--precision", "0.9", "--confidence", "x"), "--confidence: must be a number"),
        (("--precision", "auto"), "exactly one thing can be done at once"),
        (("--precision", "0.9", "--clear"), "exactly one thing can be done at once"),
        (("--clear", "--over-labels"), "--over-labels goes with --precision P"),
        (("--precision", "0.9", "--paths-from", "-"), "a certificate is of the whole root"),
        (("--revoke", "C7"), "--revoke C7: is no certificate of"),
    ],
)
def test_what_does_not_go_together_is_named(typed, words, said):
    assert typed("approve", *words) == ExitCode.USAGE
    assert said in typed.err


def test_questions_name_each_label_of_each_photo_by_alphabet(typed):
    typed("sample", "--precision", "0.9", "--looks", "50")
    paths = typed.out.splitlines()
    typed("sample", "--questions")
    rows = list(csv.DictReader(io.StringIO(typed.out)))
    assert list(dict.fromkeys(row["path"] for row in rows)) == paths
    assert all(row["decision"] == row["score"] == row["when"] == "" for row in rows)
    for path in paths:
        labels = [row["label"] for row in rows if row["path"] == path]
        assert labels == sorted(labels)
    typed("sample", "--json")
    lines = [json.loads(line) for line in typed.out.splitlines()]
    asked = [
        (one["path"], label) for one in lines if one["event"] == "sample" for label in one["labels"]
    ]
    assert asked == [(row["path"], row["label"]) for row in rows]


def test_decisions_that_are_exported_leave_certificates_here(typed):
    typed("sample", "--precision", "0.9")
    typed("approvals import", str(typed.answers()))
    typed("approve", "--precision", "0.9")
    typed("approvals export", str(typed.shelf.folder / "all.csv"))
    with (typed.shelf.folder / "all.csv").open(newline="") as file:
        assert {row["who"] for row in csv.DictReader(file)} == {Who.PERSON.value}


def test_a_library_of_few_photos_gets_its_plain_sentence(tagged):
    done = tagged("sample", SAMPLES, "--model-name", "embedded", "--precision", "0.95")
    assert done.returncode == ExitCode.USAGE
    assert "nothing has been decided by a person yet" in done.stderr
    tagged(
        "approve", SAMPLES, "--model-name", "embedded", "--label", "cat", "--paths-from", "-",
        input=str(SAMPLES / "animals" / "cat.jpg"),
    )  # fmt: skip
    done = tagged("sample", SAMPLES, "--model-name", "embedded", "--precision", "0.95")
    assert done.returncode == ExitCode.SOME_FAILED
    assert "too few to prove 0.95" in done.stderr
    assert "at least 82 looks; decide them in the review, which is less work" in done.stderr
