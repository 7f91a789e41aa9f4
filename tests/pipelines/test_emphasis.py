import pytest

from models.errors import MaquetteError
from pipelines.emphasis import phrases


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("", []),
        ("a red ball", [("a red ball", 1)]),
        ("a (red:1.3) ball", [("a ", 1), ("red", 1.3), (" ball", 1)]),
        ("a (red : 1.3 ) ball", [("a ", 1), ("red ", 1.3), (" ball", 1)]),
        ("(red)", [("red", 1.1)]),
        ("((red))", [("red", 1.21)]),
        ("[red]", [("red", 1 / 1.1)]),
        ("(a (red:2) ball:.5)", [("a ", 0.5), ("red", 1.0), (" ball", 0.5)]),
        ("(a:1.2)(b:1.2)", [("ab", 1.2)]),
        (r"a \(red\) ball \[x\] \\", [(r"a (red) ball [x] " + "\\", 1)]),
        ("time 12:30", [("time 12:30", 1)]),
        ("(ratio 4:3 wide)", [("ratio 4:3 wide", 1.1)]),
        ("[x:2]", [("x:2", 1 / 1.1)]),
        ("a smile :) or :( or ]", [("a smile :) or :( or ]", 1)]),
        ("(open [x] and", [("(open ", 1), ("x", 1 / 1.1), (" and", 1)]),
        ("(a]", [("(a]", 1)]),
        ("()", []),
        ("蘑菇 (🍄:0)", [("蘑菇 ", 1), ("🍄", 0)]),
        (r"C:\toys", [(r"C:\toys", 1)]),
    ],
)
def test_brackets_give_words_weights(prompt: str, expected: list[tuple[str, float]]) -> None:
    found = phrases(prompt)
    assert [phrase.text for phrase in found] == [text for text, _ in expected]
    assert [phrase.weight for phrase in found] == pytest.approx([weight for _, weight in expected])


@pytest.mark.parametrize("prompt", ["(red:11)", "((red:4):3)", "(red:1e5) (x:99999999999999999999)"])
def test_a_weight_beyond_the_limit_is_refused(prompt: str) -> None:
    with pytest.raises(MaquetteError, match="is more than the limit 10") as caught:
        phrases(prompt)
    assert caught.value.code == "BAD_REQUEST"
