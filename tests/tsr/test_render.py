import math
from functools import partial

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from tests.tsr.shapes import DATA, ball
from tsr import TSR
from tsr.cameras import Rays, turntable
from tsr.render import box_span, composite, render_rays


def rays_of_three_published_views(elevation_deg: float, size: int) -> Rays:
    """The published cameras for exactly three views, where a cross product runs along the views.

    torch.cross without a dim takes the first one of size three: for [3 views, 3] that is the views. All rays
    of a view coincide then, and the recorded views are of one colour each."""
    azimuth = torch.arange(3) * (2 * math.pi / 3)
    elevation = torch.full_like(azimuth, math.radians(elevation_deg))
    flat = elevation.cos()
    away = torch.stack([flat * azimuth.cos(), flat * azimuth.sin(), elevation.sin()], dim=-1)
    up = torch.tensor([0.0, 0.0, 1.0]).repeat(3, 1)
    right = F.normalize(torch.linalg.cross(-away, up, dim=0), dim=-1)
    up = F.normalize(torch.linalg.cross(right, -away, dim=0), dim=-1)
    ticks = (torch.arange(size) + 0.5 - size / 2) / (0.5 * size / math.tan(math.radians(20)))
    y, x = torch.meshgrid(-ticks, ticks, indexing="ij")
    pixels = torch.stack([x, y, -torch.ones_like(x)], dim=-1)
    directions = torch.einsum("hwc,ncd->nhwd", pixels, torch.stack([right, up, away], dim=1))
    directions = F.normalize(directions, dim=-1)
    return Rays((1.9 * away)[:, None, None].expand_as(directions), directions)


def test_the_recorded_views_come_out_along_the_recorded_rays() -> None:
    stored = np.load(DATA / "small" / "reference.npz")
    model, code = TSR.from_pretrained(DATA / "small"), torch.tensor(stored["scene_codes"])
    with torch.no_grad():
        views = render_rays(partial(model.query, code), rays_of_three_published_views(15, 24), 0.87, 64)
    assert np.abs(views.numpy() - stored["views"]).max() < 1e-4


def test_the_recorded_views_are_our_views_seen_at_their_centre() -> None:
    stored = np.load(DATA / "small" / "reference.npz")
    model, code = TSR.from_pretrained(DATA / "small"), torch.tensor(stored["scene_codes"])
    centre = model.render(code, n_views=3, elevation_deg=15, height=1, width=1)[:, 0, 0]
    assert np.abs(centre.numpy() - stored["views"][:, 12, 12]).max() < 1e-4


def test_view_0_looks_from_plus_x_with_z_up_and_plus_y_at_the_right() -> None:
    rays = turntable(4, 0.0, 33, 33)
    assert rays.origins[0, 16, 16].tolist() == pytest.approx([1.9, 0, 0], abs=1e-6)
    assert rays.origins[1, 16, 16].tolist() == pytest.approx([0, 1.9, 0], abs=1e-6)
    assert rays.directions[0, 16, 16].tolist() == pytest.approx([-1, 0, 0], abs=1e-6)
    assert rays.directions[0, 0, 16, 2] > 0  # the top row looks up
    assert rays.directions[0, 16, 32, 1] > 0  # the last column looks to +Y


def test_the_field_of_view_is_40_degrees_from_the_top_to_the_bottom_edge() -> None:
    rays = turntable(1, 0.0, 1000, 3).directions[0, :, 1]
    angle = torch.rad2deg(torch.arccos(rays[0] @ rays[-1]))
    assert float(angle) == pytest.approx(40, abs=0.05)


def test_a_ball_covers_its_disc_and_leaves_the_rest_white() -> None:
    model, code = ball(0.5)
    view = model.render(code, n_views=1, elevation_deg=0.0, height=64, width=64)[0]
    covered = float((view.min(dim=-1).values < 0.5).float().mean())
    tangent = 0.5 / math.sqrt(1.9**2 - 0.5**2) / math.tan(math.radians(20))  # of half the picture
    assert covered == pytest.approx(math.pi * tangent**2 / 4, rel=0.1)
    assert view[0, 0].tolist() == pytest.approx([1, 1, 1], abs=1e-3)
    assert view[32, 32, 0] > 0.8  # red grows with x, and we look from +X


def test_a_ray_meets_the_box_where_it_should() -> None:
    origins = torch.tensor([[2.0, 0.0, 0.0], [2.0, 1.5, 0.0], [0.0, 0.0, 0.0]])
    directions = torch.tensor([[-1.0, 0.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    entry, leave = box_span(origins, directions, 1.0)
    assert (float(entry[0]), float(leave[0])) == (1, 3)
    assert entry[1] > leave[1]
    assert (float(entry[2]), float(leave[2])) == (0, 1)


def test_compositing_is_the_hand_computed_sum() -> None:
    half = math.log(2)  # density that stops half of the light in a step of 1
    density = torch.tensor([[half, half]])
    color: Tensor = torch.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
    # half red, a quarter green, a quarter of the white behind
    assert composite(density, color, 1.0)[0].tolist() == pytest.approx([0.75, 0.5, 0.25], abs=1e-6)
