"""A draft's life: the words of a private question on their way to a knowledge item, or an item's next wording.

Nobody reads it but whose words they are until all of these said yes; then whoever moderates its place reads it, and
only what everybody concerned has seen as it stands is published. A draft is never changed in place.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from knowledge.errors import Refusal
from knowledge.item import NO_TEXT, Text
from knowledge.places import Audience

ASKER = 0
"""The number of the asker's voice; the others count from 1, in the order of their first answers."""


class State(StrEnum):
    """Where a draft stands.

    DRAFTED    written down; nobody was asked yet
    ASKED      those whose words it holds are asked for their yes
    REVIEW     they said it: with whoever moderates its place
    PUBLISHED  it is an item, or its next wording
    REJECTED   not published, by the desk's word
    DROPPED    not published, since somebody it needs did not agree; nothing of its text is kept
    """

    DRAFTED = "drafted"
    ASKED = "asked"
    REVIEW = "review"
    PUBLISHED = "published"
    REJECTED = "rejected"
    DROPPED = "dropped"


UNDER_WAY = frozenset({State.DRAFTED, State.ASKED, State.REVIEW})
ENDED = frozenset({State.REJECTED, State.DROPPED})


class Kind(StrEnum):
    """What it is made from: a SOLVED question, several answers to be CONSOLIDATED, an item in need of REVISION, or the
    NOTES of an event."""

    SOLVED = "solved"
    CONSOLIDATED = "consolidated"
    REVISION = "revision"
    NOTES = "notes"


class Says(StrEnum):
    """What somebody says to having their words published. Silence is no; WITHDRAWN is a yes taken back, for good."""

    NOTHING = "nothing"
    YES = "yes"
    NAMED = "named"
    NO = "no"
    WITHDRAWN = "withdrawn"


AGREES = frozenset({Says.YES, Says.NAMED})


@dataclass(frozen=True, slots=True)
class Voice:
    """Somebody whose words the draft holds. `shown` is the edition they saw last, `agreed` the one they said yes to; 0
    for none."""

    number: int
    person: int
    says: Says = Says.NOTHING
    shown: int = 0
    agreed: int = 0

    @property
    def agrees(self) -> bool:
        return self.says in AGREES


@dataclass(frozen=True, slots=True)
class Draft:
    """All times are UTC. `question` is the private question it comes from, for the bot alone; `item` the item it became
    or words anew. `edition` counts its wordings and circles: a yes holds for the edition it was said of. `audience` and
    `network` are who will read it; `place` is the network whose desk decides. `due_at` is when the clock next has
    something to do with it."""

    id: int
    kind: Kind
    text: Text
    language: str
    audience: Audience
    network: int | None
    place: int | None
    created_at: datetime
    voices: tuple[Voice, ...] = ()
    question: int | None = None
    item: int | None = None
    state: State = State.DRAFTED
    version: int = 0
    edition: int = 1
    due_at: datetime | None = None
    moderator: int | None = None

    # What can be asked of it

    def voice_of(self, person: int) -> Voice | None:
        return next((one for one in self.voices if one.person == person), None)

    @property
    def outdated(self) -> tuple[Voice, ...]:
        """Those who agreed to something else than what stands there now."""
        return tuple(one for one in self.voices if one.agrees and one.agreed != self.edition)

    @property
    def named(self) -> frozenset[int]:
        """The people who are shown with their name."""
        return frozenset(one.person for one in self.voices if one.says is Says.NAMED)

    # Those whose words it holds. What they are told depends on what they said themselves, never on what others did.

    def asked(self, due_at: datetime) -> "Draft":
        """To everybody concerned: those who were not asked yet, or agreed to another edition."""
        self._only(frozenset({State.DRAFTED, State.REVIEW}))
        again = {one.number for one in (self.outdated if self.state is State.REVIEW else self.voices)}
        voices = tuple(
            replace(one, says=Says.NOTHING, shown=self.edition) if one.number in again else one for one in self.voices
        )
        return replace(self, state=State.ASKED, voices=voices, due_at=due_at)

    def said(self, person: int, says: Says) -> "Draft":
        """A word on it. A no may become a yes until the time is over, a yes a no at any time, which then is final. What
        it does to the draft `settled` says."""
        voice = self._voice(person)
        if voice.says is Says.WITHDRAWN or (says in AGREES and not voice.agrees and self.state is not State.ASKED):
            raise Refusal("draft.too_late", draft=self.id)
        if says in AGREES:
            # How they are shown may be chosen later too; it is no yes to other words.
            agreed = voice.shown if self.state in UNDER_WAY else voice.agreed
            return self._with(replace(voice, says=says, agreed=agreed))
        return self._with(replace(voice, says=Says.WITHDRAWN if voice.agrees else Says.NO))

    def reworded(self, person: int, text: str, due_at: datetime) -> "Draft":
        """Somebody puts their own part in other words, to which they have yet to say yes; until then, if everybody had
        agreed already."""
        voice = self._voice(person)
        if self.state not in (State.ASKED, State.REVIEW) or voice.says in (Says.NO, Says.WITHDRAWN):
            raise Refusal("draft.too_late", draft=self.id)
        if voice.number == ASKER:
            worded = replace(self.text, question=text)
        else:
            worded = self.text.with_part(voice.number, text)
        edition = self.edition + 1
        until = self.due_at if self.state is State.ASKED else due_at
        draft = replace(self, text=worded, edition=edition, state=State.ASKED, due_at=until)
        return draft._with(replace(voice, says=Says.NOTHING, shown=edition))

    def seen(self, person: int) -> "Draft":
        """They were shown it as it stands: what they say from now on, they say of this edition."""
        voice = self._voice(person)
        return self._with(replace(voice, shown=self.edition))

    @property
    def ready(self) -> bool:
        """Whether there is nobody left to wait for. Where somebody said no, the time they have to think better of it
        is everybody's: that it ends at once would tell the others."""
        if self.state is State.REVIEW:
            return not all(one.agrees for one in self.voices)
        return self.state is State.ASKED and all(one.agrees for one in self.voices)

    def settled(self) -> "Draft":
        """What follows from what was said: silence is no, whoever did not agree is left out, and without the asker or
        without an answer there is nothing to publish."""
        self._only(frozenset({State.ASKED, State.REVIEW}))
        out = frozenset(one.number for one in self.voices if not one.agrees)
        text = self.text.without(out)
        # Of an item that is read already, nobody's words are left out without a word.
        if ASKER in out or (out and self.kind is Kind.REVISION) or (self.voices and not text.parts):
            return self.dropped()
        return replace(self, state=State.REVIEW, text=text, due_at=None)

    def dropped(self) -> "Draft":
        """Nothing comes of it, and nothing of it is kept but who was asked and what they said."""
        self._only(UNDER_WAY)
        return replace(self, state=State.DROPPED, text=NO_TEXT, due_at=None)

    # The desk, which is told apart by whoever calls

    def edited(self, text: Text) -> "Draft":
        """Other words. Everybody whose words they were has yet to say yes to them."""
        self._only(frozenset({State.REVIEW}))
        return self if text == self.text else replace(self, text=text, edition=self.edition + 1)

    def read_by(self, audience: Audience, network: int | None) -> "Draft":
        """Another circle of readers; a wider one needs everybody's yes anew."""
        self._only(frozenset({State.REVIEW}))
        # From one network to another is to other readers; from everybody to one network is to fewer.
        other = audience is self.audience is Audience.SUB_NETWORK and network != self.network
        return replace(
            self, audience=audience, network=network, edition=self.edition + (audience > self.audience or other)
        )

    def published(self, moderator: int, item: int) -> "Draft":
        """Only what everybody concerned has seen as it stands."""
        self._only(frozenset({State.REVIEW}))
        if self.outdated:
            raise Refusal("draft.not_seen", draft=self.id)
        # Its words are the item's now.
        return replace(self, state=State.PUBLISHED, item=item, moderator=moderator, text=NO_TEXT, due_at=None)

    def rejected(self, moderator: int) -> "Draft":
        self._only(frozenset({State.REVIEW}))
        return replace(self, state=State.REJECTED, moderator=moderator, text=NO_TEXT, due_at=None)

    # Who, and when: a stranger reads what somebody reads of a number that does not exist

    def _voice(self, person: int) -> Voice:
        voice = self.voice_of(person)
        if voice is None or self.state is State.DRAFTED:
            raise Refusal("draft.unknown", draft=self.id)
        return voice

    def _with(self, voice: Voice) -> "Draft":
        return replace(self, voices=tuple(voice if one.number == voice.number else one for one in self.voices))

    def _only(self, states: frozenset[State]) -> None:
        if self.state not in states:
            raise Refusal(f"draft.is_{self.state}", draft=self.id)
