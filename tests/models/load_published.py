"""A process that loads TripoSR as the application does; its arguments: a data folder, online or offline."""

import json
import sys
from pathlib import Path

import torch

from models.runtime import Runtime
from models.store import ModelStore
from tests.memory import peak_mib
from tests.models.published import weights


def main() -> None:
    """Prints JSON: how many tensors, the names of those with other values, MiB held for them at most."""
    runtime = Runtime(torch.device("cpu"), torch.float32, "a test")
    before = peak_mib()
    store = ModelStore(runtime, Path(sys.argv[1]), offline=sys.argv[2] == "offline")
    held = store.mesh_model("triposr").state_dict()
    other = [name for name, tensor in held.items() if not torch.equal(tensor, weights(name, tensor.shape))]
    print(json.dumps({"tensors": len(held), "other": other, "peak_mib": peak_mib() - before}))  # noqa: T201


if __name__ == "__main__":
    main()
