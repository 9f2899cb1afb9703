"""``labels.txt`` → the vocabulary."""

import os
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phototagger.core.labels import normalise_label, parse_labels, read_label_lines, read_labels
from phototagger.errors import LabelsError
from phototagger.resources import bundled_file

any_text = st.text(st.characters(exclude_categories=()) | st.sampled_from(" \t\n\r#|İΣẞÅ\u0307"))


def mistakes_of(path: str | os.PathLike[str]) -> tuple[str, ...]:
    with pytest.raises(LabelsError) as caught:
        read_labels(path)
    return caught.value.mistakes


def message_of(path: str | os.PathLike[str]) -> str:
    with pytest.raises(LabelsError) as caught:
        read_labels(path)
    return str(caught.value)


def labels_or_mistakes(read: Callable[[], list[str]]) -> tuple[list[str], tuple[str, ...]]:
    try:
        return read(), ()
    except LabelsError as error:
        return [], error.mistakes


def test_labels_are_lower_cased_stripped_collapsed_and_kept_once_in_first_order() -> None:
    text = "  Golden   Retriever \nbeach\n\nDOG\n# no label\n   # nor this\n"
    assert parse_labels(text + "Beach\ngolden\tretriever\n") == ["golden retriever", "beach", "dog"]


def test_labels_of_one_meaning_and_two_encodings_are_one() -> None:
    assert parse_labels("café\ncafe\u0301\n") == ["caf\u00e9"]


@pytest.mark.parametrize("label", ["c#", "日本", "r&b", "👨‍👩‍👧", "50 %", "-", "a, b", '"'])
def test_what_people_write_is_a_label(label: str) -> None:
    assert parse_labels(label) == [label]


def test_a_byte_order_mark_is_no_part_of_the_first_label(tmp_path: Path) -> None:
    file = tmp_path / "labels.txt"
    file.write_bytes(b"\xef\xbb\xbfdog\ncat\n")
    assert read_labels(file) == ["dog", "cat"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_mistake_is_told_with_its_line_whatever_ends_the_lines(
    tmp_path: Path, end: str
) -> None:
    file = tmp_path / "labels.txt"
    long = "x" * 201
    lines = ["dog", "", "# a|b", "a|b", "be\x07ll", long, "cat", "x" * 200, "a\x0bb"]
    file.write_bytes(end.join(lines).encode())
    assert mistakes_of(file) == (
        f"{file}:4: holds `|`, which joins labels in the tables; choose another character",
        f"{file}:5: holds a control character; remove it",
        f"{file}:6: is 201 characters long; 200 is the most",
        f"{file}:9: holds a control character; remove it",
    )


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_what_is_not_utf_8_is_told_with_its_line(tmp_path: Path, end: bytes, mark: bytes) -> None:
    file = tmp_path / "labels.txt"
    file.write_bytes(mark + end.join([b"dog", b"\xe9", b"cat"]))
    assert message_of(file) == f"{file}:2: is not UTF-8; save the file as UTF-8"


def test_a_file_from_windows_in_utf_16_is_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "labels.txt"
    file.write_text("dog\n", encoding="utf-16")
    assert message_of(file) == f"{file}:1: is not UTF-8; save the file as UTF-8"


@pytest.mark.parametrize("content", [b"", b"\n\n", b"# only this\n", b"\xef\xbb\xbf", b" \t\r\n"])
def test_a_file_without_a_label_says_what_to_do(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "labels.txt"
    file.write_bytes(content)
    assert message_of(file) == f"{file}: holds no label; write one label a line into it"


def test_a_file_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    missing = tmp_path / "labels.txt"
    copy = f"cp {bundled_file('labels.txt')} {missing}"
    cure = f"name one with --labels, or begin with phototagger's starter list: {copy}"
    assert message_of(missing) == (f"{missing}: cannot be read: No such file or directory; {cure}")
    cure = "name one with --labels, or write one label a line into it"
    assert message_of(tmp_path) == f"{tmp_path}: cannot be read: Is a directory; {cure}"


def test_a_file_whose_name_is_not_utf_8_is_read_and_named(tmp_path: Path) -> None:
    file = os.fsencode(tmp_path) + b"/\xff.txt"
    Path(os.fsdecode(file)).write_text("dog\n")
    assert read_labels(file) == ["dog"]
    Path(os.fsdecode(file)).write_text("a|b\n")
    assert mistakes_of(os.fsdecode(file))[0].startswith(f"{tmp_path}/\\xff.txt:1: holds `|`")


def test_20000_lines_are_read(tmp_path: Path) -> None:
    file = tmp_path / "labels.txt"
    file.write_text("".join(f"Label {number % 15_000}\n" for number in range(20_000)))
    assert read_labels(file) == [f"label {number}" for number in range(15_000)]


def test_20000_mistakes_are_all_told(tmp_path: Path) -> None:
    file = tmp_path / "labels.txt"
    file.write_text("a|b\n" * 20_000)
    assert [mistake.split(":")[1] for mistake in mistakes_of(file)] == [
        str(line) for line in range(1, 20_001)
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [("", "is empty"), (" \t ", "is empty"), ("a\nb", "control"), ("a\x85b", "control"),
     ("\x7f", "control"), ("\ud800", "control"), ("a|", "`|`"), ("é" * 201, "201")],
)  # fmt: skip
def test_what_cannot_be_a_label_is_refused(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        normalise_label(text)


def test_every_character_stays_as_it_is_once_it_is_normal() -> None:
    for char in map(chr, range(0x110000)):
        if unicodedata.category(char) in ("Cn", "Co", "Cs", "Cc") or char == "|":
            continue
        label = normalise_label(f"a{char}b")
        assert normalise_label(label) == label, ascii(char)


@given(any_text)
def test_a_normal_label_is_in_its_one_form(text: str) -> None:
    try:
        label = normalise_label(text)
    except ValueError:
        return
    assert normalise_label(label) == label
    assert label == unicodedata.normalize("NFC", label) == " ".join(label.split())
    assert 0 < len(label) <= 200
    assert "|" not in label
    label.encode()


@given(any_text)
def test_a_text_gives_labels_or_every_mistake(text: str) -> None:
    labels, mistakes = labels_or_mistakes(lambda: parse_labels(text, "x.txt"))
    assert all(mistake.startswith("x.txt:") for mistake in mistakes)
    assert len(set(labels)) == len(labels)


@given(st.lists(any_text))
def test_labels_written_one_a_line_are_read_back(tmp_path: Path, texts: list[str]) -> None:
    labels: dict[str, None] = {}
    for text in texts:
        try:
            label = normalise_label(text)
        except ValueError:
            continue
        if not label.startswith("#"):
            labels[label] = None
    file = tmp_path / "labels.txt"
    file.write_text("\n".join(["first", *labels]), encoding="utf-8", newline="")
    assert read_labels(file) == list(dict.fromkeys(["first", *labels]))


@given(st.binary())
def test_any_bytes_give_labels_or_every_mistake(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "labels.txt"
    file.write_bytes(data)
    labels, mistakes = labels_or_mistakes(lambda: read_labels(file))
    assert bool(labels) != bool(mistakes)
    assert all(mistake.startswith(f"{file}:") for mistake in mistakes)


TREE = """# labels: tree
[animals] = fauna
# comment
Animals  >  Dog = Puppy, hound , puppy
animals > dog

snow
"""


def test_a_file_that_says_tree_holds_paths_synonyms_and_categories(tmp_path: Path) -> None:
    file = tmp_path / "labels.txt"
    for text in (
        TREE,
        "\ufeff" + TREE.replace("\n", "\r\n"),
        TREE.replace("# l", "#L").replace("\n", "\r"),
    ):
        file.write_text(text)
        assert read_labels(file) == ["animals > dog", "snow"]
        assert read_label_lines(file)[0].synonyms == ("puppy", "hound")


def test_other_files_mean_what_they_meant() -> None:
    text = TREE.replace("# labels: tree", "# labels")
    assert parse_labels(text)[:2] == ["[animals] = fauna", "animals > dog = puppy, hound , puppy"]


def test_mistakes_of_a_tree_are_told_with_their_lines(tmp_path: Path) -> None:
    file = tmp_path / "labels.txt"
    file.write_text("# labels: tree\na > > b\ndog = ,\na|b\n")
    assert [one.partition(": ")[2].split(";")[0] for one in mistakes_of(file)] == [
        "names an empty level",
        "names an empty synonym",
        "holds `|`, which joins labels in the tables",
    ]
