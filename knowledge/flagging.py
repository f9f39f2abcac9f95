"""Flags: what a member would like explored goes to moderation, and to its network only when approved.

Nobody but the flagger learns who flagged, unless they chose to be shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from knowledge import finding, routing
from knowledge.errors import Refusal
from knowledge.flag import MINE, MODERATED, Flag, Reaction, State, Type
from knowledge.notices import Notice
from knowledge.people import Person, Role
from knowledge.places import Kind, Network
from knowledge.ports import Work

MOST_SHOWN = 10

# The flagger


def flag(work: Work, flagger: Person, text: str, type: Type | None = None) -> list[Notice]:
    """Writes a flag down and shows what would be submitted, to whom. Nobody else hears of it."""
    finding.may_write(flagger)
    words = finding.readable(text)
    near = _near(work, flagger, words)
    draft = Flag(0, flagger.id, words, flagger.language, work.now, type, near[0].id if near else None)
    return [_own_card(work, work.flags.add(draft))]


def choose(work: Work, flagger: Person, number: int, type: Type) -> list[Notice]:
    return _changed(work, _own(work, flagger, number).typed(flagger.id, type))


def place(work: Work, flagger: Person, number: int, name: str) -> list[Notice]:
    """Another network for it, by its key or a part of its name in any language; one that the flagger may read."""
    draft = _own(work, flagger, number)
    return _changed(work, draft.placed(flagger.id, routing.network_named(work, flagger, name).id))


def sign(work: Work, flagger: Person, number: int, named: bool) -> list[Notice]:
    """Whether the flagger's name is shown. Where the flag is read already, its cards change in place."""
    flag = work.flags.save(_own(work, flagger, number).signed(flagger.id, named))
    notices = [_own_card(work, flag)]
    if flag.state in MODERATED:
        notices += [_moderation_card(work, one, flag) for one in moderators(work, flag)]
    elif flag.state is State.PUBLISHED:
        notices += [_published(work, one, flag, only_edit=True) for one in _readers(work, flag)]
        notices += _at_home(work, flag, only_edit=True)
    return notices


def submit(work: Work, flagger: Person, number: int) -> list[Notice]:
    """The flagger's yes: to the moderators of its network, and when they approve to all who read that."""
    finding.may_write(flagger)
    flag = _own(work, flagger, number).submitted(flagger.id, _decided_by(work, flagger))
    there = moderators(work, flag)
    if not there:
        raise Refusal("flag.nobody_moderates", flag=number)
    flag = work.flags.save(flag)
    notices = [_own_card(work, flag), *(_moderation_card(work, one, flag) for one in there)]
    if flag.moderator is not None:
        # Their card of it changes in place, further up.
        notices += [Notice(one.id, "moderate.again", {"flag": number}) for one in there]
    return notices


def due(work: Work, number: int) -> list[Notice]:
    """Nobody decided in time: those who did not see it yet are asked too, and its flagger hears that it is not lost.
    Calling it early, late or twice changes nothing more than once."""
    before = work.flags.get(number)
    if before is None or before.due_at is None or before.due_at > work.now:
        return []
    if before.state is not State.SUBMITTED:
        work.flags.save(replace(before, due_at=None))
        return []
    flag = work.flags.save(before.waited())
    asked = {one.id for one in moderators(work, before)}
    others = [one for one in moderators(work, flag) if one.id not in asked]
    return [
        *(Notice(one, "moderate.waits", {"flag": number}) for one in sorted(asked)),
        *(_moderation_card(work, one, flag) for one in others),
        Notice(flag.flagger, "flag.waits", {"flag": number}),
    ]


def agree(work: Work, flagger: Person, number: int) -> list[Notice]:
    """The flagger finds the moderator's words right."""
    return _publish(work, _own(work, flagger, number).agreed(flagger.id, work.now))


def retract(work: Work, flagger: Person, number: int) -> list[Notice]:
    """Taken back: whoever could read it no longer can."""
    before = _own(work, flagger, number)
    flag = work.flags.save(before.retracted(flagger.id, work.now))
    notices = [_own_card(work, flag)]
    if before.state in MODERATED:
        notices += _off_moderation(work, flag)
    elif before.state is State.PUBLISHED:
        notices += [
            Notice(one.id, "flag.gone", {"flag": number}, card=f"published:{number}", only_edit=True)
            for one in _readers(work, before)
        ]
        gone = {"flag": number, "language": flag.language}
        notices += [replace(one, key="flag.gone", values=gone) for one in _at_home(work, flag, only_edit=True)]
    return notices


# Moderators


def moderators(work: Work, flag: Flag) -> list[Person]:
    """Who decides on it: the moderators and facilitators of its network, else any facilitator, else the KM team; once
    it waited too long, the next of these too. Only who reads that network, and never its flagger. Empty when there is
    nobody."""
    network = routing.network_of(work, flag.network)
    if network is None:
        return []
    groups = (
        {one.id: one for role in (Role.MODERATOR, Role.FACILITATOR) for one in work.people.having(role, network.id)},
        {one.id: one for one in work.people.having_somewhere(Role.FACILITATOR)},
        {one.id: one for one in work.people.having_somewhere(Role.KM_TEAM)},
    )
    allowed = (
        [one for _, one in sorted(group.items()) if one.id != flag.flagger and _reads(one, network)] for group in groups
    )
    found = [group for group in allowed if group][: 2 if flag.raised else 1]
    return list({one.id: one for group in found for one in group}.values())


def approve(work: Work, moderator: Person, number: int) -> list[Notice]:
    return _publish(work, _moderated(work, moderator, number).approved(moderator.id, work.now), by=moderator.id)


def reject(work: Work, moderator: Person, number: int, reason: str) -> list[Notice]:
    """Not published, with a sentence for its flagger, who does not hear from whom."""
    flag = _moderated(work, moderator, number).rejected(moderator.id, finding.readable(reason))
    flag = work.flags.save(flag)
    return [
        *_off_moderation(work, flag, by=moderator.id),
        _own_card(work, flag),
        Notice(flag.flagger, "flag.rejected", {"flag": number, "reason": flag.reason}),
    ]


def reword(work: Work, person: Person, number: int, text: str) -> list[Notice]:
    """Other words: the flagger's own at once, a moderator's when the flagger agrees to them."""
    flag = _known(work, person, number)
    words = finding.readable(text)
    if person.id == flag.flagger:
        before, flag = flag, work.flags.save(flag.worded(person.id, words))
        told = moderators(work, flag) if before.state in MODERATED else []
        return [_own_card(work, flag), *(_moderation_card(work, one, flag) for one in told)]
    flag = work.flags.save(_moderated(work, person, number).proposed(person.id, words))
    return [
        *(_moderation_card(work, one, flag) for one in moderators(work, flag)),
        _own_card(work, flag),
        Notice(flag.flagger, "flag.reworded", {"flag": number}),
    ]


def reword_form(work: Work, person: Person, number: int) -> list[Notice]:
    """The card gives way to a field with its text."""
    flag = _known(work, person, number)
    mine = person.id == flag.flagger
    if not mine:
        _moderated(work, person, number)
    card = f"flag:{number}" if mine else f"moderate:{number}"
    values = {"flag": number, "text": flag.text, "mine": mine}
    return [Notice(person.id, "flag.reword_form", values, card=card)]


# The network


def react(work: Work, person: Person, number: int, text: str, *, named: bool) -> list[Notice]:
    """What somebody of the network says to it; only the flagger reads it, with a name only where they chose that."""
    finding.may_write(person)
    flag = _known(work, person, number)
    after = flag.reacted(person.id)
    words = finding.readable(text)
    flag = work.flags.save(after)
    work.flags.add_reaction(flag.id, Reaction(flag.reactions, person.id, words, named, work.now))
    return [
        Notice(person.id, "flag.reacted_named" if named else "flag.reacted", {"flag": number}),
        Notice(
            flag.flagger,
            "flag.reaction",
            {"flag": number, "about": flag.text, "text": words, "name": person.name if named else ""},
        ),
        # Shown anew although nothing changed on it: a button works once, and they may have more to say.
        _published(work, person, flag, only_edit=True),
    ]


# Both


def to_decide(work: Work, person: Person) -> list[Flag]:
    """What was submitted and waits for this person, or another moderator of its network. Newest first."""
    return [one for one in work.flags.in_states({State.SUBMITTED}, limit=None) if _moderates(work, person, one)]


@dataclass(frozen=True, slots=True)
class Overview:
    """Flags as one person sees them, newest first: their own, those they moderate, and those their networks read."""

    own: Sequence[Flag]
    to_moderate: Sequence[Flag]
    published: Sequence[Flag]


def overview(work: Work, person: Person) -> Overview:
    own = work.flags.of(person.id)[:MOST_SHOWN]
    waiting = [one for one in work.flags.in_states(MODERATED) if _moderates(work, person, one)]
    read = [one for one in work.flags.in_states({State.PUBLISHED}) if one.flagger != person.id]
    return Overview(own, waiting[:MOST_SHOWN], [one for one in read if _may_read(work, person, one)][:MOST_SHOWN])


def card(work: Work, person: Person, number: int) -> list[Notice]:
    """The flag as this person may see it now; to its flagger, with what was said to it last."""
    flag = _known(work, person, number)
    if person.id == flag.flagger:
        own = _own_card(work, flag)
        said = [
            (work.people.get(one.author).name if one.named else "", one.text)
            for one in work.flags.reactions(number, MOST_SHOWN)
        ]
        return [replace(own, values={**own.values, "said": said})]
    if flag.state in MODERATED:
        return [_moderation_card(work, person, flag)]
    return [_published(work, person, flag)]


# Small parts


def _decided_by(work: Work, flagger: Person) -> datetime:
    """By when a flag submitted now should be decided on, in the flagger's working time."""
    return work.policy.hours.after(work.now, work.pace.desk, flagger)


def _publish(work: Work, flag: Flag, by: int = 0) -> list[Notice]:
    """To everybody who reads its network, once both its flagger and a moderator said yes."""
    flag = work.flags.save(flag)
    readers = _readers(work, flag)
    return [
        *_off_moderation(work, flag, by=by),
        _own_card(work, flag),
        Notice(flag.flagger, "flag.is_published", {"flag": flag.id}),
        *(_published(work, one, flag) for one in readers),
        *_at_home(work, flag),
    ]


def make_home(work: Work, person: Person, name: str, conversation: int) -> list[Notice]:
    """Where somebody who moderates a network says so, what is approved for it is posted from now on."""
    network = routing.network_named(work, person, name)
    roles = (Role.MODERATOR, Role.FACILITATOR, Role.KM_TEAM)
    if not any(one.id == person.id for role in roles for one in work.people.having(role, network.id)):
        raise Refusal("network.not_yours", name=network.name(person.language))
    work.flags.set_home(network.id, conversation)
    values = {"network": network, "language": person.language}
    return [Notice(0, "home.set", values, place=conversation)]


def _at_home(work: Work, flag: Flag, *, only_edit: bool = False) -> list[Notice]:
    """The same where its network reads together, if it does; there anybody who is let in may read it."""
    home = work.flags.home(flag.network) if flag.network is not None else 0
    values = {
        "flag": flag,
        "network": routing.network_of(work, flag.network),
        "name": _name(work, flag),
        "language": flag.language,
    }
    card = f"published:{flag.id}"
    return [Notice(0, "flag.at_home", values, card=card, place=home, only_edit=only_edit)] if home else []


def _readers(work: Work, flag: Flag) -> list[Person]:
    """The members of its network whom messages reach, without its flagger."""
    network = routing.network_of(work, flag.network)
    if network is None:
        return []
    members = work.people.in_network(network.id)
    return [one for one in members if one.id != flag.flagger and one.reachable and _reads(one, network)]


def _reads(person: Person, network: Network) -> bool:
    return person.may_read(network.audience, network.id)


def _may_read(work: Work, person: Person, flag: Flag) -> bool:
    network = routing.network_of(work, flag.network)
    return network is not None and network.id in person.networks and _reads(person, network)


def _moderates(work: Work, person: Person, flag: Flag) -> bool:
    return any(one.id == person.id for one in moderators(work, flag))


def _known(work: Work, person: Person, number: int) -> Flag:
    """A flag this person may know of: their own, one to moderate, or one their network reads."""
    flag = work.flags.get(number)
    if flag is not None and (
        flag.flagger == person.id
        or (flag.state in MODERATED and _moderates(work, person, flag))
        or (flag.state is State.PUBLISHED and _may_read(work, person, flag))
    ):
        return flag
    raise Refusal("flag.unknown", flag=number)


def _own(work: Work, flagger: Person, number: int) -> Flag:
    flag = work.flags.get(number)
    if flag is None or flag.flagger != flagger.id:
        raise Refusal("flag.unknown", flag=number)
    return flag


def _moderated(work: Work, moderator: Person, number: int) -> Flag:
    """One that this person moderates. What others decided on meanwhile is told as such, to them alone."""
    flag = work.flags.get(number)
    if flag is None or flag.state in MINE - {State.REJECTED} or not _moderates(work, moderator, flag):
        raise Refusal("flag.unknown", flag=number)
    return flag


def _changed(work: Work, flag: Flag) -> list[Notice]:
    return [_own_card(work, work.flags.save(flag))]


def _near(work: Work, person: Person, text: str) -> list[Network]:
    """Networks that the person may read and that the text fits, best first; the main community where none does."""
    known = {network.id: network for network in work.catalogue.networks}
    found = [known[match.id] for match in work.matcher.networks(text, person) if match.id in known]
    main = [one for one in known.values() if one.kind is Kind.MAIN and _reads(person, one)]
    return found or main


def _own_card(work: Work, flag: Flag) -> Notice:
    key = "flag.draft" if flag.state in MINE else "flag.card"
    flagger = work.people.get(flag.flagger)
    others = [one.id for one in _near(work, flagger, flag.text) if one.id != flag.network][:2]
    values = {"flag": flag, "network": routing.network_of(work, flag.network), "others": others}
    return Notice(flag.flagger, key, values, card=f"flag:{flag.id}")


def _name(work: Work, flag: Flag) -> str:
    return work.people.get(flag.flagger).name if flag.named else ""


def _moderation_card(work: Work, moderator: Person, flag: Flag) -> Notice:
    values = {"flag": flag, "network": routing.network_of(work, flag.network), "name": _name(work, flag)}
    return Notice(moderator.id, "flag.moderate", values, card=f"moderate:{flag.id}")


def _off_moderation(work: Work, flag: Flag, by: int = 0) -> list[Notice]:
    """The moderators' cards, when there is nothing left to decide; `by` decided."""
    values = {"flag": flag.id, "state": flag.state}
    return [
        Notice(one.id, "flag.moderated", values, card=f"moderate:{flag.id}", only_edit=one.id != by)
        for one in moderators(work, flag)
    ]


def _published(work: Work, reader: Person, flag: Flag, *, only_edit: bool = False) -> Notice:
    values = {"flag": flag, "network": routing.network_of(work, flag.network), "name": _name(work, flag)}
    return Notice(reader.id, "flag.published", values, card=f"published:{flag.id}", only_edit=only_edit)
