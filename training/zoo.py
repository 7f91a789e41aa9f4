"""The kinds of toys: each a function that models one from random proportions and two colours.

The front looks along +X; what is long (a car, a fish) lies along Y, so that the front view shows its side.
"""

from training.kinds.buildings import BUILDINGS
from training.kinds.craft import CRAFT
from training.kinds.food import FOOD
from training.kinds.furniture import FURNITURE
from training.kinds.kind import Kind
from training.kinds.plants import PLANTS
from training.kinds.playthings import PLAYTHINGS
from training.kinds.sitting import SITTING
from training.kinds.tools import TOOLS
from training.kinds.walking import WALKING
from training.kinds.wheeled import WHEELED

FAMILIES = (SITTING, WALKING, WHEELED, CRAFT, FURNITURE, FOOD, TOOLS, BUILDINGS, PLANTS, PLAYTHINGS)
KINDS: dict[str, Kind] = {kind.name: kind for family in FAMILIES for kind in family}
