"""Figures and HTML of comparisons: functions that return objects and draw nothing."""

from beaconviz.figures.bertviz import bertviz_html
from beaconviz.figures.distributions import distributions, received_bars
from beaconviz.figures.entities import entities_html, run_entities_html
from beaconviz.figures.maps import attention_maps, layer_head_map, matrix_figure
from beaconviz.figures.report import notebook_html, report_html
from beaconviz.figures.says import says_html
from beaconviz.figures.scan import scan_map

__all__ = [
    "attention_maps",
    "layer_head_map",
    "scan_map",
    "matrix_figure",
    "distributions",
    "received_bars",
    "says_html",
    "entities_html",
    "run_entities_html",
    "report_html",
    "notebook_html",
    "bertviz_html",
]
