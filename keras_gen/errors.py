"""The one exception for input that a person can put right."""


class InputError(ValueError):
    """Bad input. The message is one line: what was wrong, what was expected
    and what to do. Command lines print it and exit with code 2."""
