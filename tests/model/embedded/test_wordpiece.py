"""Our WordPiece gives the ids that the `tokenizers` library gives."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from phototagger.model import embedded
from phototagger.model.embedded.wordpiece import WordPiece

TEXT = embedded.TEXT.find()
if TEXT is None:
    pytest.skip(f"needs: {embedded.INSTALL_LINE}", allow_module_level=True)

OURS = WordPiece(TEXT.with_name("vocab.txt"))
THEIRS = Tokenizer.from_file(str(TEXT.with_name("tokenizer.json")))
THEIRS.no_padding()
THEIRS.enable_truncation(256)


def known_to_all(char: str) -> bool:
    """Say whether a character is the same in every version of Unicode since 3.2.

    `tokenizers` and Python come with tables of different years.
    """
    then = unicodedata.ucd_3_2_0.category(char)
    return then not in {"Cn", "Cs"} and then == unicodedata.category(char)


def is_letter(char: str) -> bool:
    return unicodedata.category(char) == "Lo"


CHARACTERS = [char for char in map(chr, range(0x30000)) if known_to_all(char)]
WORDS = [word for word in TEXT.with_name("vocab.txt").read_text("utf-8").split() if word[0] != "["]

texts = st.text(st.sampled_from(CHARACTERS), max_size=40)
phrases = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
mixed = st.lists(st.one_of(phrases, texts), max_size=6).map("".join)


@given(st.one_of(texts, phrases, mixed))
def test_any_text_gets_the_ids_of_the_tokenizers_library(text: str) -> None:
    assert OURS.encode(text) == THEIRS.encode(text).ids


def test_each_character_is_treated_as_the_library_treats_it() -> None:
    # Of the 80,000 ideographs and syllables, which have no case and no accents, a few will do.
    few = [char for n, char in enumerate(CHARACTERS) if n % 50 == 0 or not is_letter(char)]
    texts = [f"ab{char}cd" for char in few]
    theirs = [encoding.ids for encoding in THEIRS.encode_batch(texts)]
    differing = [text for text, ids in zip(texts, theirs, strict=True) if OURS.encode(text) != ids]
    assert differing == []


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("a photo of a Dog", "a photo of a dog"),
        ("Crème brûlée", "cr ##eme br ##ule ##e"),
        ("t-shirt, (blue)!", "t - shirt , ( blue ) !"),
        ("日本語", "日 本 語"),
        ("ΣΊΣΥΦΟΣ", "σ ##ι ##σ ##υ ##φ ##ο ##σ"),  # noqa: RUF001
        ("do\x00g\x0bs\tcat\u200bs", "dogs cats"),
        ("x" * 101, "[UNK]"),
        ("🐕 dog", "[UNK] dog"),
        ("", ""),
    ],
)
def test_a_text_is_cut_into_these_pieces(text: str, pieces: str) -> None:
    expected = [THEIRS.token_to_id(piece) for piece in ("[CLS]", *pieces.split(), "[SEP]")]
    assert OURS.encode(text) == expected == THEIRS.encode(text).ids


def test_a_long_text_is_cut_at_256_and_still_ends_with_its_mark() -> None:
    ids = OURS.encode("dog " * 1000)
    assert len(ids) == 256
    assert ids == THEIRS.encode("dog " * 1000).ids
    assert ids[-1] == THEIRS.token_to_id("[SEP]")


def test_texts_of_different_length_are_padded_with_zeros() -> None:
    tokens = OURS(["dog", "a photo of a dog"])
    assert tokens.tolist() == [
        [101, 3899, 102, 0, 0, 0, 0],
        [101, 1037, 6302, 1997, 1037, 3899, 102],
    ]


def test_no_texts_are_no_rows() -> None:
    assert OURS([]).shape == (0, 2)


def test_a_vocabulary_line_is_one_piece_even_with_a_strange_line_break_in_it(
    text_folder: Path,
) -> None:
    lines = (text_folder / "vocab.txt").read_bytes().count(b"\n")
    assert THEIRS.get_vocab_size() == lines == len(set(OURS._ids))
