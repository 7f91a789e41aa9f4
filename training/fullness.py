"""How full the mesh network makes its toys: raw density is shifted so that meshes fit them best.

What a field is unsure of it tells too fully or too thinly, by how it was trained. Every mesh gains from its
level being right, and thin parts are the first to go where it is too high.
"""

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from training.data import HELD_OUT
from training.field import Floats
from training.measure_meshes import any_views
from training.measure_thin import THIN_KINDS, spindly_toys, thin_parts
from training.meshes import heights_and_truth, overlap
from training.zoo import KINDS
from tsr import TSR

FIRST_SEED = 3 * HELD_OUT  # neither what is trained on nor the evaluation comes near
FIRST_VIEW = FIRST_SEED + 10_000
ENOUGH = 0.95  # share of thin parts that shall be there: more than the evaluation asks for, to be safe
SHIFTS = np.linspace(-1, 1, 81, dtype=np.float32)  # of raw density


def balance(network: TSR, spindly: int = 4 * len(THIN_KINDS), toys: int = 2 * len(KINDS)) -> float:
    """Shift raw density everywhere, to where meshes of so many toys share most volume with them, but no lower
    than leaves so many spindly toys enough of their thin parts.

    Returns by how much it was raised, below 0 where it was lowered.
    """
    parts = [part for _, toy in spindly_toys(FIRST_SEED, spindly) for part in thin_parts(network, toy)]
    least = float(np.quantile(parts, ENOUGH, method="higher"))
    shift = max(least, float(SHIFTS[shifted_ious(network, toys).argmax()]))
    last = network.decoder.layers[-1]
    assert isinstance(last, nn.Linear)
    with torch.no_grad():
        last.bias[0] += shift
    return shift


def shifted_ious(network: TSR, count: int) -> Floats:
    """Mean volume IoU [N] of so many toys and their meshes at each of the N shifts of raw density."""
    found = []
    for view in tqdm(any_views(count, FIRST_VIEW), desc="fullness", unit="toy", mininterval=5):
        heights, truth = heights_and_truth(network, view.framed.copy(), view.distance_at)
        found.append([overlap(truth, heights > -shift) for shift in SHIFTS.tolist()])
    mean: Floats = np.mean(found, axis=0, dtype=np.float32)
    return mean
