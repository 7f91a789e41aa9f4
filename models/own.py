"""The user's own models: what models.toml in the data folder adds to the catalogue."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from models.card import Layout, ModelCard
from models.errors import MaquetteError
from models.schedulers import SchedulerName
from models.sniff import Sniffed, sniff

FILE = "models.toml"
ANY_FILES = ("*.json", "*.txt", "*.safetensors")  # of a repository; a download leaves out what is there twice
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_TABLE = re.compile(r"^\[\s*[\"']?([^\"'\[\]\n]*)", re.MULTILINE)
_SIDE = {"sd": 512, "sdxl": 1024}
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Entry(BaseModel):
    """One table of models.toml."""

    model_config = ConfigDict(extra="forbid")

    hub: Annotated[str, StringConstraints(pattern=r"^[\w.-]+/[\w.-]+$")] | None = None
    path: Text | None = None
    file: Annotated[str, StringConstraints(pattern=r"^[^/\\].*\.safetensors$")] | None = None
    revision: Text = "main"
    task: Literal["image", "control", "preview"] = "image"
    family: Literal["sd", "sdxl"] | None = None
    title: Text | None = None
    licence: Text = "licence not told"
    good_at: Text = "your own"
    native_size: int | None = Field(None, ge=64, le=2048, multiple_of=8)
    steps: int = Field(25, ge=1, le=150)
    guidance: float = Field(7.0, ge=0, le=30)
    scheduler: SchedulerName | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        """From the Hub or from this machine."""
        if (self.hub is None) == (self.path is None):
            raise ValueError("it needs either hub = 'owner/name' or path = 'folder or file'")
        if self.path is not None and self.file is not None:
            raise ValueError("file goes with hub; path names the file itself")
        if self.hub is not None and self.family is None:
            raise ValueError("with hub it needs family = 'sd' or family = 'sdxl'")
        return self


def read_own(data_dir: Path, taken: Mapping[str, ModelCard]) -> tuple[dict[str, ModelCard], list[str]]:
    """The cards of models.toml, and one sentence for each entry that is wrong; the others count."""
    file = data_dir / FILE
    try:
        text = file.read_text()
    except FileNotFoundError:
        return {}, []
    except (OSError, UnicodeDecodeError) as error:
        return {}, [f"{FILE} cannot be read ({type(error).__name__})"]
    cards: dict[str, ModelCard] = {}
    problems: list[str] = []
    for line, block in _blocks(text):
        try:
            for name, table in tomllib.loads(block).items():
                cards[name] = _card(name, table, data_dir, taken.keys() | cards.keys())
        except tomllib.TOMLDecodeError as error:
            problems.append(f"{FILE}, line {_line_told(error, line)}: {_without_place(error)}")
        except ValidationError as error:
            problems += [f"{FILE}, {told}" for told in _complaints(error, block, line)]
        except MaquetteError as error:
            problems.append(f"{FILE}, line {line}: {error.message}")
    return cards, problems


def forget(data_dir: Path, name: str) -> None:
    """Take a model's table out of models.toml."""
    blocks = [block for _, block in _blocks((data_dir / FILE).read_text())]
    kept = [block for block in blocks if (found := _TABLE.match(block)) is None or found[1].strip() != name]
    (data_dir / FILE).write_text("\n".join(block.rstrip("\n") + "\n" for block in kept))


def _card(name: str, table: Any, data_dir: Path, taken: Any) -> ModelCard:
    """The card of one table.

    Raises:
        MaquetteError, ValidationError: for an entry that is wrong.
    """
    if not isinstance(table, dict):
        raise MaquetteError("BAD_REQUEST", f"{name[:80]} stands outside the tables; begin one with [name]")
    if name in taken:
        raise MaquetteError("BAD_REQUEST", f"[{name}]: the name is taken")
    if not NAME.fullmatch(name):
        raise MaquetteError("BAD_REQUEST", f"[{name[:80]}]: a name is 1 to 64 of a-z 0-9 . _ -")
    found = _Entry.model_validate(table)
    path = None if found.path is None else data_dir / Path(found.path).expanduser()
    return _from_hub(name, found) if path is None else _from_path(name, found, path)


def _from_hub(name: str, found: _Entry) -> ModelCard:
    """The card of a repository, or of one file in it."""
    layout: Layout = "folder" if found.file is None else "single file"
    kind = Sniffed("model", found.task, found.family or "sd", layout)
    files = ANY_FILES if found.file is None else (found.file,)
    return _filled(name, found, kind, source=str(found.hub), revision=found.revision, files=files)


def _from_path(name: str, found: _Entry, path: Path) -> ModelCard:
    """The card of a folder or file of this machine.

    Raises:
        MaquetteError: BAD_REQUEST where there is nothing, or nothing to draw with.
    """
    if not path.exists():
        raise MaquetteError("BAD_REQUEST", f"[{name}] path: there is no {str(found.path)!r}")
    kind = sniff(path)
    if kind.kind != "model":
        raise MaquetteError(
            "BAD_REQUEST", f"[{name}] path: a {kind.kind} belongs into the folder {kind.kind}s"
        )
    files = (path.name,) if path.is_file() else ()
    return _filled(name, found, kind, source="your own", revision=None, files=files, path=path)


def _filled(
    name: str,
    found: _Entry,
    kind: Sniffed,
    *,
    source: str,
    revision: str | None,
    files: tuple[str, ...],
    path: Path | None = None,
) -> ModelCard:
    """A card with what the entry leaves out."""
    family = found.family or kind.family
    follows = family == "sd" and kind.task == "image" and kind.layout != "openvino"
    size = 0 if path is None else _bytes(path)
    return ModelCard(
        name=name,
        title=found.title or name,
        task=kind.task,
        family=family,
        source=source,
        revision=revision,
        licence=found.licence,
        size_bytes=size,
        memory_bytes=size,
        good_at=found.good_at,
        control="controlnet-scribble" if follows else "",
        layout=kind.layout,
        native_size=found.native_size or _SIDE[family],
        largest_size=max(found.native_size or 0, _SIDE[family] * 3 // 2 if family == "sd" else 1024),
        default_steps=found.steps,
        default_guidance=found.guidance,
        scheduler=found.scheduler,
        variant="fp16",
        files=files,
        path=path,
    )


def _bytes(path: Path) -> int:
    """Bytes of a file, or of all files of a folder."""
    files = [path] if path.is_file() else [file for file in path.rglob("*") if file.is_file()]
    return sum(file.stat().st_size for file in files)


def _blocks(text: str) -> list[tuple[int, str]]:
    """The text table by table, each with its first line's number, so that one mistake spoils one table."""
    starts = [0, *(match.start() for match in _TABLE.finditer(text))]
    ends = [*starts[1:], len(text)]
    cut = [(text[:start].count("\n") + 1, text[start:end]) for start, end in zip(starts, ends, strict=True)]
    return [(line + _empty_lines(block), block.lstrip("\n")) for line, block in cut if block.strip()]


def _empty_lines(block: str) -> int:
    return len(block) - len(block.lstrip("\n"))


def _line_told(error: tomllib.TOMLDecodeError, first: int) -> int:
    """The line in the whole file of a mistake in one table."""
    place = re.search(r"at line (\d+)", str(error))
    return first + int(place[1]) - 1 if place else first


def _without_place(error: tomllib.TOMLDecodeError) -> str:
    return re.sub(r" \(at .*\)$", "", str(error))


def _complaints(error: ValidationError, block: str, first: int) -> list[str]:
    """What is wrong with which field of a table, with its line."""
    name = _TABLE.search(block)
    told = []
    for entry in error.errors(include_url=False):
        field = ".".join(str(part) for part in entry["loc"])
        place = re.search(rf"^\s*{re.escape(field)}\s*=", block, re.MULTILINE) if field else None
        line = first + (block[: place.start()].count("\n") if place else 0)
        given = f" {str(entry['input'])[:80]!r}" if field else ""
        why = entry["msg"].removeprefix("Value error, ")
        told.append(f"line {line}, [{name[1] if name else ''}] {field}{given}: {why}".replace("] :", "]:"))
    return told
