"""The rules by which tokens move, one file each."""

from hardmax.dynamics.rules.base import Rule
from hardmax.dynamics.rules.hardmax import Hardmax
from hardmax.dynamics.rules.softmax import Softmax

#: The rules that come with the package; trajectories of these are saved and loaded. To add one see
#: 'A rule of the package' in docs/own-rule.md.
RULES: tuple[type[Rule], ...] = (Hardmax, Softmax)

__all__ = ["RULES", "Hardmax", "Rule", "Softmax"]
