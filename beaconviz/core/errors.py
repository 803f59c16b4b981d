"""The error class for messages to the user."""


class BeaconvizError(ValueError):
    """Bad input, in one line: what was given, what was expected, how to mend it."""
