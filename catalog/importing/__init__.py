"""Spreadsheets in: reading, checking, comparing, storing and undoing."""
