"""All that differs between TensorFlow and PyTorch."""
