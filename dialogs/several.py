"""A name, or a part of one, that could be several: each is offered as a button that says the same line with it."""

from dialogs.composing import Values, Words, words_for
from dialogs.message import Button, Entry, Message


@words_for(
    "refusal.people.several",
    "refusal.network.several",
    "refusal.topic.several",
    "refusal.event.zone_several",
    "refusal.event.date_several",
)
def _which(words: Words, values: Values) -> Message:
    say = words.say
    named = words.key in ("refusal.people.several", "refusal.network.several", "refusal.topic.several")
    lines = values.get("lines")
    if lines is None:
        # Where no line is said again, as in a group conversation, there is nothing to press.
        return Message(say(words.key, name=values["name"]))
    names = [choice.name for choice, _ in lines]
    entries, buttons = [], []
    for choice, line in lines:
        alike = names.count(choice.name) > 1
        button = Button(choice.name, line)
        if alike:
            entries.append(Entry(title=choice.name, text=choice.about, buttons=(button,)))
        else:
            buttons.append(button)
    return Message(
        say(words.key, name=values["name"]),
        entries=tuple(entries),
        buttons=tuple(buttons),
        note=say("several.note") if named else "",
    )
