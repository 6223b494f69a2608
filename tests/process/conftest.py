"""Locks, signal handlers and the error hook are given back after each test."""

import pytest


@pytest.fixture(autouse=True)
def given_back(process_as_it_was):
    """As `process_as_it_was` leaves them."""
