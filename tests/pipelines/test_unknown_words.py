"""Words of a prompt that the starter set was not trained on are told with the picture."""

from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from models.runtime import Runtime
from models.store import ModelStore
from pipelines.events import Note
from pipelines.guidance import unknown_words
from pipelines.requests import parse_request
from pipelines.studio import Studio
from tests.server import has_starter


def pipeline_of(*tokens: str) -> SimpleNamespace:
    vocabulary = {token: index for index, token in enumerate(tokens)}
    return SimpleNamespace(tokenizer=SimpleNamespace(get_vocab=lambda: vocabulary))


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("A red MUG", []),
        ("two red mugs and two teapots", ["two", "mugs", "and", "teapots"]),
        ("a (vermilion:1.3) mug, 8k", ["vermilion"]),
        ("a mug für 猫咪", ["für", "猫咪"]),
        ("a red mug <lora:ink:0.8>", []),
        ("a red mug in my-style", ["in"]),
        ("red mu", ["mu"]),  # the beginning of a word is none
    ],
)
def test_what_is_no_token_of_its_own_is_unknown(prompt: str, told: list[str]) -> None:
    pipeline = pipeline_of("a</w>", "m", "mu", "red</w>", "mug</w>", "k</w>")
    assert unknown_words(pipeline, prompt, ["my-style"]) == told


def test_a_tokenizer_of_letters_alone_tells_nothing() -> None:
    assert unknown_words(pipeline_of("a</w>", "r", "e", "d</w>"), "a red mug", []) == []


@pytest.mark.skipif(not has_starter(), reason="no starter set: python -m training.make_starter")
@pytest.mark.parametrize("model", ["starter", "starter-fast"])
@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        ("a cute toon kitty made of wood, wearing a hat", []),
        ("two pink flamingos", ["These words mean nothing to the starter set: 'two', 'flamingos'."]),
        ("ein sehr alter Mann am See", ["'ein', 'sehr', 'alter', 'mann', 'am' and others."]),
    ],
)
def test_the_starter_set_tells_which_words_it_passes_over(
    tmp_path: Path, model: str, prompt: str, told: list[str]
) -> None:
    store = ModelStore(Runtime(torch.device("cpu"), torch.float32, "a test"), tmp_path, offline=True)
    asked = {"kind": "text_to_image", "prompt": prompt, "model": model, "steps": 1, "seed": 1}
    events = Studio(store, tmp_path).run(parse_request(asked), tmp_path / "job", lambda: False)
    notes = [event.text for event in events if isinstance(event, Note)]
    assert len(notes) == len(told)
    assert all(note.endswith(end) for note, end in zip(notes, told, strict=True))
