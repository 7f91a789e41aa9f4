"""The starter tokenizer: CLIP's byte-level byte-pair encoding, its merges learned on the captions' words."""

import json
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from tokenizers.pre_tokenizers import ByteLevel
from transformers import CLIPTokenizer

from training.wordings import known_words

END = "</w>"
START_OF_TEXT, END_OF_TEXT = "<|startoftext|>", "<|endoftext|>"
MAX_TOKENS = 77


def learn_merges(words: Iterable[str]) -> list[tuple[str, str]]:
    """Byte-pair merges until every word is one token (Sennrich et al. 2016), the commonest pair first."""
    pieces = [[*word[:-1], word[-1] + END] for word in words]
    merges: list[tuple[str, str]] = []
    while pairs := Counter(pair for parts in pieces for pair in pairwise(parts)):
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        merges.append(best)
        pieces = [merged(parts, best) for parts in pieces]
    return merges


def merged(parts: list[str], pair: tuple[str, str]) -> list[str]:
    """The parts with every occurrence of the pair joined, from left to right."""
    result: list[str] = []
    for part in parts:
        if result and (result[-1], part) == pair:
            result[-1] += part
        else:
            result.append(part)
    return result


def make_tokenizer(folder: Path) -> CLIPTokenizer:
    """Write vocab.json and merges.txt and read them back; all bytes are tokens, so any prompt is encoded."""
    merges = learn_merges(known_words())
    alphabet = sorted(ByteLevel.alphabet())
    tokens = [*alphabet, *(letter + END for letter in alphabet), *("".join(pair) for pair in merges)]
    tokens += [START_OF_TEXT, END_OF_TEXT]
    folder.mkdir(parents=True, exist_ok=True)
    vocab, rules = folder / "vocab.json", folder / "merges.txt"
    vocab.write_text(json.dumps({token: index for index, token in enumerate(dict.fromkeys(tokens))}))
    rules.write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges))
    return CLIPTokenizer(vocab=str(vocab), merges=str(rules), model_max_length=MAX_TOKENS)
