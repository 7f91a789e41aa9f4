import pytest

from pipelines.mesh_requests import is_file_name
from ui import words


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("A red mushroom!", "a-red-mushroom"),
        ("ein grüner Würfel", "ein-gruner-wurfel"),
        ("IMG_2031 (copy)", "img-2031-copy"),
        ("../../etc/passwd", "etc-passwd"),
        ("红蘑菇", "maquette"),
        ("", "maquette"),
    ],
)
def test_a_mesh_is_named_by_its_words(text: str, name: str) -> None:
    assert words.mesh_name(text) == name


@pytest.mark.parametrize("text", ["preview", "live oak", "object 0", "x" * 500, "- -", "a" * 47 + " b"])
def test_the_name_of_a_mesh_is_always_one_that_its_files_can_have(text: str) -> None:
    assert is_file_name(words.mesh_name(text))
