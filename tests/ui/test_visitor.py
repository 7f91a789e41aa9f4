import pytest

from models.errors import MaquetteError
from tests.jobs.conftest import OpenDesk, open_desk
from tests.jobs.fakes import Script, words
from ui.visitor import known_visitor, new_key, own_jobs, own_record, owns

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
