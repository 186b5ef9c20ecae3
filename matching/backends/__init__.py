"""The solvers: each reads compiled primitives only and knows no rule."""
