"""Images a second, by a clock that is set by hand."""

import pytest

from cxrtk.training.timing import Rate, rate


class Clock:
    """Goes on only when it is told to."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def timed(durations, images=8, seconds=10.0, **settings):
    """The rate of steps that take so long each, one after the other; the last goes on."""
    clock, left, done = Clock(), list(durations), []

    def step():
        clock.now += left.pop(0) if len(left) > 1 else left[0]
        done.append(clock.now)

    return rate(step, images, seconds=seconds, clock=clock, **settings), done


def test_the_median_and_the_quartiles():
    """Steps of 1, 2, 4, 2, 2 s behind two slow ones that warm up: 8, 4, 2, 4, 4 images a second."""
    found, _ = timed([50, 50, 1, 2, 4, 2, 2])
    assert found == Rate(median=4.0, low=4.0, high=4.0, steps=5)


def test_the_spread():
    """Of 8, 4, 2, 1 images a second, by linear interpolation: the quartiles 1.75, 3, 5."""
    found, _ = timed([5, 5, 1, 2, 4, 8])
    assert (found.low, found.median, found.high) == pytest.approx((1.75, 3.0, 5.0))


def test_warming_up_does_not_count():
    """However slow the first steps are."""
    slow, _ = timed([900, 900, 1])
    fast, _ = timed([0.5, 0.5, 1])
    assert slow == fast == Rate(8.0, 8.0, 8.0, 10)


def test_warming_up_takes_its_share_of_the_time():
    """A twentieth of 100 s in steps of 1 s; then 100 steps that count."""
    found, done = timed([1.0], seconds=100.0)
    assert (found.steps, len(done)) == (100, 105)


def test_a_few_steps_at_least():
    """Three, where each is longer than the time there is."""
    found, done = timed([60.0], seconds=1.0)
    assert (found.steps, len(done)) == (3, 5)


def test_work_that_goes_on_is_waited_for():
    """What a GPU does after the call counts: one second in the step and three after it."""
    clock = Clock()

    def one():
        clock.now += 1

    def three():
        clock.now += 3

    assert rate(one, 8, seconds=10, synchronise=three, clock=clock).median == 2.0


def test_the_seconds_are_reported():
    """Only the steps that count are reported, and no more than exist."""
    told = []
    timed([7, 7, 1, 2, 4, 8], report=told.append)
    assert told == [1, 2, 4, 3]
