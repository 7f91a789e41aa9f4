from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.tsr.shapes import DATA, LEVEL, grid_excess, scene
from tsr.gridfield import grid_axis
from tsr.isosurface import coarse_to_fine, everything


class FunctionGrid:
    """A grid that asks a function of grid points, and counts."""

    def __init__(self, resolution: int, function: Callable[[Tensor], Tensor]) -> None:
        self.resolution = resolution
        self.device = torch.device("cpu")
        self.function = function
        self.asked = 0

    def at(self, index: Tensor) -> Tensor:
        self.asked += len(index)
        return self.function(index.float())

    def dense(self) -> Tensor:
        return everything(FunctionGrid(self.resolution, self.function), 1, self.resolution)


def flat_capsule(start: list[float], end: list[float], radius: float) -> Callable[[Tensor], Tensor]:
    """+1 inside a capsule (in grid steps), -1 outside: no slope that could lead to it."""

    def value(points: Tensor) -> Tensor:
        a, b = torch.tensor([start, end], dtype=torch.float32)
        along = (((points - a) @ (b - a)) / (b - a).square().sum()).clamp(0, 1)
        distance = (points - a - along[:, None] * (b - a)).norm(dim=1)
        inside: Tensor = distance < radius
        return torch.where(inside, 1.0, -1.0)

    return value


@pytest.mark.parametrize("resolution", [64, 128, 256])
def test_the_inside_set_of_the_recorded_scene_is_the_dense_grids(resolution: int) -> None:
    model, code = scene()
    asked: list[int] = []
    with torch.no_grad():
        surface = coarse_to_fine(grid_excess(model, code, resolution, asked.append))
    bits = np.load(DATA / "scene.npz")[f"inside_{resolution}"]
    expected = np.unpackbits(bits, count=resolution**3).astype(bool).reshape([resolution] * 3)
    assert np.array_equal(surface.dense().numpy() > 0, expected)
    if resolution == 256:
        assert sum(asked) < resolution**3 / 30


def test_the_patch_is_the_grid_around_the_surface() -> None:
    model, code = scene()
    with torch.no_grad():
        surface = coarse_to_fine(grid_excess(model, code, 100))
    values, start = surface.patch()
    x, y, z = start.tolist()
    nx, ny, nz = values.shape
    whole = surface.dense()
    assert torch.equal(whole[x : x + nx, y : y + ny, z : z + nz], values)
    assert int((whole > 0).sum()) == int((values > 0).sum())


def test_values_on_the_surface_are_exact() -> None:
    model, code = scene()
    with torch.no_grad():
        field = grid_excess(model, code, 64)
        quick, exact = coarse_to_fine(field).dense(), everything(field, 1, 64)
    for axis in range(3):
        crossed = (exact > 0).diff(dim=axis)
        for side in (slice(None, -1), slice(1, None)):
            place = tuple(side if a == axis else slice(None) for a in range(3))
            assert torch.allclose(quick[place][crossed], exact[place][crossed], atol=1e-5)


def test_a_thin_rod_is_followed_from_the_part_that_was_found() -> None:
    knob, rod = (
        flat_capsule([40, 40, 20], [40, 40, 20.5], 9.0),
        flat_capsule([42, 42, 20], [42, 42, 118], 1.3),
    )
    grid = FunctionGrid(128, lambda points: torch.maximum(knob(points), rod(points)))
    surface = coarse_to_fine(grid).dense()
    assert torch.equal(surface > 0, grid.dense() > 0)
    assert grid.asked < 128**3 / 20


@pytest.mark.parametrize("resolution", [16, 33, 63, 65, 100, 129])
def test_any_resolution_agrees_with_the_dense_grid(resolution: int) -> None:
    middle = torch.tensor([0.45, 0.5, 0.62]) * resolution

    def value(points: Tensor) -> Tensor:
        distance: Tensor = (points - middle).norm(dim=1)
        return 0.3 * resolution - distance

    grid = FunctionGrid(resolution, value)
    assert torch.equal(coarse_to_fine(grid).dense() > 0, grid.dense() > 0)


def test_a_body_that_leaves_the_box_is_cut_at_its_side() -> None:
    grid = FunctionGrid(70, lambda points: 20 - (points - torch.tensor([69.0, 35.0, 0.0])).norm(dim=1))
    assert torch.equal(coarse_to_fine(grid).dense() > 0, grid.dense() > 0)


def test_the_grid_field_is_the_networks_raw_density_over_the_level() -> None:
    model, code = scene()
    index = torch.randint(0, 100, (500, 3), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        excess = grid_excess(model, code, 100).at(index)
        raw = model.query(code, grid_axis(100, 0.87)[index] * 0.87).raw_density[:, 0]
    assert torch.allclose(excess, raw - LEVEL, atol=1e-4)
