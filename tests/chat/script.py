"""Reads and writes transcripts."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

_WITH = re.compile(r"with (?P<name>\w+) = (?P<key>\S+)(?: on (?P<channel>\w+))?$")
_READS = re.compile(r"everybody reads (?P<language>\w\w)$")
_SET = re.compile(r"set (?P<name>\w+) = (?P<value>\S+)$")
_PRESS = re.compile(r"(?P<name>\w+) \[(?P<label>[^\]]+)\](?: (?P<field>\w+) = (?P<value>.*))?$")
_SENDS = re.compile(r"(?P<name>\w+) sends (?P<file>[^:]+)(?:: (?P<text>.*))?$")
_SAID = re.compile(r"(?P<name>\w+): ?(?P<text>.*)$")
_LATER = re.compile(r"\((?P<count>\d+) (?P<unit>minute|hour|day)s? later\)$")
_ARRIVED = re.compile(r"(?P<mark>[>~]) (?P<name>\w+): ?(?P<text>.*)$")
ANYTHING = "…"
FILES = Path(__file__).parents[1] / "transcripts" / "files"
"""What people send in transcripts."""


def plainly(text: str) -> str:
    """With plain spaces for those at which no line breaks, as people type."""
    return text.replace("\u00a0", " ")


@dataclass(frozen=True, slots=True)
class Arrived:
    """What reached somebody, as plain text; `edited` when it changed an earlier card in place."""

    name: str
    text: str
    edited: bool = False

    def fits(self, expected: "Arrived") -> bool:
        """Whether this is what was expected; a line "…" there stands for any number of lines, and any space for one at
        which no line breaks."""
        lines = [re.escape(line) if line != ANYTHING else "\0" for line in plainly(expected.text).split("\n")]
        pattern = "\n".join(lines).replace("\n\0", "(?:\n.*)*").replace("\0", ".*")
        return (
            self.name == expected.name
            and self.edited == expected.edited
            and re.fullmatch(pattern, plainly(self.text)) is not None
        )

    def __str__(self) -> str:
        return f"{'~' if self.edited else '>'} {self.name}: " + self.text.replace("\n", "\n  ")


@dataclass(slots=True)
class Step:
    """One thing somebody does (or the clock), and what must arrive after it. `source` is its line as written; `file`
    comes along with what is said."""

    source: str
    line: int
    name: str = ""
    said: str | None = None
    file: Path | None = None
    button: str = ""
    values: dict[str, str] = field(default_factory=dict)
    later: timedelta | None = None
    expected: list[Arrived] = field(default_factory=list)


@dataclass(slots=True)
class Script:
    """`language` is what everybody has chosen to read, "" where each keeps their own."""

    path: Path
    language: str = ""
    people: dict[str, str] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)


def read(path: Path) -> Script:
    """The script of a file. Raises SyntaxError with the line that does not read."""
    script = Script(path)
    last: list[str] | None = None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("  ") and last is not None:
            last.append(line[2:])
            _keep(script, last)
            continue
        last = None
        if not line.strip() or line.startswith("#"):
            continue
        if found := _WITH.match(line):
            script.people[found["name"]] = found["key"]
            if found["channel"]:
                script.channels[found["name"]] = found["channel"]
        elif found := _READS.match(line):
            script.language = found["language"]
        elif found := _SET.match(line):
            script.settings[found["name"]] = found["value"]
        elif found := _ARRIVED.match(line):
            last = [f"{found['mark']}{found['name']}", found["text"]]
            script.steps[-1].expected.append(Arrived("", ""))
            _keep(script, last)
        elif found := _LATER.match(line):
            later = timedelta(**{f"{found['unit']}s": int(found["count"])})
            script.steps.append(Step(line, number, later=later))
        elif found := _PRESS.match(line):
            values = {found["field"]: found["value"].replace("\\n", "\n")} if found["field"] else {}
            script.steps.append(Step(line, number, found["name"], button=found["label"], values=values))
        elif found := _SENDS.match(line):
            file = FILES / found["file"]
            script.steps.append(Step(line, number, found["name"], said=found["text"] or "", file=file))
        elif found := _SAID.match(line):
            text = found["text"].replace("\\n", "\n")
            script.steps.append(Step(line, number, found["name"], said=text))
        else:
            raise SyntaxError(f"{path.name}:{number}: {line}")
    return script


def _keep(script: Script, block: list[str]) -> None:
    head, *lines = block
    script.steps[-1].expected[-1] = Arrived(head[1:], "\n".join(lines), edited=head[0] == "~")


def rewrite(script: Script, arrived: dict[int, list[Arrived]]) -> None:
    """Writes the file anew with what arrived after each step; comments and steps stay."""
    written: list[str] = []
    steps = {step.line: step for step in script.steps}
    lines = script.path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        if line.startswith(("> ", "~ ", "  ")):
            continue
        written.append(line)
        if number in steps:
            written += [str(one) for one in arrived.get(number, [])]
    script.path.write_text("\n".join(written) + "\n", encoding="utf-8")
