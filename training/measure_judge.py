"""How well the judge knows what it judges by: unseen renders of all kinds and looks."""

import random

import numpy as np

from training.data import HELD_OUT, make_view
from training.measure_figures import Figures
from training.measure_pictures import spread
from training.measure_starter import Ask
from training.questions import shares
from training.toys import describe
from training.zoo import KINDS

FIRST_SEED = HELD_OUT


def judge_figures(ask: Ask, count: int = 6 * len(KINDS)) -> Figures:
    """Shares of right answers to each question, over so many renders, each kind as often."""
    kinds = spread(list(KINDS), min(count, len(KINDS)))
    toys = [describe(random.Random(FIRST_SEED + n), kinds[n % len(kinds)]) for n in range(count)]
    renders = np.stack([make_view(FIRST_SEED + n, toy).picture for n, toy in enumerate(toys)])
    return {f"judge_{name}": share for name, share in shares(ask(renders), toys).items()}
