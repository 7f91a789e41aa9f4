"""Who a job of the page belongs to: a random name in the browser's storage is part of the job's key."""

import os
import re
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from models.errors import MaquetteError

if TYPE_CHECKING:
    from gradio import Request

    from jobs.desk import Desk
    from jobs.records import JobRecord
    from ui.settings import Settings

PREFIX = "web-"
_NAME = re.compile(r"[0-9a-f]{24}")
_HERE = ("127.0.0.1", "localhost", "::1")
MESH_KINDS = ("image_to_mesh", "remesh")
_PAGE = 100  # jobs looked at in one go


def known_visitor(name: object) -> str:
    """The visitor's name as the browser kept it, or a new one that nobody can guess."""
    return name if isinstance(name, str) and _NAME.fullmatch(name) else secrets.token_hex(12)


def new_key(visitor: str) -> str:
    """A key for one more job of a visitor."""
    return f"{PREFIX}{visitor}-{secrets.token_hex(6)}"


def owns(visitor: object, key: object) -> bool:
    """Whether a job is this visitor's."""
    return (
        isinstance(visitor, str)
        and _NAME.fullmatch(visitor) is not None
        and isinstance(key, str)
        and key.startswith(f"{PREFIX}{visitor}-")
    )


def own_record(desk: "Desk", visitor: object, key: object) -> "JobRecord":
    """A job of this visitor.

    Raises:
        MaquetteError: NOT_FOUND, also for another visitor's job.
    """
    if not owns(visitor, key):
        raise MaquetteError("NOT_FOUND", "This job is not one of yours.")
    return desk.status(str(key))


def delete_own(desk: "Desk", visitor: object, key: object) -> None:
    """Delete a visitor's job, and with a drawing all meshes made of it.

    Raises:
        MaquetteError: NOT_FOUND for another visitor's job, BAD_REQUEST where something is not over yet.
    """
    record = own_record(desk, visitor, key)
    for mesh in own_jobs(desk, visitor):
        if mesh.key != record.key and record.key in made_of(desk, mesh):
            desk.delete(mesh.key)
    desk.delete(record.key)


def own_jobs(desk: "Desk", visitor: object) -> list["JobRecord"]:
    """All jobs that a visitor made in the page, newest first."""
    found: list[JobRecord] = []
    before: str | None = None
    while page := desk.history(limit=_PAGE, before=before):
        found += [record for record in page if owns(visitor, record.key)]
        before = page[-1].key
        if len(page) < _PAGE:
            break
    return found


def source_key(record: "JobRecord") -> str | None:
    """The job whose picture a mesh was made from; None for an upload and for what is no mesh."""
    if record.kind != "image_to_mesh":
        return None
    parts = str(record.request.get("image", "")).split("/")
    return parts[1] if len(parts) == 3 and parts[0] == "artifacts" else None


def prompt_behind(desk: "Desk", reference: object) -> str:
    """The words that a picture was drawn from; none for an upload.

    Raises:
        MaquetteError: NOT_FOUND where its job is deleted.
    """
    parts = str(reference).split("/")
    drawn = len(parts) == 3 and parts[0] == "artifacts"
    return str(desk.status(parts[1]).request.get("prompt", "")) if drawn else ""


def made_of(desk: "Desk", mesh: "JobRecord") -> set[str | None]:
    """The job that first made a mesh, and the one that drew its picture if there is one."""
    first = origin(desk, mesh)
    return {first.key, source_key(first)}


def scene_key(record: "JobRecord") -> str:
    """The job whose folder has the scene of a mesh; one that is not done may not have its own yet."""
    remade = record.kind == "remesh" and record.state != "done"
    return str(record.request["source"]) if remade else record.key


def origin(desk: "Desk", record: "JobRecord") -> "JobRecord":
    """The job that asked the network for a mesh which was then made anew; any other job itself."""
    while record.kind == "remesh":
        try:
            record = desk.status(str(record.request["source"]))
        except MaquetteError:  # it is deleted, and what was made of it stays
            break
    return record


def of_kinds(records: Sequence["JobRecord"], kinds: Sequence[str]) -> list["JobRecord"]:
    """The jobs of some kinds; of meshes only those of uploads, as the others belong to their picture."""
    return [r for r in records if r.kind in kinds and source_key(r) is None]


def latest(work: Sequence["JobRecord"]) -> "JobRecord | None":
    """The job to show after a reload: the oldest in the making, else the newest."""
    return next((r for r in reversed(work) if not r.final), work[0] if work else None)


def latest_mesh(desk: "Desk", visitor: object, kinds: Sequence[str]) -> "JobRecord | None":
    """The mesh to show after a reload: one in the making, else the one of the job that is shown."""
    mine = own_jobs(desk, visitor)
    work = of_kinds(mine, kinds)
    keys = {record.key for record in work}
    making = [r for r in mine if not r.final and r.kind in MESH_KINDS and keys & made_of(desk, r)]
    shown = latest(work)
    return making[-1] if making else None if shown is None else mesh_of(desk, visitor, shown.key)


def mesh_of(desk: "Desk", visitor: object, key: object) -> "JobRecord | None":
    """The newest mesh of a picture, or of a mesh's scene, that came to something; else that mesh itself."""
    mine = [r for r in own_jobs(desk, visitor) if r.kind in MESH_KINDS and key in made_of(desk, r)]
    good = next((r for r in mine if r.state not in ("failed", "cancelled")), None)
    return good or next((r for r in mine if r.key == key), None)


def goes_with(desk: "Desk", visitor: object, mesh: object, key: object) -> bool:
    """Whether a mesh, if there is one, is deleted with another job, or is already."""
    if mesh is None:
        return False
    try:
        return key in made_of(desk, own_record(desk, visitor, mesh))
    except MaquetteError:
        return True


def is_owner(settings: "Settings", request: "Request") -> bool:
    """Whether a request comes from the machine that the page runs on, and the page is for that one alone.

    A proxy in front of the page is told by the headers that it adds: whoever comes through it is a stranger.
    """
    proxied = any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip", "via"))
    host = "" if request.client is None else request.client.host
    return not is_public(settings) and not proxied and host in _HERE


def is_public(settings: "Settings") -> bool:
    """Whether strangers may share this server, so that nobody may list what others made in the page."""
    host = settings.host or os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1")
    return settings.share or host not in _HERE
