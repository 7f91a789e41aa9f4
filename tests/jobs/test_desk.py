import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.desk import Desk
from jobs.ledger import Ledger
from models.errors import MaquetteError
from pipelines.events import Stage
from pipelines.requests import Remesh, TextToImage
from tests.jobs.conftest import OpenDesk
from tests.jobs.fakes import (
    DONE,
    PATIENCE,
    PICTURE,
    STARTED,
    Clock,
    Gate,
    Script,
    ended,
    mesh_of,
    steps,
    words,
)


def code_of(caught: pytest.ExceptionInfo[MaquetteError]) -> str:
    return caught.value.code


def test_a_job_ends_done_with_what_the_studio_told(open_desk: OpenDesk) -> None:
    clock = Clock(50.0)
    desk = open_desk(Script(STARTED, *steps(3), PICTURE, DONE), clock=clock)
    record = ended(desk, desk.submit(words()).key)
    assert (record.state, record.created, record.started, record.finished) == ("done", 50.0, 50.0, 50.0)
    assert (record.model, record.device, record.reason, record.seed) == ("fake", "cpu", "a test", 7)
    assert (record.stage, record.step, record.total) == ("drawing", 3, 3)
    assert (record.notes, record.seconds, record.error) == (["hello"], {"drawing": 1.5}, None)
    assert [(file.name, file.figures["width"]) for file in record.artifacts] == [("image-0.png", 64)]
    assert desk.status(record.key) == record


def test_the_last_stage_of_a_job_that_is_done_is_all_done(open_desk: OpenDesk) -> None:
    desk = open_desk(Script(Stage("writing", 1), DONE))
    record = ended(desk, desk.submit(words()).key)
    assert (record.stage, record.step, record.total) == ("writing", 1, 1)


def test_what_the_studio_or_the_ledger_does_not_know_is_refused_before_it_waits(open_desk: OpenDesk) -> None:
    studio = Script()
    desk = open_desk(studio)
    kept = desk.submit(words(), "kept")
    studio.refuses = MaquetteError("BAD_REQUEST", "model: 'x' is not one of y")
    with pytest.raises(MaquetteError, match="'x' is not one of y"):
        desk.submit(words())
    assert desk.submit(words(), "kept").key == kept.key  # it was taken once
    studio.refuses = None
    with pytest.raises(MaquetteError, match="source: no job has the key 'nowhere'") as caught:
        desk.submit(Remesh(source="nowhere"))
    assert code_of(caught) == "NOT_FOUND"
    assert desk.submit(Remesh(source="kept")).state == "queued"
    assert len(desk.history()) == 2


def test_a_seed_is_drawn_when_the_job_is_handed_in(open_desk: OpenDesk) -> None:
    studio = Script(*steps(1))
    desk = open_desk(studio)
    first, second = desk.submit(words()), desk.submit(words())
    assert first.seed == first.request["seed"]
    assert first.seed != second.seed
    ended(desk, second.key)
    assert [asked.seed for asked in studio.asked if isinstance(asked, TextToImage)] == [
        first.seed,
        second.seed,
    ]


def test_a_given_seed_stays(open_desk: OpenDesk) -> None:
    desk = open_desk(Script(), start=False)
    assert desk.submit(words(seed=5)).request["seed"] == 5


def test_jobs_run_in_the_order_of_coming_and_know_how_many_wait_before_them(open_desk: OpenDesk) -> None:
    gate, studio = Gate(), Script()
    studio.plays = (gate,)
    desk = open_desk(studio)
    prompts = ["one", "two", "three", "four"]
    keys = [desk.submit(words(prompts[0])).key]
    gate.wait_reached()
    keys += [desk.submit(words(prompt)).key for prompt in prompts[1:]]
    assert [desk.status(key).position for key in keys] == [0, 0, 1, 2]
    assert desk.waiting() == 3
    desk.cancel(keys[1])
    assert [desk.status(key).position for key in keys[2:]] == [0, 1]
    gate.opened.set()
    ended(desk, keys[-1])
    assert [request.model_dump()["prompt"] for request in studio.asked] == ["one", "three", "four"]


def test_the_same_key_with_the_same_request_gives_the_same_job(open_desk: OpenDesk) -> None:
    studio = Script(*steps(2))
    desk = open_desk(studio)
    first = desk.submit(words(), "mine")
    assert ended(desk, "mine").state == "done"
    assert desk.submit(words(), "mine") == desk.status("mine")
    assert desk.status("mine").seed == first.seed
    assert len(studio.asked) == 1


def test_the_same_key_with_another_request_is_refused(open_desk: OpenDesk) -> None:
    desk = open_desk(Script(), start=False)
    desk.submit(words("a red mushroom"), "mine")
    for other in (words("a blue mushroom"), words("a red mushroom", seed=5)):
        with pytest.raises(MaquetteError, match="'mine'") as caught:
            desk.submit(other, "mine")
        assert code_of(caught) == "KEY_IN_USE"


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads that take turns as often as they can, so that races show."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hasty_threads")
def test_twenty_at_once_with_one_key_are_one_job_run_once(open_desk: OpenDesk) -> None:
    studio = Script(*steps(2))
    desk = open_desk(studio)
    barrier, seeds = threading.Barrier(20), list[tuple[str, int | None]]()

    def hand_in() -> None:
        for key in ("a", "b", "c", "d", "e"):
            barrier.wait(PATIENCE)
            seeds.append((key, desk.submit(words(), key).seed))

    threads = [threading.Thread(target=hand_in) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(seeds) == 100
    assert len(set(seeds)) == 5
    assert ended(desk, desk.submit(words("the next")).key).state == "done"
    assert len(studio.asked) == 6
    assert len(desk.history()) == 6


def test_many_at_once_with_keys_of_their_own_all_run_once(open_desk: OpenDesk) -> None:
    studio = Script(*steps(2))
    desk = open_desk(studio)
    threads = [
        threading.Thread(target=lambda prompt=f"toy {number}": desk.submit(words(prompt)))
        for number in range(30)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    for record in desk.history(limit=200):
        assert ended(desk, record.key).state == "done"
    assert sorted(request.model_dump()["prompt"] for request in studio.asked) == sorted(
        f"toy {number}" for number in range(30)
    )


@pytest.mark.parametrize("key", ["", "..", "a/b", "x" * 65])
def test_a_malformed_key_is_refused(open_desk: OpenDesk, key: str) -> None:
    desk = open_desk(Script(), start=False)
    for call in (lambda: desk.submit(words(), key), lambda: desk.status(key), lambda: desk.folder(key)):
        with pytest.raises(MaquetteError) as caught:
            call()
        assert code_of(caught) == "BAD_REQUEST"


def test_a_full_queue_refuses_and_tells_how_many_wait(open_desk: OpenDesk) -> None:
    desk = open_desk(Script(), start=False, queue_size=2)
    desk.submit(words(), "one")
    desk.submit(words(), "two")
    with pytest.raises(MaquetteError, match="2 jobs wait already, and the limit is 2") as caught:
        desk.submit(words(), "three")
    assert code_of(caught) == "QUEUE_FULL"
    assert desk.submit(words(), "two").key == "two"
    desk.cancel("one")
    assert desk.submit(words(), "three").state == "queued"


def test_a_running_job_takes_no_place_in_the_queue(open_desk: OpenDesk) -> None:
    gate = Gate()
    desk = open_desk(Script(gate), queue_size=1)
    desk.submit(words())
    gate.wait_reached()
    assert desk.submit(words()).state == "queued"
    with pytest.raises(MaquetteError, match="1 jobs wait"):
        desk.submit(words())
    gate.opened.set()


def test_an_unknown_job_is_not_found(open_desk: OpenDesk) -> None:
    desk = open_desk(Script(), start=False)
    for call in (desk.status, desk.cancel, desk.delete, lambda key: desk.star(key, True)):
        with pytest.raises(MaquetteError, match="'nobody'") as caught:
            call("nobody")
        assert code_of(caught) == "NOT_FOUND"


def test_history_goes_from_new_to_old_in_pages_and_shows_jobs_as_they_are_now(open_desk: OpenDesk) -> None:
    gate = Gate()
    desk = open_desk(Script(*steps(2, 5), gate))
    for number in range(5):
        desk.submit(words(), f"k{number}")
    gate.wait_reached()
    assert [record.key for record in desk.history(2)] == ["k4", "k3"]
    assert [record.key for record in desk.history(2, "k3")] == ["k2", "k1"]
    oldest = desk.history(2, "k1")
    assert [(record.key, record.state, record.step) for record in oldest] == [("k0", "running", 2)]
    gate.opened.set()


@pytest.mark.parametrize("limit", [0, -1, 201, True, "20", None, 2.5])
def test_a_page_of_an_impossible_length_is_refused(open_desk: OpenDesk, limit: int) -> None:
    with pytest.raises(MaquetteError, match="1 to 200") as caught:
        open_desk(Script(), start=False).history(limit)
    assert code_of(caught) == "BAD_REQUEST"


def test_a_page_before_an_unknown_job_is_not_found(open_desk: OpenDesk) -> None:
    with pytest.raises(MaquetteError) as caught:
        open_desk(Script(), start=False).history(5, "nobody")
    assert code_of(caught) == "NOT_FOUND"


def test_deleting_removes_a_finished_job_with_its_files(open_desk: OpenDesk) -> None:
    desk = open_desk(Script(*steps(1)))
    ended(desk, desk.submit(words(), "mine").key)
    (desk.folder("mine") / "image-0.png").write_bytes(b"x")
    assert desk.delete("mine").state == "done"
    assert not desk.folder("mine").exists()
    assert desk.history() == []
    with pytest.raises(MaquetteError):
        desk.status("mine")


def test_a_job_that_is_not_over_is_not_deleted(open_desk: OpenDesk) -> None:
    gate = Gate()
    desk = open_desk(Script(gate))
    running, waiting = desk.submit(words()).key, desk.submit(words()).key
    gate.wait_reached()
    for key, state in ((running, "running"), (waiting, "queued")):
        with pytest.raises(MaquetteError, match=f"is {state}; cancel it first") as caught:
            desk.delete(key)
        assert code_of(caught) == "BAD_REQUEST"
    gate.opened.set()


def test_a_job_whose_picture_a_waiting_job_needs_is_not_deleted(open_desk: OpenDesk) -> None:
    gate, studio = Gate(), Script()
    desk = open_desk(studio)
    ended(desk, desk.submit(words(), "picture").key)
    studio.plays = (gate,)
    desk.submit(mesh_of("picture"), "mesh")
    with pytest.raises(MaquetteError, match="needs the picture"):
        desk.delete("picture")
    gate.opened.set()
    ended(desk, "mesh")
    assert desk.delete("picture").key == "picture"


def test_a_star_is_remembered_on_waiting_running_and_finished_jobs(open_desk: OpenDesk) -> None:
    gate = Gate()
    desk = open_desk(Script(gate, *steps(2)))
    keys = [desk.submit(words()).key for _ in range(2)]
    gate.wait_reached()
    for key in keys:
        assert desk.star(key, True).starred
    gate.opened.set()
    assert [ended(desk, key).starred for key in keys] == [True, True]
    assert not desk.star(keys[0], False).starred
    assert [record.starred for record in desk.history()] == [True, False]


def test_health_is_good_while_all_works(open_desk: OpenDesk) -> None:
    assert open_desk(Script()).healthy() == []


def test_health_tells_that_nobody_works(open_desk: OpenDesk) -> None:
    assert open_desk(Script(), start=False).healthy() == ["The worker does not run."]


def test_a_second_desk_on_the_same_folder_does_not_start(open_desk: OpenDesk, tmp_path: Path) -> None:
    open_desk(Script())
    second = Desk(Ledger(tmp_path, patience=0.0), Script())
    with pytest.raises(MaquetteError, match="Another Maquette"):
        second.start()
    second.close()


def test_a_closed_desk_takes_nothing_more(open_desk: OpenDesk, tmp_path: Path) -> None:
    desk = Desk(Ledger(tmp_path, patience=0.0), Script())
    desk.start()
    desk.close()
    with pytest.raises(MaquetteError) as caught:
        desk.submit(words())
    assert code_of(caught) == "INTERRUPTED"
