"""The endpoints for programs: the same desk as the page, with the request models' names and defaults."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.components.api_component import Api

from jobs.desk import MAX_PAGE
from models.errors import MaquetteError
from pipelines.requests import (
    ImageToImage,
    ImageToMesh,
    Inpaint,
    Remesh,
    Request,
    SketchToImage,
    TextToImage,
    TextToMesh,
    Upscale,
    parse_request,
    shorten,
)
from ui.errors import told
from ui.guard import refuse_addresses
from ui.messages import message
from ui.pacing import Pacing
from ui.uploads import picture_reference
from ui.visitor import PREFIX, is_public

if TYPE_CHECKING:
    from jobs.desk import Desk
    from models.store import ModelStore
    from ui.settings import Settings

Json = dict[str, Any]
_KEY_NOTE = "1 to 64 of A-Z a-z 0-9 . _ -; the same key with the same request gives the same job again"
_IMAGE = {
    "anyOf": [{"type": "object"}, {"type": "string"}],
    "description": 'an uploaded file as {"path": ...}, a picture as a data address or base64, or an earlier '
    "one's reference: artifacts/KEY/NAME.png",
}
_OF_PICTURES = ("sketch_to_image", "image_to_image", "inpaint", "upscale", "image_to_mesh")
_STREAM = "{}; each message is the job's record, the last one final."


class Argument:
    """One named argument of an endpoint; its value reaches us as it came."""

    def __init__(self, name: str, schema: Json, default: Any = None) -> None:
        self.parameter = Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=default)
        self.component = Api(default, _api_info=schema, label=name)
        refuse_addresses(self.component)


class Endpoints:
    """What programs can call."""

    def __init__(self, desk: "Desk", store: "ModelStore", settings: "Settings") -> None:
        self.desk, self.store, self.settings = desk, store, settings

    def add(self) -> None:
        """Register all endpoints in the Blocks around."""
        self._stream(TextToImage, _STREAM.format("Draw pictures from words"))
        self._stream(SketchToImage, _STREAM.format("Draw pictures that follow a sketch"))
        self._stream(ImageToImage, _STREAM.format("Draw a picture anew"))
        self._stream(Inpaint, _STREAM.format("Draw a part of a picture anew, or grow it"))
        self._stream(Upscale, _STREAM.format("Make a picture larger"))
        self._stream(ImageToMesh, _STREAM.format("Make a mesh from a picture"))
        self._stream(TextToMesh, _STREAM.format("Make a mesh from words"))
        self._stream(Remesh, _STREAM.format("Make a mesh anew, without asking the network"))
        key = {"type": "string", "description": _KEY_NOTE}
        request = {"type": "object", "description": "kind and the arguments of the endpoint of that name"}
        limit = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE}
        before = {"type": "string", "description": "a key: what came before it"}
        _endpoint("submit", self.submit, [Argument("request", request), Argument("key", key)])
        _endpoint("status", self.status, [Argument("key", key)])
        _endpoint("cancel", self.cancel, [Argument("key", key)])
        _endpoint("delete", self.delete, [Argument("key", key)])
        _endpoint("history", self.history, [Argument("limit", limit, 20), Argument("before", before)])
        _endpoint("models", self.models, [])
        _endpoint("health", self.health, [])

    def submit(self, request: Any, key: Any) -> Json:
        """Queue a request ({"kind": "text_to_mesh", "prompt": ...}) and answer with its record at once."""
        with told():
            return message(self.desk, self._submit(request, key))

    def status(self, key: Any) -> Json:
        """The record of a job."""
        with told():
            return message(self.desk, self.desk.status(key))

    def cancel(self, key: Any) -> Json:
        """Cancel a job: at once where it waits, within a step where it runs."""
        with told():
            return message(self.desk, self.desk.cancel(key))

    def delete(self, key: Any) -> Json:
        """Remove a finished job and its files; the answer is what it was."""
        with told():
            record = self.desk.delete(key)
            return message(self.desk, record.changed(artifacts=[]))

    def history(self, limit: Any, before: Any) -> list[Json]:
        """The newest jobs first; on a public server without those that visitors made in the page."""
        with told():
            records = self.desk.history(limit=limit, before=before)
            hidden = PREFIX if is_public(self.settings) else None
            shown = [r for r in records if hidden is None or not r.key.startswith(hidden)]
            return [message(self.desk, record) for record in shown]

    def models(self) -> list[Json]:
        """All models: what they are good at, how large they are, and whether they are here."""
        with told():
            return self.store.describe()

    def health(self) -> Json:
        """Whether all is well, how many jobs wait, and reasons where something is wrong."""
        return health(self.desk, self.store)

    def _submit(self, request: Any, key: Any) -> Any:
        """Check a request from outside and queue it."""
        if not isinstance(request, dict):
            raise MaquetteError(
                "BAD_REQUEST", f"request: {shorten(request)} is not an object of named fields"
            )
        if request.get("kind") in _OF_PICTURES:
            request = {**request, "image": picture_reference(request.get("image"), self.settings)}
        if request.get("mask") is not None:
            request = {**request, "mask": picture_reference(request["mask"], self.settings, "mask")}
        return self.desk.submit(parse_request(request), key=key)

    def _stream(self, model: type[Request], description: str) -> None:
        """Register the streaming endpoint of a request."""
        kind = model.model_fields["kind"].default
        names = [name for name in model.model_fields if name != "kind"]

        async def stream(*values: Any) -> AsyncIterator[Json]:
            *fields, key = values
            request = {"kind": kind, **dict(zip(names, fields, strict=True))}
            with told():
                job = await asyncio.to_thread(self._submit, request, key)
                pacing, sent = Pacing(), None
                async for record in self.desk.follow(job.key):
                    if pacing.due(record):
                        yield message(self.desk, record, sent)
                        sent = record.preview

        key = Argument("key", {"type": "string", "description": _KEY_NOTE})
        _endpoint(kind, stream, [*_arguments(model), key], description)


def health(desk: "Desk", store: "ModelStore") -> Json:
    """ok or degraded, the reasons, how many jobs wait; and what draws and why, once that is decided."""
    reasons, decided = desk.healthy(), store.decided
    status = {"status": "degraded" if reasons else "ok", "reasons": reasons, "waiting": desk.waiting()}
    device, reason, _ = decided.told("image") if decided is not None else ("", "", ())
    return status | {"device": device, "device_reason": reason}


def _arguments(model: type[Request]) -> list[Argument]:
    """A request's fields as arguments; each has a default, so that its lack is told by us."""
    schema = model.model_json_schema()["properties"]
    made = []
    for name, field in model.model_fields.items():
        if name != "kind":
            default = "" if field.is_required() else field.default
            made.append(Argument(name, _IMAGE if name in ("image", "mask") else schema[name], default))
    return made


def _endpoint(
    name: str, answer: Callable[..., Any], arguments: Sequence[Argument], description: str | None = None
) -> None:
    """Register one endpoint that no part of the page uses."""
    signed: Any = answer if not arguments else _signed(answer, arguments)
    gr.Button(visible=False).click(
        signed,
        [argument.component for argument in arguments],
        Api(None, _api_info={"type": "object"}, label="answer"),
        preprocess=False,
        postprocess=False,
        show_progress="hidden",
        concurrency_limit=None,
        api_name=name,
        api_description=description or answer.__doc__,
    )


def _signed(answer: Callable[..., Any], arguments: Sequence[Argument]) -> Any:
    """The function with the signature by which Gradio names the arguments."""
    function: Any = answer if not hasattr(answer, "__func__") else _unbound(answer)
    function.__signature__ = Signature([argument.parameter for argument in arguments])
    return function


def _unbound(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method as a function of its own, which can carry a signature."""

    def call(*values: Any) -> Any:
        return method(*values)

    return call
