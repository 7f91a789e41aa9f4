"""Captions say all that a description says and nothing against it, however they are worded."""

import random
import re
from collections.abc import Iterator

import pytest

from training.captions import invented, joined, plain, typed, varied, worded
from training.description import EXTRAS, MATERIALS, SIZES, STYLES, Description
from training.palette import COLOURS
from training.wordings import FILLERS, FOREIGN, known_words
from training.zoo import KINDS

ACCEPTED = {
    "grey": "gr[ea]y",
    "turquoise": "turquoise|teal|cyan",
    "purple": "purple|violet",
    "wood": "wood(en)?|timber",
    "metal": "metal(lic)?|steel|iron",
    "stone": "stone|rock|granite|marble",
    "glass": "glass|crystal|transparent",
    "glossy": "glossy|shiny|polished",
    "matte": "matte?|dull",
    "tall": "tall|towering",
    "small": "small|tiny|little|mini|miniature",
    "wide": "wide|broad|fat",
    "cartoon": "cartoon(ish)?|toon|comic",
    "clay": "clay|plasticine|claymation",
    "pencil": "pencil|sketch(ed)?|hand drawn|drawing",
    "hat": "(wearing|with|in|and) (a )?hat( on)?",
    "table": "(on|top of|upon) (a )?table",
}
VALUES = (*COLOURS, *MATERIALS, *SIZES, *STYLES, *EXTRAS)


def says(caption: str, value: str) -> bool:
    """Whether a caption holds a value in any of its wordings; a white background is no colour."""
    text = caption.lower().replace("white background", "")
    return re.search(rf"\b({ACCEPTED.get(value, value)})\b", text) is not None


def said(toy: Description) -> set[str]:
    return {v for v in (toy.colour, toy.second, toy.material, toy.size, toy.style, toy.extra) if v}


def random_toys(count: int) -> Iterator[tuple[random.Random, Description]]:
    """Descriptions with everything that a kind may have, each kind in turn."""
    for n in range(count):
        rng = random.Random(n)
        kind = list(KINDS)[n % len(KINDS)]
        extras = ["hat"] * KINDS[kind].wears_hat + ["table"] * KINDS[kind].stands_on_table
        values = [rng.choice((None, *choices)) for choices in (COLOURS, MATERIALS, SIZES, STYLES, extras)]
        yield rng, Description(kind, rng.choice(list(COLOURS)), *values)


@pytest.mark.parametrize(
    ("toy", "text"),
    [
        (Description("robot", "blue", "red"), "a blue robot with a red hat"),
        (Description("car", "orange", "black"), "an orange car with black wheels"),
        (Description("donut", "pink", "brown"), "a pink donut with brown dough"),
        (Description("house", "white", "orange"), "a white house with an orange roof"),
        (Description("cat", "pink", extra="hat"), "a pink cat wearing a hat"),
        (Description("duck", "grey", style="clay"), "a grey duck, clay model"),
        (
            Description("robot", "red", "blue", "wood", "tall", "pencil", "table"),
            "a tall wooden red robot with a blue hat on a table, pencil drawing",
        ),
    ],
)
def test_plain_captions_read_as_people_write(toy: Description, text: str) -> None:
    assert plain(toy) == text


def test_every_caption_names_its_kind_and_no_other() -> None:
    for rng, toy in random_toys(2000):
        caption, kind = varied(rng, toy).lower(), KINDS[toy.kind]
        assert any(name in caption for name in (toy.kind, kind.plural, *kind.words))
        for text in (caption, plain(toy)):
            others = {name for name in KINDS if re.search(rf"\b{name}s?\b", text)}
            assert others <= {toy.kind, "table"}, text  # upon which it stands, or a table lamp


def test_every_caption_says_all_of_its_description() -> None:
    for rng, toy in random_toys(4000):
        for caption in (plain(toy), varied(rng, toy)):
            assert not {value for value in said(toy) if not says(caption, value)}, caption
            assert not toy.second or KINDS[toy.kind].second in caption.lower()


def test_no_caption_says_what_its_description_does_not() -> None:
    for rng, toy in random_toys(4000):
        named = said(toy) | ({"hat"} if KINDS[toy.kind].second == "hat" else set())
        for caption in (plain(toy), varied(rng, toy)):
            assert not {value for value in VALUES if value not in named and says(caption, value)}, caption


def test_captions_differ_from_one_time_to_the_next() -> None:
    rng, toy = random.Random(0), Description("house", "green", "purple", "wood", "small")
    assert len({varied(rng, toy) for _ in range(200)}) > 150


def test_about_one_caption_in_seven_holds_a_word_on_which_nothing_depends() -> None:
    ours = known_words() - {word for text in FILLERS for word in text.split()} | {"very", "a"}
    captions = [varied(rng, toy).lower() for rng, toy in random_toys(3000)]
    strange = [caption for caption in captions if set(re.findall(r"\w+", caption)) - ours - {"3d"}]
    assert 0.10 < len(strange) / len(captions) < 0.18


def test_without_strangers_every_word_is_known() -> None:
    for rng, toy in random_toys(2000):
        assert set(re.findall("[a-z]+", joined(worded(rng, toy)))) <= known_words()


def test_strangers_say_nothing_of_a_toy() -> None:
    for text in (*FILLERS, *FOREIGN):
        assert not any(says(text, value) for value in VALUES)
        assert not set(text.split()) & set(KINDS)


def test_an_invented_word_is_never_one_that_captions_know() -> None:
    rng = random.Random(0)
    assert not {invented(rng) for _ in range(20_000)} & known_words()


def test_articles_follow_their_words() -> None:
    phrases = ["a picture of", "a", "orange", "car", ", with a umbrella", "and a ukulele"]
    assert joined(phrases) == "a picture of an orange car, with an umbrella and a ukulele"


def test_hasty_fingers_leave_articles_commas_and_capitals_out_or_in() -> None:
    rng = random.Random(0)
    found = {typed(rng, "an orange car, a toy") for _ in range(500)}
    assert {"an orange car, a toy", "orange car, toy", "orange car toy", "An orange car, a toy."} <= found
    assert "ORANGE CAR, TOY" in found
