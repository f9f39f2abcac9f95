"""What the postman and a channel say to each other. Each channel is one small room beside this file."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dialogs.incoming import Heard, Incoming
from dialogs.message import Message

Hear = Callable[[Incoming], Awaitable[Heard]]
"""Runs one turn off the event loop and returns after its commit. Never raises for what a person typed;
raises only when the database cannot be written, and then nothing was kept: the channel answers 503."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way out.

    `id` is our own id of the message, the same on every attempt. `conversation` is the channel's id,
    `address` what the channel stored in `Incoming.address`. `replaces` is the channel's id of the earlier
    message that this one edits in place; "" sends anew.
    """

    id: int
    conversation: str
    address: Mapping[str, Any]
    message: Message
    replaces: str = ""


class Retry(Exception):
    """Not now: throttled, timed out, the far side is down. `after` is seconds, None lets the postman choose."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


class Unreachable(Exception):
    """Never in this conversation: blocked, uninstalled, gone.

    `reason` is a catalogue key without its `unreachable.` prefix (blocked, gone, not_allowed, no_conversation,
    too_large, rejected, gave_up), which a facilitator reads.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


class Gone(Exception):
    """The message to edit is no longer there: the postman sends it anew."""


class Channel(Protocol):
    """One way to reach people."""

    name: str

    async def deliver(self, delivery: Delivery) -> str:
        """Sends or edits the message; returns the channel's id of it, "" if it has none.

        Raises Retry, Unreachable or Gone; anything else is a bug of ours, logged, and retried.
        """
        ...


@dataclass(frozen=True, slots=True)
class Group:
    """A group conversation that was made: the channel's id of it, and what `deliver` needs to write there."""

    conversation: str
    address: Mapping[str, Any]


class MakesGroups(Channel, Protocol):
    """A channel that can bring people and the bot into one conversation, which shows them each other's names."""

    async def make_group(self, members: Sequence[Mapping[str, Any]], topic: str) -> Group:
        """Makes one of these people, who were asked before. Each is their address, with their id on the channel as
        `sender`.

        Raises Retry, or Unreachable when it will not be made. Only some channels give the same people the same
        conversation: whoever asks again after a crash may make a second one.
        """
        ...
