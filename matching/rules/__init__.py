"""The rules of a round: one rule per file, said once for the referee and once for the solvers."""
