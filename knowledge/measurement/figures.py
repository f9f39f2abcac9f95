"""Each indicator's figure: the one place that says what of all that was counted an indicator means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from knowledge.measurement.activity import Activity
from knowledge.measurement.profiles import Profile
from knowledge.measurement.results import Share
from knowledge.measurement.waiting import Wait


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` in the indicator's unit, `share` where it is a part of `n`; None where nothing is known or nothing may
    be told, and `few` where that is because too few people stand behind it. `count` of a wait are the answers,
    `ninety` what nine of ten wait at most; `expected` is what chance would give; `before` what it was when the window
    began."""

    value: float | None = None
    share: Share | None = None
    count: int | None = None
    n: int | None = None
    few: bool = False
    ninety: float | None = None
    expected: float | None = None
    before: int | None = None


NOTHING = Figure()
Formula = Callable[[Activity], Figure]


def figures(done: Activity) -> Mapping[str, Figure]:
    """By formula, every one there is."""
    return {name: formula(done) for name, formula in FORMULAS.items()}


def _part(found: Share | None, expected: float | None = None) -> Figure:
    if found is None:
        return NOTHING
    return Figure(found.part, share=found, count=found.count, n=found.n, expected=expected)


def _of_done(name: str) -> Formula:
    return lambda one: NOTHING if one.done is None else _part(getattr(one.done, name))


def _waits(name: str) -> Formula:
    def formula(one: Activity) -> Figure:
        wait: Wait | None = None if one.done is None else getattr(one.done, name)
        if wait is None:
            return NOTHING
        return Figure(wait.median, count=wait.answered, n=wait.n, ninety=wait.ninety)

    return formula


def _people(name: str) -> Formula:
    def formula(one: Activity) -> Figure:
        if one.people is None:
            return NOTHING
        found = getattr(one.people, name)
        return Figure(found, n=one.people.members_after, few=found is None)

    return formula


def _reading(one: Activity) -> Figure:
    """That nobody noted who was here is not that they were few."""
    if one.people is None or not one.people.noted:
        return NOTHING
    return Figure(one.people.reading, n=one.people.members_after, few=one.people.reading is None)


def _profile(profile: Profile) -> Formula:
    def formula(one: Activity) -> Figure:
        if one.people is None or not one.people.noted:
            return NOTHING
        found = one.people.profiles
        return Figure(None if found is None else found[profile], n=one.people.members_after, few=found is None)

    return formula


def _connected(name: str) -> Formula:
    def formula(one: Activity) -> Figure:
        if one.connections is None:
            return NOTHING
        found = getattr(one.connections, name)
        return Figure(found, n=one.connections.people, few=name == "brokers" and found is None)

    return formula


def _connected_part(name: str) -> Formula:
    return lambda one: NOTHING if one.connections is None else _part(getattr(one.connections, name))


def _crossing(one: Activity) -> Figure:
    spread = None if one.done is None else one.done.spread
    return NOTHING if spread is None else _part(spread.crossing, spread.expected)


def _growth(one: Activity) -> Figure:
    if one.people is None:
        return NOTHING
    before, after = one.people.members_before, one.people.members_after
    return Figure(after - before, n=after, before=before)


def _isolates(one: Activity) -> Figure:
    """Of a part of the community, of which no items are counted either, they are not."""
    if one.people is None or one.items_published is None:
        return NOTHING
    return Figure(one.isolates, n=one.people.members_after, few=one.isolates is None)


FORMULAS: Mapping[str, Formula] = {
    **{
        name: _of_done(name)
        for name in (
            "answer_rate", "zero_reply_rate", "solved_rate", "reuse_rate", "applied_rate", "decline_rate", "named_rate",
        )
    },
    "first_answer": _waits("wait"),
    "first_answer_working": _waits("working_wait"),
    "hops": lambda one: NOTHING if one.done is None else Figure(one.done.hops),
    "cross_region_share": _crossing,
    "top_five_share": _of_done("top_five"),
    "minutes_saved": lambda one: NOTHING if one.done is None else Figure(one.done.minutes_saved),
    "membership_growth": _growth,
    "active_members": _people("active"),
    "helping_members": _people("helping"),
    "reading_members": _reading,
    **{f"profile_{profile.value}": _profile(profile) for profile in Profile},
    **{name: _connected(name) for name in ("reciprocity", "density", "density_equal", "components", "brokers")},
    "largest_component": _connected_part("largest"),
    "new_ties": _connected_part("new"),
    "isolates": _isolates,
    "items_published": lambda one: Figure(one.items_published),
    "events_held": lambda one: Figure(one.events_held),
    "event_attendance": lambda one: Figure(one.event_attendance, few=one.attendance_few),
    "event_useful": lambda one: _part(one.event_useful),
    "contributions_shared": lambda one: (
        Figure(one.contributions_shared, few=one.contributions_shared is None) if one.sharing_noted else NOTHING
    ),
}  # fmt: skip
"""By the name the framework calls it."""
