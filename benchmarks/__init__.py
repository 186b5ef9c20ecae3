"""What speed, memory and proof come to, measured in one run and kept in RESULTS.md."""
