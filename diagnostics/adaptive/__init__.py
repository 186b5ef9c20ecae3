"""Adaptive diagnosis: which question next, and when enough has been asked."""
