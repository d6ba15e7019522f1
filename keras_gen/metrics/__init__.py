"""Measures of generated pictures, on arrays of pictures or features."""
