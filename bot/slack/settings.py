"""What the Slack room must be told; `bot/settings.py` builds it from the environment."""

from dataclasses import dataclass, field

API_URL = "https://slack.com/api/"
FILE_HOSTS = (".slack.com",)
"""Where Slack keeps the files that people send: the only hosts besides the Web API's that ever get the bot's token."""


@dataclass(frozen=True, slots=True)
class SlackSettings:
    """How to know Slack, and how Slack knows us.

    bot_token       "xoxb-…", with which we write.
    signing_secret  with which Slack signs what it sends us over HTTP. Needed unless `app_token` is set.
    app_token       "xapp-…": Socket Mode, for those behind a firewall; HTTP requests are then refused.
    workspaces      the ids of the workspaces ("T…") whose people may use the bot; nobody else gets in.
    api_url         where the Web API is; another only in tests.
    max_body_bytes  a larger request is refused.
    ack_seconds     how long a request may wait for its turn. Slack allows 3 s.

    Raises ValueError, naming the setting, when the room could not work with them.
    """

    bot_token: str = field(repr=False)
    workspaces: tuple[str, ...]
    signing_secret: str = field(default="", repr=False)
    app_token: str = field(default="", repr=False)
    api_url: str = API_URL
    max_body_bytes: int = 256 * 1024
    ack_seconds: float = 2.0

    def __post_init__(self) -> None:
        if not self.bot_token:
            raise ValueError("bot_token is missing: the bot could listen but never answer")
        if not self.signing_secret and not self.app_token:
            raise ValueError("signing_secret or app_token is missing: nobody could be authenticated")
        if not self.workspaces:
            raise ValueError("workspaces is empty: name at least one, or nobody gets in")
