"""The commands that give and take back roles, for the KM team."""

from dialogs.commands import Argument, Group, command, somebody
from dialogs.composing import Values, Words, words_for
from dialogs.facilitating import network_meant
from dialogs.message import Button, Message
from dialogs.ports import Desk
from knowledge import granting
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import Person, Role
from knowledge.places import Network
from knowledge.text import plain
from knowledge.touring import STEPS

_KM_TEAM = frozenset({Role.KM_TEAM})

_ROLES = {
    Role.MODERATOR: ("moderator", "moderateur", "moderatrice", "animateur", "animatrice", "moderador", "moderadora"),
    Role.FACILITATOR: ("facilitator", "facilitateur", "facilitatrice", "facilitador", "facilitadora"),
    Role.EXPERT: ("expert", "experte", "experto", "experta"),
    Role.KM_TEAM: ("km team", "km", "equipe km", "equipo km"),
}
_BEFORE_A_PERSON = frozenset("to from a".split())
_EVERYWHERE = ("everywhere", "partout", "en todas partes", "todas partes")
_OF = frozenset("of in for de du des d del en pour para member membre miembro l the la le el".split())


@command(
    "grant", Argument.ROLE, fr="accorder nommer", es="otorgar nombrar", roles=_KM_TEAM, strict=True, group=Group.PEOPLE
)
def grant(desk: Desk, person: Person, role: str) -> list[Notice]:
    return granting.grant(desk, person, *_read(desk, person, role))


@command("revoke", Argument.ROLE, fr="révoquer", es="revocar", roles=_KM_TEAM, strict=True, group=Group.PEOPLE)
def revoke(desk: Desk, person: Person, role: str) -> list[Notice]:
    return granting.revoke(desk, person, *_read(desk, person, role))


def appoint(desk: Desk, person: Person) -> None:
    granting.appoint(desk, person, desk.first_km)


def _read(desk: Desk, person: Person, said: str) -> tuple[Role, Network | None, Person]:
    """The parts of "moderator of mine action to Samira Haddad"; the network may be missing. Raises Refusal for anything
    else."""
    words = said.split()
    folded = [plain(word) for word in words]
    role, begins = _role_of(folded)
    # Names of people hold no such word, networks may: the last one is meant.
    ends = next((place for place in range(len(words) - 2, begins - 1, -1) if folded[place] in _BEFORE_A_PERSON), None)
    if role is None or ends is None:
        raise Refusal("grant.how")
    while begins < ends and folded[begins] in _OF:
        begins += 1
    network = " ".join(words[begins:ends])
    meant = network_meant(desk, person, network) if network and plain(network) not in _EVERYWHERE else None
    return role, meant, somebody(desk, " ".join(words[ends + 1 :]))


def names_a_role(said: str) -> bool:
    """Whether a line begins as one that grants something."""
    return _role_of([plain(word) for word in said.split()])[0] is not None


def _role_of(words: list[str]) -> tuple[Role | None, int]:
    """The role that a line begins with, and at which word it goes on."""
    for length in (2, 1):
        named = " ".join(words[:length])
        for role, names in _ROLES.items():
            if named in names:
                return role, length
    return None, 0


@words_for("role.done", "role.granted", "role.revoked")
def _role(words: Words, values: Values) -> Message:
    say = words.say
    network = words.network(values["network"]) if values["network"] else say("role.everywhere")
    role = say(f"role.{values['role'].replace('-', '_')}")
    if words.key != "role.done":
        granted = words.key == "role.granted"
        shown = (Button(say("button.tour"), f"tour {values['role']}"),) if granted and values["role"] in STEPS else ()
        return Message(say("role.granted" if granted else "role.revoked", role=role, network=network), buttons=shown)
    key = "role.has" if values["action"] == "grant" else "role.has_not"
    return Message(say(key, name=values["name"], role=role, network=network))
