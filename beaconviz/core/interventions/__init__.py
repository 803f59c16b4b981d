"""The kinds of marker. A new kind is a file here and an entry in the list below."""

from beaconviz.core.interventions.base import EditedRows, Intervention, Reading
from beaconviz.core.interventions.gate import Gate
from beaconviz.core.interventions.mask import Mask
from beaconviz.core.interventions.product import Product

__all__ = ["INTERVENTIONS", "READINGS", "EditedRows", "Intervention", "Reading"]

INTERVENTIONS: dict[Reading, Intervention] = {
    kind.name: kind for kind in (Product(), Gate(), Mask())
}
READINGS = tuple(INTERVENTIONS)
