"""Textual inversion: words of the user's own whose meaning is in files."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.errors import MaquetteError

if TYPE_CHECKING:
    from torch import Tensor


class Embeddings:
    """The embedding files of a folder; a file's name without suffix is the word that stands for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def used(self, *texts: str) -> dict[str, Path]:
        """The files whose words are in one of the texts, by their words."""
        files = {path.stem: path for path in sorted(self.folder.glob("*.safetensors"))}
        return {word: path for word, path in files.items() if any(_word(word).search(t) for t in texts)}


def marked(text: str, words: Mapping[str, Path]) -> str:
    """A text whose taught words are in angle brackets, so that no part of another word is taken for one."""
    for word in words:
        text = _word(word).sub(_token(word).replace("\\", r"\\"), text)
    return text


@contextmanager
def taught(pipeline: Any, files: Mapping[str, Path]) -> Iterator[None]:
    """Teach a pipeline's tokenizers and text encoders some words, which are gone at the end.

    Raises:
        MaquetteError: BAD_REQUEST for a file that is none for this model; no word is taught then.
    """
    from torch import nn

    if files and not isinstance(pipeline.text_encoder, nn.Module):
        raise MaquetteError(
            "BAD_REQUEST", f"embeddings: OpenVINO's networks cannot be taught {', '.join(files)}"
        )
    with ExitStack() as stack:
        if files:
            for tokenizer, encoder in _readers(pipeline):
                stack.enter_context(_forgetting(pipeline, tokenizer, encoder))
        for word, path in files.items():
            _teach(pipeline, word, path)
        yield


@contextmanager
def _forgetting(pipeline: Any, tokenizer: str, encoder: str) -> Iterator[None]:
    """Work on a copy of the tokenizer; the encoder's own table of words is back at the end."""
    known, network = getattr(pipeline, tokenizer), getattr(pipeline, encoder)
    table = network.get_input_embeddings()
    weights, count = table.weight.data, network.config.vocab_size
    setattr(pipeline, tokenizer, copy.deepcopy(known))
    try:
        yield
    finally:
        setattr(pipeline, tokenizer, known)
        table.weight.data, table.num_embeddings = weights, len(weights)
        network.set_input_embeddings(table)
        network.config.vocab_size = count


def _teach(pipeline: Any, word: str, path: Path) -> None:
    """Add the vectors of a file to every text encoder."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        tensors = load_file(path)
    except (OSError, ValueError, SafetensorError) as error:
        raise MaquetteError(
            "BAD_REQUEST", f"embeddings: {word!r} is no embedding that can be read ({type(error).__name__})"
        ) from error
    for tokenizer, encoder in _readers(pipeline):
        network = getattr(pipeline, encoder)
        vectors = _of_width(tensors, network.get_input_embeddings().weight.shape[1], word)
        pipeline.load_textual_inversion(
            {"vectors": vectors},
            token=_token(word),
            tokenizer=getattr(pipeline, tokenizer),
            text_encoder=network,
        )


def _of_width(tensors: Mapping[str, Tensor], width: int, word: str) -> Tensor:
    """The vectors [n, width] of a file.

    Raises:
        MaquetteError: BAD_REQUEST where all are of another width.
    """
    for tensor in tensors.values():
        if tensor.ndim in (1, 2) and tensor.shape[-1] == width:
            return tensor.reshape(-1, width)
    widths = ", ".join(str(tensor.shape[-1]) for tensor in tensors.values() if tensor.ndim) or "none"
    raise MaquetteError(
        "BAD_REQUEST",
        f"embeddings: {word!r} was made for a model of another architecture: "
        f"its vectors have {widths} numbers, the model's words {width}",
    )


def _readers(pipeline: Any) -> list[tuple[str, str]]:
    """The names of a pipeline's tokenizers and text encoders."""
    pairs = [("tokenizer", "text_encoder"), ("tokenizer_2", "text_encoder_2")]
    return [pair for pair in pairs if getattr(pipeline, pair[1], None) is not None]


def _word(word: str) -> re.Pattern[str]:
    """Where a word stands alone, in either case, with or without angle brackets."""
    return re.compile(rf"<{re.escape(word)}>|(?<![\w<]){re.escape(word)}(?![\w>])", re.IGNORECASE)


def _token(word: str) -> str:
    """How a tokenizer is told a word."""
    return f"<{word}>"
