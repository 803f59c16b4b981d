"""The comparison on screen."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

import beaconviz as bv
from beaconviz.ui.shell import cache
from beaconviz.ui.shell.state import View


@dataclass
class Compared:
    """Computes a view's comparison, and keeps it until its baseline or its design changes.

    Attributes:
        milliseconds: the time of the last edited run.
    """

    milliseconds: float = 0.0
    _last: tuple[bv.Run, bv.Design, bv.Comparison] | None = None

    def of(self, view: View) -> bv.Comparison:
        """The baseline and the edited run of a view.

        Raises:
            BeaconvizError: the model does not take the text, or the design does not fit.
        """
        baseline = cache.untouched(view)
        last = self._last
        if last is None or last[0] is not baseline or last[1] != view.design:
            model, how = cache.model(view.model), cache.writing(view)
            start = perf_counter()
            comparison = bv.compare(model, view.text, view.design, baseline=baseline, **how)
            self.milliseconds = 1000 * (perf_counter() - start)
            self._last = last = baseline, view.design, comparison
        return last[2]
