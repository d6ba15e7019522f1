"""Measures of pictures, features and models."""
