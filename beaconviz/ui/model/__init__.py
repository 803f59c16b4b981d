"""The Model page: the network, and where the design touches it."""
