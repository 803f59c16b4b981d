"""Figures and HTML of comparisons: functions that return objects and draw nothing."""

from beaconviz.figures.bertviz import bertviz_html
from beaconviz.figures.charts.distributions import distributions, received_bars
from beaconviz.figures.charts.maps import attention_maps, layer_head_map, matrix_figure
from beaconviz.figures.charts.scan import scan_map
from beaconviz.figures.html.entities import run_entities_html
from beaconviz.figures.html.output import entities_html, says_html
from beaconviz.figures.report import notebook_html, report_html

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
