"""Measurements of models, and of pictures and features alone."""
