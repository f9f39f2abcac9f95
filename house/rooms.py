"""The channels' rooms, as the settings want them, and what they are handed of our store."""

from bot.email.room import EmailRoom
from bot.email.settings import EmailSettings
from bot.settings import Settings
from bot.slack.room import SlackRoom
from bot.slack.settings import SlackSettings
from bot.teams.settings import SERVICE_HOSTS, TeamsSettings
from dialogs import turn
from house.ground import Ground
from knowledge import subscribing
from knowledge.people import Person
from storage.conversations import shut
from storage.database import Database
from storage.people import describe
from storage.work import Work


class Directory:
    """What a channel tells of people beside what they say, each in one transaction (`bot.slack.room.Directory`)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def described(self, remote_id: str, name: str, language: str, time_zone: str) -> None:
        await self._database.run(
            lambda connection: describe(connection, SlackRoom.name, remote_id, name, language, time_zone)
        )

    async def left(self, remote_id: str) -> None:
        await self._database.run(lambda connection: shut(connection, SlackRoom.name, remote_id, "gone"))


class Mailboxes:
    """Who gets letters, as `bot.email.room.Mailboxes` asks for it."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground

    async def language(self, mailbox: str) -> str | None:
        reader = await self._ground.look(lambda work: _reader(work, mailbox))
        return reader.language if reader is not None else None

    async def stop(self, mailbox: str) -> None:
        def stop(work: Work) -> None:
            reader = _reader(work, mailbox)
            if reader is not None:
                turn.tell(work, subscribing.no_more_letters(work, reader))

        await self._ground.change(stop)


def _reader(work: Work, mailbox: str) -> Person | None:
    number = work.conversations.whose(EmailRoom.name, mailbox)
    return work.people.get(number) if number is not None else None


def email_settings(settings: Settings) -> EmailSettings | None:
    """None where no letters are sent."""
    if not settings.smtp_host:
        return None
    return EmailSettings(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.smtp_from,
        public_url=settings.site,
        user=settings.smtp_user,
        password=settings.smtp_password,
        security=settings.smtp_security,
        ca_file=settings.smtp_ca_file,
        reply_to=settings.smtp_reply_to,
    )


def slack_settings(settings: Settings) -> SlackSettings | None:
    """None where Slack is not set up."""
    if not settings.slack_bot_token:
        return None
    return SlackSettings(
        bot_token=settings.slack_bot_token,
        signing_secret=settings.slack_signing_secret,
        app_token=settings.slack_app_token,
        workspaces=settings.slack_workspaces,
        api_url=settings.slack_api_url,
    )


def teams_settings(settings: Settings) -> TeamsSettings | None:
    """None where the bot lives in Slack alone: nothing listens for Teams then."""
    if not settings.teams_app_id and not settings.development:
        return None
    return TeamsSettings(
        app_id=settings.teams_app_id,
        app_password=settings.teams_app_password,
        tenants=settings.teams_tenants,
        service_hosts=settings.teams_service_hosts or SERVICE_HOSTS,
        catalog_id=settings.teams_catalog_id,
        development=settings.development,
    )
