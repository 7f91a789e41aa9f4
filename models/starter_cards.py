"""The models that come with Maquette: the starter set, trained by this project (models/starter/README.md)."""

from models.card import ModelCard

STARTER_CARDS = (
    ModelCard(
        name="starter",
        title="Starter pictures",
        task="image",
        family="sd",
        source="pictures",
        revision=None,
        licence="Apache-2.0",
        size_bytes=43_230_000,
        memory_bytes=700_000_000,
        good_at="simple toys in plain colours, at once and on any machine",
        native_size=256,
        largest_size=256,
        multiple_of=16,
        default_steps=20,
        default_guidance=3.0,
        control="starter-scribble",
        files=("model_index.json", "latent_rgb.json", "*/*.json", "*/*.safetensors"),
        sha256=(
            (
                "text_encoder/model.safetensors",
                "890bdec1c4d5be7272a71b6216758a5e22cb8b7e891410c3e2613a1f6c57e2be",
            ),
            (
                "unet/diffusion_pytorch_model.safetensors",
                "b44720b11505b9bf8f89f29c04caef63d642307888556cf80f5d072e1dac2b54",
            ),
            (
                "vae/diffusion_pytorch_model.safetensors",
                "0a0b824056d02270cb29af355db452731137802c93c9c18798ba90f75021f7ea",
            ),
        ),
    ),
    ModelCard(
        name="starter-scribble",
        title="Starter sketches",
        task="control",
        family="sd",
        source="control",
        revision=None,
        licence="Apache-2.0",
        size_bytes=8_580_000,
        memory_bytes=100_000_000,
        good_at="holding the starter's pictures to a drawing",
        native_size=256,
        default_steps=20,
        default_guidance=3.0,
        files=("config.json", "diffusion_pytorch_model.safetensors"),
        sha256=(
            (
                "diffusion_pytorch_model.safetensors",
                "109962194711b449456ecef1816df9047ceefd4faa69ea42d738af94bc120e2b",
            ),
        ),
    ),
    ModelCard(
        name="starter-mesh",
        title="Starter meshes",
        task="mesh",
        family="tsr",
        source="meshes",
        revision=None,
        licence="Apache-2.0",
        size_bytes=10_357_000,
        memory_bytes=400_000_000,
        good_at="meshes of the starter's toys, in seconds on any machine",
        native_size=128,
        files=("config.yaml", "model.safetensors"),
        sha256=(("model.safetensors", "f0bb58cebae240d06d47caee3a2ac4703e65507a60871151f11c1301422b63e3"),),
        cpu_dtype="float32",
    ),
)
