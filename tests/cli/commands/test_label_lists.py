"""`phototagger labels import|export`: keyword lists of other programs."""

import json

from phototagger.errors import ExitCode
from tests.cli.conftest import SAMPLES

LIST = "[animals]\n\tDog\n\t\t{puppy}\n\tcat\nsnow\n"
TREE = "# labels: tree\n[animals]\nanimals > Dog = puppy\nanimals > cat\nsnow\n"


def test_a_list_of_lightroom_becomes_a_labels_file_and_comes_back(tagger):
    (tagger.folder / "lr.txt").write_text("\ufeff" + LIST.replace("\n", "\r\n"))
    done = tagger("labels", "import", "lr.txt")
    assert (done.returncode, done.stdout) == (0, TREE), done.stderr
    assert "read as a list of the form lightroom; --for names another" in done.stderr
    assert "labels: 3 labels, 1 synonyms, 1 categories" in done.stderr
    made = tagger("labels", "import", "lr.txt", "--output", "labels.txt")
    assert (made.returncode, made.stdout) == (0, "")
    assert (tagger.folder / "labels.txt").read_text() == TREE
    for program in ("lightroom", "darktable"):
        back = tagger("labels", "export", "--for", program)
        assert (back.returncode, back.stdout) == (0, LIST), back.stderr
    digikam = tagger("labels", "export", "--for", "digikam", "--quiet")
    assert digikam.stdout == "animals/Dog\nanimals/cat\nsnow\n"
    plain = tagger("labels", "export", "--for", "plain")
    assert plain.stdout == "animals > Dog\nanimals > cat\nsnow\n"
    assert "labels: left out: is a synonym, which such lists do not have: puppy" in plain.stderr


def test_import_never_writes_over_a_file_and_reads_stdin(tagger):
    (tagger.folder / "labels.txt").write_text("mine\n")
    done = tagger("labels", "import", "-", "--output", "labels.txt", input="a/b\n")
    assert done.returncode == ExitCode.USAGE
    assert "labels.txt: File exists; it was left as it is" in done.stderr
    assert (tagger.folder / "labels.txt").read_text() == "mine\n"
    done = tagger("labels", "import", "-", "--for", "plain", input="a/b\nc\n")
    assert done.stdout == "# labels: tree\na/b\nc\n"
    assert [path.name for path in tagger.folder.iterdir()] == ["labels.txt"]


def test_what_is_added_renamed_and_removed_here_is_exported_so(tagger):
    (tagger.folder / "labels.txt").write_text("Dog\ncat\nsnow\n")
    assert tagger("approve", SAMPLES, "--label", "dog").returncode == 0
    for words in (["add", "ice"], ["synonym", "dog", "hound"], ["remove", "cat"]):
        assert tagger("labels", *words).returncode == 0
    assert tagger("labels", "rename", "snow", "white").returncode == 0
    done = tagger("labels", "export", "--for", "lightroom")
    assert done.stdout == "Dog\n\t{hound}\nwhite\nice\n", done.stderr


def test_labels_that_no_line_of_a_tree_can_hold_are_exported_as_they_are_called(tagger):
    (tagger.folder / "labels.txt").write_text("snow\n")
    assert tagger("approve", SAMPLES, "--label", "snow").returncode == 0
    odd = ["a =", "b = c", "[d]", "x >", "animals > [e]"]
    for label in odd:
        assert tagger("labels", "add", label).returncode == 0
    (tagger.folder / "labels.txt").write_text(TREE)
    plain = tagger("labels", "export", "--for", "plain")
    assert plain.returncode == 0, plain.stderr
    assert plain.stdout.splitlines()[3:] == odd
    outline = tagger("labels", "export", "--for", "lightroom")
    assert outline.stdout == LIST + "a =\nb = c\nx >\n"
    assert "begins or ends with what means something there: animals > [e], [d]" in outline.stderr


def test_in_a_tree_a_new_name_is_one_that_a_line_of_its_file_can_hold(tagger):
    (tagger.folder / "labels.txt").write_text(TREE)
    assert tagger("approve", SAMPLES, "--label", "snow").returncode == 0
    for words in (["add", "b = c"], ["add", "[d]"], ["rename", "snow", "a ="]):
        done = tagger("labels", *words)
        assert done.returncode == ExitCode.USAGE
        assert f"phototagger: {words[-1]}: " in done.stderr
        assert "name another label" in done.stderr
    assert tagger("labels", "rename", "snow", "white = light", "--labels", "none").returncode == 0


def test_left_out_is_said_and_json_holds_it(tagger):
    (tagger.folder / "list.txt").write_text("dog\na = b\n")
    done = tagger("labels", "import", "list.txt", "--output", "new.txt", "--json")
    event = json.loads(done.stdout.splitlines()[-2])
    assert event["event"] == "labels"
    assert list(event["left_out"].values()) == [["line 2 (a = b)"]]
    assert (tagger.folder / "new.txt").read_text() == "# labels: tree\ndog\n"
    assert tagger("labels", "import", "list.txt", "--json").returncode == ExitCode.USAGE


def test_mistakes_are_told_with_their_cure(tagger):
    for words, said in (
        (["import"], "write phototagger labels import FILE"),
        (["import", "none.txt"], "none.txt: cannot be read: No such file or directory"),
        (["export"], "name it: --for lightroom|darktable|digikam|plain"),
        (["--for", "plain"], "are for lists"),
    ):
        done = tagger("labels", *words)
        assert done.returncode == ExitCode.USAGE, words
        assert said in done.stderr
    assert tagger("labels", "import", "-", input="\n").returncode == ExitCode.USAGE
    latin = tagger.folder / "latin.txt"
    latin.write_bytes(b"dog\ncaf\xe9\n")
    assert "latin.txt:2: is not UTF-8" in tagger("labels", "import", "latin.txt").stderr
