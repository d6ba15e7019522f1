"""What all training schemes are built from."""
