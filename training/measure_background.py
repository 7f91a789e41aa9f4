"""How well the background remover cuts toys out of backgrounds that it has never seen."""

import numpy as np
from numpy.typing import NDArray

from training.data import HELD_OUT, SHARD, ToySet, make_view
from training.matting import Remove, mask_iou
from training.measure_figures import Figures
from training.measure_pictures import pairs
from training.zoo import KINDS

FIRST_SEED = HELD_OUT + 70_000


def background_figures(remove: Remove, count: int = 2 * len(KINDS)) -> Figures:
    """Mean IoU of masks over so many unseen toys before unseen backdrops."""
    toys = pairs(count)
    views = [make_view(FIRST_SEED + n, toy) for n, toy in enumerate(toys)]
    shards = [views[start : start + SHARD] for start in range(0, count, SHARD)]
    arrays: dict[str, list[NDArray[np.generic]]] = {
        "picture": [np.stack([view.picture for view in shard]) for shard in shards],
        "cover": [np.stack([view.cover for view in shard]) for shard in shards],
    }
    return {"mask_iou": mask_iou(remove, ToySet(arrays, toys), count)}
