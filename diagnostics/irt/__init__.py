"""Item response theory for ordinal answers: models, marginal likelihood, scores and item fit."""
