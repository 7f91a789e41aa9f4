"""The API through plain HTTP."""

import json

import httpx
import pytest

from tests.api.calls import QUICK, answer, call, post
from tests.server import Server


def test_a_stream_ends_with_the_final_record_and_files_to_fetch(server: Server) -> None:
    told = call(server, "text_to_image", QUICK)
    assert {kind for kind, _ in told[:-1]} == {"generating"}
    kind, data = told[-1]
    assert (kind, data[0]["state"]) == ("complete", "done")
    (artifact,) = data[0]["artifacts"]
    fetched = httpx.get(artifact["file"]["url"])
    assert fetched.headers["content-type"] == "image/png"
    assert fetched.content.startswith(b"\x89PNG")


def test_a_job_is_submitted_and_polled_until_it_is_done(server: Server) -> None:
    request = {"kind": "text_to_image", **QUICK}
    key = answer(server, "submit", {"request": request})["key"]
    states = ["queued"]
    while states[-1] in ("queued", "running"):
        states.append(answer(server, "status", {"key": key})["state"])
    assert states[-1] == "done"


def test_health_and_metrics_answer_natively(server: Server) -> None:
    health = httpx.get(f"{server.url}/health")
    assert (health.status_code, health.json()["status"]) == (200, "ok")
    metrics = httpx.get(f"{server.url}/metrics")
    assert "maquette_jobs_waiting" in metrics.text and metrics.headers["content-type"].startswith(
        "text/plain"
    )


def test_what_is_not_a_jobs_file_is_not_served(server: Server) -> None:
    for path in (
        server.data_dir / "maquette.db",
        server.log,
        server.data_dir / "artifacts" / ".." / "maquette.db",
    ):
        answered = httpx.get(f"{server.url}/gradio_api/file={path}")
        assert answered.status_code == 403


def test_calls_that_go_round_the_queue_are_refused(server: Server) -> None:
    for route in ("run", "api"):
        answered = httpx.post(f"{server.url}/gradio_api/{route}/health", json={"data": []})
        assert answered.status_code == 404


def test_an_unknown_endpoint_is_named(server: Server) -> None:
    answered = post(server, "nonsense")
    assert (answered.status_code, answered.json()["code"]) == (404, "NOT_FOUND")


def test_an_unknown_argument_is_named(server: Server) -> None:
    answered = post(server, "text_to_image", {"prompt": "a cup", "colour": "red"})
    assert answered.status_code == 400
    assert answered.json() == {"code": "BAD_REQUEST", "message": "colour: no such field"}


def test_history_goes_on_page_by_page(server: Server) -> None:
    for number in range(3):
        call(server, "text_to_image", {**QUICK, "key": f"page-{number}"})
    newest = answer(server, "history", {"limit": 2})
    older = answer(server, "history", {"limit": 1, "before": newest[-1]["key"]})
    assert [record["key"] for record in [*newest, *older]] == ["page-2", "page-1", "page-0"]


@pytest.mark.parametrize("version", ["call", "call/v2"])
def test_an_answer_that_was_read_is_not_waited_for_again(server: Server, version: str) -> None:
    begun = post(server, "health")
    url = f"{server.url}/gradio_api/{version}/health/{begun.json()['event_id']}"
    first = httpx.get(url, timeout=60)
    assert first.status_code == 200 and "event: complete" in first.text
    again = httpx.get(url, timeout=60)
    assert again.status_code == 404 and again.json()["code"] == "NOT_FOUND"
    assert begun.json()["event_id"] in again.json()["message"]


def test_an_answer_has_one_reader_and_none_after_it_has_gone(server: Server) -> None:
    before = server.log.read_text()
    slow = {"prompt": "a red owl", "steps": 150, "num_images": 4, "key": "one-reader"}
    event = post(server, "text_to_image", slow).json()["event_id"]
    url = f"{server.url}/gradio_api/call/v2/text_to_image/{event}"
    with httpx.stream("GET", url, timeout=60) as first:
        lines = first.iter_lines()
        assert next(lines) == "event: generating"
        second = httpx.get(url, timeout=60)
        assert (second.status_code, second.json()["code"]) == (404, "NOT_FOUND")
        assert next(line for line in lines if line) != ""
    late = httpx.get(url, timeout=60)
    assert (late.status_code, late.json()["code"]) == (404, "NOT_FOUND")
    answer(server, "cancel", {"key": "one-reader"})
    assert call(server, "text_to_image", slow)[-1][1][0]["state"] == "cancelled"  # the same job again
    assert "Traceback" not in server.log.read_text()[len(before) :]


def test_the_limits_of_numbers_are_in_the_schema_under_their_own_names(server: Server) -> None:
    told = httpx.get(f"{server.url}/gradio_api/info").json()["named_endpoints"]
    fields = {field["parameter_name"]: field["type"] for field in told["/text_to_mesh"]["parameters"]}
    limits = {"type": "integer", "minimum": 64, "maximum": 2048, "multipleOf": 8}
    assert fields["width"]["anyOf"][0] == limits
    assert '"ge"' not in json.dumps(told) and '"le"' not in json.dumps(told)
    (limit, _) = told["/history"]["parameters"]
    assert limit["type"] == {"type": "integer", "minimum": 1, "maximum": 200}


def test_an_answer_that_nobody_asked_for_is_not_found_and_nothing_is_logged(server: Server) -> None:
    before = server.log.read_text()
    answer = httpx.get(f"{server.url}/gradio_api/call/v2/health/{'0' * 32}", timeout=60)
    assert answer.status_code == 404 and answer.json()["code"] == "NOT_FOUND"
    assert "Traceback" not in server.log.read_text()[len(before) :]
