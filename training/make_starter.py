"""Make the starter set from nothing: `python -m training.make_starter`.

Every stage keeps its state under data/training and is continued where it stopped.
"""

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from training.autoencoder import train_autoencoder
from training.control import make_control
from training.data import load_shards, make_shards
from training.decoder import train_decoder
from training.export import save_judge, save_meshes, save_pictures
from training.judge import train_judge
from training.lesson import make_lesson
from training.meshes import train_meshes
from training.pictures import train_painter

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Workshop:
    """Where the stages keep what they make, and how long they train."""

    work: Path
    starter: Path
    toys: int = 5000
    autoencoder_steps: int = 2300
    decoder_steps: int = 1500
    picture_steps: int = 5000
    mesh_steps: int = 2400
    judge_steps: int = 600
    control_steps: int = 900

    @property
    def shards(self) -> Path:
        return self.work / "toys"

    def make_toys(self) -> None:
        make_shards(self.shards, self.toys, workers=os.cpu_count() or 1)

    def make_autoencoder(self) -> None:
        train_autoencoder(self.shards, self.work / "autoencoder.pt", self.autoencoder_steps)

    def make_pictures(self) -> None:
        autoencoder = train_autoencoder(self.shards, self.work / "autoencoder.pt", self.autoencoder_steps)
        data = load_shards(self.shards, "picture")
        lesson = make_lesson(autoencoder, data, self.work)
        painter = train_painter(lesson, self.work / "pictures.pt", self.picture_steps)
        sharp = train_decoder(autoencoder, lesson.latents, data, self.work / "decoder.pt", self.decoder_steps)
        save_pictures(self.starter / "pictures", sharp, painter, lesson, data)

    def make_meshes(self) -> None:
        save_meshes(
            self.starter / "meshes", train_meshes(self.shards, self.work / "meshes.pt", self.mesh_steps)
        )

    def make_judge(self) -> None:
        save_judge(train_judge(self.shards, self.work / "judge.pt", self.judge_steps))

    def make_control(self) -> None:
        make_control(self.starter, load_shards(self.shards, "picture"), self.work, self.control_steps)

    @property
    def stages(self) -> dict[str, Callable[[], None]]:
        return {
            "toys": self.make_toys,
            "autoencoder": self.make_autoencoder,
            "pictures": self.make_pictures,
            "meshes": self.make_meshes,
            "judge": self.make_judge,
            "control": self.make_control,
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--only", choices=["toys", "autoencoder", "pictures", "meshes", "judge", "control"], help="one stage"
    )
    parser.add_argument("--work", type=Path, default=REPOSITORY / "data" / "training")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    workshop = Workshop(options.work, REPOSITORY / "models" / "starter")
    for name, stage in workshop.stages.items():
        if options.only in (None, name):
            stage()


if __name__ == "__main__":
    main()
