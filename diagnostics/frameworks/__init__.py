"""What lies in the folder beside a framework's file: tree, items, vignettes, scales, descriptors."""
