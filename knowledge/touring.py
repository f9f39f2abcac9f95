"""A short welcome for each role, one card at a time: it can be left, taken up again, and had anew."""

from collections.abc import Mapping

from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Person, Role
from knowledge.ports import Work

STEPS: Mapping[Role, int] = {Role.MEMBER: 3, Role.EXPERT: 3, Role.MODERATOR: 2, Role.FACILITATOR: 4}
"""Cards of each role: read in a minute."""


def tour(work: Work, person: Person, role: Role | None = None, step: int | None = None) -> list[Notice]:
    """One card. Without a role the one that they have not finished, most recent role first; without a step where they
    left off. Raises Refusal for a role that is not theirs, or that has no tour."""
    reached = work.people.toured(person.id)
    theirs = [one for one in STEPS if person.has_somewhere(one)]
    if role is None:
        role = next((one for one in reversed(theirs) if reached.get(one, 1) <= STEPS[one]), Role.MEMBER)
    if role not in theirs:
        raise Refusal("tour.not_yours")
    if step is None:
        step = reached.get(role, 1)
        # Whoever has seen all of it sees it again from the beginning.
        step = 1 if step > STEPS[role] else step
    step = min(max(step, 1), STEPS[role])
    work.people.prefer(person.id, tour={**reached, role: step})
    values = {"role": role, "step": step, "of": STEPS[role]}
    return [Notice(person.id, "tour.card", values, card=f"tour:{role}")]


def end(work: Work, person: Person, role: Role) -> list[Notice]:
    """They have seen enough of it."""
    if role not in STEPS or not person.has_somewhere(role):
        raise Refusal("tour.not_yours")
    work.people.prefer(person.id, tour={**work.people.toured(person.id), role: STEPS[role] + 1})
    return [Notice(person.id, "tour.ended", {"role": role}, card=f"tour:{role}")]
