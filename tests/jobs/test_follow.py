import asyncio
import threading
from pathlib import Path

import pytest

from jobs.desk import Desk
from jobs.follower import PENDING, Follower
from jobs.ledger import Ledger
from jobs.records import JobRecord
from models.errors import MaquetteError
from tests.jobs.conftest import OpenDesk
from tests.jobs.fakes import (
    DONE,
    PATIENCE,
    PICTURE,
    STARTED,
    Gate,
    Script,
    all_records,
    ended,
    followed,
    steps,
    words,
)


def a_record(number: int) -> JobRecord:
    return JobRecord(key="k", kind="x", request={}, created=0.0, step=number)


def test_a_follower_hears_of_every_step_in_order_and_of_the_end_last(open_desk: OpenDesk) -> None:
    desk = open_desk(Script(STARTED, *steps(40), PICTURE, DONE), start=False)
    key = desk.submit(words()).key

    async def follow() -> list[JobRecord]:
        records = desk.follow(key)
        first = await anext(records)
        desk.start()
        return [first, *[record async for record in records]]

    records = asyncio.run(follow())
    assert [record.state for record in records[:2]] == ["queued", "running"]
    assert [record.step for record in records if record.stage == "drawing" and record.step][:40] == list(
        range(1, 41)
    )
    assert [record.final for record in records].count(True) == 1
    assert records[-1].state == "done"


def test_who_joins_late_gets_the_job_as_it_is_and_then_the_rest(open_desk: OpenDesk) -> None:
    gate = Gate()
    desk = open_desk(Script(*steps(5, 7), gate, *steps(7)[6:]))
    key = desk.submit(words()).key
    gate.wait_reached()

    async def follow() -> list[JobRecord]:
        records = desk.follow(key)
        first = await anext(records)
        gate.opened.set()
        return [first, *[record async for record in records]]

    records = asyncio.run(follow())
    assert [record.step for record in records] == [5, 6, 7, 7]
    assert records[-1].state == "done"


def test_following_a_finished_job_gives_its_end_alone(open_desk: OpenDesk) -> None:
    desk = open_desk(Script(*steps(3)))
    key = desk.submit(words()).key
    last = ended(desk, key)
    assert followed(desk, key) == [last]


def test_following_an_unknown_job_is_not_found(open_desk: OpenDesk) -> None:
    desk = open_desk(Script())
    with pytest.raises(MaquetteError) as caught:
        followed(desk, "nobody")
    assert caught.value.code == "NOT_FOUND"


def test_loops_in_two_threads_and_two_followers_in_one_hear_the_same(open_desk: OpenDesk) -> None:
    gate = Gate()
    desk = open_desk(Script(gate, *steps(30)))
    key = desk.submit(words()).key
    gate.wait_reached()
    joined, heard = threading.Barrier(3), list[list[JobRecord]]()

    async def rest(first: JobRecord, records: object) -> list[JobRecord]:
        return [first, *[record async for record in records]]  # type: ignore[attr-defined]

    async def follow() -> None:
        one, two = desk.follow(key), desk.follow(key)
        firsts = await anext(one), await anext(two)
        await asyncio.to_thread(joined.wait, PATIENCE)
        heard.extend(await asyncio.gather(rest(firsts[0], one), rest(firsts[1], two)))

    threads = [threading.Thread(target=lambda: asyncio.run(follow())) for _ in range(2)]
    for thread in threads:
        thread.start()
    joined.wait(PATIENCE)
    gate.opened.set()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(heard) == 4
    assert all(records == heard[0] for records in heard)
    assert {record.step for record in heard[0]} == set(range(31))
    assert desk.followers() == 0


def test_a_cancelled_follower_leaves_the_job_running_and_nothing_behind(open_desk: OpenDesk) -> None:
    gate = Gate()
    desk = open_desk(Script(gate, *steps(3), DONE))
    key = desk.submit(words()).key
    gate.wait_reached()

    async def leave() -> None:
        task = asyncio.create_task(all_records(desk, key))
        while not desk.followers():
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(leave())
    assert desk.followers() == 0
    gate.opened.set()
    assert ended(desk, key).state == "done"


def test_a_closed_follower_leaves_nothing_behind(open_desk: OpenDesk) -> None:
    gate = Gate()
    desk = open_desk(Script(gate, *steps(3)))
    key = desk.submit(words()).key

    async def leave() -> None:
        records = desk.follow(key)
        await anext(records)
        assert desk.followers() == 1
        await records.aclose()  # type: ignore[attr-defined]

    asyncio.run(leave())
    assert desk.followers() == 0
    gate.opened.set()
    assert ended(desk, key).state == "done"


def test_a_follower_whose_loop_is_gone_does_not_harm_the_worker(open_desk: OpenDesk) -> None:
    gate = Gate()
    desk = open_desk(Script(gate, *steps(3)))
    key = desk.submit(words()).key
    gate.wait_reached()
    loop = asyncio.new_event_loop()
    records = desk.follow(key)
    loop.run_until_complete(anext(records))
    loop.close()
    gate.opened.set()
    assert ended(desk, key).state == "done"
    assert desk.healthy() == []
    del records


def test_cancelling_a_waiting_job_ends_its_followers(open_desk: OpenDesk) -> None:
    desk = open_desk(Script(), start=False)
    key = desk.submit(words()).key

    async def follow() -> list[JobRecord]:
        records = desk.follow(key)
        first = await anext(records)
        desk.cancel(key)
        return [first, *[record async for record in records]]

    assert [record.state for record in asyncio.run(follow())] == ["queued", "cancelled"]


def test_a_waiting_job_tells_its_followers_when_it_moves_up(open_desk: OpenDesk) -> None:
    desk = open_desk(Script(), start=False)
    first, second = desk.submit(words()).key, desk.submit(words()).key

    async def follow() -> list[int]:
        records = desk.follow(second)
        before = await anext(records)
        desk.cancel(first)
        after = await anext(records)
        return [before.position, after.position]

    assert asyncio.run(follow()) == [1, 0]


def test_closing_the_desk_ends_the_followers_of_jobs_that_are_not_over(tmp_path: Path) -> None:
    desk = Desk(Ledger(tmp_path, patience=0.0), Script())
    key = desk.submit(words()).key

    async def follow() -> None:
        records = desk.follow(key)
        await anext(records)
        await asyncio.to_thread(desk.close)
        await anext(records)

    with pytest.raises(MaquetteError, match="goes on at its next start") as caught:
        asyncio.run(follow())
    assert caught.value.code == "INTERRUPTED"


def test_a_slow_follower_keeps_what_fits_and_gets_the_newest_last() -> None:
    async def listen() -> list[int]:
        follower = Follower()
        for number in range(1000):
            follower.push(a_record(number))
        return [(await follower.next()).step for _ in range(PENDING)]

    assert asyncio.run(listen()) == [*range(PENDING - 1), 999]


def test_a_slow_follower_of_a_long_job_still_gets_its_end(open_desk: OpenDesk) -> None:
    desk = open_desk(Script(*steps(1000), DONE), start=False)
    key = desk.submit(words()).key

    async def follow() -> list[JobRecord]:
        records = desk.follow(key)
        first = await anext(records)
        desk.start()
        blocked = await asyncio.to_thread(ended, desk, key)  # the job ends before the next is asked for
        assert blocked.final
        return [first, *[record async for record in records]]

    records = asyncio.run(follow())
    assert len(records) == 1 + PENDING
    assert records[-1].state == "done"
    assert [record.step for record in records] == sorted(record.step for record in records)


def test_a_follower_wakes_for_records_that_come_while_it_waits() -> None:
    async def listen() -> list[int]:
        follower, asked = Follower(), threading.Event()

        def speak() -> None:
            assert asked.wait(PATIENCE)
            for number in range(200):
                follower.push(a_record(number))

        thread = threading.Thread(target=speak)
        thread.start()
        asyncio.get_running_loop().call_soon(asked.set)
        heard = [(await asyncio.wait_for(follower.next(), PATIENCE)).step for _ in range(200)]
        thread.join(PATIENCE)
        return heard

    assert asyncio.run(listen()) == list(range(200))
