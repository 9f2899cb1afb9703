"""Keyword lists of Lightroom, darktable and digiKam, plain ones, and a labels file's tree."""

import random
import unicodedata

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from phototagger.core.keyword_lists import OF_OTHERS, ListForm, form_of, read_list, write_list
from phototagger.core.label_tree import Keyword, keyword_of, line_of
from phototagger.core.labels import normalise_label, parse_labels

LIGHTROOM = """\
[animals]
\tdog
\t\t{puppy}
\t\t{hound}
\t\tdachshund
\tcat
places
\tEurope
\t\tParis
"""
TREE = """\
# labels: tree
[animals]
animals > dog = puppy, hound
animals > dog > dachshund
animals > cat
places
places > Europe
places > Europe > Paris
"""
LONGEST = 3000


def through(text: str, form: ListForm, back: ListForm) -> tuple[str, dict, dict]:
    """A list read, kept as a labels file, and written again."""
    read = read_list(text, form)
    tree = write_list(read.keywords, ListForm.TREE)
    assert not tree.left_out
    again = read_list(tree.text, ListForm.TREE)
    assert again == (read.keywords, {})
    written = write_list(again.keywords, back)
    return written.text, read.left_out, written.left_out


# A word in the form in which lists and labels have it; what means something in one is not in it.
MEANING = "|/,;~[]{}=>#<"
words = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters=MEANING)
    | st.sampled_from(" é"),
    min_size=1,
    max_size=12,
).map(lambda text: unicodedata.normalize("NFC", " ".join(text.split())))
words = words.filter(lambda word: word not in ("", "darktable"))


@st.composite
def outlines(draw: st.DrawFn) -> str:
    """An outline as Lightroom writes it, of at most 3,000 lines: synonyms come first."""
    lines: list[str] = []

    def level(tabs: str, room: int) -> None:
        for name in draw(st.lists(words, unique=True, max_size=6)):
            category = draw(st.integers(0, 5)) == 0
            lines.append(tabs + (f"[{name}]" if category else name))
            lines.extend(
                f"{tabs}\t{{{word}}}" for word in draw(st.lists(words, unique=True, max_size=2))
            )
            if room:
                level(tabs + "\t", room - 1)

    level("", 2)
    return "".join(f"{line}\n" for line in lines)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(outlines(), st.sampled_from([ListForm.LIGHTROOM, ListForm.DARKTABLE]))
def test_an_outline_comes_back_equal(text, form):
    assert through(text, form, form) == (text, {}, {})


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.lists(words, min_size=1, max_size=4).map(tuple), unique=True, max_size=40),
    st.sampled_from([(ListForm.DIGIKAM, "/"), (ListForm.PLAIN, " > ")]),
)
def test_a_list_of_paths_comes_back_equal(paths, form):
    text = "".join(f"{form[1].join(levels)}\n" for levels in paths)
    assert through(text, form[0], form[0]) == (text, {}, {})


@settings(max_examples=3, deadline=None)
@given(st.integers())
def test_an_outline_of_3000_lines_comes_back_equal(seed):
    chance = random.Random(seed)
    lines = ["Wörter"]
    depth = 0
    while len(lines) < LONGEST:
        depth = chance.randint(0, min(depth + 1, 5))
        name = f"{chance.choice(['Ærø', '犬', 'c# & co', '50 %'])} {len(lines)}"
        lines.append("\t" * depth + chance.choice([name, name, f"[{name}]"]))
        if chance.random() < 0.3:
            lines.append("\t" * (depth + 1) + f"{{{name} too}}")
    text = "".join(f"{line}\n" for line in lines)
    assert form_of(text) is ListForm.LIGHTROOM
    assert through(text, ListForm.LIGHTROOM, ListForm.LIGHTROOM) == (text, {}, {})


ODD = [
    "=", "= x", "a = b", ",", "a, b", '"q"', "a\tb", "\ta", "é", "e\u0301", "\u212b", "ﬁ", "İ", "ß",
    "a > b", ">", "a>", ">a", "[x]", "[", "[a] b", "{x}", "{", "#", "# x", "~a", "|", "a|b", "/",
    "a/b", "/a", "\ufeffa", "\u200ba", "\xa0a\xa0", "a\u2028b", "a\x0bb", "\x85", " a ", "a  b",
    "x" * 199, "İ" * 150, "x" * 60_000, "👨‍👩‍👧", "\u202ea", "a\x1bb", "darktable", "[]", "{}",
    "# labels: tree", "=1+1", "a~", "a;", "animals", "dog", "cat",
]  # fmt: skip
"""Words that mean something somewhere, or are hard to keep."""


def odd_list(form: ListForm, seed: int) -> str:
    """A list of 3,000 lines of odd words, ended as on Windows or elsewhere."""
    chance = random.Random(seed)
    lines = []
    depth = 0
    for _ in range(LONGEST):
        word = "".join(chance.choices(ODD, k=chance.choice([1, 1, 1, 2])))
        if form in (ListForm.LIGHTROOM, ListForm.DARKTABLE):
            depth = chance.randint(0, min(depth + 1, 5))
            mark = chance.choice(["{}", "{{{}}}", "[{}]", "{},", "{}"])
            lines.append("\t" * depth + mark.format(word))
        else:
            levels = [word, *chance.choices(ODD, k=chance.randint(0, 2))]
            lines.append(("/" if form is ListForm.DIGIKAM else " > ").join(levels))
    return chance.choice(["\n", "\r\n"]).join(lines)


@pytest.mark.parametrize("form", OF_OTHERS)
def test_3000_lines_of_odd_words_are_kept_or_named_and_come_back_equal(form):
    text = odd_list(form, 7)
    found = read_list(text, form)
    tree = write_list(found.keywords, ListForm.TREE)
    assert read_list(tree.text, ListForm.TREE) == (found.keywords, {})
    labels = [normalise_label(one.path) for one in found.keywords if not one.is_category]
    assert parse_labels(tree.text) == list(dict.fromkeys(labels))
    for said in (said for all_of in found.left_out.values() for said in all_of):
        assert len(said) < 100
    for back in OF_OTHERS:
        outline = back in (ListForm.LIGHTROOM, ListForm.DARKTABLE)
        written = write_list(found.keywords, back)
        named = {
            one
            for why, all_of in written.left_out.items()
            for one in all_of
            if "synonym" not in why
        }
        due = [one for one in found.keywords if one.path not in named]
        again = {one.levels: one for one in read_list(written.text, back).keywords}
        for one in due:
            kept = again.pop(one.levels)
            assert not outline or set(kept.synonyms) == set(one.synonyms)
            assert kept.is_category == one.is_category
        assert all(one.is_category for one in again.values())  # levels that had no line


def test_a_line_without_a_word_is_named():
    assert read_list(",\n\n ;,\ndog", ListForm.LIGHTROOM).left_out == {
        "holds no word": ["line 1 (,)", "line 3 (;,)"]
    }
    assert read_list("/\ndog\n", ListForm.DIGIKAM).left_out == {"holds no word": ["line 1 (/)"]}


def test_levels_synonyms_and_categories_of_an_outline_are_lines_of_the_tree():
    read = read_list(LIGHTROOM, ListForm.LIGHTROOM)
    assert write_list(read.keywords, ListForm.TREE) == (TREE, {})


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (LIGHTROOM, ListForm.LIGHTROOM),
        ("[animals]\n", ListForm.LIGHTROOM),
        (TREE, ListForm.TREE),
        ("animals\nanimals/dog\nplaces\nplaces/paris\n", ListForm.DIGIKAM),
        ("animals/dog\nanimals/cat\nsnow\n", ListForm.DIGIKAM),
        ("black/white\ndog\ncat\n", ListForm.PLAIN),
        ("dog\ncat\n", ListForm.PLAIN),
    ],
)
def test_a_list_is_known_by_how_it_looks(text, form):
    assert form_of(text) is form


def test_paths_with_bars_are_paths_in_plain_lists_as_no_label_holds_a_bar():
    read = read_list("animals|dog\nsnow\n", ListForm.PLAIN)
    assert [one.levels for one in read.keywords] == [("animals", "dog"), ("snow",)]


def test_what_a_labels_file_cannot_hold_is_named_with_its_line():
    text = "dog\ndog\na = b\n\t{c, d}\nx | y\n" + "z" * 201 + "\n\t\tdeep\n"
    read = read_list(text, ListForm.LIGHTROOM)
    assert [one.path for one in read.keywords] == ["dog"]
    said = {what for named in read.left_out.values() for what in named}
    assert "line 2 (dog)" in said
    assert "line 3 (a = b)" in said
    assert "line 5 (x | y)" in said
    assert "line 7 (deep)" in said
    assert any(what.startswith("line 6 (zzz") for what in said)


def test_what_darktable_adds_by_itself_is_left_out_and_named():
    text = "darktable\n\texported\n\tstyle\n\t\tvivid\n~people,\n\tanna;\n"
    read = read_list(text, ListForm.DARKTABLE)
    assert [one.path for one in read.keywords] == ["people", "people > anna"]
    assert read.left_out["is a tag that darktable gives by itself"] == [
        "line 1 (darktable)", "line 2 (exported)", "line 3 (style)", "line 4 (vivid)",
    ]  # fmt: skip
    assert read.left_out["a `~` for a fixed order"] == ["line 5 (~people)"]


def test_what_a_list_cannot_say_is_named():
    keywords = read_list(LIGHTROOM + "black/white\n", ListForm.LIGHTROOM).keywords
    written = write_list(keywords, ListForm.DIGIKAM)
    paths = "animals/dog animals/dog/dachshund animals/cat places places/Europe places/Europe/Paris"
    assert written.text.split() == paths.split()
    assert written.left_out == {
        "is a synonym, which such lists do not have": ["puppy", "hound"],
        "is a category, which such lists do not have": ["animals"],
        "holds a `/`, which makes levels there": ["black/white"],
    }
    assert write_list([Keyword(("~x",))], ListForm.LIGHTROOM).text == ""


@pytest.mark.parametrize(
    "line", ["a >", "> a", "a > > b", "a = ", "a = b,, c", "= b", "[]", "a > []"]
)
def test_a_line_with_something_empty_says_so(line):
    with pytest.raises(ValueError, match="empty"):
        keyword_of(line)


def test_only_blanks_around_a_sign_make_it_mean_something():
    assert keyword_of("a>b=c") == Keyword(("a>b=c",))
    assert keyword_of("  a  >  b  =  c ,d ") == Keyword(("a", "b"), ("c", "d"))
    with pytest.raises(ValueError, match="mean something"):
        line_of(Keyword(("a > b",)))
