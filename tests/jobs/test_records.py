import math

import pytest

from jobs.records import ArtifactRecord, Figure, JobRecord, check_key, new_key
from models.errors import MaquetteError


@pytest.mark.parametrize("key", ["a", "A-z_0.9", "." + "x" * 63, "..a"])
def test_a_key_of_letters_digits_and_marks_is_taken(key: str) -> None:
    assert check_key(key) == key


@pytest.mark.parametrize(
    "key", ["", ".", "..", "...", "a/b", "a b", "x" * 65, "ü", "a\n", "..\\a", "\x00", 5, None, ["a"]]
)
def test_any_other_key_is_refused_with_its_value(key: object) -> None:
    with pytest.raises(MaquetteError, match="is not 1 to 64 of") as caught:
        check_key(key)
    assert caught.value.code == "BAD_REQUEST"


def test_our_own_keys_are_keys_and_differ() -> None:
    keys = {new_key() for _ in range(100)}
    assert len(keys) == 100
    assert {check_key(key) for key in keys} == keys


def test_figures_keep_their_kinds_through_json() -> None:
    figures: dict[str, Figure] = {"faces": 5, "area": 2.0, "closed": True, "unit": "m"}
    artifact = ArtifactRecord(role="mesh", name="mesh.glb", media_type="model/gltf-binary", figures=figures)
    again = ArtifactRecord.model_validate_json(artifact.model_dump_json())
    assert [(name, type(value)) for name, value in again.figures.items()] == [
        ("faces", int),
        ("area", float),
        ("closed", bool),
        ("unit", str),
    ]


def test_figures_that_json_cannot_carry_are_left_out() -> None:
    figures: dict[str, Figure] = {"area": math.nan, "far": math.inf, "faces": 3}
    artifact = ArtifactRecord(role="mesh", name="m", media_type="x", figures=figures)
    assert artifact.figures == {"faces": 3}


def test_a_record_is_the_same_after_json() -> None:
    record = JobRecord(
        key="k", kind="text_to_image", request={"prompt": "ein Pilz 🍄"}, created=1.25, starred=True
    )
    assert JobRecord.model_validate_json(record.model_dump_json()) == record
