"""The goals of a round: one objective term per file, solved in tiers."""
