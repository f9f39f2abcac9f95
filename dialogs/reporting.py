"""What was measured, in chat: the short version of a closed month."""

import re
from datetime import UTC, datetime

from dialogs.commands import Argument, Group, command
from dialogs.composing import Values, Words, words_for
from dialogs.message import Button, Entry, Fact, Message
from dialogs.ports import Desk
from dialogs.wording import Say
from knowledge import reporting
from knowledge.errors import Refusal
from knowledge.measurement.activity import Activity
from knowledge.measurement.frameworks import Edition
from knowledge.measurement.results import Change, Index, Share
from knowledge.notices import Notice
from knowledge.people import DESK, Person
from knowledge.reporting import Line, Report, Section, Standing

_MONTH = re.compile(r"(?P<year>20\d\d)-(?P<month>0?[1-9]|1[0-2])")


@command(
    "results", Argument.MONTH, fr="résultats rapport", es="resultados informe", roles=DESK, strict=True, optional=1,
    reads=True, group=Group.MEASUREMENT)  # fmt: skip
def results(desk: Desk, person: Person, month: str = "") -> list[Notice]:
    found = _MONTH.fullmatch(month.strip())
    if month.strip() and found is None:
        raise Refusal("report.month", said=month[:20])
    at = None if found is None else datetime(int(found["year"]), int(found["month"]), 1, tzinfo=UTC)
    return reporting.report(desk, person, at)


@words_for("report")
def _report(words: Words, values: Values) -> Message:
    say, of = words.say, values["report"]
    before = reporting.month_before(of)
    return Message(
        title=say("report.title", month=month_of(say, of.since)),
        text=say("report.text"),
        entries=(
            *(_section(say, of, section) for section in of.sections),
            Entry(say("report.activity"), "\n".join(done(say, of.edition, of.activity))),
            Entry(say("report.targets"), "\n".join(_standing(say, of.edition, one) for one in of.standings)),
        ),
        facts=(Fact(say("report.open"), say.count("report.surveys_open", of.waits)),) if of.waits else (),
        buttons=(Button(say("report.before"), f"results {before:%Y-%m}"),),
        note=say("report.note"),
    )


def month_of(say: Say, since: datetime) -> str:
    return Say(say.language).month(since)


def percent(part: float) -> int:
    return round(100 * part)


def _section(say: Say, of: Report, section: Section) -> Entry:
    name = section.domain.name[say.language]
    if section.latest is None and section.baseline is None:
        return Entry(name, say("report.nothing"))
    head = [_index(say, section.latest)] if section.latest is not None else []
    if section.baseline is not None:
        head.append(say("report.baseline", index=_index(say, section.baseline)))
    return Entry(
        say.labelled(name, "; ".join(head)),
        "\n".join(_line(say, of.edition, line) for line in section.lines),
    )


def _index(say: Say, index: Index) -> str:
    return say(
        "report.index", percent=percent(index.part), low=percent(index.low), high=percent(index.high), told=index.told,
        items=index.items,
    )  # fmt: skip


def _line(say: Say, edition: Edition, line: Line) -> str:
    name = f"{line.item} {edition.statements[line.item].name[say.language]}"
    shown = line.latest or line.baseline
    if shown is None:
        return say.labelled(name, say("report.not_told"))
    told = agreed(say, shown.together.favourable)
    if line.latest is None:
        told = say("report.baseline", index=told)
    if shown.together.early:
        told += f" ({say('report.early')})"
    if line.moved is not None and line.baseline is not None:
        before = percent(line.baseline.together.favourable.part)
        key = "report.unclear" if line.moved.way is Change.UNCLEAR else f"report.{line.moved.way}"
        told += f", {say(key, percent=before)}"
    return say.labelled(name, told)


def agreed(say: Say, share: Share) -> str:
    """ "64 % agree (32 of 50; 50 to 76 %)"."""
    return say(
        "report.agree", percent=percent(share.part), count=share.count, n=share.n, low=percent(share.low),
        high=percent(share.high),
    )  # fmt: skip


def done(say: Say, edition: Edition, activity: Activity) -> list[str]:
    """What the community did, one line for each indicator that is known."""
    unknown = say("report.unknown")

    def rate(share: Share | None) -> str:
        return unknown if share is None else say(
            "report.rate", percent=percent(share.part), count=share.count, n=share.n, low=percent(share.low),
            high=percent(share.high),
        )  # fmt: skip

    wait = activity.wait
    hours = unknown
    if wait is not None:
        half, most = (
            say("report.not_yet") if waited is None else say.duration(max(1, round(60 * waited)))
            for waited in (wait.median, wait.ninety)
        )
        hours = say("report.wait", median=half, ninety=most, n=wait.n)
    crossing = unknown
    if activity.spread is not None:
        crossing = say(
            "report.crossing", rate=rate(activity.spread.crossing), expected=percent(activity.spread.expected)
        )
    told = {
        "membership_growth": say("report.members", before=activity.members_before, after=activity.members_after),
        "active_members": _people(say, activity.active),
        "helping_members": _people(say, activity.helping),
        "answer_rate": rate(activity.answer_rate),
        "zero_reply_rate": rate(activity.zero_reply_rate),
        "first_answer": hours,
        "solved_rate": rate(activity.solved_rate),
        "reuse_rate": rate(activity.reuse_rate),
        "applied_rate": rate(activity.applied_rate),
        "decline_rate": rate(activity.decline_rate),
        "hops": unknown if activity.hops is None else say.value(round(activity.hops, 1)),
        "cross_region_share": crossing,
        "top_five_share": rate(activity.top_five),
        "minutes_saved": say.duration(activity.minutes_saved) if activity.minutes_saved else unknown,
    }
    return [
        say.labelled(edition.indicators[key].name[say.language], text)
        for key, text in told.items()
        if key in edition.indicators
    ]


def _people(say: Say, people: int | None) -> str:
    return say("report.few") if people is None else str(people)


def _standing(say: Say, edition: Edition, one: Standing) -> str:
    of, target = one.target.of, one.target
    name = say("report.response_rate") if of == "response_rate" else edition.indicators[of].name[say.language]
    amount = target.least if target.least is not None else target.most
    assert amount is not None
    hours = of == "first_answer"
    wanted = say(
        "report.least" if target.least is not None else "report.most",
        amount=say("report.hours", hours=amount) if hours else say("report.percent", percent=percent(amount)),
    )
    if one.now is None:
        return say.labelled(name, say("report.standing_unknown", wanted=wanted))
    now = say.duration(max(1, round(60 * one.now))) if hours else say("report.percent", percent=percent(one.now))
    met = "met" if one.met else "open" if one.met is None else "missed"
    return say.labelled(name, say(f"report.standing_{met}", now=now, wanted=wanted, n=one.n))
