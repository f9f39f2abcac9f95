"""From a solved question to a knowledge item: everybody whose words it holds says yes to them, then the desk decides.

Nobody hears who the others are, what they said or when they said it: a request comes by the clock, what follows from a
no follows when the time is over, and only publication, which is the desk's moment, tells that all agreed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from knowledge import cards, drafting, finding, routing
from knowledge.draft import ASKER, UNDER_WAY, Draft, Kind, Says, State, Voice
from knowledge.errors import Refusal
from knowledge.event import Event
from knowledge.item import Item, Part, Text
from knowledge.notices import Notice
from knowledge.people import DESK, Person, Role
from knowledge.places import Audience
from knowledge.ports import Work
from knowledge.question import Outcome, Question

MODERATORS = frozenset({Role.MODERATOR, Role.FACILITATOR})
LEAST_NOTES = 5
"""Words of an event's notes from which they may become a knowledge item: fewer are a link, or say nothing."""


# What an outcome does


def follow(work: Work, question: Question) -> list[Notice]:
    """A question got its outcome, or another one: solved, it proposes a knowledge item, and those concerned are asked
    later. Whoever answered the question it was merged into knows nothing of this one."""
    solved = question.outcome is Outcome.SOLVED and question.merged_into is None and question.item is None
    earlier = [one for one in work.drafts.of_question(question.id) if one.state is not State.DROPPED]
    for one in earlier:
        if one.state is State.DRAFTED:
            work.drafts.save(one.dropped())
    if any(one.state is not State.DRAFTED for one in earlier):
        return [] if solved else _taken_back(work, question, earlier)
    answers = [one for one in cards.answers(work, question) if one.author in question.helped]
    if solved and answers:
        _draft(work, question, Kind.SOLVED, answers, work.pace.propose)
    return []


def _draft(work: Work, question: Question, kind: Kind, answers: Sequence[cards.AnswerOf], wait: timedelta) -> Draft:
    people = [work.people.get(number) for number in (question.asker, *(one.author for one in answers))]
    audience, within = question.circle
    return work.drafts.add(
        Draft(
            0,
            kind,
            drafting.text_of(work, _asked(work, question, answers), answers, people),
            question.language,
            audience,
            within,
            routing.lies_with(work, question),
            work.now,
            (Voice(ASKER, question.asker), *(Voice(place, one.author) for place, one in enumerate(answers, 1))),
            question=question.id,
            due_at=work.now + wait,
        )
    )


def _asked(work: Work, question: Question, answers: Sequence[cards.AnswerOf]) -> str:
    """The question as each of those who answered has read it: they are shown the draft before its asker says yes."""
    read = (cards.read_by(work, question, one.author) for one in answers)
    return next((text for text in read if text != question.text), question.text)


def of_notes(work: Work, author: Person, event: Event, notes: str) -> Draft | None:
    """The notes of an event propose a knowledge item: whoever attached them is asked later, then the desk. They were
    given to the event's readers already, so nothing is left out of them by rule. None for a link alone."""
    if len(notes.split()) < LEAST_NOTES:
        return None
    return work.drafts.add(
        Draft(
            0,
            Kind.NOTES,
            Text(event.title, (Part(1, notes),)),
            event.language,
            event.audience,
            event.network if event.audience is Audience.SUB_NETWORK else None,
            event.network,
            work.now,
            (Voice(1, author.id),),
            due_at=work.now + work.pace.propose,
        )
    )


def _taken_back(work: Work, question: Question, drafts: Iterable[Draft]) -> list[Notice]:
    """It did not help after all: that is a no of whoever asked."""
    notices: list[Notice] = []
    for draft in drafts:
        if draft.state in (State.ASKED, State.REVIEW):
            notices += _moved_on(work, draft, draft.said(question.asker, Says.NO))
    return notices


def consolidate(work: Work, facilitator: Person, number: int) -> list[Notice]:
    """A reply made of several answers. The desk reads them once those who wrote them, and who asked, said yes."""
    question = finding.on_desk(work, facilitator, number)
    answers = cards.answers(work, question)
    if question.merged_into is not None or len(answers) < 2:
        raise Refusal("consolidate.too_few", question=number)
    for one in work.drafts.of_question(number):
        if one.kind is Kind.CONSOLIDATED and one.state in UNDER_WAY:
            raise Refusal("consolidate.under_way", question=number)
        if one.state is State.DRAFTED:
            work.drafts.save(one.dropped())
    draft = _draft(work, question, Kind.CONSOLIDATED, answers, timedelta(0))
    return [
        Notice(
            facilitator.id,
            "consolidate.asked",
            {"question": number, "draft": draft.id, "days": round(work.pace.consent.total_seconds() / 86400)},
            about=number,
        )
    ]


# The clock


def due(work: Work, number: int) -> list[Notice]:
    """Those concerned are asked, or their time is over. Calling it early, late or twice changes nothing more."""
    draft = work.drafts.get(number)
    if draft is None or draft.due_at is None or draft.due_at > work.now:
        return []
    if draft.state is State.DRAFTED:
        draft = work.drafts.save(draft.asked(work.now + work.pace.consent))
        return [_consent_card(work, draft, one) for one in draft.voices]
    return _settled(work, draft, draft)


# Those whose words it holds


def say(work: Work, person: Person, number: int, says: Says) -> list[Notice]:
    """Their word on it. After publication a no takes the item away, and a yes changes how they are shown."""
    before = _concerned(work, person, number)
    draft = before.said(person.id, says)
    voice = draft.voice_of(person.id)
    assert voice is not None
    if draft.state is State.PUBLISHED:
        item = work.items.get(draft.item) if draft.item is not None else None
        if voice.agrees and (item is None or not item.visible):
            raise Refusal("item.is_retired", item=draft.item or 0)
        draft = work.drafts.save(draft)
        told = _consent_card(work, draft, voice)
        return [told, *(_retired(work, draft) if not voice.agrees else [])]
    notices = _moved_on(work, before, draft)
    return [_consent_card(work, draft, voice), *notices]


def reword(work: Work, person: Person, number: int, text: str) -> list[Notice]:
    """Their own part in other words. The others see them when they are asked again, at the desk's moment."""
    before = _concerned(work, person, number)
    draft = work.drafts.save(before.reworded(person.id, finding.readable(text), work.now + work.pace.consent))
    voice = draft.voice_of(person.id)
    assert voice is not None
    return [_consent_card(work, draft, voice), *_off_review(work, before, draft)]


def reword_form(work: Work, person: Person, number: int) -> list[Notice]:
    draft = _concerned(work, person, number)
    voice = draft.voice_of(person.id)
    assert voice is not None
    text = draft.text.question if voice.number == ASKER else _part(draft, voice.number)
    values = {"draft": number, "text": text, "asking": voice.number == ASKER}
    return [Notice(person.id, "draft.reword_form", values, card=f"draft:{number}")]


def _part(draft: Draft, voice: int) -> str:
    return next((part.text for part in draft.text.parts if part.voice == voice), "")


def card(work: Work, person: Person, number: int) -> list[Notice]:
    """The draft as this person may see it now."""
    draft = work.drafts.get(number)
    if draft is not None and draft.state is State.REVIEW and may_decide(work, person, draft):
        return [_review_card(work, person, draft)]
    draft = _concerned(work, person, number)
    if draft.state in (State.ASKED, State.REVIEW):
        draft = work.drafts.save(draft.seen(person.id))
    voice = draft.voice_of(person.id)
    assert voice is not None
    if not voice.agrees and draft.state is not State.ASKED:
        raise Refusal("draft.too_late", draft=number)
    return [_consent_card(work, draft, voice)]


def leave(work: Work, person: Person) -> list[Notice]:
    """Somebody goes for good: what is not published yet goes without them; what is, stays without their name."""
    notices: list[Notice] = []
    for draft in work.drafts.with_voice(person.id):
        if draft.state is State.DRAFTED:
            work.drafts.save(draft.dropped())
        elif draft.state in (State.ASKED, State.REVIEW):
            voice = draft.voice_of(person.id)
            if voice is not None and voice.says not in (Says.NO, Says.WITHDRAWN):
                notices += _moved_on(work, draft, draft.said(person.id, Says.NO))
    return notices


def _concerned(work: Work, person: Person, number: int) -> Draft:
    draft = work.drafts.get(number)
    if draft is None or draft.state is State.DRAFTED or draft.voice_of(person.id) is None:
        raise Refusal("draft.unknown", draft=number)
    return draft


def _moved_on(work: Work, before: Draft, draft: Draft) -> list[Notice]:
    if draft.state in (State.ASKED, State.REVIEW) and draft.ready:
        return _settled(work, before, draft)
    work.drafts.save(draft)
    return []


def _settled(work: Work, before: Draft, draft: Draft) -> list[Notice]:
    draft = work.drafts.save(draft.settled())
    if draft.state is State.REVIEW:
        there = deciders(work, draft)
        # Their card of an earlier edition changes in place, further up.
        again = [Notice(one.id, "draft.review_again", {"draft": draft.id}) for one in there if draft.edition > 1]
        return [*(_review_card(work, one, draft) for one in there), *again]
    return _off_review(work, before, draft)


# The desk


def deciders(work: Work, draft: Draft) -> list[Person]:
    """Who decides on it: the moderators and facilitators of its place, else the facilitators of everywhere, else any,
    else the KM team. Only who may read it, and nobody whose words it holds. Empty when there is nobody."""
    groups: Sequence[Callable[[], list[Person]]] = (
        lambda: _of_place(work, draft.place),
        lambda: work.people.having(Role.FACILITATOR),
        lambda: work.people.having_somewhere(Role.FACILITATOR),
        lambda: work.people.having_somewhere(Role.KM_TEAM),
    )
    return next((there for group in groups if (there := [one for one in group() if _may_see(one, draft)])), [])


def may_decide(work: Work, person: Person, draft: Draft) -> bool:
    if not _may_see(person, draft):
        return False
    here = any(
        (grant.role in DESK and grant.network is None)
        or (grant.role in MODERATORS | DESK and grant.network is not None and grant.network == draft.place)
        for grant in person.grants
    )
    return here or person.id in {one.id for one in deciders(work, draft)}


def _of_place(work: Work, place: int | None) -> list[Person]:
    if place is None:
        return []
    found = {one.id: one for role in MODERATORS for one in work.people.having(role, place)}
    return [one for _, one in sorted(found.items())]


def _may_see(person: Person, draft: Draft) -> bool:
    if draft.voice_of(person.id) is not None:
        return False
    if draft.audience is Audience.SUB_NETWORK:
        theirs = {grant.network for grant in person.grants if grant.role in MODERATORS | DESK}
        return person.may_read(draft.audience, draft.network) or not theirs.isdisjoint((None, draft.network))
    return person.may_read(draft.audience)


def to_decide(work: Work, person: Person) -> list[Draft]:
    """What everybody concerned agreed to and this person may decide on, oldest first."""
    return [one for one in work.drafts.in_states({State.REVIEW}) if may_decide(work, person, one)]


def edit(
    work: Work, moderator: Person, number: int, *, question: str = "", answer: str = "", summary: str | None = None,
    next_steps: str | None = None,
) -> list[Notice]:  # fmt: skip
    """Other words of the desk, to which everybody concerned has yet to say yes. What one of several people wrote is
    theirs alone to put otherwise."""
    draft = _on_desk(work, moderator, number)
    text = draft.text
    if question:
        text = replace(text, question=finding.readable(question))
    if answer:
        if len(text.parts) != 1:
            raise Refusal("draft.theirs_alone", draft=number)
        text = replace(text, parts=(Part(text.parts[0].voice, finding.readable(answer)),))
    if summary is not None:
        text = replace(text, summary=finding.readable(summary) if summary.strip() else "")
    if next_steps is not None:
        text = replace(text, next_steps=finding.readable(next_steps) if next_steps.strip() else "")
    draft = work.drafts.save(draft.edited(text))
    return [
        _review_card(work, moderator, draft),
        *(replace(_review_card(work, one, draft), only_edit=True) for one in _others(work, draft, moderator)),
    ]


def edit_form(work: Work, moderator: Person, number: int) -> list[Notice]:
    draft = _on_desk(work, moderator, number)
    return [Notice(moderator.id, "draft.edit_form", {"draft": draft}, card=f"review:{number}")]


def read_by(work: Work, moderator: Person, number: int, audience: Audience, network: int | None = None) -> list[Notice]:
    """Another circle. A wider one than its question's needs everybody's yes once more, besides the desk's."""
    draft = _on_desk(work, moderator, number)
    draft = work.drafts.save(draft.read_by(audience, network))
    return [
        _review_card(work, moderator, draft),
        *(replace(_review_card(work, one, draft), only_edit=True) for one in _others(work, draft, moderator)),
    ]


def ask_again(work: Work, moderator: Person, number: int) -> list[Notice]:
    """Those who agreed to something else are shown it as it stands now."""
    before = _on_desk(work, moderator, number)
    if not before.outdated:
        raise Refusal("draft.seen_by_all", draft=number)
    again = {one.number for one in before.outdated}
    draft = work.drafts.save(before.asked(work.now + work.pace.consent))
    return [
        *_off_review(work, before, draft, by=moderator.id),
        *(_consent_card(work, draft, one) for one in draft.voices if one.number in again),
        # A card that changes in place is easily missed.
        *(Notice(one.person, "draft.again", {"draft": number}) for one in draft.voices if one.number in again),
    ]


def publish(work: Work, moderator: Person, number: int) -> list[Notice]:
    """It is a knowledge item from now on, or the item's next wording; the moderator owns it."""
    before = _on_desk(work, moderator, number)
    text, review_at = before.text, work.now + work.pace.review
    topics = tuple(work.matcher.seen(f"{text.question}\n{text.answer}").topics)
    item = work.items.get(before.item) if before.item is not None else None
    draft = before.published(moderator.id, before.item or 0)
    if item is None:
        # Its key says nothing of the question, and not the asker's region: in a small office it tells who asked.
        item = work.items.add(
            Item(
                0, f"draft:{draft.id}", text.question, text.answer, draft.language, topics, draft.audience,
                draft.network, "global", work.now, owner=moderator.id, place=draft.place, published_at=work.now,
                review_at=review_at,
            ),
            text,
            moderator.id,
        )  # fmt: skip
    else:
        item = work.items.save(item, item.reworded(text, topics, work.now, review_at), text, moderator.id)
    draft = work.drafts.save(replace(draft, item=item.id))
    return [
        *_off_review(work, before, draft, by=moderator.id),
        *(_published(draft, one) for one in draft.voices if one.agrees),
        *(_consent_card(work, draft, one, only_edit=True) for one in draft.voices if one.agrees),
    ]


def reject(work: Work, moderator: Person, number: int, reason: str) -> list[Notice]:
    """Not published, with a sentence for those who agreed; from whom, they do not hear."""
    before = _on_desk(work, moderator, number)
    words = finding.readable(reason)
    draft = work.drafts.save(before.rejected(moderator.id))
    told = {"draft": number, "reason": words}
    return [
        *_off_review(work, before, draft, by=moderator.id),
        *(Notice(one.person, "draft.rejected", told) for one in draft.voices if one.agrees),
    ]


def _on_desk(work: Work, moderator: Person, number: int) -> Draft:
    """One that waits for this person's word. What they may not know of reads as none; what is decided already is said
    to them alone."""
    draft = work.drafts.get(number)
    if draft is None or not may_decide(work, moderator, draft) or draft.state in (State.DRAFTED, State.ASKED):
        raise Refusal("draft.unknown", draft=number)
    if draft.state is not State.REVIEW:
        raise Refusal(f"draft.is_{draft.state}", draft=number)
    return draft


def _others(work: Work, draft: Draft, but: Person) -> list[Person]:
    return [one for one in deciders(work, draft) if one.id != but.id]


def _retired(work: Work, draft: Draft) -> list[Notice]:
    """A yes was taken back after publication: nobody finds the item any more. The desk hears that, and not whose."""
    item = work.items.get(draft.item) if draft.item is not None else None
    if item is None or not item.visible:
        return []
    work.items.save(item, item.retired(work.now))
    values = {"item": item.id, "text": item.question}
    return [Notice(one.id, "desk.item_withdrawn", values) for one in deciders(work, draft)]


# Cards


def _consent_card(work: Work, draft: Draft, voice: Voice, *, only_edit: bool = False) -> Notice:
    """What would be published of theirs, word for word. Others' answers they read only once these were agreed to."""
    mine = voice.number == ASKER or len(draft.voices) == 2 or draft.text.summary != "" or draft.kind is Kind.REVISION
    parts = [part.text for part in draft.text.parts if mine or part.voice == voice.number]
    network = routing.network_of(work, draft.network)
    values = {
        "draft": draft.id,
        "kind": draft.kind,
        "asking": voice.number == ASKER,
        "text": draft.text,
        "parts": parts,
        "others": not mine,
        "audience": draft.audience,
        "network": network.id if network else None,
        "says": voice.says,
        "until": draft.due_at if draft.state is State.ASKED and voice.says is Says.NOTHING else None,
        "item": draft.item if draft.state is State.PUBLISHED else None,
    }
    return Notice(voice.person, "draft.consent", values, card=f"draft:{draft.id}", only_edit=only_edit)


def _published(draft: Draft, voice: Voice) -> Notice:
    values = {"draft": draft.id, "item": draft.item, "named": voice.says is Says.NAMED}
    return Notice(voice.person, "draft.is_published", values)


def _review_card(work: Work, moderator: Person, draft: Draft) -> Notice:
    near = work.matcher.items(draft.text.question, moderator, limit=2)
    values = {
        "draft": draft,
        "names": names(work, draft),
        "network": draft.network,
        "marks": drafting.marks(work, f"{draft.text.question}\n{draft.text.answer}"),
        "near": [match for match in near if match.id != draft.item],
        "outdated": len(draft.outdated),
    }
    return Notice(moderator.id, "draft.review", values, card=f"review:{draft.id}")


def _off_review(work: Work, before: Draft, after: Draft, by: int = 0) -> list[Notice]:
    """The desk's cards, when there is nothing left to decide; `by` decided."""
    if before.state is not State.REVIEW:
        return []
    values = {"draft": after.id, "state": after.state, "item": after.item}
    seeing = {one.id for one in deciders(work, before)} | ({by} if by else set())
    return [
        Notice(one, "draft.decided", values, card=f"review:{after.id}", only_edit=one != by) for one in sorted(seeing)
    ]


def names(work: Work, draft: Draft) -> Mapping[int, str]:
    """The names that are shown, by the number of the voice."""
    return {
        one.number: work.people.get(one.person).name
        for one in draft.voices
        if one.says is Says.NAMED and not work.people.get(one.person).forgotten
    }
