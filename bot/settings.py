"""All settings: from the environment or `.env`, checked together, each missing or wrong one named at once."""

from datetime import time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field, ValidationError, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bot.email.settings import LOOPBACK, address_in
from knowledge.hours import Hours, Span
from knowledge.load import Allowance
from knowledge.matching.port import Caution
from knowledge.places import Audience
from knowledge.ports import Pace, Policy

Names = Annotated[tuple[str, ...], NoDecode]
"""Several values in one variable, separated by commas."""


class SettingsError(Exception):
    """One line for each setting that is missing or wrong, ready to be read by whoever deploys."""


class Settings(BaseSettings):
    """What an operator may choose. `.env.example` explains each in the operator's words."""

    model_config = SettingsConfigDict(
        env_file=".env", env_prefix="CONNECT_", env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )

    database_url: str = Field("sqlite:///data/connect.db", validation_alias="DATABASE_URL")
    host: str = "127.0.0.1"
    port: int = Field(8080, ge=1, le=65535, validation_alias="PORT")
    development: bool = True
    log_level: str = "INFO"
    public_url: str = ""
    newcomer_reach: Audience = Audience.UNDP
    desk_sees_askers: bool = False
    first_km: str = ""

    working_day: Annotated[Span, NoDecode] = (time(9), time(17))
    quiet_hours: Annotated[Span | Literal["default"] | None, NoDecode] = "default"
    summary_at: time | None = time(9)
    weekly_cap: int = Field(3, ge=0, le=100)
    expert_share: float = Field(0.05, ge=0, le=1)
    moderator_share: float = Field(0.15, ge=0, le=1)
    expertise_half_life_days: float = Field(365, ge=7)

    pulse_key: str = Field("", repr=False)

    teams_app_id: str = ""
    teams_app_password: str = Field("", repr=False)
    teams_tenants: Names = ()
    teams_service_hosts: Names = ()
    teams_catalog_id: str = ""

    slack_bot_token: str = Field("", repr=False)
    slack_signing_secret: str = Field("", repr=False)
    slack_app_token: str = Field("", repr=False)
    slack_workspaces: Names = ()
    slack_api_url: str = "https://slack.com/api/"

    smtp_host: str = ""
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: str = Field("", repr=False)
    smtp_from: str = ""
    smtp_reply_to: str = ""
    smtp_ca_file: str = ""
    smtp_per_second: float = Field(10, ge=1)

    offer_hours: float = Field(4, gt=0)
    desk_hours: float = Field(24, gt=0)
    ageing_hours: float = Field(24, gt=0)
    answer_hours: float = Field(8, gt=0)
    outcome_days: float = Field(3, gt=0)
    silence_days: float = Field(14, gt=0)
    follow_up_days: float = Field(30, gt=0)
    draft_days: float = Field(7, gt=0)
    propose_hours: float = Field(1, ge=0)
    consent_days: float = Field(14, gt=0)
    review_days: float = Field(182, gt=0)
    keep_questions_days: float = Field(730, ge=60)
    keep_audit_days: float = Field(1095, ge=30)
    gather_days: float = Field(2, gt=0)
    assist_days: float = Field(3, gt=0)
    assist_groups: bool = True
    matching_encoder: str = "use"
    matching_in_vain: float = Field(20, ge=1.5)

    most_offers: int = Field(5, ge=1, le=50)

    @field_validator("teams_tenants", "teams_service_hosts", "slack_workspaces", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("smtp_from", "smtp_reply_to")
    @classmethod
    def _mail_address(cls, value: str) -> str:
        if value and address_in(value) is None:
            raise ValueError("must be one e-mail address: bot@example.org, or Our bot <bot@example.org>")
        return value

    @field_validator("teams_catalog_id")
    @classmethod
    def _guid(cls, value: str) -> str:
        try:
            return str(UUID(value)) if value else value
        except ValueError:
            raise ValueError("must be a GUID: the app's id in your organisation's catalogue") from None

    @field_validator("matching_encoder")
    @classmethod
    def _encoder(cls, value: str) -> str:
        if value not in ("use", "none") and not value.startswith(("model2vec:", "sentence-transformers:")):
            raise ValueError("must be use, none, model2vec:FOLDER or sentence-transformers:FOLDER")
        return value

    @field_validator("newcomer_reach", mode="before")
    @classmethod
    def _audience(cls, value: Any) -> Any:
        if isinstance(value, str):
            try:
                audience = Audience.of(value)
            except ValueError:
                audience = Audience.PRIVATE
            if audience < Audience.UNDP:
                raise ValueError("must be undp, one-un or public")
            return audience
        return value

    @field_validator("working_day", "quiet_hours", mode="before")
    @classmethod
    def _span(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, str) or value == "default":
            return value
        if value == "none" and info.field_name == "quiet_hours":
            return None
        try:
            begins, ends = (time.fromisoformat(part.strip()) for part in value.split("-"))
        except ValueError:
            raise ValueError("must be two times of day, such as 09:00-17:00") from None
        if info.field_name == "working_day" and begins >= ends:
            raise ValueError("must end later on the same day")
        if info.field_name == "quiet_hours" and begins <= ends:
            raise ValueError("must last over the night, such as 18:00-08:00; or none")
        return begins, ends

    @field_validator("summary_at", mode="before")
    @classmethod
    def _morning(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return None if value == "none" else time.fromisoformat(value)
        except ValueError:
            raise ValueError("must be a time of day, such as 09:00; or none") from None

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if value.split(":", 1)[0].split("+")[0] not in ("sqlite", "postgres", "postgresql"):
            raise ValueError("must start with sqlite:///, postgresql:// or postgres://")
        return value

    @model_validator(mode="after")
    def _together(self) -> "Settings":
        problems = []
        if self.development and self.host not in LOOPBACK:
            problems.append(
                "CONNECT_HOST: development mode answers anybody who reaches it, so it listens on 127.0.0.1 only; "
                "set CONNECT_DEVELOPMENT=false to listen elsewhere"
            )
        if not self.development and not self.teams_app_id and not self.slack_bot_token:
            problems.append(
                "CONNECT_TEAMS_APP_ID or CONNECT_SLACK_BOT_TOKEN: a channel is needed outside development mode "
                "(docs/operator.md)"
            )
        if not self.development and not self.public_url.startswith("https://"):
            problems.append(
                "CONNECT_PUBLIC_URL: the https address at which channels and people's browsers reach the bot; "
                "pages open there (docs/operator.md)"
            )
        if not self.development and not self.slack_api_url.startswith("https://"):
            problems.append("CONNECT_SLACK_API_URL: must start with https:// outside development mode")
        if self.teams_app_id and not self.teams_app_password:
            problems.append("CONNECT_TEAMS_APP_PASSWORD: needed with CONNECT_TEAMS_APP_ID")
        if self.teams_app_id and not self.teams_tenants:
            problems.append("CONNECT_TEAMS_TENANTS: needed with CONNECT_TEAMS_APP_ID; which tenants may use the bot")
        if self.slack_bot_token and not (self.slack_signing_secret or self.slack_app_token):
            problems.append("CONNECT_SLACK_SIGNING_SECRET: needed for Slack, or CONNECT_SLACK_APP_TOKEN")
        if self.slack_bot_token and not self.slack_workspaces:
            problems.append("CONNECT_SLACK_WORKSPACES: needed for Slack; which workspaces may use the bot")
        if (self.slack_signing_secret or self.slack_app_token) and not self.slack_bot_token:
            problems.append("CONNECT_SLACK_BOT_TOKEN: needed for Slack (docs/operator.md, Slack)")
        problems += self._mail_problems()
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _mail_problems(self) -> list[str]:
        if not self.smtp_host:
            return []
        problems = []
        if not self.smtp_from:
            problems.append("CONNECT_SMTP_FROM: needed with CONNECT_SMTP_HOST; whom letters are from")
        if self.smtp_security == "none" and self.smtp_host not in LOOPBACK:
            problems.append("CONNECT_SMTP_SECURITY: must be starttls or tls, unless the server is on this machine")
        if bool(self.smtp_user) != bool(self.smtp_password):
            problems.append("CONNECT_SMTP_USER, CONNECT_SMTP_PASSWORD: needed together, or neither")
        if not self.development and not self.public_url.startswith("https://"):
            problems.append("CONNECT_PUBLIC_URL: needed with CONNECT_SMTP_HOST, with https: where letters are stopped")
        return problems

    @property
    def site(self) -> str:
        """Where people's browsers reach us, without a slash at its end."""
        return self.public_url.rstrip("/") or f"http://localhost:{self.port}"

    @property
    def pace(self) -> Pace:
        return Pace(
            offer=timedelta(hours=self.offer_hours),
            desk=timedelta(hours=self.desk_hours),
            ageing=timedelta(hours=self.ageing_hours),
            taken=timedelta(hours=self.answer_hours),
            outcome=timedelta(days=self.outcome_days),
            silence=timedelta(days=self.silence_days),
            follow_up=timedelta(days=self.follow_up_days),
            draft=timedelta(days=self.draft_days),
            propose=timedelta(hours=self.propose_hours),
            consent=timedelta(days=self.consent_days),
            review=timedelta(days=self.review_days),
            gather=timedelta(days=self.gather_days),
            assist=timedelta(days=self.assist_days),
            most_offers=self.most_offers,
        )

    @property
    def kept_questions(self) -> timedelta:
        """How long the words of a question that is over are kept."""
        return timedelta(days=self.keep_questions_days)

    @property
    def kept_audit(self) -> timedelta:
        return timedelta(days=self.keep_audit_days)

    @property
    def caution(self) -> Caution:
        return Caution(in_vain=self.matching_in_vain)

    @property
    def policy(self) -> Policy:
        quiet = self.quiet_hours
        if quiet == "default":
            # Whoever tries the bot on a Sunday would otherwise wait until Monday.
            quiet = None if self.development else Hours().quiet
        return Policy(
            desk_sees_askers=self.desk_sees_askers,
            hours=Hours(working=self.working_day, quiet=quiet),
            summary_at=self.summary_at,
            allowance=Allowance(
                weekly_cap=self.weekly_cap, expert_share=self.expert_share, moderator_share=self.moderator_share
            ),
            expertise_half_life=timedelta(days=self.expertise_half_life_days),
        )


def read_settings(env_file: Path | None = Path(".env")) -> Settings:
    """The settings of this process. Raises SettingsError naming every wrong one; values are never shown."""
    try:
        return Settings(_env_file=env_file)  # type: ignore[call-arg]
    except ValidationError as error:
        raise SettingsError("\n".join(line for problem in error.errors() for line in _lines(problem))) from None


def _lines(problem: Any) -> list[str]:
    message = str(problem["msg"]).removeprefix("Value error, ")
    if not problem["loc"]:
        return message.splitlines()
    name = str(problem["loc"][0])
    known = Settings.model_fields.get(name)
    variable = known.validation_alias if known and isinstance(known.validation_alias, str) else f"CONNECT_{name}"
    variable = name if name.isupper() else variable
    return [f"{variable.upper()}: {message[:1].lower()}{message[1:]}"]
