"""Assignment mechanisms to compare with: first come first served and others."""
