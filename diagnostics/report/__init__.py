"""The report on an instrument, for those who own it: one page, no figure of a single person."""
