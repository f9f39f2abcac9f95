"""Roles given and taken back in chat, place by place, by the KM team."""

from knowledge import routing, undoing
from knowledge.audit import Entry
from knowledge.desk_work import Move
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Grant, Person, Role
from knowledge.places import Network
from knowledge.ports import Work

GRANTED = (Role.MODERATOR, Role.FACILITATOR, Role.EXPERT, Role.KM_TEAM)
"""Everybody is a member."""


def grant(work: Work, giver: Person, role: Role, network: Network | None, to: Person) -> list[Notice]:
    """A role in one network, or with None everywhere."""
    _may_grant(giver, network)
    new = Grant(role, network.id if network else None)
    if new in to.grants:
        raise Refusal("grant.already", name=to.name)
    work.people.grant(to.id, role, new.network, giver.id)
    return _said(work, giver, "grant", new, to)


def revoke(work: Work, giver: Person, role: Role, network: Network | None, to: Person) -> list[Notice]:
    """Takes it back. Refused for the last of the KM team: nobody could grant anything any more."""
    _may_grant(giver, network)
    old = Grant(role, network.id if network else None)
    if old not in to.grants:
        raise Refusal("grant.not", name=to.name)
    if old == Grant(Role.KM_TEAM) and [one.id for one in work.people.having(Role.KM_TEAM)] == [to.id]:
        raise Refusal("grant.last", name=to.name)
    work.people.revoke(to.id, role, old.network)
    return _said(work, giver, "revoke", old, to)


def appoint(work: Work, person: Person, key: str) -> None:
    """Whoever bears the key becomes the KM team, as long as nobody else is in it."""
    named = work.people.with_key(key)
    if named is None or named.id != person.id or work.people.having_somewhere(Role.KM_TEAM):
        return
    work.people.grant(person.id, Role.KM_TEAM, None, person.id)
    work.audit.note(Entry(person.id, "grant", f"person:{person.id}", work.now, str(Role.KM_TEAM)))


@undoing.undoes("grant", "revoke")
def _take_back(work: Work, giver: Person, move: Move) -> list[Notice]:
    assert move.before is not None
    to = work.people.get(int(move.about.partition(":")[2]))
    role = Role(move.before["role"])
    network = routing.network_of(work, move.before["network"])
    again = revoke if move.action == "grant" else grant
    return again(work, giver, role, network, to)


def _may_grant(giver: Person, network: Network | None) -> None:
    """Who is in the KM team of one network grants there. Another network reads as none to them."""
    places = {grant.network for grant in giver.grants if grant.role is Role.KM_TEAM}
    if None in places or (network is not None and network.id in places):
        return
    if network is None:
        raise Refusal("grant.name_network")
    raise Refusal("network.unknown", name=network.name(giver.language))


def _said(work: Work, giver: Person, action: str, what: Grant, to: Person) -> list[Notice]:
    network = routing.network_of(work, what.network)
    reason = f"{what.role}: {network.key}" if network else str(what.role)
    about = f"person:{to.id}"
    work.audit.note(Entry(giver.id, action, about, work.now, reason))
    before = {"role": what.role.value, "network": what.network}
    work.moves.put(Move(giver.id, action, about, work.now, before))
    values = {"role": what.role, "network": what.network, "action": action}
    key = "role.granted" if action == "grant" else "role.revoked"
    told = [] if to.id == giver.id else [Notice(to.id, key, values)]
    return [Notice(giver.id, "role.done", {**values, "name": to.name}), *told]
