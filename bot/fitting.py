"""Making a message small enough for a channel: the longest relayed text gives way first. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from bot import literal
from dialogs.message import Button, Entry, Fact, Field, Message, Quote

# Below this a text says too little to be worth keeping short.
_SHORTEST = 200


def cleaned(message: Message) -> Message:
    """The message with every text safe to show, and headings and labels of a sane length.

    What buttons say and what fields hold stays whole: it comes back to us.
    """
    return replace(
        message,
        text=literal.clean(message.text) or "…",
        title=literal.line(message.title, 300),
        quotes=tuple(Quote(literal.clean(q.text) or "…", literal.line(q.label, 150)) for q in message.quotes),
        facts=tuple(Fact(literal.line(f.label, 150), literal.clean(f.value)) for f in message.facts),
        entries=tuple(
            Entry(literal.line(e.title, 500), literal.clean(e.text), literal.line(e.note, 500), _buttons(e.buttons))
            for e in message.entries
        ),
        entries_title=literal.line(message.entries_title, 300),
        fields=tuple(
            Field(
                f.name,
                literal.line(f.label, 300),
                literal.clean(f.value),
                literal.line(f.placeholder, 300),
                f.multiline,
                f.max_length,
            )
            for f in message.fields
        ),
        buttons=_buttons(message.buttons),
        links=tuple(replace(link, label=literal.line(link.label, 80) or "…") for link in message.links),
        image=message.image and replace(message.image, alt=literal.line(message.image.alt, 500) or "…"),
        note=literal.clean(message.note),
    )


def _buttons(buttons: tuple[Button, ...]) -> tuple[Button, ...]:
    return tuple(replace(button, label=literal.line(button.label, 80) or "…") for button in buttons)


def fitted(message: Message, measure: Callable[[Message], int], most_bytes: int) -> Message:
    """A cleaned message shortened until `measure` says it fits; as small as possible when it cannot.

    One length is found to which all longer texts are cut: the longest give way first, short ones stay whole. When
    even the shortest length is too much, entries go from the end.
    """
    if measure(message) <= most_bytes:
        return message
    shortest = _cut(message, _SHORTEST)

    def cut_to(length: int) -> Message | None:
        shorter = _cut(message, length)
        return shorter if measure(shorter) <= most_bytes else None

    def first_entries(count: int) -> Message | None:
        note = f"{shortest.note}{literal.ELLIPSIS}".strip()
        fewer = replace(shortest, entries=shortest.entries[:count], note=note)
        return fewer if measure(fewer) <= most_bytes else None

    longest = literal.size(message.text) + max((literal.size(text) for text in _texts(message)), default=0)
    fitting = _largest(cut_to, _SHORTEST, longest) or _largest(first_entries, 0, len(message.entries))
    return fitting or replace(shortest, entries=())


def _largest(attempt: Callable[[int], Message | None], low: int, high: int) -> Message | None:
    """What `attempt` makes of the largest number from `low` to below `high` that works; None if even `low` does not."""
    best = attempt(low)
    while best is not None and high - low > 1:
        middle = (low + high) // 2
        found = attempt(middle)
        if found is None:
            high = middle
        else:
            best, low = found, middle
    return best


def _texts(message: Message) -> Iterator[str]:
    yield message.note
    yield from (quote.text for quote in message.quotes)
    yield from (fact.value for fact in message.facts)
    yield from (entry.text for entry in message.entries)


def _cut(message: Message, length: int) -> Message:
    """Every text that may be cut at no more than `length` bytes."""
    return replace(
        message,
        text=literal.shortened(message.text, length),
        note=literal.shortened(message.note, length),
        quotes=tuple(replace(quote, text=literal.shortened(quote.text, length)) for quote in message.quotes),
        facts=tuple(replace(fact, value=literal.shortened(fact.value, length)) for fact in message.facts),
        entries=tuple(replace(entry, text=literal.shortened(entry.text, length)) for entry in message.entries),
    )
