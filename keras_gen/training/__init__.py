"""Training runs: from a recipe to a folder with exported weights."""
