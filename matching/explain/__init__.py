"""True reasons for every miss, and the irreducible clash of settings behind an infeasible round."""
