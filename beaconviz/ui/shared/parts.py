"""Small pieces of HTML of several pages."""

from beaconviz.figures.markup import macros

PARTS = macros(__file__)
