"""A draft's life, tried with any words by anybody in any order: nothing is published that somebody did not agree to."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from knowledge.draft import AGREES, ASKER, ENDED, Draft, Kind, Says, State, Voice
from knowledge.errors import Refusal
from knowledge.item import NO_TEXT, Part, Text
from knowledge.places import Audience

START = datetime(2026, 3, 2, tzinfo=UTC)
LATER = START + timedelta(days=14)
ASKING, FIRST, SECOND, STRANGER, MODERATOR = 11, 12, 13, 14, 15
TEXT = Text("How?", (Part(1, "So."), Part(2, "Or so.")))


def draft(**changed: object) -> Draft:
    voices = (Voice(ASKER, ASKING), Voice(1, FIRST), Voice(2, SECOND))
    new = Draft(7, Kind.SOLVED, TEXT, "en", Audience.UNDP, None, 3, START, voices, question=5)
    return new if not changed else Draft(**{**{name: getattr(new, name) for name in new.__slots__}, **changed})


class Life(RuleBasedStateMachine):
    """Every move is tried by everybody; a refused one must leave the draft as it was."""

    @initialize()
    def begin(self) -> None:
        self.draft = draft()
        self.words = 0
        # What each person last saw as it stood, and said yes to.
        self.saw: dict[int, tuple[Text, Audience]] = {}
        self.agreed: dict[int, tuple[Text, Audience]] = {}
        self.published: tuple[Text, Audience] | None = None

    def move(self, name: str, *arguments: object) -> bool:
        before = self.draft
        try:
            self.draft = getattr(before, name)(*arguments)
        except Refusal:
            assert self.draft is before
            return False
        return True

    def shows(self) -> tuple[Text, Audience]:
        return self.draft.text, self.draft.audience

    @rule()
    def ask(self) -> None:
        outdated = {one.person for one in self.draft.voices if one.agreed != self.draft.edition}
        if self.move("asked", LATER):
            for one in self.draft.voices:
                if one.person in outdated and one.says is Says.NOTHING:
                    self.saw[one.person] = self.shows()
                    self.agreed.pop(one.person, None)

    @rule(person=st.sampled_from([ASKING, FIRST, SECOND, STRANGER]), says=st.sampled_from(list(AGREES | {Says.NO})))
    def say(self, person: int, says: Says) -> None:
        under_way = self.draft.state in (State.ASKED, State.REVIEW)
        if self.move("said", person, says):
            assert person != STRANGER
            if says in AGREES and under_way:
                self.agreed[person] = self.saw[person]
            elif says is Says.NO:
                self.agreed.pop(person, None)
            if self.draft.ready:
                self.settle()

    @rule(person=st.sampled_from([ASKING, FIRST, SECOND, STRANGER]))
    def reword(self, person: int) -> None:
        self.words += 1
        if self.move("reworded", person, str(self.words), LATER):
            assert person != STRANGER
            self.saw[person] = self.shows()
            self.agreed.pop(person, None)

    @rule(person=st.sampled_from([ASKING, FIRST, SECOND]))
    def look(self, person: int) -> None:
        if self.draft.state in (State.ASKED, State.REVIEW) and self.move("seen", person):
            self.saw[person] = self.shows()

    @rule()
    def time_is_over(self) -> None:
        if self.draft.state is State.ASKED:
            self.settle()

    def settle(self) -> None:
        if self.move("settled") and self.draft.state is State.REVIEW:
            # Whoever did not agree is left out of what the others saw as well.
            out = frozenset(one.number for one in self.draft.voices if not one.agrees)
            for kept in (self.saw, self.agreed):
                for person, (text, audience) in kept.items():
                    kept[person] = text.without(out), audience

    @rule()
    def edit(self) -> None:
        self.words += 1
        self.move("edited", Text(str(self.words), self.draft.text.parts))

    @rule(audience=st.sampled_from([Audience.UNDP, Audience.ONE_UN, Audience.PUBLIC]))
    def widen(self, audience: Audience) -> None:
        self.move("read_by", audience, None)

    @rule()
    def publish(self) -> None:
        stood = self.shows()
        if self.move("published", MODERATOR, 99):
            self.published = stood

    @rule()
    def reject(self) -> None:
        self.move("rejected", MODERATOR)

    @invariant()
    def nothing_is_published_that_somebody_did_not_agree_to_as_it_stands(self) -> None:
        if self.published is not None:
            text, audience = self.published
            for part in (ASKER, *(part.voice for part in text.parts)):
                person = self.draft.voices[part].person
                said = self.agreed.get(person)
                # They may have taken it back since.
                if said is not None or self.draft.voices[part].agrees:
                    assert said is not None
                    assert said[0] == text
                    assert audience <= said[1]

    @invariant()
    def of_what_is_over_no_text_is_kept(self) -> None:
        if self.draft.state in ENDED | {State.PUBLISHED}:
            assert self.draft.text == NO_TEXT

    @invariant()
    def the_desk_has_only_what_everybody_in_it_agreed_to_publish(self) -> None:
        if self.draft.state is State.REVIEW:
            assert {part.voice for part in self.draft.text.parts} <= {
                one.number for one in self.draft.voices if one.agrees
            }
            assert self.draft.voices[ASKER].agrees


TestLife = Life.TestCase


def test_silence_is_no() -> None:
    asked = draft().asked(LATER).said(ASKING, Says.YES).said(FIRST, Says.NAMED)
    assert not asked.ready
    reviewed = asked.settled()
    assert (reviewed.state, reviewed.text.parts) == (State.REVIEW, (Part(1, "So."),))
    assert draft().asked(LATER).said(FIRST, Says.YES).settled().state is State.DROPPED


def test_a_no_ends_nothing_before_the_time_is_over_for_everybody() -> None:
    asked = draft().asked(LATER).said(ASKING, Says.NO)
    assert (asked.state, asked.ready) == (State.ASKED, False)
    assert asked.said(FIRST, Says.YES).said(SECOND, Says.YES).ready is False
    thought_better = asked.said(ASKING, Says.YES).said(FIRST, Says.YES).said(SECOND, Says.YES)
    assert thought_better.ready


def test_a_yes_taken_back_is_final_whatever_the_others_did_meanwhile() -> None:
    alone = draft().asked(LATER).said(FIRST, Says.YES).said(FIRST, Says.NO)
    others_agreed = draft().asked(LATER)
    for person in (ASKING, SECOND, FIRST):
        others_agreed = others_agreed.said(person, Says.YES)
    for stands in (alone, others_agreed.settled().said(FIRST, Says.NO)):
        with pytest.raises(Refusal, match="too_late"):
            stands.said(FIRST, Says.YES)


def test_a_narrower_circle_needs_no_new_yes_and_a_wider_one_does() -> None:
    reviewed = draft().asked(LATER)
    for person in (ASKING, FIRST, SECOND):
        reviewed = reviewed.said(person, Says.YES)
    reviewed = reviewed.settled()
    assert not reviewed.read_by(Audience.SUB_NETWORK, 3).outdated
    assert len(reviewed.read_by(Audience.ONE_UN, None).outdated) == 3
    with pytest.raises(Refusal, match="not_seen"):
        reviewed.read_by(Audience.ONE_UN, None).published(MODERATOR, 99)


def test_links_are_the_resources_of_a_text() -> None:
    text = Text(
        "How?", (Part(1, "See https://a.example/x?y=1, then (https://b.example)."),), "At https://a.example/x?y=1."
    )
    assert text.resources == ("https://a.example/x?y=1", "https://b.example")
