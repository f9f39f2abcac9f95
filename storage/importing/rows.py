"""One row of each kind of file, as pydantic models; a column left out stays unset and changes nothing."""

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar, Literal, get_origin

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ValidationInfo

from knowledge.import_problem import Phrase, phrase
from knowledge.people import Role
from knowledge.text import clean
from storage.importing import cells
from storage.importing.problems import Wrong, meant, short
from storage.importing.reading import Table, unknown_column

Refers = tuple[str, Literal["topics", "networks"], str]
"""The column, the kind it refers to, and the key."""


class Row(BaseModel):
    """What every kind of row shares. `KEY` names the column an existing row is recognised by."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    KEY: ClassVar[str] = "key"

    @staticmethod
    def normal_key(cell: str) -> str:
        """The key as it is kept and compared."""
        return " ".join(clean(cell).split()).lower()

    def refers(self) -> Iterator[Refers]:
        """The keys of other rows that this one names."""
        yield from ()


class TopicRow(Row):
    key: cells.Key
    name_en: cells.NeededLine
    name_fr: cells.Line = ""
    name_es: cells.Line = ""
    aliases: cells.Aliases = []


class NetworkRow(Row):
    key: cells.Key
    name_en: cells.NeededLine
    name_fr: cells.Line = ""
    name_es: cells.Line = ""
    kind: cells.NetworkKind
    audience: cells.Readers
    region: cells.Region = "global"
    topics: cells.Keys = []
    about_en: cells.Text = ""
    about_fr: cells.Text = ""
    about_es: cells.Text = ""
    url: cells.Url = ""

    def refers(self) -> Iterator[Refers]:
        yield from (("topics", "topics", key) for key in self.topics)


def _role(text: str) -> str:
    role, colon, network = (part.strip() for part in text.partition(":"))
    words = [str(known) for known in Role if known is not Role.MEMBER]
    if role not in words:
        raise Wrong(phrase("not_one_of", word=short(role), words=", ".join(words)), *meant(role, words))
    if colon:
        if role == Role.KM_TEAM:
            raise Wrong(phrase("km_everywhere"))
        if not cells.KEY.fullmatch(network):
            raise Wrong(phrase("not_role_network", word=short(network), role=role))
    elif role == Role.MODERATOR:
        raise Wrong(phrase("role_network"))
    return f"{role}:{network}" if colon else role


Grants = Annotated[
    list[Annotated[cells.Word, AfterValidator(_role)]],
    BeforeValidator(cells.a_list),
    AfterValidator(cells.distinct),
]


class PersonRow(Row):
    KEY: ClassVar[str] = "email"

    email: cells.Email
    name: cells.NeededLine
    language: cells.Language = "en"
    speaks: cells.Languages = []
    time_zone: cells.TimeZone = "UTC"
    region: cells.Region = "global"
    office: cells.Line = ""
    organisation: cells.Organisation
    topics: cells.Keys = []
    networks: cells.Keys = []
    roles: Grants = []
    about: cells.Text = ""
    teams_id: cells.TeamsId = ""
    slack_id: cells.SlackId = ""

    def refers(self) -> Iterator[Refers]:
        yield from (("topics", "topics", key) for key in self.topics)
        yield from (("networks", "networks", key) for key in self.networks)
        for grant in self.roles:
            _, colon, network = grant.partition(":")
            if colon:
                yield "roles", "networks", network


class ItemRow(Row):
    key: cells.ItemKey
    question: cells.NeededText
    answer: cells.NeededText
    language: cells.NeededLanguage
    topics: cells.Keys = []
    audience: cells.Readers
    network: cells.NetworkOrNone = Field("", validate_default=True)
    region: cells.Region = "global"
    date: cells.Day = ""

    @field_validator("network")
    @classmethod
    def _network_for_a_sub_network_only(cls, network: str, info: ValidationInfo) -> str:
        audience = info.data.get("audience")
        if audience == "sub-network" and not network:
            raise Wrong(phrase("network_needed"))
        if network and audience not in ("sub-network", None):
            raise Wrong(phrase("network_unwanted"))
        return network

    def refers(self) -> Iterator[Refers]:
        yield from (("topics", "topics", key) for key in self.topics)
        if self.network:
            yield "network", "networks", self.network


ROWS: Mapping[str, type[Row]] = {
    "topics": TopicRow,
    "networks": NetworkRow,
    "people": PersonRow,
    "items": ItemRow,
}
"""The kinds of files, each after those it refers to."""


def table(kind: str) -> Table:
    """The columns of a kind, as its readers need them."""
    fields = ROWS[kind].model_fields
    return Table(
        kind,
        columns=tuple(fields),
        required=tuple(name for name, field in fields.items() if field.is_required()),
        lists=frozenset(name for name, field in fields.items() if get_origin(field.annotation) is list),
    )


def complaints(error: ValidationError, known: Table) -> Iterator[tuple[str, tuple[Phrase, ...]]]:
    """What a person should read of a row that does not fit: column and phrases, one sentence for each column."""
    told = set()
    for detail in error.errors(include_url=False):
        column = str(detail["loc"][0]) if detail["loc"] else ""
        if column not in told:
            told.add(column)
            yield column, _phrases(detail, column, known)


def _phrases(detail: ErrorDetails, column: str, known: Table) -> tuple[Phrase, ...]:
    match detail["type"]:
        case "value_error":
            wrong = detail["ctx"]["error"]
            return wrong.phrases if isinstance(wrong, Wrong) else (phrase("unreadable_cell"),)
        case "missing":
            return (phrase("field_missing", kind=known.kind),)
        case "extra_forbidden":
            return unknown_column(column, known)
        case _:
            return (phrase("unreadable_cell"),)
