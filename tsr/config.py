"""The sizes of a network, and the published config.yaml that carries them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from tsr.errors import ConfigError

PARTS = {
    "image_tokenizer": "tsr.models.tokenizers.image.DINOSingleImageTokenizer",
    "tokenizer": "tsr.models.tokenizers.triplane.Triplane1DTokenizer",
    "backbone": "tsr.models.transformer.transformer_1d.Transformer1D",
    "post_processor": "tsr.models.network_utils.TriplaneUpsampleNetwork",
    "decoder": "tsr.models.network_utils.NeRFMLP",
    "renderer": "tsr.models.nerf_renderer.TriplaneNeRFRenderer",
}
FIXED = {
    ("decoder", "activation"): "silu",
    ("renderer", "feature_reduction"): "concat",
    ("renderer", "density_activation"): "exp",
}
KNOWN_VIT = "facebook/dino-vitb16"
FIELDS = {  # (section, key in the file) -> name in TSRConfig; ViT keys may be absent, then KNOWN_VIT's hold
    ("image_tokenizer", "hidden_size"): "vit_hidden",
    ("image_tokenizer", "num_hidden_layers"): "vit_layers",
    ("image_tokenizer", "num_attention_heads"): "vit_heads",
    ("image_tokenizer", "intermediate_size"): "vit_mlp",
    ("image_tokenizer", "image_size"): "vit_image_size",
    ("image_tokenizer", "patch_size"): "vit_patch",
    ("tokenizer", "plane_size"): "plane_size",
    ("tokenizer", "num_channels"): "channels",
    ("backbone", "num_attention_heads"): "heads",
    ("backbone", "attention_head_dim"): "head_dim",
    ("backbone", "num_layers"): "layers",
    ("post_processor", "out_channels"): "plane_channels",
    ("decoder", "n_neurons"): "decoder_width",
    ("decoder", "n_hidden_layers"): "decoder_layers",
    ("renderer", "radius"): "radius",
    ("renderer", "density_bias"): "density_bias",
    ("renderer", "num_samples_per_ray"): "samples_per_ray",
}


@dataclass(frozen=True)
class TSRConfig:
    """Sizes of the network; the defaults are those of stabilityai/TripoSR with its ViT-B/16."""

    cond_image_size: int = 512
    vit_hidden: int = 768
    vit_layers: int = 12
    vit_heads: int = 12
    vit_mlp: int = 3072
    vit_image_size: int = 224
    vit_patch: int = 16
    plane_size: int = 32
    channels: int = 1024
    heads: int = 16
    head_dim: int = 64
    layers: int = 16
    plane_channels: int = 40
    decoder_width: int = 64
    decoder_layers: int = 9
    radius: float = 0.87
    density_bias: float = -1.0
    samples_per_ray: int = 128

    def __post_init__(self) -> None:
        """Raises: ConfigError for sizes that no network can have."""
        for name in self.__dataclass_fields__:
            value = getattr(self, name)
            if name != "density_bias" and not value > 0:
                raise ConfigError(f"{name}: {value!r} is not a positive number")
        if self.channels % 32:
            raise ConfigError(f"channels: {self.channels} is not a multiple of 32 (32 norm groups)")
        if self.vit_hidden % self.vit_heads:
            raise ConfigError(f"vit_hidden: {self.vit_hidden} does not divide into {self.vit_heads} heads")
        for name in ("cond_image_size", "vit_image_size"):
            if getattr(self, name) % self.vit_patch:
                raise ConfigError(
                    f"{name}: {getattr(self, name)} is not a multiple of patch {self.vit_patch}"
                )

    @classmethod
    def from_yaml(cls, text: str) -> "TSRConfig":
        """Sizes from the text of a published config.yaml, read as data.

        Raises: ConfigError that quotes what is missing, unknown or contradictory."""
        data = _parse(text)
        _refuse_other_parts(data)
        values: dict[str, Any] = {}
        for (section, key), name in FIELDS.items():
            if key in data[section]:
                values[name] = _number(cls, name, f"{section}.{key}", data[section][key])
            elif section != "image_tokenizer":
                raise ConfigError(f"config: {section}.{key} is missing")
        values["cond_image_size"] = _number(
            cls, "cond_image_size", "cond_image_size", data["cond_image_size"]
        )
        config = cls(**values)
        _refuse_contradictions(data, config)
        return config

    def to_yaml(self) -> str:
        """The published layout, with the ViT's sizes inline."""
        data: dict[str, Any] = {"cond_image_size": self.cond_image_size}
        for section, part in PARTS.items():
            data[f"{section}_cls"] = part
            keys = {key: getattr(self, name) for (owner, key), name in FIELDS.items() if owner == section}
            fixed = {key: value for (owner, key), value in FIXED.items() if owner == section}
            data[section] = keys | fixed
        data["image_tokenizer"]["pretrained_model_name_or_path"] = KNOWN_VIT
        for (section, key), value in _derived(self).items():
            data[section][key] = value
        return yaml.safe_dump(data, sort_keys=False)


def _derived(config: TSRConfig) -> dict[tuple[str, str], int]:
    """Sizes that the published file repeats although others determine them."""
    return {
        ("backbone", "in_channels"): config.channels,
        ("backbone", "cross_attention_dim"): config.vit_hidden,
        ("post_processor", "in_channels"): config.channels,
        ("decoder", "in_channels"): 3 * config.plane_channels,
    }


def _parse(text: str) -> dict[str, Any]:
    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"config is not YAML: {error}") from error
    if not isinstance(data, dict):
        raise ConfigError("config is not a mapping")
    if "cond_image_size" not in data:
        raise ConfigError("config: cond_image_size is missing")
    for section in PARTS:
        if not isinstance(data.get(section), dict):
            raise ConfigError(f"config: section {section} is missing")
        for key, value in data[section].items():
            data[section][key] = _resolve(value, data)
    return data


def _resolve(value: Any, data: Mapping[str, Any]) -> Any:
    """One level of ${section.key}, all that the published file uses."""
    found = re.fullmatch(r"\$\{(\w+)\.(\w+)\}", value) if isinstance(value, str) else None
    if found is None:
        return value
    section, key = found.groups()
    if not isinstance(data.get(section), dict) or key not in data[section]:
        raise ConfigError(f"config: {value} refers to nothing")
    return data[section][key]


def _refuse_other_parts(data: Mapping[str, Any]) -> None:
    for section, part in PARTS.items():
        if data.get(f"{section}_cls") != part:
            raise ConfigError(f"config: {section}_cls is {data.get(f'{section}_cls')!r}; known is {part!r}")
    for (section, key), value in FIXED.items():
        if data[section].get(key, value) != value:
            raise ConfigError(f"config: {section}.{key} is {data[section][key]!r}; known is {value!r}")
    vit = data["image_tokenizer"]
    if "hidden_size" not in vit and vit.get("pretrained_model_name_or_path") != KNOWN_VIT:
        raise ConfigError(
            f"config: image_tokenizer {vit.get('pretrained_model_name_or_path')!r} without sizes; "
            f"known is {KNOWN_VIT!r}"
        )


def _refuse_contradictions(data: Mapping[str, Any], config: TSRConfig) -> None:
    for (section, key), value in _derived(config).items():
        if data[section].get(key, value) != value:
            raise ConfigError(f"config: {section}.{key} is {data[section][key]!r}, but must be {value}")


def _number(cls: type[TSRConfig], name: str, where: str, value: Any) -> int | float:
    whole = cls.__dataclass_fields__[name].type is int
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and not whole:
        return value
    raise ConfigError(f"config: {where} is {value!r}, not a {'whole ' if whole else ''}number")
