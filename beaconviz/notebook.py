"""Comparisons that show themselves in a notebook.

A comparison does not know figures, which are made of it. `beaconviz.compare` comes from here, so
that a notebook finds how to draw one.
"""

from beaconviz.analysis.comparison import Comparison, compare
from beaconviz.figures.report import notebook_html

__all__ = ["Comparison", "compare"]

Comparison._repr_html_ = notebook_html
