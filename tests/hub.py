"""A Hub of models on loopback: what huggingface_hub asks of the real one, and its mishaps, to order."""

import hashlib
import json
import mimetypes
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import unquote

LARGE = (".safetensors", ".bin", ".ckpt", ".onnx", ".pt")  # what the Hub keeps in LFS, elsewhere than git
HOLD_SECONDS = 60  # a bound on every hold
NO_ACCESS = "Access to model {} is restricted. You must have access to it and be authenticated to access it."


@dataclass(frozen=True)
class Asked:
    """One request that came in."""

    method: str
    path: str
    range: str | None
    authorization: str | None


@dataclass(frozen=True)
class Repository:
    """A repository at one commit, its files those of a folder."""

    folder: Path
    revision: str
    token: str | None  # of the one user who may read it; None: everybody

    def file(self, path: str) -> Path | None:
        """A file of the repository."""
        found = self.folder / path
        return found if found.is_file() else None


@dataclass
class Hub:
    """Repositories by name, and what is to go wrong with which file."""

    url: str = ""
    repositories: dict[str, Repository] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)  # by address: /files/NAME, as rembg's releases
    asked: list[Asked] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)  # files whose bytes were sent, by their names or addresses
    stops: dict[str, list[int]] = field(default_factory=dict)  # bytes after which the next answers break off
    holds: dict[str, tuple[int, Event]] = field(default_factory=dict)  # where to wait for the event
    spoilt: dict[str, int] = field(default_factory=dict)  # how many answers with a wrong first byte are left

    def add(self, name: str, folder: Path, revision: str = "c" * 40, token: str | None = None) -> None:
        """Serve a folder as the repository of that name."""
        self.repositories[name] = Repository(folder, revision, token)

    def put(self, file: Path) -> str:
        """Serve a single file; gives its address."""
        self.files[f"/files/{file.name}"] = file
        return f"{self.url}/files/{file.name}"

    @property
    def elsewhere(self) -> str:
        """The address of the storage: another host than the Hub's, where a token has no business."""
        return self.url.replace("127.0.0.1", "localhost")

    def forget(self) -> None:
        """Begin the lists of what was asked and sent anew."""
        self.asked.clear()
        self.sent.clear()


@dataclass(frozen=True)
class Answer:
    """What one request is answered with: text, or a file's bytes from some position on."""

    status: int
    headers: dict[str, str]
    body: bytes = b""
    file: Path | None = None
    name: str = ""  # of the file, for mishaps


def is_large(file: Path) -> bool:
    """Whether the Hub would keep the file in LFS."""
    return file.suffix in LARGE


def sha256(file: Path) -> str:
    """The name that LFS gives a file."""
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def git_sha1(file: Path) -> str:
    """The name that git gives a file, or LFS' pointer to it."""
    content = f"oid sha256:{sha256(file)}".encode() if is_large(file) else file.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _etag(file: Path) -> str:
    return sha256(file) if is_large(file) else git_sha1(file)


def _listed(repository: Repository) -> list[dict[str, Any]]:
    """What the Hub tells of the files of a repository."""
    listing: list[dict[str, Any]] = []
    for file in sorted(repository.folder.rglob("*")):
        path = file.relative_to(repository.folder).as_posix()
        if file.is_dir():
            listing.append({"type": "directory", "path": path, "oid": "d" * 40, "size": 0})
            continue
        entry = {"type": "file", "path": path, "size": file.stat().st_size, "oid": git_sha1(file)}
        if is_large(file):
            entry["lfs"] = {"oid": sha256(file), "size": file.stat().st_size, "pointerSize": 134}
        listing.append(entry)
    return listing


def _error(status: int, code: str, message: str) -> Answer:
    """A refusal as the Hub words it: in headers."""
    return Answer(status, {"X-Error-Code": code, "X-Error-Message": message}, b"{}")


def _json(content: Any) -> Answer:
    return Answer(200, {"Content-Type": "application/json"}, json.dumps(content).encode())


def _answer(hub: Hub, asked: Asked) -> Answer:
    """The Hub's answer to a request."""
    if asked.path == "/":
        return _json({})
    if asked.path in hub.files:
        return _bytes(hub.files[asked.path], asked.path)
    if asked.path.startswith("/cdn/"):
        _, _, name, path = asked.path.split("/", 3)
        file = hub.repositories[name.replace("--", "/")].file(path)
        if file is None or asked.authorization is not None:
            return _error(400, "InvalidArgument", "Only one auth mechanism allowed")  # as object storage says
        return _bytes(file, path)
    for name, repository in hub.repositories.items():
        for opening in (f"/api/models/{name}/", f"/{name}/resolve/"):
            if asked.path.startswith(opening):
                return _repository_answer(hub, name, repository, asked, asked.path[len(opening) :])
    return _error(401, "RepoNotFound", "Repository not found")


def _repository_answer(hub: Hub, name: str, repository: Repository, asked: Asked, rest: str) -> Answer:
    """The answer to a request about one repository."""
    if repository.token is not None and asked.authorization != f"Bearer {repository.token}":
        return _error(401 if asked.authorization is None else 403, "GatedRepo", NO_ACCESS.format(name))
    if asked.path.startswith("/api/"):
        kind, _, revision = rest.partition("/")
        if revision not in (repository.revision, "main"):
            return _error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        if kind == "tree":
            return _json(_listed(repository))
        return _json({"id": name, "sha": repository.revision, "siblings": [], "private": False})
    revision, _, path = rest.partition("/")
    if revision not in (repository.revision, "main"):
        return _error(404, "RevisionNotFound", f"Invalid rev id: {revision}")
    file = repository.file(path)
    if file is None:
        return _error(404, "EntryNotFound", "Entry not found")
    told = {"X-Repo-Commit": repository.revision, "ETag": f'"{git_sha1(file)}"'}
    if not is_large(file):
        return _bytes(file, path, told)
    size, elsewhere = str(file.stat().st_size), f"{hub.elsewhere}/cdn/{name.replace('/', '--')}/{path}"
    linked = {"X-Linked-Etag": f'"{sha256(file)}"', "X-Linked-Size": size, "Location": elsewhere}
    return Answer(302, told | linked)


def _bytes(file: Path, name: str, headers: dict[str, str] | None = None) -> Answer:
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return Answer(200, {"Content-Type": kind, "ETag": f'"{_etag(file)}"'} | (headers or {}), b"", file, name)


class _Handler(BaseHTTPRequestHandler):
    hub: Hub

    def do_HEAD(self) -> None:
        self._reply(body=False)

    def do_GET(self) -> None:
        self._reply(body=True)

    def _reply(self, body: bool) -> None:
        path = unquote(self.path.split("?")[0])
        asked = Asked(self.command, path, self.headers["Range"], self.headers["Authorization"])
        self.hub.asked.append(asked)
        answer = _answer(self.hub, asked)
        if answer.file is not None:
            self._send_file(answer, asked, answer.file, body)
            return
        self._send_head(answer.status, answer.headers | {"Content-Length": str(len(answer.body))})
        if body:
            self.wfile.write(answer.body)

    def _send_file(self, answer: Answer, asked: Asked, file: Path, body: bool) -> None:
        """A file, or what is left of it from a position; with the mishap that is on order for it."""
        size, start = file.stat().st_size, 0
        status, headers = 200, dict(answer.headers)
        if asked.range is not None:
            start = int(asked.range.removeprefix("bytes=").split("-")[0])
            if start >= size:
                self._send_head(416, {"Content-Range": f"bytes */{size}", "Content-Length": "0"})
                return
            status, headers["Content-Range"] = 206, f"bytes {start}-{size - 1}/{size}"
        self._send_head(status, headers | {"Content-Length": str(size - start)})
        if body:
            self._send_bytes(file, answer.name, start)

    def _send_bytes(self, file: Path, name: str, start: int) -> None:
        self.hub.sent.append(name)
        stops = self.hub.stops.get(name)
        count = stops.pop(0) if stops else None
        first, go_on = self.hub.holds.get(name, (0, Event()))
        with file.open("rb") as content:
            if self.hub.spoilt.get(name, 0) > 0 and start == 0:
                self.hub.spoilt[name] -= 1
                self.wfile.write(bytes([content.read(1)[0] ^ 1]))
                start = 1
            with suppress(ConnectionError):  # who asked may have gone
                if start < first:
                    start += self.connection.sendfile(content, start, first - start)
                if first:
                    go_on.wait(HOLD_SECONDS)
                if count != 0:
                    self.connection.sendfile(content, start, count)

    def _send_head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the test's output is for the test."""


@contextmanager
def serving() -> Iterator[Hub]:
    """A Hub without repositories; for a process to use it, set HF_ENDPOINT to its `url`."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
