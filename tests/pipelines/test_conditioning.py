"""Words with weights, past 77 tokens, and of the user's own, for one text encoder and for two."""

from pathlib import Path
from typing import Any

import pytest
import torch
from diffusers import DiffusionPipeline
from safetensors.torch import save_file
from torch import Tensor

from models.embeddings import Embeddings
from models.errors import MaquetteError
from pipelines.conditioning import Conditions, conditioned, tell
from tests.models.checkpoints import SECOND, WIDTH, make_sd, make_sdxl
from tests.models.latents import latents_of

ALONE: dict[str, Any] = {"device": "cpu", "num_images_per_prompt": 1, "do_classifier_free_guidance": False}
MAKERS = {"sd": make_sd, "sdxl": make_sdxl}


@pytest.fixture(scope="module", params=MAKERS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return MAKERS[request.param](tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def pipeline(folder: Path) -> Any:
    loaded: Any = DiffusionPipeline.from_pretrained(folder, dtype=torch.float32, safety_checker=None)
    loaded.set_progress_bar_config(disable=True)
    return loaded


def told(pipeline: Any, prompt: str, negative_prompt: str = "") -> dict[str, Any]:
    return tell(pipeline, prompt, negative_prompt, guided=True)


def embeds(pipeline: Any, prompt: str) -> Tensor:
    """The embeddings of a prompt, by whichever way it goes."""
    given = told(pipeline, prompt)
    if "prompt_embeds" in given:
        return torch.as_tensor(given["prompt_embeds"])
    with torch.no_grad():
        return torch.as_tensor(pipeline.encode_prompt(prompt=given["prompt"], **ALONE)[0])


def test_plain_words_are_told_as_they_are(pipeline: Any) -> None:
    assert told(pipeline, "a red ball", "rain") == {"prompt": "a red ball", "negative_prompt": "rain"}
    assert told(pipeline, r"a \(red\) ball") == {"prompt": "a (red) ball", "negative_prompt": None}


def test_words_that_compel_reads_are_what_the_pipeline_reads(pipeline: Any) -> None:
    """A weight of nearly 1 goes the other way and must arrive at the same place."""
    words = told(pipeline, "a (red:1.000001) ball", "rain")
    plain = told(pipeline, "a red ball", "rain")
    assert set(words) >= {"prompt_embeds", "negative_prompt_embeds"}
    assert torch.allclose(latents_of(pipeline, **words), latents_of(pipeline, **plain), atol=1e-3)


def test_without_negative_words_the_model_sees_what_it_was_trained_with(pipeline: Any) -> None:
    words, plain = told(pipeline, "a (red:1.000001) ball"), told(pipeline, "a red ball")
    assert torch.allclose(latents_of(pipeline, **words), latents_of(pipeline, **plain), atol=1e-3)


@pytest.mark.parametrize("weight", ["0", "0.4", "1.5"])
def test_a_weight_changes_what_is_drawn(pipeline: Any, weight: str) -> None:
    plain, weighted = embeds(pipeline, "a red ball"), embeds(pipeline, f"a (red:{weight}) ball")
    assert weighted.shape == plain.shape
    assert not torch.allclose(weighted, plain, atol=1e-3)


def test_words_past_the_limit_are_read_and_both_sides_are_of_one_length(pipeline: Any) -> None:
    long = "a red mushroom, " * 30
    words = told(pipeline, long, "rain")
    assert words["prompt_embeds"].shape[1] == words["negative_prompt_embeds"].shape[1] > 77
    assert words["prompt_embeds"].shape[1] % 77 == 0
    assert not torch.equal(embeds(pipeline, long + "blue"), embeds(pipeline, long + "green"))
    assert latents_of(pipeline, **words).shape == (1, 4, 8, 8)
    assert latents_of(pipeline, **told(pipeline, "a ball", long)).shape == (1, 4, 8, 8)


def learned(folder: Path, word: str, count: int, *widths: int) -> Path:
    """An embedding of so many vectors for encoders of such widths, in the layout of SD or of XL."""
    names = ("clip_l", "clip_g") if len(widths) > 1 else ("emb_params",)
    generator = torch.Generator().manual_seed(count)
    tensors = {n: torch.randn(count, w, generator=generator) for n, w in zip(names, widths, strict=True)}
    folder.mkdir(exist_ok=True)
    save_file(tensors, folder / f"{word}.safetensors")
    return folder


@pytest.mark.parametrize("prompt", ["a My-Clay ball", "a (<my-clay>:1.3) ball", "a my-clay, " * 40])
@pytest.mark.parametrize("count", [1, 3])
def test_a_learned_word_is_known_for_as_long_as_it_is_needed(
    pipeline: Any, tmp_path: Path, prompt: str, count: int
) -> None:
    widths = (WIDTH, SECOND) if hasattr(pipeline, "text_encoder_2") else (WIDTH,)
    embeddings = Embeddings(learned(tmp_path / "embeddings", "my-clay", count, *widths))
    before, tables = embeds(pipeline, prompt), states(pipeline)
    conditions = Conditions(prompt, "", embeddings=embeddings.used(prompt))
    with conditioned(pipeline, conditions, guided=True) as words:
        assert latents_of(pipeline, **words).shape == (1, 4, 8, 8)
        tokens = pipeline.tokenizer.tokenize("a <my-clay> ball")
        assert "<my-clay>" in tokens
        assert "<my-clay>" not in pipeline.tokenizer.tokenize("amy-clays")
        inside = embeds(pipeline, prompt.replace("My-Clay", "<my-clay>"))
    assert inside.shape != before.shape or not torch.allclose(inside, before, atol=1e-3)
    assert torch.equal(embeds(pipeline, prompt), before)
    assert states(pipeline) == tables


def states(pipeline: Any) -> list[tuple[int, int, tuple[int, ...]]]:
    """Sizes of all that a learned word changes."""
    encoders = [pipeline.text_encoder, getattr(pipeline, "text_encoder_2", None)]
    tokenizers = [pipeline.tokenizer, getattr(pipeline, "tokenizer_2", None)]
    return [
        (len(tokenizer), encoder.config.vocab_size, tuple(encoder.get_input_embeddings().weight.shape))
        for tokenizer, encoder in zip(tokenizers, encoders, strict=True)
        if encoder is not None
    ]


@pytest.mark.parametrize("content", [None, b"\x00garbage"])
def test_an_embedding_that_does_not_fit_is_refused_and_leaves_no_trace(
    pipeline: Any, tmp_path: Path, content: bytes | None
) -> None:
    folder = learned(tmp_path / "embeddings", "clay", 2, SECOND)
    if content is not None:
        (folder / "clay.safetensors").write_bytes(content)
    tables = states(pipeline)
    conditions = Conditions("a clay ball", "", embeddings=Embeddings(folder).used("a clay ball"))
    message = "64 numbers, the model's words 32" if content is None else "no embedding that can be read"
    with (
        pytest.raises(MaquetteError, match=message) as caught,
        conditioned(pipeline, conditions, guided=True),
    ):
        pass
    assert caught.value.code == "BAD_REQUEST" and str(tmp_path) not in caught.value.message
    assert states(pipeline) == tables


def test_only_embeddings_whose_words_are_there_are_used(tmp_path: Path) -> None:
    embeddings = Embeddings(learned(learned(tmp_path, "clay", 1, 8), "wax", 1, 8))
    assert list(embeddings.used("a claylike ball", "a wax. ball")) == ["wax"]
    assert list(embeddings.used("<CLAY>", "")) == ["clay"]
    assert Embeddings(tmp_path / "nowhere").used("clay") == {}
