"""Work in a thread of its own, so that the app stays live and Stop works at once."""

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
    """Work done step by step. `error` is the line that says why it failed.

    noun: what is counted; seconds: how long it has worked, without the time between a stop and
    going on.
    """

    noun: ClassVar[str]
    error: str = ""
    seconds: float = 0.0
    _stop: Event = field(default_factory=Event)
    _thread: Thread | None = None

    @property
    @abstractmethod
    def counted(self) -> tuple[int, int]:
        """How many are done, and of how many; 0 while nobody knows."""

    @abstractmethod
    def steps(self) -> Iterator[None]:
        """Work on from what is done; each step ends with a yield, where a stop takes effect."""

    @abstractmethod
    def finish(self) -> None:
        """Make something of what is done, at the end and after a stop."""

    def start(self) -> Self:
        """Begin, or go on after a stop."""
        self._stop.clear()
        self._thread = Thread(target=self._work, daemon=True, name=type(self).__name__)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ends after the step it is at; what was done is kept."""
        self._stop.set()

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        done, total = self.counted
        return done / total if total else 0.0

    @property
    def progress(self) -> str:
        """How far it is, how fast, and how long it still takes."""
        done, total = self.counted
        if not total:
            return "Starting"
        count = f"{done} of {total} {self.noun}"
        if not done or not self.seconds:
            return count
        rate = done / self.seconds
        speed = f" · {rate:.0f} a second" if rate >= 2 else ""
        return f"{count}{speed} · {lasting((total - done) / rate)} left"

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
    """Somebody stopped a call."""


@dataclass(kw_only=True)
class Calling(BackgroundTask):
    """A task that is one call, which tells how far it is by `tell`; a stop ends it there."""

    at: tuple[int, int] = (0, 0)

    @property
    def counted(self) -> tuple[int, int]:
        return self.at

    @abstractmethod
    def call(self) -> None:
        """All of the work."""

    def tell(self, done: int, count: int) -> None:
        """So many are done, of so many; raises `StoppedError` after a stop."""
        self.at = done, count
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
        """Nothing: half of a call says nothing."""

    _began: float = 0.0


def lasting(seconds: float) -> str:
    """A time as people say it.

    >>> lasting(42.3), lasting(150)
    ('42 s', '2 min 30 s')
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
