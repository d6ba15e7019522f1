"""`python -m keras_gen`, the same as `keras-gen`."""

from keras_gen.cli import main

if __name__ == "__main__":
    main()
