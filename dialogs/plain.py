"""A message as plain text: for transcripts, e-mail, and whoever has no cards. Loses nothing but looks."""

from dialogs.message import Button, Message
from dialogs.wording import Say


def to_text(message: Message) -> str:
    """The whole message as lines. Buttons stand in brackets; quoted words in the language's quotation marks."""
    say = Say(message.language)
    lines = [message.title, message.text]
    if message.image is not None:
        lines.append(say("plain.picture", alt=message.image.alt))
    for quote in message.quotes:
        words = say("plain.quoted", text=quote.text)
        lines.append(say.labelled(quote.label, words) if quote.label else words)
    lines += [say.labelled(fact.label, fact.value) for fact in message.facts]
    lines.append(message.entries_title)
    for entry in message.entries:
        lines.append(f"- {entry.title}")
        told = (*entry.text.split("\n"), *entry.note.split("\n"), _buttons(entry.buttons))
        lines += [f"  {line}" for line in told if line]
    for field in message.fields:
        lines.append(say.labelled(field.label, f"[{field.value or '…'}]"))
    lines.append(_buttons(message.buttons))
    lines += [say.labelled(link.label, link.url) for link in message.links]
    lines.append(message.note)
    return "\n".join(line for line in lines if line)


def _buttons(buttons: tuple[Button, ...]) -> str:
    return " ".join(f"[{button.label}]" for button in buttons)
