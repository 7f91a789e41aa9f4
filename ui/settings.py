"""What can be set: by MAQUETTE_ variables, a .env file, or options of app.py."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from models.choices import PreviewKind, Safety
from pipelines.complaints import complaint


def _pair(value: SecretStr) -> SecretStr:
    """A name and a password."""
    name, _, password = value.get_secret_value().partition(":")
    if not name or not password:
        raise ValueError("it must be NAME:PASSWORD")
    return value


class Settings(BaseSettings):
    """The settings of one run of the application."""

    model_config = SettingsConfigDict(
        env_prefix="MAQUETTE_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        validate_default=True,
        cli_prog_name="app.py",
        cli_kebab_case=True,
        cli_implicit_flags=True,
        cli_hide_none_type=True,
        cli_avoid_json=True,
    )

    host: str | None = Field(None, description="address to listen on; else GRADIO_SERVER_NAME, or 127.0.0.1")
    port: int | None = Field(
        None, ge=1, le=65535, description="port; else GRADIO_SERVER_PORT, or the first free one from 7860"
    )
    share: bool = Field(False, description="make a public link through Gradio's servers")
    auth: Annotated[SecretStr, AfterValidator(_pair)] | None = Field(
        None, description="NAME:PASSWORD that the page asks for"
    )

    data_dir: Annotated[Path, AfterValidator(Path.expanduser)] = Field(
        Path("data"), description="folder of jobs, pictures and downloaded models"
    )
    offline: bool = Field(False, description="never download a model")
    device: Literal["auto", "cpu", "cuda", "mps", "openvino"] = Field(
        "auto", description="where the models run"
    )
    dtype: Literal["auto", "float32", "float16", "bfloat16", "int8"] = Field(
        "auto", description="precision; int8 for openvino only"
    )
    idle_unload: float | None = Field(
        None, gt=0, le=100_000, description="minutes without work after which models leave the memory"
    )
    safety: Safety = Field(
        "off", description="what happens to pictures that the model's checker finds unsafe"
    )
    previews: PreviewKind = Field(
        "linear", description="how half-drawn pictures are shown; tiny wants a graphics card"
    )
    model: str = Field("starter", min_length=1, max_length=64, description="the page's first picture model")

    queue_size: int = Field(64, ge=1, le=10_000, description="jobs that may wait")
    keep_jobs: int = Field(1000, ge=1, le=1_000_000, description="newest jobs to keep")
    keep_hours: float | None = Field(None, gt=0, le=1e6, description="hours to keep a job")
    job_timeout: float | None = Field(None, gt=0, le=1e6, description="seconds that a job may run")
    max_upload_mb: int = Field(50, ge=1, le=2000, description="largest picture file, in MB")
    max_pixels: int = Field(50_000_000, ge=4096, le=178_956_970, description="largest picture, in pixels")

    @property
    def max_upload_bytes(self) -> int:
        """The largest picture file, in bytes."""
        return self.max_upload_mb * 2**20

    @property
    def login(self) -> tuple[str, str] | None:
        """Name and password that the page asks for."""
        if self.auth is None:
            return None
        name, _, password = self.auth.get_secret_value().partition(":")
        return name, password

    @classmethod
    def from_options(cls, options: Sequence[str] | None = None) -> Self:
        """Settings from options such as ["--port", "8000"], by default those of the command line.

        Raises:
            SystemExit: after one line on stderr that names the bad option, its value and the limit.
        """
        try:
            return cls(_cli_parse_args=list(sys.argv[1:] if options is None else options))
        except ValidationError as error:
            sys.stderr.write("app.py: " + "; ".join(_complaints(error)) + "\n")
            raise SystemExit(2) from None


def _complaints(error: ValidationError) -> list[str]:
    """What is wrong with which option, without secrets."""
    told = []
    for entry in error.errors(include_url=False):
        name = str(entry["loc"][0]).replace("-", "_")
        told.append(f"--{name.replace('_', '-')} (or MAQUETTE_{name.upper()}): {complaint(entry)}")
    return told
