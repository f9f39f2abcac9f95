"""Proposals, endorsements and calls, kept."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, or_, select, update

from knowledge.errors import Conflict
from knowledge.proposal import Proposal, Speaker, State
from knowledge.topic_call import Call
from knowledge.topic_call import State as CallState
from storage.database import by_dialect
from storage.schema import endorsement, proposal, topic_call

_ENDORSE = by_dialect(
    endorsement, lambda new: new.on_conflict_do_nothing().returning(endorsement.c.person_id)
)  # fmt: skip
_TOUCH = (
    update(proposal)
    .where(proposal.c.id == bindparam("number"), proposal.c.state == State.OPEN.value)
    .values(version=proposal.c.version + 1)
)
_CALL = by_dialect(topic_call, lambda new: new.on_conflict_do_nothing().returning(topic_call.c.id))
_RUNNING = [CallState.OPEN.value, CallState.TIED.value]


class Proposals:
    """`knowledge.ports.Proposals` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Proposal) -> Proposal:
        row = {"version": 1, **_values(new)}
        number = self._connection.execute(insert(proposal).returning(proposal.c.id), row).scalar_one()
        return replace(new, id=number, version=1)

    def get(self, number: int) -> Proposal | None:
        if not 0 < number < 2**63:
            return None
        row = self._connection.execute(select(proposal).where(proposal.c.id == number)).one_or_none()
        return _proposal(row) if row else None

    def save(self, moved: Proposal) -> Proposal:
        read = (proposal.c.id == moved.id) & (proposal.c.version == moved.version)
        row = {"version": moved.version + 1, **_values(moved)}
        if self._connection.execute(update(proposal).where(read).values(row)).rowcount != 1:
            raise Conflict(f"proposal {moved.id}")
        return replace(moved, version=moved.version + 1)

    def open_in(self, networks: Collection[int]) -> list[Proposal]:
        there = proposal.c.network_id.in_(sorted(networks)) & (proposal.c.state == State.OPEN.value)
        return self._found(select(proposal).where(there).order_by(proposal.c.id))

    def of(self, person: int, limit: int | None = None) -> list[Proposal]:
        theirs = select(proposal).where(proposal.c.proposer_id == person)
        return self._found(theirs.order_by(proposal.c.id.desc()).limit(limit))

    def endorse(self, of: Proposal, person: int) -> bool:
        self._touch(of)
        row = {"proposal_id": of.id, "person_id": person}
        return self._connection.execute(_ENDORSE[self._connection.dialect.name], row).first() is not None

    def unendorse(self, of: Proposal, person: int) -> bool:
        self._touch(of)
        theirs = (endorsement.c.proposal_id == of.id) & (endorsement.c.person_id == person)
        return self._connection.execute(delete(endorsement).where(theirs)).rowcount == 1

    def _touch(self, of: Proposal) -> None:
        """Whoever counts at this moment counts again. Not by the version that was read: of many who endorse at once
        nobody has to wait for another."""
        if self._connection.execute(_TOUCH, {"number": of.id}).rowcount != 1:
            raise Conflict(f"proposal {of.id}")

    def endorses(self, person: int, proposals: Collection[int]) -> set[int]:
        theirs = (endorsement.c.person_id == person) & endorsement.c.proposal_id.in_(sorted(proposals))
        return set(self._connection.execute(select(endorsement.c.proposal_id).where(theirs)).scalars())

    def counts(self, proposals: Collection[int]) -> Mapping[int, int]:
        # Where two accounts became one, somebody may stand behind what is their own.
        rows = (
            select(endorsement.c.proposal_id, func.count())
            .join(proposal, proposal.c.id == endorsement.c.proposal_id)
            .where(endorsement.c.proposal_id.in_(sorted(proposals)), endorsement.c.person_id != proposal.c.proposer_id)
            .group_by(endorsement.c.proposal_id)
        )
        found = {row[0]: row[1] for row in self._connection.execute(rows)}
        return {number: found.get(number, 0) for number in sorted(proposals)}

    def unite(self, one: Proposal, into: Proposal) -> None:
        rows = select(endorsement.c.person_id).where(endorsement.c.proposal_id == one.id)
        for person in self._connection.execute(rows).scalars().all():
            if person != into.proposer:
                row = {"proposal_id": into.id, "person_id": person}
                self._connection.execute(_ENDORSE[self._connection.dialect.name], row)

    def voters(self, proposals: Collection[int]) -> list[int]:
        rows = select(endorsement.c.person_id).where(endorsement.c.proposal_id.in_(sorted(proposals))).distinct()
        return sorted(self._connection.execute(rows).scalars())

    def _found(self, rows: Any) -> list[Proposal]:
        return [_proposal(row) for row in self._connection.execute(rows)]


class Calls:
    """`knowledge.ports.Calls` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Call) -> Call | None:
        row = {"version": 1, **_call_values(new)}
        number = self._connection.execute(_CALL[self._connection.dialect.name], row).scalar()
        return None if number is None else replace(new, id=number, version=1)

    def get(self, number: int) -> Call | None:
        if not 0 < number < 2**63:
            return None
        row = self._connection.execute(select(topic_call).where(topic_call.c.id == number)).one_or_none()
        return _call(row) if row else None

    def save(self, moved: Call) -> Call:
        read = (topic_call.c.id == moved.id) & (topic_call.c.version == moved.version)
        row = {"version": moved.version + 1, **_call_values(moved)}
        if self._connection.execute(update(topic_call).where(read).values(row)).rowcount != 1:
            raise Conflict(f"call {moved.id}")
        return replace(moved, version=moved.version + 1)

    def running(self, networks: Collection[int]) -> Sequence[Call]:
        there = topic_call.c.network_id.in_(sorted(networks)) & topic_call.c.state.in_(_RUNNING)
        rows = select(topic_call).where(there).order_by(topic_call.c.closes_at, topic_call.c.id)
        return [_call(row) for row in self._connection.execute(rows)]

    def telling(self, limit: int) -> list[int]:
        """Numbers of those of which not all members have heard."""
        left = or_(topic_call.c.told_up_to.is_not(None), topic_call.c.mended_up_to.is_not(None))
        return list(self._connection.execute(select(topic_call.c.id).where(left).limit(limit)).scalars())

    def due(self, now: datetime, limit: int) -> list[int]:
        """Numbers of open ones whose date has come, earliest first."""
        come = (topic_call.c.state == CallState.OPEN.value) & (topic_call.c.closes_at <= now)
        rows = select(topic_call.c.id).where(come).order_by(topic_call.c.closes_at, topic_call.c.id).limit(limit)
        return list(self._connection.execute(rows).scalars())


def forget_endorsements(connection: Connection, before: datetime) -> int:
    """Deletes who stood behind proposals that ended before a time; how many did stays, where it was chosen."""
    ended = select(proposal.c.id).where(proposal.c.ended_at < before)
    return connection.execute(delete(endorsement).where(endorsement.c.proposal_id.in_(ended))).rowcount


def _values(of: Proposal) -> dict[str, Any]:
    return {
        "proposer_id": of.proposer,
        "text": of.text,
        "language": of.language,
        "network_id": of.network,
        "state": of.state.value,
        "priority": of.priority,
        "reason": of.reason,
        "moderator_id": of.moderator,
        "merged_into_id": of.merged_into,
        "call_id": of.call,
        "endorsed": of.endorsed,
        "speaker": of.speaker.value,
        "created_at": of.created_at,
        "ended_at": of.ended_at,
    }


def _proposal(row: Row[Any]) -> Proposal:
    return Proposal(
        id=row.id,
        proposer=row.proposer_id,
        text=row.text,
        language=row.language,
        created_at=row.created_at,
        network=row.network_id,
        state=State(row.state),
        version=row.version,
        priority=row.priority,
        reason=row.reason,
        moderator=row.moderator_id,
        merged_into=row.merged_into_id,
        call=row.call_id,
        endorsed=row.endorsed,
        speaker=Speaker(row.speaker),
        ended_at=row.ended_at,
    )


def _call_values(of: Call) -> dict[str, Any]:
    return {
        "network_id": of.network,
        "opener_id": of.opener,
        "opened_at": of.opened_at,
        "closes_at": of.closes_at,
        "state": of.state.value,
        "tied": list(of.tied),
        "winner": of.winner,
        "told_up_to": of.told_up_to,
        "mended_up_to": of.mended_up_to,
    }


def _call(row: Row[Any]) -> Call:
    return Call(
        id=row.id,
        network=row.network_id,
        opener=row.opener_id,
        opened_at=row.opened_at,
        closes_at=row.closes_at,
        state=CallState(row.state),
        version=row.version,
        tied=tuple(row.tied),
        winner=row.winner,
        told_up_to=row.told_up_to,
        mended_up_to=row.mended_up_to,
    )
