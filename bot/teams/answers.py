"""What a pressed button is answered with (Universal Action Model, "Response format")."""

from typing import Any

from bot.literal import flat
from bot.teams import cards
from dialogs.incoming import Heard, Incoming
from dialogs.message import Message

_CARD = "application/vnd.microsoft.card.adaptive"
_MESSAGE = "application/vnd.microsoft.activity.message"
_ERROR = "application/vnd.microsoft.error"
_LONGEST_MESSAGE = 300


def to_press(incoming: Incoming, heard: Heard) -> dict[str, Any]:
    """The card that takes the pressed one's place at once, or a short word.

    The postman edits the same card a moment later, for everybody else and for the person's other devices. A refusal
    is shown where the button was pressed; "OK" needs no translation, and says no more than that we heard.
    """
    own = [Message.from_json(posted.payload) for posted in heard.posted if posted.conversation == heard.conversation]
    if incoming.pressed_card:
        for message in reversed(own):
            if message.card == incoming.pressed_card:
                return {"statusCode": 200, "type": _CARD, "value": cards.card(message)}
    text = flat(own[0].text, _LONGEST_MESSAGE) if heard.refused and own else ""
    return {"statusCode": 200, "type": _MESSAGE, "value": text or "OK"}


def malformed() -> dict[str, Any]:
    """For a press whose value no card of ours sends; the HTTP status is 200 all the same."""
    return {"statusCode": 400, "type": _ERROR, "value": {"code": "BadRequest", "message": "Not an action of this bot."}}
