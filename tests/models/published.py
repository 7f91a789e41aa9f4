"""A checkpoint of the published sizes and names with random weights, and a Hub that serves it."""

import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import unquote

import torch
from torch import Tensor

from models.catalogue import CATALOGUE
from tsr import TSR, TSRConfig
from tsr.checkpoint import IGNORED

CARD = CATALOGUE["triposr"]
WEIGHT_BYTES = 4 * 419_275_628
POOLER = dict(zip(IGNORED, [(768, 768), (768,)], strict=True))


def weights(name: str, shape: tuple[int, ...]) -> Tensor:
    """The random float32 weights that the stand-in has under a name: 4,099 numbers of its own, repeated."""
    generator = torch.Generator().manual_seed(zlib.crc32(name.encode()))
    size = torch.Size(shape).numel()
    numbers = torch.randn(min(4099, size), generator=generator)
    return numbers.repeat(-(-size // len(numbers)))[:size].view(shape)


def make_checkpoint(folder: Path) -> Path:
    """A folder with config.yaml and model.ckpt as published: 549 tensors, 1.68 GB."""
    with torch.device("meta"):
        model = TSR(TSRConfig())
    shapes = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()} | POOLER
    folder.mkdir(parents=True)
    torch.save({name: weights(name, shape) for name, shape in shapes.items()}, folder / "model.ckpt")
    (folder / "config.yaml").write_text(TSRConfig().to_yaml())
    return folder


@contextmanager
def hub(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """Serves the card's repository from a folder; gives the address and what is asked for."""
    asked: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.answer(body=False)

        def do_GET(self) -> None:
            self.answer(body=True)

        def answer(self, body: bool) -> None:
            path = unquote(self.path.split("?")[0])
            asked.append(path)
            if path == f"/api/models/{CARD.source}/tree/{CARD.revision}":
                self.tell(listing(folder), body)
            elif path.startswith(f"/{CARD.source}/resolve/{CARD.revision}/"):
                self.send(folder / path.rsplit("/", 1)[1], body)
            else:
                self.tell(b"{}", body, 200 if path == "/" else 404)

        def tell(self, content: bytes, body: bool, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if body:
                self.wfile.write(content)

        def send(self, file: Path, body: bool) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(file.stat().st_size))
            self.send_header("ETag", f'"{blob(file)}"')
            self.send_header("X-Repo-Commit", str(CARD.revision))
            self.end_headers()
            if body:
                with file.open("rb") as content:
                    self.connection.sendfile(content)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the test's output is for the test."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def listing(folder: Path) -> bytes:
    """What the Hub tells of the repository's files."""
    files = [
        {"type": "file", "path": path.name, "size": path.stat().st_size, "oid": blob(path)}
        for path in sorted(folder.iterdir())
    ]
    return json.dumps(files).encode()


def blob(file: Path) -> str:
    """A name of 40 digits, as the Hub gives each content one."""
    return f"{zlib.crc32(file.name.encode()):040x}"
