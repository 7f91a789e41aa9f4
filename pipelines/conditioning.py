"""What a pipeline is told about the words, and what it wears and knows while it draws them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.embeddings import marked, taught
from models.loras import wear
from models.store import ModelStore
from pipelines.emphasis import Phrase, phrases
from pipelines.requests import Prompted

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Conditions:
    """A request's words, with the files that they and its LoRAs mean."""

    prompt: str
    negative_prompt: str = ""
    loras: Mapping[Path, float] = field(default_factory=dict)
    embeddings: Mapping[str, Path] = field(default_factory=dict)


def find_conditions(store: ModelStore, request: Prompted) -> Conditions:
    """Look the files of a request up.

    Raises:
        MaquetteError: BAD_REQUEST for a LoRA that is not there, or a word's weight beyond the limit.
    """
    for text in (request.prompt, request.negative_prompt):
        phrases(text)
    return Conditions(
        request.prompt,
        request.negative_prompt,
        {store.lora(name): weight for name, weight in request.loras.items()},
        store.embeddings.used(request.prompt, request.negative_prompt),
    )


@contextmanager
def conditioned(pipeline: Any, conditions: Conditions, guided: bool) -> Iterator[dict[str, Any]]:
    """The arguments that tell a pipeline the words, while it wears the LoRAs and knows the embeddings.

    Args:
        guided: whether the pipeline looks at the negative prompt at all.

    Raises:
        MaquetteError: BAD_REQUEST for a file that was made for a model of another architecture.
    """
    wear(pipeline, conditions.loras)
    with taught(pipeline, conditions.embeddings):
        prompt = marked(conditions.prompt, conditions.embeddings)
        negative_prompt = marked(conditions.negative_prompt, conditions.embeddings)
        yield tell(pipeline, prompt, negative_prompt, guided)


def tell(pipeline: Any, prompt: str, negative_prompt: str, guided: bool) -> dict[str, Any]:
    """Plain prompts where the model reads all words alike and at once, else what its encoders make of them.

    So a plain prompt is drawn to the last bit as diffusers' own call draws it.
    """
    positive, negative = phrases(prompt), phrases(negative_prompt)
    if _is_plain(pipeline, positive) and (not guided or _is_plain(pipeline, negative)):
        # Without a negative prompt diffusers does what the model was trained with, which may be zeros.
        return {"prompt": _text(positive), "negative_prompt": _text(negative) or None}
    return _encoded(pipeline, positive, negative if guided else [])


def _text(words: Sequence[Phrase]) -> str:
    """The words without their weights."""
    return "".join(phrase.text for phrase in words)


def _is_plain(pipeline: Any, words: Sequence[Phrase]) -> bool:
    """Whether all words weigh the same and fit into what the model reads at once."""
    if any(phrase.weight != 1 for phrase in words):
        return False
    text = pipeline.maybe_convert_prompt(_text(words), pipeline.tokenizer)
    count = len(pipeline.tokenizer(text, truncation=False, verbose=False).input_ids)
    return count <= int(pipeline.tokenizer.model_max_length)


def _encoded(pipeline: Any, positive: Sequence[Phrase], negative: Sequence[Phrase]) -> dict[str, Any]:
    """Embeddings of weighted words of any length, made by compel, as a pipeline's arguments."""
    import torch
    from compel import Compel, DiffusersTextualInversionManager, DownweightMode, ReturnedEmbeddingsType
    from torch import nn

    two = getattr(pipeline, "text_encoder_2", None) is not None
    kinds = ReturnedEmbeddingsType
    masks = isinstance(pipeline.text_encoder, nn.Module)  # OpenVINO's do not look at a mask
    readers = [
        Compel(
            tokenizer=getattr(pipeline, f"tokenizer{suffix}"),
            text_encoder=getattr(pipeline, f"text_encoder{suffix}"),
            textual_inversion_manager=DiffusersTextualInversionManager(pipeline),
            truncate_long_prompts=False,
            downweight_mode=DownweightMode.MASK if masks else DownweightMode.REMOVE,
            returned_embeddings_type=kinds.PENULTIMATE_HIDDEN_STATES_NON_NORMALIZED
            if two
            else kinds.LAST_HIDDEN_STATES_NORMALIZED,
            device=pipeline._execution_device,
        )
        for suffix in (("", "_2") if two else ("",))
    ]
    with torch.no_grad():
        pairs = [_read(reader, positive, negative) for reader in readers]
        tokens, unlike = (torch.cat(halves, dim=-1) for halves in zip(*pairs, strict=True))
        if not two:
            return {"prompt_embeds": tokens, "negative_prompt_embeds": unlike}
        pool = readers[1].conditioning_provider.get_pooled_embeddings
        pooled, unlike_pooled = pool([_text(positive)]), pool([_text(negative)])
    if not negative and pipeline.config.force_zeros_for_empty_prompt:
        unlike, unlike_pooled = torch.zeros_like(unlike), torch.zeros_like(unlike_pooled)
    return {
        "prompt_embeds": tokens,
        "negative_prompt_embeds": unlike,
        "pooled_prompt_embeds": pooled,
        "negative_pooled_prompt_embeds": unlike_pooled,
    }


def _read(reader: Any, positive: Sequence[Phrase], negative: Sequence[Phrase]) -> tuple[Tensor, Tensor]:
    """What one encoder makes of words and negative words, [1, 77 n, C] each, of one length."""
    from compel.prompt_parser import FlattenedPrompt

    made = []
    for words in (positive, negative):
        prompt = FlattenedPrompt([(phrase.text, phrase.weight) for phrase in words] or [("", 1.0)])
        made.append(reader.build_conditioning_tensor_for_prompt_object(prompt)[0][0])
    told, unlike = reader.pad_conditioning_tensors_to_same_length(made)
    return told, unlike
