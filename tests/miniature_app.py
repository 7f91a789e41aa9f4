"""The application with the tiny models of the tests: python -m tests.miniature_app OPTIONS, like app.py."""

from pathlib import Path

import app
from tests.miniature import make_starter
from ui.settings import Settings


def main() -> None:
    """Make the models where there are none yet, then run until interrupted."""
    settings = Settings.from_options()
    starter = settings.data_dir / "starter"
    if not (starter / "meshes").is_dir():
        make_starter(starter)
    app.run(settings, Path(starter))


if __name__ == "__main__":
    main()
