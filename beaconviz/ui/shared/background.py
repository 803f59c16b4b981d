"""Tasks in a background thread, so that the app stays responsive and Stop works at once."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic
from typing import ClassVar, Self

from beaconviz.core.errors import BeaconvizError

log = logging.getLogger(__name__)


@dataclass(kw_only=True)
class BackgroundTask(ABC):
    """A task that is done step by step in a background thread.

    Attributes:
        noun: the plural of what is counted, for the progress text.
        error: why the task failed; empty if it did not.
        seconds: how long it has run, without the time between a stop and the next start.
    """

    noun: ClassVar[str]
    error: str = ""
    seconds: float = 0.0
    _stop: Event = field(default_factory=Event)
    _thread: Thread | None = None

    @property
    @abstractmethod
    def counted(self) -> tuple[int, int]:
        """How many units are done, and the total; the total is 0 while it is not known."""

    @abstractmethod
    def steps(self) -> Iterator[None]:
        """Continue after the units that are done; a stop takes effect at a yield."""

    @abstractmethod
    def finish(self) -> None:
        """Make the result from the units that are done, at the end and after a stop."""

    def start(self) -> Self:
        """Start the task, or continue it after a stop."""
        self._stop.clear()
        self._thread = Thread(target=self._work, daemon=True, name=type(self).__name__)
        self._thread.start()
        return self

    def stop(self) -> None:
        """End the task after the current step; finished units are kept."""
        self._stop.set()

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    @property
    def share(self) -> float:
        """The share that is done, from 0 to 1."""
        done, total = self.counted
        return done / total if total else 0.0

    @property
    def progress(self) -> str:
        """A text with the units done, the speed and the time left."""
        done, total = self.counted
        if not total:
            return "Starting"
        count = f"{done} of {total} {self.noun}"
        if not done or not self.seconds:
            return count
        rate = done / self.seconds
        speed = f" · {rate:.0f} a second" if rate >= 2 else ""
        return f"{count}{speed} · {duration_text((total - done) / rate)} left"

    def _work(self) -> None:
        before, start = self.seconds, monotonic()
        try:
            for _ in self.steps():
                self.seconds = before + monotonic() - start
                if self.stopping:
                    break
            self.finish()
        except BeaconvizError as error:
            self.error = str(error)
        except Exception:
            log.exception("%s failed", type(self).__name__)
            self.error = "an internal error occurred; the log of the server has the details"


class StoppedError(Exception):
    """The person stopped the task during a call."""


@dataclass(kw_only=True)
class CallTask(BackgroundTask):
    """A task of one long call that reports its progress to `report`, where a stop ends it."""

    position: tuple[int, int] = (0, 0)

    @property
    def counted(self) -> tuple[int, int]:
        return self.position

    @abstractmethod
    def call(self) -> None:
        """Do the whole task; it passes `report` on as the progress callback."""

    def report(self, done: int, count: int) -> None:
        """Take the units done and the total.

        Raises:
            StoppedError: the task was stopped.
        """
        self.position = done, count
        self.seconds = monotonic() - self._began
        if self.stopping:
            raise StoppedError

    def steps(self) -> Iterator[None]:
        self._began = monotonic()
        try:
            self.call()
        except StoppedError:
            return
        yield

    def finish(self) -> None:
        """Nothing to do: a call that was stopped has no result."""

    _began: float = 0.0


def duration_text(seconds: float) -> str:
    """A duration in minutes and seconds.

    >>> duration_text(42.3), duration_text(150)
    ('42 s', '2 min 30 s')
    """
    minutes, seconds_left = divmod(round(seconds), 60)
    return f"{minutes} min {seconds_left} s" if minutes else f"{seconds_left} s"
