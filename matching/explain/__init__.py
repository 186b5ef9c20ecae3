"""True reasons for every miss, and the irreducible clash of settings behind an infeasible round."""

from matching.explain.clash import clash_witness
from matching.explain.misses import miss_reasons

__all__ = ["clash_witness", "miss_reasons"]
