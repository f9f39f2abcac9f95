"""The welcome of each role, card by card."""

from dialogs.commands import Argument, Group, command
from dialogs.composing import Values, Words, words_for
from dialogs.message import Button, Message
from dialogs.ports import Desk
from knowledge import touring
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Person, Role
from knowledge.text import plain

_ROLES = {
    Role.MEMBER: ("member", "membre", "miembro"),
    Role.EXPERT: ("expert", "experte", "experto", "experta"),
    Role.MODERATOR: ("moderator", "moderatrice", "moderateur", "moderador", "moderadora"),
    Role.FACILITATOR: ("facilitator", "facilitatrice", "facilitateur", "facilitador", "facilitadora"),
}
_TRY = {Role.MEMBER: "profile", Role.EXPERT: "profile", Role.MODERATOR: "help", Role.FACILITATOR: "queue"}
"""What the last card of each role offers."""


@command("tour", Argument.TEXT, optional=1, fr="visite", es="recorrido", also="onboarding", group=Group.YOU)
def tour(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    """Without more the one to go on with; or a role, and a number or "end" behind it."""
    words = plain(text).split()
    role = next((one for one, names in _ROLES.items() if words and words[0] in names), None)
    if words and role is None:
        raise Refusal("tour.role_unknown", word=text[:40])
    if role is not None and words[-1] in ("end", "fin"):
        return touring.end(desk, person, role)
    step = int(words[1][:3]) if len(words) > 1 and words[1].isdecimal() else None
    return touring.tour(desk, person, role, step)


@words_for("tour.card")
def _card(words: Words, values: Values) -> Message:
    say, role, step, last = words.say, values["role"], values["step"], values["of"]
    buttons = []
    if step < last:
        buttons.append(Button(say("button.tour_next"), f"tour {role} {step + 1}", "primary"))
        buttons.append(Button(say("button.tour_skip"), f"tour {role} end"))
    else:
        buttons.append(Button(say(f"button.tour_try_{role}"), _TRY[role], "primary"))
        buttons.append(Button(say("button.tour_done"), f"tour {role} end"))
    if step > 1:
        buttons.append(Button(say("button.tour_back"), f"tour {role} {step - 1}"))
    return Message(
        title=say(f"tour.title.{role}"),
        text=say(f"tour.{role}.{step}"),
        buttons=tuple(buttons),
        note=say("tour.step", step=step, last=last),
    )


@words_for("tour.ended")
def _ended(words: Words, values: Values) -> Message:
    return Message(words.say("tour.ended"))
