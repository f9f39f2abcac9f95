"""Peer assists: inviting, saying yes unseen, meeting, and what comes out of it. Each use case returns what is heard.

What is said in a meeting is passed on and not kept; only its result is, and that is the asker's.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from knowledge import finding, routing
from knowledge.assist import FEWEST, MOST, Assist, Place, Reply, State
from knowledge.errors import Refusal
from knowledge.item import Item
from knowledge.notices import Notice
from knowledge.people import DESK, Person
from knowledge.places import Audience
from knowledge.ports import Work
from knowledge.question import Offer, OfferState, Question
from knowledge.question import State as QuestionState
from knowledge.wishes import Identity, Wishes

MOST_SHOWN = 10

# The asker


def assist(work: Work, asker: Person, text: str, question: Question | None = None) -> list[Notice]:
    """Writes it down and previews it. Nobody else hears of it."""
    finding.may_write(asker)
    words = finding.readable(text)
    named = question is not None and question.wishes.identity is Identity.NAMED
    audience = question.audience if question else asker.reach
    draft = Assist(0, asker.id, words, asker.language, audience, work.now, question.id if question else None)
    return [_own_card(work, work.assists.add(replace(draft, named=named)))]


def on_question(work: Work, asker: Person, number: int) -> list[Notice]:
    """A peer assist on a question of theirs, in its words, within its circle, and with whom it leaves out left out."""
    question = finding.asked(work, asker, number)
    return assist(work, asker, question.text, question)


def sign(work: Work, asker: Person, number: int, named: bool) -> list[Notice]:
    return _changed(work, _known(work, number).signed(asker.id, named))


def reword(work: Work, asker: Person, number: int, text: str) -> list[Notice]:
    return _changed(work, _known(work, number).worded(asker.id, finding.readable(text)))


def gather(work: Work, asker: Person, number: int) -> list[Notice]:
    """The asker's yes: people are invited. Refused, with nothing done, where too few could come."""
    finding.may_write(asker)
    until = work.now + work.pace.gather
    before = _known(work, number).gathering(asker.id, until, _next_look(work, until))
    assist, invited = _invite(work, before)
    if len(invited) < FEWEST:
        raise Refusal("assist.too_few_known", assist=number, fewest=FEWEST)
    assist = work.assists.save(assist)
    return [_own_card(work, assist), *_invitations(work, assist, invited)]


def begin(work: Work, asker: Person, number: int) -> list[Notice]:
    """The asker need not wait for the last who might come."""
    assist = _known(work, number)
    if asker.id != assist.asker:
        raise Refusal("assist.unknown", assist=number)
    return _meet(work, assist)


def call_off(work: Work, asker: Person, number: int) -> list[Notice]:
    before = _known(work, number)
    assist = work.assists.save(before.called_off(asker.id))
    return [_own_card(work, assist), *_over(before, "assist.was_called_off")]


def share(work: Work, asker: Person, number: int) -> list[Notice]:
    """The result goes to the desk, which may make it an earlier answer; without any name."""
    before = _known(work, number)
    after = before.sharing(asker.id)
    if before.shared:
        return [Notice(asker.id, "assist.shared", {"assist": number})]
    assist = work.assists.save(after)
    values = {"assist": number, "text": assist.text, "result": assist.result, "audience": _circle(work, assist)[0]}
    return [
        Notice(asker.id, "assist.shared", {"assist": number}, card=f"result:{number}"),
        *(
            Notice(one.id, "desk.candidate", values, card=f"candidate:{number}")
            for one in routing.facilitators(work, _as_question(work, assist))
        ),
    ]


# Those invited


def come(work: Work, person: Person, number: int) -> list[Notice]:
    """Yes. The last who is awaited brings them together."""
    assist = work.assists.save(_known(work, number).joined(person.id, work.now))
    if len(assist.members) == MOST:
        return _meet(work, assist)
    return [
        _in_card(assist, person.id),
        replace(_own_card(work, assist), only_edit=True),
        *([_can_begin(assist)] if len(assist.members) == FEWEST else []),
    ]


def skip(work: Work, person: Person, number: int) -> list[Notice]:
    """No, or no longer. Nobody is told; while people are gathered the next one is invited."""
    before = _known(work, number)
    assist = before.left(person.id, work.now)
    invited: list[int] = []
    if assist.state is State.GATHERING:
        assist, invited = _invite(work, assist)
    assist = work.assists.save(assist)
    if assist.state is State.MEETING:
        # A group conversation cannot be left for somebody else.
        key = "assist.you_left_group" if assist.place is Place.GROUP else "assist.you_left"
        out = Notice(person.id, key, {"assist": number}, card=f"meeting:{number}")
        # Whom their words go to stays true.
        cards = [_meeting_card(work, assist, one, only_edit=True) for one in _everybody(assist)]
        return [out, *cards, *([_notes_card(assist)] if assist.note_taker not in (None, before.note_taker) else [])]
    out = Notice(person.id, "assist.you_are_out", {"assist": number}, card=f"invite:{number}")
    # A card that changes although its count does not would tell when somebody said no.
    fewer = len(assist.members) < len(before.members)
    own = [replace(_own_card(work, assist), only_edit=True)] if fewer else []
    return [out, *_invitations(work, assist, invited), *own]


# Together


def tell(work: Work, person: Person, number: int, text: str) -> list[Notice]:
    """Passed on to everybody else who is in it, and not kept."""
    finding.may_write(person)
    assist = _known(work, number)
    assist.speaking(person.id)
    words = finding.readable(text)
    hidden = person.id == assist.asker and not assist.named
    values = {"assist": number, "text": words, "name": "" if hidden else person.name}
    return [
        Notice(person.id, "assist.told", {"assist": number}),
        # Shown anew: a button works once, and there is more to say.
        replace(_meeting_card(work, assist, person.id), only_edit=True),
        *(Notice(one, "assist.said", values) for one in _everybody(assist) if one != person.id),
    ]


def take_notes(work: Work, person: Person, number: int) -> list[Notice]:
    before = _known(work, number)
    assist = work.assists.save(before.noting(person.id))
    gone = [before.note_taker] if before.note_taker not in (None, person.id) else []
    return [
        _notes_card(assist),
        *(Notice(one, "assist.notes_taken", {"assist": number}, card=f"notes:{number}") for one in gone if one),
        *(_meeting_card(work, assist, one, only_edit=True) for one in _everybody(assist)),
    ]


def conclude(work: Work, person: Person, number: int, text: str) -> list[Notice]:
    """What came out of it: to the asker, and to everybody who took part."""
    assist = _known(work, number).concluded(person.id, finding.readable(text))
    assist = work.assists.save(assist)
    values = {"assist": number, "text": assist.text, "result": assist.result}
    return [
        Notice(person.id, "assist.noted", {"assist": number}, card=f"notes:{number}"),
        Notice(assist.asker, "assist.result", values, card=f"result:{number}"),
        *(Notice(one, "assist.result_too", values) for one in assist.members if one != person.id),
        *(_meeting_over(one, assist) for one in _everybody(assist)),
        replace(_own_card(work, assist), only_edit=True),
    ]


# The desk


def adopt(work: Work, facilitator: Person, number: int, text: str = "") -> list[Notice]:
    """A result whose asker agreed becomes an earlier answer, within the circle it was asked in."""
    assist = work.assists.get(number)
    if assist is None or not assist.shared or not _looks_after(work, facilitator, assist):
        raise Refusal("assist.unknown", assist=number)
    key = f"assist:{number}"
    if work.items.keyed(key):
        raise Refusal("assist.adopted_already", assist=number)
    answer = finding.readable(text) if text else assist.result
    topics = work.matcher.seen(assist.text).topics
    audience, network = _circle(work, assist)
    # Not the asker's region: in a small office it tells who asked.
    item = Item(
        0, key, assist.text, answer, assist.language, tuple(topics), audience, network, "global", work.now,
        owner=facilitator.id, place=routing.lies_with(work, _as_question(work, assist)), published_at=work.now,
        review_at=work.now + work.pace.review,
    )  # fmt: skip
    item = work.items.add(item)
    adopted = Notice(facilitator.id, "assist.adopted", {"item": item.id}, card=f"candidate:{number}")
    others = [one for one in _facilitators(work, assist) if one.id != facilitator.id]
    return [
        adopted,
        *(replace(adopted, to=one.id, only_edit=True) for one in others),
        Notice(assist.asker, "assist.became_knowledge", {"assist": number, "item": item.id}),
    ]


# Looking


def overview(work: Work, person: Person) -> list[Assist]:
    """Those they asked for or said yes to, newest first."""
    return [one for one in work.assists.of(person.id) if one.state is not State.CALLED_OFF][:MOST_SHOWN]


def card(work: Work, person: Person, number: int) -> list[Notice]:
    """The peer assist as this person may see it now."""
    assist = _known(work, number)
    if person.id == assist.asker:
        return [_meeting_card(work, assist, person.id) if assist.state is State.MEETING else _own_card(work, assist)]
    mine = assist.invitation_of(person.id)
    if mine is None:
        raise Refusal("assist.unknown", assist=number)
    if assist.state is State.GATHERING and mine.reply is Reply.OPEN:
        return _invitations(work, assist, [person.id])
    if mine.reply is not Reply.IN:
        raise Refusal("assist.not_in", assist=number)
    if assist.state is State.GATHERING:
        return [
            Notice(person.id, "assist.you_are_in", {"assist": number, "text": assist.text}, card=f"invite:{number}")
        ]
    if assist.state is State.MEETING:
        return [_meeting_card(work, assist, person.id)]
    return [_meeting_over(person.id, assist, only_edit=False)]


# The clock, and the making of a group


def due(work: Work, number: int) -> list[Notice]:
    """What waited long enough moves on. Calling it early, late or twice changes nothing more than once."""
    assist = work.assists.get(number)
    if assist is None or assist.due_at is None or assist.due_at > work.now:
        return []
    if assist.state is State.MEETING:
        return _time_is_over(work, assist)
    if assist.state is not State.GATHERING or assist.gather_until is None:
        work.assists.save(replace(assist, due_at=None))
        return []
    if work.now < assist.gather_until:
        assist, invited = _invite(work, replace(assist, due_at=_next_look(work, assist.gather_until)))
        assist = work.assists.save(assist)
        return _invitations(work, assist, invited)
    if len(assist.members) >= FEWEST:
        return _meet(work, assist)
    failed = work.assists.save(assist.failed())
    return [
        replace(_own_card(work, failed), only_edit=True),
        Notice(assist.asker, "assist.did_not_come_about", {"assist": number, "fewest": FEWEST}),
        *_over(assist, "assist.was_too_small"),
    ]


def group_made(work: Work, number: int, made: bool) -> list[Notice]:
    """The channel made the group conversation, or could not: then the bot passes on what they say."""
    before = _known(work, number)
    assist = before.placed(Place.GROUP if made else Place.RELAYED)
    if assist is before:
        return []
    assist = work.assists.save(assist)
    return [_meeting_card(work, assist, one) for one in _everybody(assist)]


def to_the_group(work: Work, number: int) -> tuple[Notice, str]:
    """What the group conversation reads first, and in which language: the asker's, who agreed to be seen there."""
    assist = _known(work, number)
    asker = work.people.get(assist.asker)
    notes_by = work.people.get(assist.note_taker).name if assist.note_taker else ""
    values = {
        "assist": number,
        "text": assist.text,
        "name": asker.name,
        "notes_by": notes_by,
        "until": assist.ends_at,
    }
    return Notice(assist.asker, "assist.group", values), asker.language


def people_in(work: Work, number: int) -> tuple[int, ...]:
    """Everybody in it, the asker first."""
    return _everybody(_known(work, number))


# Small parts


def _invite(work: Work, assist: Assist) -> tuple[Assist, list[int]]:
    """Invitations for the free places, as far as there are people who fit and may be disturbed now."""
    question = _as_question(work, assist)
    asker = routing.asker_in_circle(work, question)
    excluding = routing.left_out(work, question, asker)
    near = work.matcher.experts(assist.text, asker, excluding=excluding, limit=routing.CONSIDERED, sure=False)
    invited: list[int] = []
    if not assist.invitations and not any(match.fits for match in near):
        # Where nobody surely knows the subject, those who are merely nearest are not bothered.
        return assist, invited
    for match in near:
        if len(assist.who(Reply.OPEN, Reply.IN)) >= MOST:
            break
        person = work.people.get(match.id)
        if not routing.without_asker(match.reasons):
            # Near in nothing but language or region.
            continue
        if routing.may_be_offered(work, question, person) and routing.may_hear_now(work, person):
            assist = assist.invited(person.id, work.now)
            invited.append(person.id)
    return assist, invited


def _as_question(work: Work, assist: Assist) -> Question:
    """The question it would be: routing then keeps its circle, and whoever its asker leaves out."""
    about = work.questions.get(assist.question) if assist.question is not None else None
    offers = [Offer(one.person, OfferState.CLOSED, one.invited_at) for one in assist.invitations]
    if about is not None:
        # Whoever did not want the question is not asked again in another way.
        said_no = (OfferState.DECLINED, OfferState.PASSED, OfferState.WITHHELD)
        offers += [one for one in about.offers if one.state in said_no]
    return Question(
        id=0,
        asker=assist.asker,
        text=assist.text,
        language=assist.language,
        audience=assist.audience,
        asked_at=assist.created_at,
        state=QuestionState.OFFERED,
        offers=tuple(offers),
        wishes=about.wishes if about else Wishes(),
        asker_named=assist.named,
    )


def _meet(work: Work, assist: Assist) -> list[Notice]:
    """They see each other from here on, in a group conversation where a channel reaches them all and the asker agreed
    to be seen, otherwise through the bot."""
    people = _everybody(assist)
    place = Place.OPENING if assist.named and work.groups.common(people) else Place.RELAYED
    assist = work.assists.save(assist.meeting(place, work.now + work.pace.assist))
    missed = assist.who(Reply.CLOSED)
    values = {"assist": assist.id}
    return [
        *(_meeting_card(work, assist, one) for one in _everybody(assist)),
        _notes_card(assist),
        *(Notice(one, "assist.began", values, card=f"invite:{assist.id}", only_edit=True) for one in missed),
        *(Notice(one, "card.below", {}, card=f"invite:{assist.id}", only_edit=True) for one in assist.members),
        replace(_own_card(work, assist), only_edit=True),
    ]


def _time_is_over(work: Work, assist: Assist) -> list[Notice]:
    if not assist.reminded and assist.note_taker is not None:
        again = work.assists.save(replace(assist, reminded=True, due_at=work.now + work.pace.gather))
        return [replace(_notes_card(again), key="assist.notes_due", card="")]
    assist = work.assists.save(assist.lapsed())
    return [
        replace(_own_card(work, assist), only_edit=True),
        Notice(assist.asker, "assist.lapsed", {"assist": assist.id}),
        *(_meeting_over(one, assist) for one in _everybody(assist)),
    ]


def _next_look(work: Work, until: datetime) -> datetime:
    """When somebody may have woken up who could not be invited before."""
    return min(until, work.now + work.pace.offer)


def _everybody(assist: Assist) -> tuple[int, ...]:
    return (assist.asker, *assist.members)


def _known(work: Work, number: int) -> Assist:
    assist = work.assists.get(number)
    if assist is None:
        raise Refusal("assist.unknown", assist=number)
    return assist


def _changed(work: Work, assist: Assist) -> list[Notice]:
    return [_own_card(work, work.assists.save(assist))]


def _circle(work: Work, assist: Assist) -> tuple[Audience, int | None]:
    """Who may read what came out of it: those who could have been invited, and no wider."""
    about = work.questions.get(assist.question) if assist.question is not None else None
    if about is not None and about.wishes.network is not None:
        return Audience.SUB_NETWORK, about.wishes.network
    return assist.audience, None


def _looks_after(work: Work, person: Person, assist: Assist) -> bool:
    return person.has_somewhere(*DESK) and routing.may_look_after(work, person, _as_question(work, assist))


def _facilitators(work: Work, assist: Assist) -> list[Person]:
    return routing.facilitators(work, _as_question(work, assist))


def _own_card(work: Work, assist: Assist) -> Notice:
    """The asker's card: how many are in, never who; who is stands on the card of the meeting."""
    values = {
        "assist": assist,
        "count": len(assist.members),
        "can_begin": assist.state is State.GATHERING and len(assist.members) >= FEWEST,
    }
    key = "assist.draft" if assist.state is State.DRAFT else "assist.card"
    return Notice(assist.asker, key, values, card=f"assist:{assist.id}")


def _in_card(assist: Assist, person: int) -> Notice:
    """Of somebody who said yes, while people are gathered."""
    values = {"assist": assist.id, "text": assist.text, "until": assist.gather_until}
    return Notice(person, "assist.you_are_in", values, card=f"invite:{assist.id}")


def _can_begin(assist: Assist) -> Notice:
    return Notice(assist.asker, "assist.can_begin", {"assist": assist.id, "count": len(assist.members)})


def _invitations(work: Work, assist: Assist, people: Iterable[int]) -> list[Notice]:
    asker = work.people.get(assist.asker)
    values = {
        "assist": assist.id,
        "text": assist.text,
        "name": asker.name if assist.named else "",
        "group": assist.named,
        "until": assist.gather_until,
    }
    return [Notice(one, "assist.invitation", values, card=f"invite:{assist.id}") for one in people]


def _meeting_card(work: Work, assist: Assist, reader: int, *, only_edit: bool = False) -> Notice:
    asker = work.people.get(assist.asker)
    values = {
        "assist": assist.id,
        "text": assist.text,
        "asker": asker.name if assist.named else "",
        "people": [work.people.get(one).name for one in assist.members],
        "notes_by": work.people.get(assist.note_taker).name if assist.note_taker else "",
        "noting": reader == assist.note_taker,
        "own": reader == assist.asker,
        "place": assist.place,
        "until": assist.ends_at,
    }
    # A card of its own: an invitation that changes in place is easily missed.
    return Notice(reader, "assist.meeting", values, card=f"meeting:{assist.id}", only_edit=only_edit)


def _notes_card(assist: Assist) -> Notice:
    assert assist.note_taker is not None
    values = {"assist": assist.id, "until": assist.ends_at}
    return Notice(assist.note_taker, "assist.notes", values, card=f"notes:{assist.id}")


def _meeting_over(person: int, assist: Assist, *, only_edit: bool = True) -> Notice:
    values = {"assist": assist.id, "state": assist.state}
    return Notice(person, "assist.over", values, card=f"meeting:{assist.id}", only_edit=only_edit)


def _over(before: Assist, key: str) -> list[Notice]:
    """For everybody who was invited or in; whoever said yes hears of it anew."""
    values = {"assist": before.id}
    place = "meeting" if before.state is State.MEETING else "invite"
    gone = [*before.who(Reply.OPEN), *before.members]
    return [
        *(Notice(one, "assist.gone", values, card=f"{place}:{before.id}", only_edit=True) for one in gone),
        *(Notice(one, key, values) for one in before.members),
    ]
