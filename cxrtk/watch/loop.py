"""The loop of a watch: look, wait until a study is complete, segment, store, and retry failures later."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cxrtk.errors import CxrError, RemoteError, StorageError
from cxrtk.process.failures import explain
from cxrtk.watch.source import Found
from cxrtk.watch.state import SEGMENTED, WAITING, Study
from cxrtk.watch.work import LostObjects, Work, wanted_of
from cxrtk.wording import counted

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Pace:
    """Timing of the work on a study, and the number of attempts; times in seconds.

    Attributes:
        quiet: Time without a change after which a study is considered complete.
        strikes: Number of attempts that may fail for a reason in the study itself.
        first: Pause after the first failed attempt; doubled after each.
        longest: Longest pause.
    """

    quiet: float = 60.0
    strikes: int = 8
    first: float = 30.0
    longest: float = 3600.0

    def pause(self, attempts: int) -> float:
        """Return the pause after a number of attempts.

        >>> [Pace().pause(attempts) for attempts in (1, 2, 3, 100)]
        [30.0, 60.0, 120.0, 3600.0]
        """
        return float(min(self.longest, self.first * 2 ** min(attempts - 1, 30)))


class Watch:
    """Loop that works on studies once they no longer change.

    Args:
        work: The work on one study.
        pace: Timing of the work, and the number of attempts.
        clock: Function that returns the time in seconds since 1970.
        tell: Function called with each line for the user.
    """

    def __init__(
        self, work: Work, pace: Pace, clock: Callable[[], float], tell: Callable[[str], None]
    ) -> None:
        self.work = work
        self.state = work.state
        self.pace = pace
        self._clock = clock
        self._tell = tell
        self._refused = ""  # reason why the last query failed

    def turn(self) -> bool:
        """Query the source once, and work on all ready studies; return whether something is left to do.

        Raises:
            CxrError: The state, or the disk, cannot be used.
        """
        found = self._look()
        wanted = {uid: wanted_of(self.state, instances) for uid, instances in (found or {}).items()}
        for uid, instances in (found or {}).items():
            if wanted[uid]:
                self.state.see(uid, instances, self._clock())
            else:
                self._release(uid, instances)
        for study in self.state.ready(self._clock(), self.pace.quiet):
            if study.status == SEGMENTED:
                self._attempt(study, {})
            elif wanted.get(study.uid):
                self._attempt(study, wanted[study.uid])
            elif found is not None:
                self.state.gone(study.uid)
        return found is None or bool(self.state.unfinished())

    def _look(self) -> Found | None:
        """Return the studies of the source; ``None`` if it is unreachable now, which is reported once."""
        try:
            found = self.work.source.look(self.state.unfinished())
        except CxrError as error:
            if str(error) != self._refused:
                self._tell(f"The source cannot be queried now: {error}")
            self._refused = str(error)
            return None
        if self._refused:
            self._tell("The source answers again.")
            self._refused = ""
        return found

    def _release(self, study: str, instances: Mapping[str, str]) -> None:
        """Release a study in the source once all its objects are stored; until then it may be needed."""
        if self.state.is_finished(study):
            self.work.source.release(list(instances))

    def _attempt(self, study: Study, instances: Mapping[str, str]) -> None:
        """Do the remaining work on a study, and record the outcome."""
        stage = study.status
        try:
            if stage == WAITING:
                count = self.work.segment(study.uid, instances)
                self._tell(f"{study.uid}: {counted(len(instances), 'image')}, {counted(count, 'object')}.")
                stage = SEGMENTED
            stored = self.work.store(study.uid)
        except LostObjects as error:
            self.state.forget(study.uid)
            self._tell(f"{study.uid}: the object {error} was lost from the outbox; segmenting again.")
            return
        except CxrError as error:
            self._failed(study, stage, str(error), strike=not _of_all(error))
            return
        except Exception as error:  # reported with its origin; one study must not stop the others
            logger.error("%s: this error is unexpected; please report it.", study.uid, exc_info=True)
            self._failed(study, stage, explain(error).text, strike=True)
            return
        if stored:
            self._tell(f"{study.uid}: {counted(stored, 'object')} stored at {self.work.target.name}.")
        unread = self.state.study(study.uid).unread
        if unread:
            self._failed(study, WAITING, unread, strike=True)
        else:
            self.state.done(study.uid)

    def _failed(self, study: Study, stage: str, reason: str, *, strike: bool) -> None:
        """Record a failed attempt, and give the study up after the last one."""
        pause = self.pace.pause(study.attempts + 1)
        self.state.failed(study.uid, reason, self._clock() + pause, strike=strike, again=stage)
        if study.strikes + int(strike) >= self.pace.strikes:
            self.state.give_up(study.uid, reason)
            self._tell(f"{study.uid}: given up: {reason}")
        else:
            self._tell(f"{study.uid}: trying again in {pause:.0f} s: {reason}")


def _of_all(error: CxrError) -> bool:
    """Return whether an error would be the same for every study: a server is down, or the disk is full."""
    return isinstance(error, StorageError) or (isinstance(error, RemoteError) and error.whole)
