"""A surface on a grid as vertices and faces."""

import math

import numpy as np
from numpy.typing import NDArray
from skimage.measure import marching_cubes

from tsr.errors import ThresholdError
from tsr.gridfield import Excess
from tsr.surface import Surface


def contour(
    surface: Surface, excess: Excess, threshold: float
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Vertices [V, 3] in grid steps and faces [F, 3] that look outward, by marching cubes (Lewiner 2003).

    Raises: ThresholdError where the density threshold leaves nothing or everything."""
    values, start = surface.patch()
    inside = values > 0
    if not inside.any() or inside.all():
        raise _no_surface(excess, threshold, everything=bool(inside.all()))
    volume = values.cpu().numpy()
    # raw density is nearer to linear between grid points than density: vertices land nearer to the level
    vertices, faces, _, _ = marching_cubes(np.ascontiguousarray(volume), 0.0, gradient_direction="ascent")
    return (vertices + start.cpu().numpy()).astype(np.float32), faces


def _no_surface(excess: Excess, threshold: float, everything: bool) -> ThresholdError:
    extreme = excess.lowest if everything else excess.highest
    found = math.exp(min(extreme + math.log(threshold), 700))
    what = "everything is denser; the least" if everything else "nothing is as dense; the greatest"
    return ThresholdError(f"threshold: at {threshold:g} {what} density found is {found:.4g}")
