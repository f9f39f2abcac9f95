"""The dashboard, asked for in chat."""

from dialogs.commands import Group, command
from dialogs.composing import Values, Words, words_for
from dialogs.message import Link, Message
from dialogs.ports import Desk
from knowledge import dashboard as boards
from knowledge.notices import Notice
from knowledge.people import DESK, Person, Role


@command(
    "dashboard", fr="tableau", es="tablero", roles=DESK | {Role.MODERATOR}, strict=True, reads=True,
    group=Group.MEASUREMENT)  # fmt: skip
def dashboard(desk: Desk, person: Person) -> list[Notice]:
    return boards.opened(desk, person)


@words_for("dashboard.link")
def _link(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        title=say("dashboard.page"),
        text=say("dashboard.link"),
        links=(Link(say("dashboard.open"), values["link"]),),
        note=say("dashboard.link_note"),
    )
