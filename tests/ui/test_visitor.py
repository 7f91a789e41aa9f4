import pytest

from models.errors import MaquetteError
from pipelines.requests import ImageToImage, ImageToMesh, Remesh
from tests.jobs.conftest import OpenDesk, open_desk
from tests.jobs.fakes import Script, words
from ui.visitor import (
    delete_own,
    known_visitor,
    mesh_of,
    new_key,
    origin,
    own_jobs,
    own_record,
    owns,
)

__all__ = ["open_desk"]


def test_a_visitor_is_known_again_and_anything_else_becomes_a_new_one() -> None:
    name = known_visitor(None)
    assert known_visitor(name) == name
    assert known_visitor("../x") != "../x"
    assert known_visitor(["a"]) != known_visitor(None)


def test_a_key_belongs_to_its_visitor_alone() -> None:
    one, two = known_visitor(None), known_visitor(None)
    assert owns(one, new_key(one))
    assert not owns(two, new_key(one))
    assert not owns(None, new_key(one))
    assert not owns("", "web--x")


def test_a_visitor_finds_own_jobs_among_many_and_no_others(open_desk: OpenDesk) -> None:
    desk = open_desk(Script(), start=False, queue_size=500)
    one, two = known_visitor(None), known_visitor(None)
    mine = [desk.submit(words(), new_key(one)).key]
    for _ in range(120):
        desk.submit(words(), new_key(two))
    mine.append(desk.submit(words(), new_key(one)).key)
    assert [record.key for record in own_jobs(desk, one)] == mine[::-1]
    with pytest.raises(MaquetteError, match="NOT_FOUND"):
        own_record(desk, two, mine[0])


def test_a_mesh_made_anew_belongs_to_the_picture_of_the_first(open_desk: OpenDesk) -> None:
    desk, me = open_desk(Script(), start=False), known_visitor(None)
    drawing = desk.submit(words(), new_key(me))
    image = f"artifacts/{drawing.key}/image-0.png"
    first = desk.submit(ImageToMesh(image=image), new_key(me))
    second = desk.submit(Remesh(source=first.key), new_key(me))
    third = desk.submit(Remesh(source=second.key, threshold=9.0), new_key(me))
    assert origin(desk, third).key == first.key
    assert mesh_of(desk, me, drawing.key) == mesh_of(desk, me, first.key) == desk.status(third.key)
    for record in (third, second, first, drawing):
        desk.cancel(record.key)
    delete_own(desk, me, drawing.key)
    assert own_jobs(desk, me) == []


def test_a_variation_of_a_picture_is_no_mesh_of_it_and_outlives_it(open_desk: OpenDesk) -> None:
    desk, me = open_desk(Script(), start=False), known_visitor(None)
    drawing = desk.submit(words(), new_key(me))
    varied = desk.submit(ImageToImage(image=f"artifacts/{drawing.key}/image-0.png"), new_key(me))
    assert mesh_of(desk, me, drawing.key) is None
    for record in (varied, drawing):
        desk.cancel(record.key)
    delete_own(desk, me, drawing.key)
    assert [record.key for record in own_jobs(desk, me)] == [varied.key]


def test_a_job_whose_scene_is_still_wanted_is_not_deleted(open_desk: OpenDesk) -> None:
    desk = open_desk(Script(), start=False)
    first = desk.submit(words(), "first")
    desk.submit(Remesh(source="first"), "second")
    desk.cancel(first.key)
    with pytest.raises(MaquetteError, match="a waiting job needs"):
        desk.delete("first")
