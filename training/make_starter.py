"""Make the starter set: `python -m training.make_starter`, from nothing, or from an earlier set's weights.

Every stage keeps its state under data/training and is continued where it stopped.
"""

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline

from training.autoencoder import train_autoencoder
from training.cases import write_cases
from training.control import make_control
from training.data import load_shards, make_shards
from training.decoder import train_decoder
from training.export import JUDGE_FILE, save_judge, save_meshes, save_pictures
from training.eyes import train_eyes
from training.fullness import balance
from training.judge import train_judge
from training.lesson import all_latents, lesson_of, make_lesson
from training.matting import export_matting, train_matting
from training.pictures import train_painter
from training.place import batch_for, device
from training.reconstruction import train_meshes
from training.student import save_student, train_student
from training.tiny import save_tiny, train_tiny

REPOSITORY = Path(__file__).resolve().parent.parent
SHIPPED = REPOSITORY / "models" / "starter"


@dataclass(frozen=True)
class Workshop:
    """Where the stages keep what they make, what they begin with, and how long they train."""

    work: Path
    starter: Path
    begin: Path | None = None  # a starter set whose pictures' networks are trained further
    toys: int = 8000
    cases: int = 48_000
    judge_steps: int = 14_000
    autoencoder_steps: int = 8000
    decoder_steps: int = 8000
    picture_steps: int = 24_000
    eye_steps: int = 6000
    mesh_steps: int = 24_000
    matting_steps: int = 14_000
    student_steps: int = 3000
    tiny_steps: int = 3000
    control_steps: int = 1500

    @property
    def shards(self) -> Path:
        return self.work / "toys"

    @property
    def more_shards(self) -> Path:
        return self.work / "cases"

    @property
    def both(self) -> tuple[Path, Path]:
        return self.shards, self.more_shards

    def make_toys(self) -> None:
        workers = os.cpu_count() or 1
        make_shards(self.shards, self.toys, workers)
        make_shards(self.more_shards, self.cases, workers, write_cases)

    def make_judge(self) -> None:
        judge = train_judge(self.both, self.work / "judge.pt", self.judge_steps)
        save_judge(judge, JUDGE_FILE if self.starter == SHIPPED else self.starter / JUDGE_FILE.name)

    def make_meshes(self) -> None:
        eyes = train_eyes(self.both, self.work / "eyes.pt", self.eye_steps)
        network = train_meshes(self.both, self.work / "meshes.pt", self.mesh_steps, eyes).cpu()
        print(f"raw density was shifted by {balance(network):.2f}")
        save_meshes(self.starter / "meshes", network)

    def make_matting(self) -> None:
        place = device()
        file, batch = self.work / "matting.pt", batch_for(place, 8)
        model = train_matting(self.shards, file, self.matting_steps, batch, place)
        export_matting(model, self.starter / "background" / "matting.onnx")

    def make_autoencoder(self) -> AutoencoderKL:
        begin = self.begin / "pictures" / "vae" if self.begin else None
        return train_autoencoder(self.shards, self.work / "autoencoder.pt", self.autoencoder_steps, begin)

    def make_decoder(self) -> AutoencoderKL:
        coarse, data = self.make_autoencoder(), load_shards(self.shards, "picture")
        latents = all_latents(coarse, data, self.work)
        return train_decoder(coarse, latents, data, self.work / "decoder.pt", self.decoder_steps)

    def make_pictures(self) -> None:
        data = load_shards(self.shards, "picture")
        lesson = make_lesson(self.make_autoencoder(), data, self.work)
        begin = self.begin / "pictures" if self.begin else None
        painter = train_painter(lesson, self.work / "pictures.pt", self.picture_steps, begin)
        save_pictures(self.starter / "pictures", self.make_decoder(), painter, lesson, data)

    def make_student(self) -> None:
        pipeline, data = self.painted(), load_shards(self.shards, "picture")
        lesson = lesson_of(pipeline, all_latents(pipeline.vae, data, self.work), data)
        save_student(
            self.starter / "fast",
            train_student(pipeline, lesson, self.work / "student.pt", self.student_steps),
        )

    def make_tiny(self) -> None:
        data = load_shards(self.shards, "picture")
        latents = all_latents(self.make_autoencoder(), data, self.work)
        tiny = train_tiny(latents, data, self.work / "tiny.pt", self.tiny_steps)
        save_tiny(self.starter / "previews", tiny)

    def make_control(self) -> None:
        make_control(self.starter, load_shards(self.shards, "picture"), self.work, self.control_steps)

    def painted(self) -> StableDiffusionPipeline:
        """The finished pictures, in float32."""
        return StableDiffusionPipeline.from_pretrained(self.starter / "pictures", dtype=torch.float32)

    @property
    def stages(self) -> dict[str, Callable[[], object]]:
        """In the order in which they need each other."""
        return {
            "toys": self.make_toys,
            "judge": self.make_judge,
            "meshes": self.make_meshes,
            "matting": self.make_matting,
            "autoencoder": self.make_autoencoder,
            "decoder": self.make_decoder,
            "pictures": self.make_pictures,
            "student": self.make_student,
            "tiny": self.make_tiny,
            "control": self.make_control,
        }


def main() -> None:
    here = REPOSITORY / "data" / "training"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=list(Workshop(here, here).stages), help="one stage")
    parser.add_argument("--work", type=Path, default=here, help="where states and toys are kept")
    parser.add_argument("--starter", type=Path, default=SHIPPED, help="what is made")
    parser.add_argument("--begin", type=Path, help="a starter set whose pictures are trained further")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    workshop = Workshop(options.work, options.starter, options.begin)
    for name, stage in workshop.stages.items():
        if options.only in (None, name):
            stage()


if __name__ == "__main__":
    main()
