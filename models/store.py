"""The models in memory: loaded when first asked for, kept within a budget, the least recently used let go."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, cast

from models.catalogue import CATALOGUE, ModelCard, Task
from models.choices import Choices
from models.download import Downloader
from models.downloads import Downloads
from models.embeddings import Embeddings
from models.errors import MaquetteError
from models.loader import bytes_needed, bytes_taken, load_model
from models.loras import Loras
from models.memory import default_budget, give_back
from models.missing import how_to_get, missing
from models.openvino_engine import PlaceRefused, without_gpu
from models.openvino_load import conversion_is_due
from models.runtime import Runtime
from models.safety import SafetyChecker, has_checker, names_checker
from models.shelf import Shelf
from models.torch_thread import TorchThread

if TYPE_CHECKING:
    from diffusers import AutoencoderTiny, ControlNetModel, DiffusionPipeline
    from PIL import Image

    from tsr.network import TSR

_CHECKER = "sd15-safety"
STARTER_DIR = Path(__file__).parent / "starter"
State = Literal["missing", "ready", "loaded"]


@dataclass(frozen=True)
class Loaded:
    """A model in memory and the bytes that it takes."""

    model: Any
    size: int


class ModelStore:
    """Finds, loads, keeps and frees models; safe for any thread."""

    def __init__(
        self,
        runtime: Runtime | Callable[[], Runtime],
        data_dir: Path,
        *,
        offline: bool = False,
        memory_budget: int | None = None,
        starter_dir: Path = STARTER_DIR,
        downloader: Downloader | None = None,
        choices: Choices | None = None,
        catalogue: Mapping[str, ModelCard] = CATALOGUE,
    ) -> None:
        """Nothing is loaded yet; a function as `runtime` is called when a device is first needed."""
        self.offline = offline
        self.choices = choices or Choices()
        self.thread = TorchThread()
        self.shelf = Shelf(data_dir, starter_dir, downloader or Downloader(), catalogue)
        self.locator = self.shelf.locator
        self.downloads = Downloads(self.shelf.download)
        self.loras = Loras(data_dir / "loras")
        self.embeddings = Embeddings(data_dir / "embeddings")
        self._runtime = runtime
        self._budget = memory_budget
        self._loaded: OrderedDict[str, Loaded] = OrderedDict()
        self._lock = threading.RLock()

    @property
    def runtime(self) -> Runtime:
        """The device and precision, decided when first asked for."""
        if isinstance(self._runtime, Runtime):
            return self._runtime
        return self.thread.call(self._decide)

    @property
    def decided(self) -> Runtime | None:
        """The device and precision, where something has asked for them already."""
        return self._runtime if isinstance(self._runtime, Runtime) else None

    def notice(self, name: str) -> str:
        """What to tell before a model is loaded, where that takes longer than usual; else nothing."""
        card, chosen = self.card(name), self.runtime.openvino
        if name in self._loaded or chosen is None:
            return ""
        folder, base = self.locator.find(card), self._base(card)
        if folder is None or not conversion_is_due(card, folder, chosen, self.locator.models_dir, base):
            return ""
        return f"{card.title}: converting it for OpenVINO first; that happens once and can take minutes."

    def image_pipeline(self, name: str) -> DiffusionPipeline:
        """A model that draws.

        Raises:
            MaquetteError: BAD_REQUEST for an unknown name, MODEL_MISSING without its weights.
        """
        return cast("DiffusionPipeline", self._get(name, "image"))

    def control_model(self, name: str) -> ControlNetModel:
        """A ControlNet, which holds a picture to a drawing.

        Raises:
            MaquetteError: BAD_REQUEST for an unknown name, MODEL_MISSING without its weights.
        """
        return cast("ControlNetModel", self._get(name, "control"))

    def lora(self, name: str) -> Path:
        """The file of a LoRA: one of the folder's, or of the catalogue's.

        Raises:
            MaquetteError: BAD_REQUEST for an unknown name, MODEL_MISSING for one that cannot be had.
        """
        card = self.adapter(name)
        return self.loras.find(name) if card is None else self._folder(card) / card.files[0]

    def adapter(self, name: str) -> ModelCard | None:
        """What is known of one of the catalogue's LoRAs; None for one of the folder's.

        Raises:
            MaquetteError: BAD_REQUEST for an unknown name.
        """
        card = self.shelf.cards.get(name)
        if card is not None and card.task == "adapter":
            return card
        self.loras.find(name)
        return None

    def lora_names(self) -> list[str]:
        """The LoRAs that are on this machine."""
        adapters = [card for card in self.shelf.cards.values() if card.task == "adapter"]
        return [*self.loras.files(), *(card.name for card in adapters if self.locator.find(card) is not None)]

    def checker_of(self, name: str) -> str:
        """The checker that an image model names, where that is a model of its own; else empty."""
        folder = self.locator.find(self.card(name, "image"))
        return "" if folder is None or has_checker(folder) or not names_checker(folder) else _CHECKER

    def safety_checker(self, name: str) -> SafetyChecker | None:
        """The checker that an image model names; None where it names none.

        Raises:
            MaquetteError: BAD_REQUEST for an unknown name, MODEL_MISSING without the checker's weights.
        """
        folder, card = self.locator.find(self.card(name, "image")), self.card(_CHECKER, "safety")
        if folder is None or not names_checker(folder):
            return None
        if has_checker(folder):
            card = replace(card, name=f"{name}-safety", path=folder)
        return cast("SafetyChecker", self._keep(card))

    def preview_decoder(self, name: str) -> AutoencoderTiny:
        """A tiny autoencoder, which shows latents.

        Raises:
            MaquetteError: BAD_REQUEST for an unknown name, MODEL_MISSING without its weights.
        """
        return cast("AutoencoderTiny", self._get(name, "preview"))

    def mesh_model(self, name: str) -> TSR:
        """A model that makes scene codes, its decoder in float32.

        Raises:
            MaquetteError: BAD_REQUEST for an unknown name, MODEL_MISSING without its weights.
        """
        return cast("TSR", self._get(name, "mesh"))

    def background_remover(self, name: str = "u2net") -> Callable[[Image.Image], Image.Image]:
        """RGB -> RGBA by a network that finds the object.

        Raises:
            MaquetteError: BAD_REQUEST for an unknown name, MODEL_MISSING without its weights.
        """
        return cast("Callable[[Image.Image], Image.Image]", self._get(name, "background"))

    def card(self, name: str, task: Task | None = None) -> ModelCard:
        """What is known of a model, the user's own among them.

        Raises:
            MaquetteError: BAD_REQUEST for an unknown name, or that of a model of another task.
        """
        return self.shelf.card(name, task)

    def require(self, name: str, task: Task) -> None:
        """Refuse a model that cannot be had, without loading anything.

        Raises:
            MaquetteError: BAD_REQUEST for an unknown name, MODEL_MISSING without its weights.
        """
        card = self.card(name, task)
        if self.locator.find(card) is None and self._must_be_here(card):
            raise missing(card, "its weights are not on this machine.")

    def state(self, name: str) -> State:
        """Whether a model is in memory, on this machine, or neither."""
        card = self.card(name)
        if name in self._loaded:
            return "loaded"
        return "missing" if self.locator.find(card) is None else "ready"

    def describe(self) -> list[dict[str, Any]]:
        """The catalogue with each model's state, ready for JSON."""
        described = []
        for name, card in self.shelf.cards.items():
            state = self.state(name)
            come = self.locator.bytes_here(card) if state == "missing" else card.size_bytes
            entry = asdict(card) | {"files": list(card.files), "path": None, "state": state}
            entry["bytes_here"] = come
            entry["device"] = "" if self.decided is None else self.decided.told(card.task).device
            described.append(entry | {"how_to_get": how_to_get(card) if state == "missing" else ""})
        return described

    def download(self, name: str) -> None:
        """Have a model fetched beside everything else; `downloads` tells how far it is.

        Raises:
            MaquetteError: MODEL_MISSING where nothing is to be fetched.
        """
        card = self.card(name)
        if self._must_be_here(card):
            raise missing(card, "it is not downloaded here.")
        self.downloads.start(name)

    def remove(self, name: str) -> None:
        """Delete the files of a model that is not in use.

        Raises:
            MaquetteError: BAD_REQUEST for one that is loaded, being downloaded, or not Maquette's to delete.
        """
        card = self.card(name)
        if name in self._loaded:
            raise MaquetteError("BAD_REQUEST", f"{card.title} ({name}) is in memory; free that first.")
        if self.downloads.running(name) is not None:
            raise MaquetteError("BAD_REQUEST", f"{card.title} ({name}) is being downloaded; stop that first.")
        self.shelf.remove(name)

    def warm_up(self, name: str) -> None:
        """Load a model before it is asked for."""
        self._get(name, self.card(name).task)

    def free(self, keep: str | None = None) -> None:
        """Let all models go, but the one to keep."""
        with self._lock:
            for name in [name for name in self._loaded if name != keep]:
                del self._loaded[name]
            give_back()

    def free_idle(self, seconds: float) -> bool:
        """Let all models go when nothing was computed for so long; whether any went."""
        with self._lock:
            if not self._loaded or self.thread.idle_seconds < seconds:
                return False
            self.free()
            return True

    def discard(self, name: str) -> None:
        """Let one model go, so that it is loaded afresh when next asked for."""
        with self._lock:
            if self._loaded.pop(name, None) is not None:
                give_back()

    def _get(self, name: str, task: Task) -> Any:
        """The model by name, loaded now when it is not in memory."""
        return self._keep(self.card(name, task))

    def _keep(self, card: ModelCard) -> Any:
        """The model of a card, loaded now when it is not in memory."""
        name = card.name
        folder = None if name in self._loaded else self._folder(card)  # nobody waits for another's download
        with self._lock:
            if name not in self._loaded:
                folder = folder or self._folder(card)
                self._make_room(bytes_needed(card, self.runtime))
                model = self.thread.call(self._load, card, folder)
                self._loaded[name] = Loaded(model, bytes_taken(card, model))
            self._loaded.move_to_end(name)
            return self._loaded[name].model

    def _decide(self) -> Runtime:
        """Decide on the device and precision, once."""
        if not isinstance(self._runtime, Runtime):
            self._runtime = self._runtime()
        return self._runtime

    def _folder(self, card: ModelCard) -> Path:
        """Where the weights are, after a download when that is allowed."""
        folder = self.locator.find(card)
        if folder is None:
            self.require(card.name, card.task)
        return folder or self.downloads.start(card.name).result()

    def _base(self, card: ModelCard) -> Path | None:
        """Where the model is whose other parts a model takes; None for one that has all of its own."""
        return self._folder(self.card(card.parts_of, "image")) if card.parts_of else None

    def _must_be_here(self, card: ModelCard) -> bool:
        """Whether the weights are not to be downloaded."""
        return self.offline or card.shipped or card.path is not None

    def _load(self, card: ModelCard, place: Path) -> Any:
        """The model of its files; where OpenVINO's graphics processor refuses one, the CPU draws for good."""
        folders = [self.locator.find(other) for other in self.shelf.cards.values() if other.task == "image"]
        tokenizers = [folder / "tokenizer" for folder in (place.parent, *folders) if folder is not None]
        load = partial(
            load_model,
            card,
            place,
            models_dir=self.locator.models_dir,
            tokenizers=tokenizers,
            base=self._base(card),
        )
        try:
            return load(runtime=self.runtime)
        except PlaceRefused as error:
            if self.runtime.openvino is None:
                raise
            self._runtime = replace(self.runtime, openvino=without_gpu(self.runtime.openvino, error))
            return load(runtime=self.runtime)

    def _make_room(self, need: int) -> None:
        """Let go of the least recently used models until `need` bytes more fit the budget."""
        if self._budget is None:
            self._budget = default_budget(self.runtime.device)
        used = sum(loaded.size for loaded in self._loaded.values())
        freed = False
        while self._loaded and used + need > self._budget:
            _, oldest = self._loaded.popitem(last=False)
            used -= oldest.size
            freed = True
        if freed:
            give_back()


def preview_model(card: ModelCard) -> str:
    """The tiny autoencoder that shows the latents of an image model: its own, or that of its family."""
    return card.preview or ("taesdxl" if card.family == "sdxl" else "taesd")
