"""The starter tokenizer takes any text."""

from pathlib import Path

import pytest

from training.words import make_tokenizer


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tokenizer")


def test_a_known_word_is_one_token(folder: Path) -> None:
    tokenizer = make_tokenizer(folder)
    assert tokenizer.tokenize("a turquoise airplane") == ["a</w>", "turquoise</w>", "airplane</w>"]


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
