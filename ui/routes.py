"""Native routes beside Gradio's: /health, /metrics for Prometheus, and plain answers to bad calls."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api import health

if TYPE_CHECKING:
    from jobs.desk import Desk
    from models.store import ModelStore

_CALL, _FILE = "/gradio_api/call/", "/gradio_api/file="
_READING = re.compile(_CALL + r"(?:v2/)?[^/]+/([^/]+)/?$")
_ARGUMENT = re.compile(r"Parameter `(\w+)`")


def app_options(desk: "Desk", store: "ModelStore") -> dict[str, Any]:
    """What `launch(app_kwargs=...)` hands to FastAPI."""
    return {
        "routes": [Route("/health", _Health(desk, store)), Route("/metrics", _Metrics(desk))],
        "exception_handlers": {TypeError: _bad_call, KeyError: _bad_call},
        "middleware": [Middleware(_LinksDecide), Middleware(_AnswersOnce)],
        "docs_url": None,
        "redoc_url": None,
    }


class _LinksDecide:
    """Files are saved under the name that their link gives, which is not the one that they have here.

    Gradio tells every file's own name in a header, and browsers heed it more than the link.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def without_name(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("content-disposition", "").startswith("inline;"):
                    headers["content-disposition"] = "inline"
            await send(message)

        is_file = scope["type"] == "http" and _FILE in scope["path"]
        await self._app(scope, receive, without_name if is_file else send)


class _AnswersOnce:
    """Whoever reads an answer that another reads or has read, or that nobody asked for, is told so.

    Gradio would deal an answer's messages out to its readers and let all but one wait for ever, break off
    where the first reader has gone, and log the last as a failure of its own.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._read: set[str] = set()  # what was read of the events that Gradio knows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reading = _READING.search(scope["path"]) if scope["type"] == "http" else None
        if reading is None or scope["method"] != "GET" or self._is_first(scope["app"], reading[1]):
            await self._app(scope, receive, send)
            return
        told = f"no answer waits for {reading[1][:80]!r}: each has one reader; ask again, with a job's key"
        await _refusal(404, "NOT_FOUND", told)(scope, receive, send)

    def _is_first(self, app: Any, event_id: str) -> bool:
        """Whether an event is expected and nobody has begun to read it; from now on somebody has."""
        self._read = {event for event in self._read if _expected(app, event)}
        if event_id in self._read or not _expected(app, event_id):
            return False
        self._read.add(event_id)
        return True


def _expected(app: Any, event_id: str) -> bool:
    """Whether an event runs, or has an answer that nobody has read."""
    queue = app.get_blocks()._queue
    waiting = (event_id in events for events in queue.pending_event_ids_session.values())
    return event_id in queue.event_ids_to_events or any(waiting)


class _Health:
    """200 ok, or 503 degraded with the reasons."""

    def __init__(self, desk: "Desk", store: "ModelStore") -> None:
        self._desk, self._store = desk, store

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        answer = await run_in_threadpool(health, self._desk, self._store)
        response = JSONResponse(answer, status_code=503 if answer["reasons"] else 200)
        await response(scope, receive, send)


class _Metrics:
    """Prometheus' text format."""

    def __init__(self, desk: "Desk") -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Gauges(desk))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        text = await run_in_threadpool(generate_latest, self._registry)
        await Response(text, media_type=CONTENT_TYPE_LATEST)(scope, receive, send)


class _Gauges(Collector):
    """Figures read from the desk whenever they are asked for."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The figures of this moment."""
        yield GaugeMetricFamily("maquette_jobs_waiting", "Jobs that wait.", value=self._desk.waiting())
        yield GaugeMetricFamily("maquette_followers", "Listeners to jobs.", value=self._desk.followers())
        healthy = 0 if self._desk.healthy() else 1
        yield GaugeMetricFamily("maquette_healthy", "1 where all is well, else 0.", value=healthy)


async def _bad_call(request: Request, error: Exception) -> Response:
    """Answer a call of an unknown endpoint or with an unknown argument, which Gradio leaves to a traceback.

    Raises:
        Exception: the same error, where it is none of these.
    """
    path = request.url.path
    if isinstance(error, KeyError) and error.args[0] == "/" + path.rsplit("/", 1)[-1] and _CALL in path:
        return _refusal(404, "NOT_FOUND", f"no endpoint has the name {path.rsplit('/', 1)[-1][:80]!r}")
    argument = _ARGUMENT.search(str(error)) if isinstance(error, TypeError) and _CALL in path else None
    if argument is not None:
        return _refusal(400, "BAD_REQUEST", f"{argument[1][:80]}: no such field")
    raise error


def _refusal(status: int, code: str, text: str) -> Response:
    """An error as every endpoint tells it."""
    return JSONResponse({"code": code, "message": text}, status_code=status)
