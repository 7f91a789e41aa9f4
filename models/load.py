"""From a folder of weights to a model that is ready to run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from models.catalogue import ModelCard
from models.errors import UnreadableFile
from models.schedulers import make_scheduler, read_scheduler

if TYPE_CHECKING:
    import torch
    from diffusers import AutoencoderTiny, ControlNetModel, DiffusionPipeline
    from PIL import Image

    from models.runtime import Runtime
    from tsr.network import TSR


def load_pipeline(
    card: ModelCard, folder: Path, runtime: Runtime, base: Path | None = None
) -> DiffusionPipeline:
    """The text-to-image pipeline of a folder in the diffusers layout, on its device.

    Args:
        base: where the folder has a UNet and a scheduler only, the folder of the model that has the rest.

    Raises:
        UnreadableFile: naming the file of such a scheduler, where it is not there or says something else.
    """
    _quieten()
    import diffusers

    whole = base or folder
    common = {"dtype": dtype_for(card, runtime), "use_safetensors": True, "local_files_only": True}
    given: dict[str, Any] = common | {"variant": _variant(card, whole)}
    if base is not None:
        variant = _variant(card, folder)
        given["unet"] = diffusers.UNet2DConditionModel.from_pretrained(
            folder / "unet", variant=variant, **common
        )
        given["scheduler"] = read_scheduler(folder / "scheduler")
    if card.family == "sdxl":
        pipeline = diffusers.StableDiffusionXLPipeline.from_pretrained(whole, add_watermarker=False, **given)
    else:
        pipeline = diffusers.StableDiffusionPipeline.from_pretrained(
            whole, safety_checker=None, feature_extractor=None, requires_safety_checker=False, **given
        )
    if card.scheduler is not None:
        pipeline.scheduler = make_scheduler(card.scheduler, pipeline.scheduler)
    pipeline.set_progress_bar_config(disable=True)
    if _fits(card, runtime.device):
        pipeline.to(runtime.device)
    else:
        pipeline.enable_model_cpu_offload(device=runtime.device)
    arrange(pipeline.unet, runtime.device)
    _arrange_autoencoder(pipeline.vae, runtime.device)
    return cast("DiffusionPipeline", pipeline)


def _fits(card: ModelCard, device: torch.device) -> bool:
    """Whether the device has room for the whole model; only a graphics card's memory is not the machine's."""
    import torch

    return device.type != "cuda" or card.memory_bytes <= torch.cuda.mem_get_info(device)[0]


def arrange(network: Any, device: torch.device) -> None:
    """Lay a UNet's weights and attention out as the device computes fastest; a ControlNet's too."""
    import torch

    from models.attention import attend_plainly
    from models.packing import pack, packs

    if packs(network.dtype, device):
        pack(network)
        attend_plainly(network)
    elif device.type == "cuda":
        network.to(memory_format=torch.channels_last)


def _arrange_autoencoder(vae: Any, device: torch.device) -> None:
    """The same for an autoencoder, whose few and large convolutions gain nothing by packing."""
    import torch

    from models.attention import attend_plainly
    from models.packing import packs

    if packs(vae.dtype, device):
        attend_plainly(vae)
    if device.type == "cuda" or packs(vae.dtype, device):
        vae.to(memory_format=torch.channels_last)


def load_control(card: ModelCard, folder: Path, runtime: Runtime) -> ControlNetModel:
    """A ControlNet on its device, in the precision of the pictures that it holds."""
    _quieten()
    from diffusers import ControlNetModel

    control = ControlNetModel.from_pretrained(
        folder,
        torch_dtype=dtype_for(card, runtime),
        use_safetensors=True,
        local_files_only=True,
        variant=card.variant,
    )
    control.eval().to(runtime.device)
    arrange(control, runtime.device)
    return cast("ControlNetModel", control)


def load_tiny(folder: Path, runtime: Runtime) -> AutoencoderTiny:
    """A tiny autoencoder on its device, for previews."""
    _quieten()
    from diffusers import AutoencoderTiny

    tiny = AutoencoderTiny.from_pretrained(
        folder, dtype=runtime.dtype, use_safetensors=True, local_files_only=True
    )
    return cast("AutoencoderTiny", tiny.eval().to(runtime.device))


def _quieten() -> None:
    """Keep loading bars, and transformers' advice to install torchvision, out of the log."""
    from diffusers.utils import logging as diffusers_logging
    from transformers.utils import logging as transformers_logging

    for library in (diffusers_logging, transformers_logging):
        library.set_verbosity_error()
        library.disable_progress_bar()


def load_tsr(card: ModelCard, folder: Path, runtime: Runtime) -> TSR:
    """The mesh network on its device, its decoder in float32, which the isosurface needs.

    On a CPU in bfloat16, whose range is float32's, the rest is held in that; float16 may overflow, so for it
    the weights stay float32 and half precision is entered call by call."""
    import torch

    from tsr.network import TSR

    dtype = dtype_for(card, runtime)
    held = dtype if runtime.device.type == "cpu" and dtype == torch.bfloat16 else torch.float32
    return TSR.from_pretrained(folder, device=runtime.device, dtype=held)


def load_background_remover(card: ModelCard, folder: Path) -> Callable[[Image.Image], Image.Image]:
    """A function RGB -> RGBA by one of rembg's networks, or one made like them, from the weights of a folder.

    Raises:
        UnreadableFile: naming a file that is no network.
    """
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as refusals
    from rembg import remove
    from rembg.sessions.dis_custom import DisCustomSession
    from rembg.sessions.u2net_custom import U2netCustomSession

    scaled_as: Any = DisCustomSession if card.name.startswith("isnet") else U2netCustomSession

    class FolderSession(scaled_as):  # type: ignore[misc]
        """A session whose networks live in the folder: rembg reads them from its own home only."""

        @classmethod
        def rembg_home(cls, *args: object, **kwargs: object) -> str:
            return str(folder)

    path = str(folder / card.files[0])
    try:
        session = FolderSession(card.name, onnxruntime.SessionOptions(), model_path=path)
    except (refusals.InvalidProtobuf, refusals.InvalidGraph, refusals.Fail) as error:
        raise UnreadableFile(f"{card.files[0]} is there, but cannot be read.") from error

    def cut(image: Image.Image) -> Image.Image:
        return cast("Image.Image", remove(image.convert("RGB"), session=session)).convert("RGBA")

    return cut


def dtype_for(card: ModelCard, runtime: Runtime) -> torch.dtype:
    """The runtime's precision, or float32 for a model that is faster or safer with it on a CPU."""
    import torch

    return torch.float32 if runtime.device.type == "cpu" and card.cpu_dtype == "float32" else runtime.dtype


def _variant(card: ModelCard, folder: Path) -> str | None:
    """The precision that the card names, where the folder holds the UNet's weights in that."""
    file = folder / "unet" / f"diffusion_pytorch_model.{card.variant}.safetensors"
    return card.variant if file.is_file() else None
