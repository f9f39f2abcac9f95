"""What the Teams room must be told; `bot/settings.py` builds it from the environment."""

from dataclasses import dataclass, field

from bot.teams.hosts import is_fetchable

# The hosts that Microsoft documents for the public cloud and GCC ("Service URL Validation", Teams SDK). GCC High,
# DoD and China sign with other issuers, which the gate does not know: their hosts would only widen the list.
SERVICE_HOSTS = (
    "smba.trafficmanager.net",
    "smba.onyx.prod.teams.trafficmanager.net",
    "smba.infra.gcc.teams.microsoft.com",
)
FILE_HOSTS = (".sharepoint.com",)
"""Where Teams keeps what people send in a chat: OneDrive of the same clouds. No token goes there."""
OPENID_URL = "https://login.botframework.com/v1/.well-known/openidconfiguration"


@dataclass(frozen=True, slots=True)
class TeamsSettings:
    """How to know Teams, and how Teams knows us.

    app_id, app_password  of the bot's registration. Without them only `development` is possible: nobody is
                          authenticated, and the room answers loopback peers alone.
    tenants               the tenants (GUIDs) that may talk to the bot; nobody else gets in.
    service_hosts         exact host names that we answer to and send tokens to.
    file_hosts            where files may be fetched from; with a leading dot, everything below.
    development           allows a loopback http serviceUrl (Agents Playground), login, key and file address.
    ack_seconds           how long a message with files may hold its request; Teams sends again after 15 s.
    max_body_bytes        a larger request is refused; Teams messages are at most about 100 KB.
    login_tenant          where our token comes from: a single-tenant bot's own tenant, else "botframework.com".
                          "" takes the one tenant if exactly one is listed, else "botframework.com".
    catalog_id            the app's id in the organisation's catalogue; "" when the bot makes no group chats.
    graph_url             where Microsoft Graph is; another only in tests and special clouds.
    token_url, openid_url  for tests and proxies; "" derives the token URL from `login_tenant`.

    Raises ValueError, naming the setting, when the room could not work with them.
    """

    app_id: str = ""
    app_password: str = field(default="", repr=False)
    tenants: tuple[str, ...] = ()
    service_hosts: tuple[str, ...] = SERVICE_HOSTS
    file_hosts: tuple[str, ...] = FILE_HOSTS
    ack_seconds: float = 8.0
    development: bool = False
    max_body_bytes: int = 256 * 1024
    login_tenant: str = ""
    catalog_id: str = ""
    graph_url: str = "https://graph.microsoft.com"
    token_url: str = ""
    openid_url: str = OPENID_URL

    def __post_init__(self) -> None:
        if not self.app_id and not self.development:
            raise ValueError("app_id is missing: without it Teams works in development mode only")
        if self.app_id and not self.app_password:
            raise ValueError("app_password is missing: the bot could listen but never answer")
        if self.app_id and not self.tenants:
            raise ValueError("tenants is empty: name at least one tenant, or nobody gets in")
        if not self.max_body_bytes > 0:
            raise ValueError("max_body_bytes must be positive")
        for name in ("token_endpoint", "openid_url", "graph_url"):
            if not is_fetchable(getattr(self, name), development=self.development):
                raise ValueError(f"{name} must be an https address")

    @property
    def token_endpoint(self) -> str:
        if self.token_url:
            return self.token_url
        tenant = self.login_tenant or (self.tenants[0] if len(self.tenants) == 1 else "botframework.com")
        return f"https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"

    def allows_tenant(self, tenant: str) -> bool:
        """Whether people of that tenant may use the bot. Development without a list has nobody to keep out."""
        if not self.tenants:
            return self.development and not self.app_id
        return tenant.lower() in {allowed.lower() for allowed in self.tenants}
