"""Examples that run: the pilot county, and small files to copy."""
