"""Schedulers, LoRAs, weights and batches through the API."""

from typing import Any

import pytest
from gradio_client import Client

from tests.api.calls import answer, refusal
from tests.server import Server

WORDS: dict[str, Any] = {"prompt": "a red mushroom", "steps": 3, "seed": 5, "width": 128, "height": 128}


@pytest.mark.parametrize("scheduler", ["Euler a", "DPM++ 2M Karras", "LCM"])
def test_a_scheduler_is_asked_for_by_its_name(server: Server, scheduler: str) -> None:
    record = answer(server, "text_to_image", WORDS | {"scheduler": scheduler, "num_images": 2})
    assert record["state"] == "done", record["error"]
    assert [a["name"] for a in record["artifacts"]] == ["image-0.png", "image-1.png"]
    assert record["request"]["scheduler"] == scheduler


def test_a_client_has_schedulers_and_loras_as_arguments_with_defaults(server: Server) -> None:
    client = Client(server.url, verbose=False)
    arguments = client.view_api(return_format="dict", print_info=False)["named_endpoints"]["/text_to_image"]
    known = {entry["parameter_name"]: entry["parameter_default"] for entry in arguments["parameters"]}
    assert known["scheduler"] is None and known["loras"] == {}
    record = client.predict(**WORDS, scheduler="UniPC", loras={}, api_name="/text_to_image")
    assert record["state"] == "done", record["error"]


def test_a_lora_that_is_not_there_is_refused_with_the_names_that_are(server: Server) -> None:
    sort, told = refusal(server, "text_to_image", WORDS | {"loras": {"nothing": 1.0}})
    assert sort == "BAD_REQUEST"
    assert "'nothing'" in told and "there is none" in told


def test_weighted_words_are_drawn(server: Server) -> None:
    record = answer(server, "text_to_image", WORDS | {"prompt": "a (red:1.4) mushroom, [small]"})
    assert record["state"] == "done", record["error"]
    refused = answer(server, "text_to_image", WORDS | {"prompt": "a (red:40) mushroom"})
    assert refused["error"] == {
        "code": "BAD_REQUEST",
        "message": "prompt: the weight 40 is more than the limit 10",
    }
