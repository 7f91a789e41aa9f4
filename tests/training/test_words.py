"""The starter tokenizer takes any text."""

import random
from pathlib import Path

import pytest

from training.captions import varied
from training.description import Description
from training.wordings import known_words
from training.words import MAX_TOKENS, learn_merges, make_tokenizer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tokenizer")


def test_every_known_word_is_one_token(folder: Path) -> None:
    tokenizer = make_tokenizer(folder)
    assert tokenizer.tokenize("a turquoise airplane") == ["a</w>", "turquoise</w>", "airplane</w>"]
    assert not [word for word in known_words() if len(tokenizer.tokenize(word)) > 1]


def test_an_unknown_word_falls_into_pieces(folder: Path) -> None:
    tokenizer = make_tokenizer(folder)
    assert "".join(tokenizer.tokenize("wagodaxu")) == "wagodaxu</w>"
    assert len(tokenizer.tokenize("wagodaxu")) > 2


def test_the_vocabulary_is_the_same_every_time(tmp_path: Path) -> None:
    words = sorted(known_words())
    assert learn_merges(words) == learn_merges(reversed(words))
    first, second = (make_tokenizer(tmp_path / name).get_vocab() for name in ("first", "second"))
    assert first == second


def test_no_caption_is_longer_than_the_encoder_takes(folder: Path) -> None:
    tokenizer, rng = make_tokenizer(folder), random.Random(0)
    toy = Description("ice cream", "turquoise", "purple", "stone", "wide", "pencil", "table")
    assert max(len(tokenizer(varied(rng, toy)).input_ids) for _ in range(500)) <= MAX_TOKENS


@pytest.mark.parametrize(
    "text", ["zebra xylophone", "красный гриб", "赤いキノコ", "🍄 mushroom", "naïve café"]
)
def test_any_text_comes_back_from_its_tokens(folder: Path, text: str) -> None:
    tokenizer = make_tokenizer(folder)
    ids = tokenizer(text).input_ids
    assert tokenizer.unk_token_id not in ids[1:-1]
    assert str(tokenizer.decode(ids, skip_special_tokens=True)).strip() == text


def test_a_long_prompt_is_cut_to_what_the_encoder_takes(folder: Path) -> None:
    ids = make_tokenizer(folder)("mushroom " * 500, truncation=True, padding="max_length").input_ids
    assert len(ids) == 77
