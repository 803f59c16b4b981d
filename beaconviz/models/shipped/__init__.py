"""The models that come with beaconviz."""
