"""The one error that people are meant to read."""


class BeaconvizError(ValueError):
    """Bad input, in one line: what was given, what was expected, how to mend it."""
