"""What was measured, in chat: the short version of a closed month."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import starmap

from dialogs.commands import Argument, Group, command, yes_or_no
from dialogs.composing import Values, Words, words_for
from dialogs.facilitating import network_meant
from dialogs.message import Button, Entry, Fact, Image, Link, Message
from dialogs.ports import Desk
from dialogs.wording import Say, say_in
from knowledge import monthly, reporting
from knowledge.errors import Refusal
from knowledge.measurement.disclosure import ELSEWHERE
from knowledge.measurement.figures import Figure
from knowledge.measurement.findings import Finding
from knowledge.measurement.frameworks import Edition
from knowledge.measurement.results import Change, Index, Result, Share
from knowledge.measurement.standing import Standing
from knowledge.notices import Notice
from knowledge.people import DESK, Person, Role
from knowledge.places import LANGUAGES, REGIONS, Network
from knowledge.reporting import Line, Report, Section
from knowledge.survey import POINTS
from knowledge.text import excerpt, plain

_MONTH = re.compile(r"\b(?P<year>20\d\d)-(?P<month>0?[1-9]|1[0-2])\b")
_FILTER = re.compile(r"\b(?P<kind>network|reseau|réseau|red|region|région|región)\b", re.IGNORECASE)
_REGION = ("region", "région", "región")
_READERS = DESK | {Role.MODERATOR}


@command(
    "results", Argument.MONTH, fr="résultats rapport", es="resultados informe", roles=_READERS, strict=True,
    optional=1, reads=True, group=Group.MEASUREMENT,
)  # fmt: skip
def results(desk: Desk, person: Person, month: str = "") -> list[Notice]:
    """`results`, `results 2026-10`, `results 2026-10 network Mine action region Africa`, `results O2 region Africa`."""
    item, said = _item(desk, month)
    at, rest = _month(said)
    network, region = _filters(desk, person, rest)
    return reporting.report(desk, person, at, network, region, item=item)


@command(
    "compare", Argument.MONTH, fr="comparer", es="comparar", roles=frozenset({Role.KM_TEAM}), strict=True, optional=1,
    reads=True, group=Group.MEASUREMENT,
)  # fmt: skip
def compare(desk: Desk, person: Person, month: str = "") -> list[Notice]:
    at, rest = _month(month)
    if rest:
        raise Refusal("report.month", said=rest[:20])
    return reporting.compare(desk, person, at)


@command(
    "report off", also="results_off", fr="rapport_non", es="informe_no", roles=DESK, strict=True,
    group=Group.MEASUREMENT,
)  # fmt: skip
def report_off(desk: Desk, person: Person) -> list[Notice]:
    return monthly.stop(desk, person)


@command(
    "report on", also="results_on", fr="rapport_oui", es="informe_sí", roles=DESK, strict=True,
    group=Group.MEASUREMENT,
)  # fmt: skip
def report_on(desk: Desk, person: Person) -> list[Notice]:
    return monthly.go_on(desk, person)


@command("connector", Argument.YES, fr="passerelle", es="puente", optional=1, group=Group.YOU)
def connector(desk: Desk, person: Person, yes: str = "") -> list[Notice]:
    """Whether the reader may be named where a report says who connects others."""
    if not yes:
        return [Notice(person.id, "connector.asked", {"now": person.connector})]
    return reporting.may_be_named(desk, person, yes=yes_or_no(yes))


def _item(desk: Desk, said: str) -> tuple[str, str]:
    """The statement of the framework that was said before any network or region, "" for none, and what else was."""
    words = said.split()
    for place, word in enumerate(words):
        if _FILTER.match(word):
            break
        if word.upper() in desk.framework.current.statements:
            return word.upper(), " ".join([*words[:place], *words[place + 1 :]])
    return "", said


def _month(said: str) -> tuple[datetime | None, str]:
    """The month that was said, None for none, and what else was."""
    found = _MONTH.search(said)
    rest = _MONTH.sub(" ", said, count=1).strip()
    if found is None:
        if rest and _FILTER.match(rest) is None:
            raise Refusal("report.month", said=rest[:20])
        return None, rest
    return datetime(int(found["year"]), int(found["month"]), 1, tzinfo=UTC), " ".join(rest.split())


def _filters(desk: Desk, person: Person, said: str) -> tuple[Network | None, str]:
    """The network and the region that were said, each once at most."""
    marks = list(_FILTER.finditer(said))
    if said and (not marks or marks[0].start()):
        raise Refusal("report.filter", said=said[:40])
    if not marks:
        return None, ""
    network, region = None, ""
    ends = [*(mark.start() for mark in marks[1:]), len(said)]
    for mark, end in zip(marks, ends, strict=True):
        value = said[mark.end() : end].strip()
        if mark["kind"].lower() in _REGION:
            if region:
                raise Refusal("report.filter", said=said[:40])
            region = region_named(value)
        elif network is not None or not value:
            raise Refusal("report.filter", said=said[:40])
        else:
            network = network_meant(desk, person, value)
    return network, region


def region_named(said: str) -> str:
    """A region by its key or its name in any of the three languages. Raises Refusal for any other word."""
    for region in REGIONS:
        names = (region, *(say_in(language)(f"region.{region}") for language in LANGUAGES))
        if plain(said) in {plain(name) for name in names}:
            return region
    raise Refusal("report.region", said=said[:40])


@words_for("report")
def _report(words: Words, values: Values) -> Message:
    say, of = words.say, values["report"]
    before = reporting.month_before(of)
    place = _place(words, of)
    back = f"results {before:%Y-%m}{_filter(words, of)}"
    if not of.told:
        return Message(
            title=say("report.title_of", month=month_of(say, of.since), place=place),
            text=say("report.place_untold"),
            entries=tuple(_section(say, of, section) for section in of.sections if section.latest or section.baseline),
            buttons=(Button(say("report.before"), back),),
            note=say("report.place_note"),
        )
    entries = [_section(say, of, section) for section in of.sections]
    entries.append(Entry(say("report.activity"), "\n".join(done(say, of.edition, of.figures, part=bool(place)))))
    if of.responses and of.network is None and not of.region:
        entries.append(Entry(say("report.responses"), _responses(say, of.responses)))
    if of.connectors:
        entries.append(Entry(say("report.connectors"), say.listed(list(of.connectors))))
    if of.evidence:
        entries.append(Entry(say("report.evidence"), _evidence(say, of.evidence)))
    if not place:
        entries.append(Entry(say("report.targets"), "\n".join(_standing(say, of.edition, one) for one in of.standings)))
    buttons = [Button(say("report.before"), back)]
    links: tuple[Link, ...] = ()
    if values.get("monthly"):
        # A link would have expired before the morning it is read.
        buttons += [Button(say("dashboard.open"), "dashboard"), Button(say("report.stop"), "report off")]
    elif values.get("dashboard"):
        links = (Link(say("dashboard.open"), values["dashboard"]),)
    return Message(
        title=say("report.title_of", month=month_of(say, of.since), place=place)
        if place
        else say("report.title", month=month_of(say, of.since)),
        text=say("report.text_place" if of.network is not None else "report.text"),
        entries=tuple(entries),
        facts=(Fact(say("report.open"), say.count("report.surveys_open", of.waits)),) if of.waits else (),
        buttons=tuple(buttons),
        links=links,
        image=Image(values["picture"], glance(say, of)) if values.get("picture") else None,
        note=say("report.note_monthly" if values.get("monthly") else "report.note"),
    )


@words_for("report.item")
def _of_item(words: Words, values: Values) -> Message:
    say, of, item = words.say, values["report"], values["item"]
    line = next(line for section in of.sections for line in section.lines if line.item == item)
    statement, place = of.edition.statements[item], _place(words, of)
    name = f"{item} {statement.name[say.language]}"
    month = f"{of.since:%Y-%m}"
    latest, told = line.latest, []
    if latest is not None:
        told.append(agreed(say, latest.together.favourable))
        if latest.together.early:
            told.append(say("dashboard.early"))
        if line.moved is not None and line.baseline is not None:
            told.append(say(f"dashboard.{_MOVED.get(line.moved.way, 'unclear')}"))
        told += [
            say.labelled(say(f"pulse.point_{point}"), say.value(count))
            for point, count in zip(reversed(POINTS), reversed(latest.together.counts), strict=True)
        ]
        if latest.response is not None:
            asked = say("plot.count", count=latest.response.count, n=latest.response.n,
                        percent=percent(latest.response.part))  # fmt: skip
            told.append(say.labelled(say("dashboard.asked"), asked))
    before = line.baseline
    entries = [
        Entry(say("plot.latest"), "\n".join(told) or say("plot.not_told")),
        Entry(say("plot.baseline"), agreed(say, before.together.favourable) if before else say("plot.not_told")),
    ]
    if latest is not None and latest.apart:
        entries.append(Entry(say("dashboard.by_region"), "\n".join(starmap(say.labelled, by_region(say, latest)))))
    evidence = [one for one in of.evidence if one.item == item]
    if evidence:
        entries.append(Entry(say("report.evidence"), _evidence(say, evidence)))
    return Message(
        title=say("report.title_of", month=month_of(say, of.since), place=", ".join(filter(None, (name, place)))),
        text=statement.statement[say.language],
        entries=tuple(entries),
        buttons=(
            Button(say("report.comments"), f"comments {item}"),
            Button(say("report.before"), f"results {reporting.month_before(of):%Y-%m} {item}{_filter(words, of)}"),
            Button(say("report.all_items"), f"results {month}{_filter(words, of)}"),
        ),
        note=say("report.note"),
    )


_MOVED = {Change.UP: "higher", Change.DOWN: "lower"}


def by_region(say: Say, one: Result) -> list[tuple[str, str]]:
    """The name of each region that may be told apart, and how many agreed there; what is not told apart comes last."""
    order = sorted(one.apart, key=lambda region: (region == ELSEWHERE, region))
    return [(_region(say, region), agreed(say, one.apart[region].favourable)) for region in order]


def _region(say: Say, region: str) -> str:
    return say("report.elsewhere") if region == ELSEWHERE else say(f"region.{region}")


def glance(say: Say, of: Report) -> str:
    """The three domains in a sentence: what their picture shows."""
    moved = []
    for section in of.sections:
        name, before, now = section.domain.name[say.language], section.baseline, section.latest
        if now is None:
            continue
        if before is None:
            moved.append(say("plot.domain_now", name=name, now=percent(now.part)))
        else:
            moved.append(say("plot.domain_moved", name=name, before=percent(before.part), now=percent(now.part)))
    told = say.listed(moved) or say("plot.baseline_only")
    return say("plot.domains_alt", month=month_of(say, of.since), told=told)


def _place(words: Words, of: Report) -> str:
    """ "Sahel network, Africa"; "" for the whole community."""
    network = words.network(of.network) if of.network is not None else ""
    region = words.say(f"region.{of.region}") if of.region else ""
    return ", ".join(filter(None, (network, region)))


def _filter(words: Words, of: Report) -> str:
    """The same place, as it is typed."""
    network = f" network {words.network_key(of.network)}" if of.network is not None else ""
    return network + (f" region {of.region}" if of.region else "")


def _responses(say: Say, parts: Mapping[str, Share]) -> str:
    return "\n".join(
        say.labelled(
            _region(say, region),
            say("report.rate", percent=percent(one.part), count=one.count, n=one.n, low=percent(one.low),
                high=percent(one.high)),
        )
        for region, one in sorted(parts.items(), key=lambda part: (part[0] == ELSEWHERE, part[0]))
    )  # fmt: skip


MOST_EVIDENCE = 5


def _evidence(say: Say, findings: Sequence[Finding]) -> str:
    newest = sorted(findings, key=lambda one: (one.held_on, one.id), reverse=True)
    lines = [evidence_line(say, one) for one in newest[:MOST_EVIDENCE]]
    if len(newest) > MOST_EVIDENCE:
        lines.append(say("report.evidence_more", number=len(newest) - MOST_EVIDENCE))
    return "\n".join(lines)


def evidence_line(say: Say, one: Finding) -> str:
    """ "O1, interview, Dakar, 3 Oct 2026: …"."""
    said = (one.item, say(f"evidence.{one.kind}"), one.place, say.date(one.held_on))
    return say.labelled(", ".join(filter(None, said)), excerpt(one.text, 300))


@words_for("report.compared")
def _compared(words: Words, values: Values) -> Message:
    say, whole = words.say, values["whole"]
    before = reporting.month_before(whole)
    entries = [
        Entry(
            words.network(one.network) if one.network is not None else say("report.whole"),
            "\n".join(done(say, one.edition, {key: one.figures[key] for key in _SIDE_BY_SIDE if key in one.figures})),
            buttons=(Button(say("button.show"), f"results {one.since:%Y-%m}{_filter(words, one)}"),),
        )
        for one in (whole, *values["networks"])
    ]
    return Message(
        title=say("report.compared", month=month_of(say, whole.since)),
        text=say("report.compared_text"),
        entries=tuple(entries),
        buttons=(Button(say("report.before"), f"compare {before:%Y-%m}"),),
        note=say("report.compared_note"),
    )


_SIDE_BY_SIDE = ("answer_rate", "first_answer_working", "zero_reply_rate", "solved_rate", "reuse_rate")


@words_for("connector.asked")
def _connector(words: Words, values: Values) -> Message:
    say = words.say
    now = bool(values["now"])
    return Message(
        text=say("connector.is_on" if now else "connector.is_off"),
        buttons=(Button(say("connector.no" if now else "connector.yes"), f"connector {'no' if now else 'yes'}"),),
        note=say("connector.note"),
    )


@words_for("refusal.report.which_place")
def _which_place(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        say("refusal.report.which_place"),
        buttons=tuple(Button(name, f"results network {name}") for name in values["networks"]),
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
        say.labelled(name, say.parted(head)),
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


def done(say: Say, edition: Edition, figures: Mapping[str, Figure], *, part: bool = False) -> list[str]:
    """What the community did: a line for each indicator that is told, one for all that are not, one for the unknown;
    of a part of it the last is left out, since most belong to parts of the other kind."""
    names = {key: edition.indicators[key].name[say.language] for key in figures}
    known = {key: one for key, one in figures.items() if not one.few and (one.value is not None or one.n)}
    lines = [say.labelled(names[key], figure(say, edition.indicators[key].unit, one)) for key, one in known.items()]
    few = [names[key] for key, one in figures.items() if one.few]
    unknown = [name for key, name in names.items() if key not in known and not figures[key].few]
    if few:
        lines.append(say.labelled(say("report.few"), say.listed(few)))
    if unknown and not part:
        lines.append(say.labelled(say("report.unknown_all"), say.listed(unknown)))
    return lines


def figure(say: Say, unit: str, one: Figure) -> str:
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
