"""The rules by which tokens move, one file each."""

from hardmax.dynamics.rules.base import Rule
from hardmax.dynamics.rules.hardmax import Hardmax
from hardmax.dynamics.rules.softmax import Softmax

#: The rules that come with the package. To add one, write its file and name it here; the contract tests
#: find it.
RULES: tuple[type[Rule], ...] = (Hardmax, Softmax)

__all__ = ["RULES", "Hardmax", "Rule", "Softmax"]
