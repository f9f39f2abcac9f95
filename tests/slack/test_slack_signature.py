"""Who signed a request, and when: ours agrees with slack_sdk's on a thousand requests, good and bad."""

import random

import pytest
from slack_sdk.signature import Clock, SignatureVerifier

from bot.slack.gate import is_signed
from tests.slack.fakes import SECRET, signature

NOW = 1_772_442_000


class Standing(Clock):
    def now(self) -> float:
        return NOW


def requests(count: int) -> list[tuple[bytes, str, str]]:
    """Body, time stamp, signature: every second one is spoilt in one of the ways a request can be."""
    dice = random.Random(5)
    found = []
    for number in range(count):
        body = dice.randbytes(dice.randrange(60)).hex().encode()
        at = NOW + dice.choice([0, 0, 0, 299, 300, 301, -299, -300, -301, 100_000])
        signed = signature(body, at)
        match number % 10:
            case 1:
                body += b"x"
            case 3:
                signed = signature(body, at, "another secret")
            case 5:
                signed = signed[:-1]
            case 7:
                signed = signature(body, at + 1)
            case 9:
                signed = signed.upper()
        found.append((body, str(at), signed))
    return found


def test_we_agree_with_slacks_own_verifier_on_a_thousand_requests() -> None:
    theirs = SignatureVerifier(SECRET, Standing())
    made = requests(1000)
    ours = [is_signed(SECRET, body, at, signed, NOW) for body, at, signed in made]
    assert ours == [theirs.is_valid(body.decode(), at, signed) for body, at, signed in made]
    assert 200 < sum(ours) < 800


@pytest.mark.parametrize("stamp", ["", "x", "-1", "1e9", "١٢", "9" * 400, "1772442000.5"])
def test_a_time_stamp_that_is_none_is_refused(stamp: str) -> None:
    assert not is_signed(SECRET, b"", stamp, "v0=", NOW)


@pytest.mark.parametrize("signed", ["", "v0=", "é", "v1=" + "0" * 64])
def test_a_signature_that_is_none_is_refused(signed: str) -> None:
    assert not is_signed(SECRET, b"", str(NOW), signed, NOW)
