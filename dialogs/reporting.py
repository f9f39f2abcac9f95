"""What was measured, in chat: the short version of a closed month."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from dialogs.commands import Argument, Group, command
from dialogs.composing import Values, Words, words_for
from dialogs.message import Button, Entry, Fact, Message
from dialogs.ports import Desk
from dialogs.wording import Say
from knowledge import reporting
from knowledge.errors import Refusal
from knowledge.measurement.figures import Figure
from knowledge.measurement.frameworks import Edition
from knowledge.measurement.results import Change, Index, Share
from knowledge.measurement.standing import Standing
from knowledge.notices import Notice
from knowledge.people import DESK, Person
from knowledge.reporting import Line, Report, Section

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
            Entry(say("report.activity"), "\n".join(done(say, of.edition, of.figures))),
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


def done(say: Say, edition: Edition, figures: Mapping[str, Figure]) -> list[str]:
    """What the community did, one line for each indicator that is known, and one for all that are not."""
    names = {key: edition.indicators[key].name[say.language] for key in figures}
    known = {key: one for key, one in figures.items() if one.few or one.value is not None or one.n}
    lines = [say.labelled(names[key], _figure(say, edition.indicators[key].unit, one)) for key, one in known.items()]
    unknown = [names[key] for key in figures if key not in known]
    return [*lines, say("report.unknown_all", names=say.listed(unknown))] if unknown else lines


def _figure(say: Say, unit: str, one: Figure) -> str:
    if one.few:
        return say("report.few")
    if one.before is not None:
        return say("report.members", before=one.before, after=one.n)
    if unit == "hours" and one.n:
        half, most = (
            say("report.not_yet") if waited is None else amount(say, unit, waited) for waited in (one.value, one.ninety)
        )
        return say("report.wait", median=half, ninety=most, n=one.n)
    if one.value is None:
        return say("report.unknown")
    if one.share is None:
        return amount(say, unit, one.value)
    part = one.share
    rate = say(
        "report.rate", percent=percent(part.part), count=part.count, n=part.n, low=percent(part.low),
        high=percent(part.high),
    )  # fmt: skip
    return rate if one.expected is None else say("report.crossing", rate=rate, expected=percent(one.expected))


def amount(say: Say, unit: str, value: float) -> str:
    """A figure in its unit, without anything around it."""
    if unit == "share":
        return say("report.percent", percent=percent(value) if value >= 0.1 else say.value(round(100 * value, 1)))
    if unit in ("hours", "minutes"):
        minutes = 60 * value if unit == "hours" else value
        return say.duration(max(1, round(minutes)))
    return say.value(round(value, 1))


def _standing(say: Say, edition: Edition, one: Standing) -> str:
    of, target = one.target.of, one.target
    beside = of not in edition.indicators
    name = say(f"report.{of}") if beside else edition.indicators[of].name[say.language]
    unit = "share" if of == "response_rate" else "items" if beside else edition.indicators[of].unit
    if of == "leaks":
        return say.labelled(name, say("report.leaks_unknown"))
    if one.wanted is None:
        return say.labelled(name, say("report.standing_unknown", wanted=say("report.above_unknown")))
    kind = "above" if target.above_random else "least" if target.least is not None else "most"
    wanted = say(
        f"report.{kind}",
        amount=say("report.hours", hours=say.value(one.wanted)) if unit == "hours" else amount(say, unit, one.wanted),
    )
    if one.now is None:
        return say.labelled(name, say("report.standing_unknown", wanted=wanted))
    met = "met" if one.met else "open" if one.met is None else "missed"
    now = amount(say, unit, one.now)
    return say.labelled(name, say(f"report.standing_{met}", now=now, wanted=wanted, n=one.n))
