"""What goes in comes out: every sheet an office needs, equal to the result."""

from matching.rounds.exports.readback import Mismatch, figures_match, mismatches
from matching.rounds.exports.write import write_exports

__all__ = ["Mismatch", "figures_match", "mismatches", "write_exports"]
