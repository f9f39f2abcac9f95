"""A clock and a channel for each test."""

import pytest

from tests.postman.fakes import Clock, FakeChannel


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def channel(clock: Clock) -> FakeChannel:
    return FakeChannel(clock)
