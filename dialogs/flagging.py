"""The commands of a flag: raising one, moderating it, and reacting to what was published."""

from dialogs.commands import Argument, Group, called, command, number
from dialogs.composing import Values, Words, words_for
from dialogs.message import Button, Entry, Fact, Field, Message, Quote
from dialogs.ports import Desk
from dialogs.wording import Say
from knowledge import flagging
from knowledge.flag import Flag, State, Type
from knowledge.notices import Notice
from knowledge.people import DESK, Person, Role
from knowledge.places import Network
from knowledge.text import LONGEST_TEXT, excerpt

_FLAG, _TEXT = Argument.FLAG, Argument.TEXT
MODERATORS = DESK | {Role.MODERATOR}


@command("flag", _TEXT, optional=1, fr="signaler", es="señalar", menu=True, reads=True, group=Group.TOGETHER)
def flag(desk: Desk, person: Person, text: str = "") -> list[Notice]:
    """A number shows that flag; a type's word in front says what it is."""
    if not text:
        return [Notice(person.id, "flag.form")]
    known = number(text)
    if known is not None:
        return flagging.card(desk, person, known)
    first, _, rest = text.partition(" ")
    meant = called(first.rstrip(":"))
    if meant is not None and meant.name in list(Type) and rest.strip():
        return flagging.flag(desk, person, rest, Type(meant.name))
    return flagging.flag(desk, person, text)


@command("flags", fr="signalements", es="señales", reads=True, group=Group.TOGETHER)
def flags(desk: Desk, person: Person) -> list[Notice]:
    return [Notice(person.id, "flag.list", {"found": flagging.overview(desk, person)})]


@command("opportunity", _FLAG, fr="opportunité occasion", es="oportunidad", listed=False, group=Group.TOGETHER)
def opportunity(desk: Desk, person: Person, flag: int) -> list[Notice]:
    return flagging.choose(desk, person, flag, Type.OPPORTUNITY)


@command("challenge", _FLAG, fr="défi", es="desafío reto", listed=False, group=Group.TOGETHER)
def challenge(desk: Desk, person: Person, flag: int) -> list[Notice]:
    return flagging.choose(desk, person, flag, Type.CHALLENGE)


@command("partnership", _FLAG, fr="partenariat", es="alianza", listed=False, group=Group.TOGETHER)
def partnership(desk: Desk, person: Person, flag: int) -> list[Notice]:
    return flagging.choose(desk, person, flag, Type.PARTNERSHIP)


@command("place", _FLAG, Argument.NETWORK, fr="placer", es="ubicar", listed=False, group=Group.TOGETHER)
def place(desk: Desk, person: Person, flag: int, network: str) -> list[Notice]:
    return flagging.place(desk, person, flag, network)


@command("sign", _FLAG, fr="signer", es="firmar", listed=False, group=Group.TOGETHER)
def sign(desk: Desk, person: Person, flag: int) -> list[Notice]:
    return flagging.sign(desk, person, flag, named=True)


@command("unsigned", _FLAG, fr="anonyme", es="anónimo anónima", listed=False, group=Group.TOGETHER)
def unsigned(desk: Desk, person: Person, flag: int) -> list[Notice]:
    return flagging.sign(desk, person, flag, named=False)


@command("submit", _FLAG, fr="soumettre", es="presentar", listed=False, group=Group.TOGETHER)
def submit(desk: Desk, person: Person, flag: int) -> list[Notice]:
    return flagging.submit(desk, person, flag)


@command("rephrase", _FLAG, _TEXT, optional=1, fr="reformuler", es="reformular", listed=False, group=Group.TOGETHER)
def rephrase(desk: Desk, person: Person, flag: int, text: str = "") -> list[Notice]:
    if text:
        return flagging.reword(desk, person, flag, text)
    return flagging.reword_form(desk, person, flag)


@command("agree", _FLAG, fr="valider", es="validar", listed=False, group=Group.TOGETHER)
def agree(desk: Desk, person: Person, flag: int) -> list[Notice]:
    return flagging.agree(desk, person, flag)


@command("retract", _FLAG, fr="rétracter", es="retractar", listed=False, group=Group.TOGETHER)
def retract(desk: Desk, person: Person, flag: int) -> list[Notice]:
    return flagging.retract(desk, person, flag)


@command(
    "approve", _FLAG, fr="approuver", es="aprobar", roles=MODERATORS, strict=True, listed=False, group=Group.TOGETHER
)
def approve(desk: Desk, person: Person, flag: int) -> list[Notice]:
    return flagging.approve(desk, person, flag)


@command(
    "reject",
    _FLAG,
    _TEXT,
    fr="rejeter",
    es="denegar",
    roles=MODERATORS,
    strict=True,
    listed=False,
    group=Group.TOGETHER,
)
def reject(desk: Desk, person: Person, flag: int, text: str) -> list[Notice]:
    return flagging.reject(desk, person, flag, text)


@command("react", _FLAG, _TEXT, fr="réagir", es="reaccionar", group=Group.TOGETHER)
def react(desk: Desk, person: Person, flag: int, text: str) -> list[Notice]:
    return flagging.react(desk, person, flag, text, named=False)


@command("join", _FLAG, _TEXT, fr="rejoindre", es="sumarse", listed=False, group=Group.TOGETHER)
def join(desk: Desk, person: Person, flag: int, text: str) -> list[Notice]:
    return flagging.react(desk, person, flag, text, named=True)


@command(
    "home", Argument.NETWORK, optional=1, fr="accueil", es="casa", roles=MODERATORS, strict=True, group=Group.TOGETHER
)
def home(desk: Desk, person: Person, network: str = "") -> list[Notice]:
    """In private it only says how; in a channel the turn itself hears it (`dialogs.turn`)."""
    return [Notice(person.id, "home.how")]


# Words


@words_for("flag.form")
def _form(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        title=say("flag.form_title"),
        text=say("flag.form_text"),
        fields=(_words_field(say),),
        buttons=(Button(say("button.flag"), "flag", "primary", form=True),),
    )


@words_for("flag.draft")
def _draft(words: Words, values: Values) -> Message:
    say, flag, network = words.say, values["flag"], values["network"]
    places = [Button(words.network(other), f"place {flag.id} {words.network(other)}") for other in values["others"]]
    types = [Button(say(f"button.flag_{one}"), f"{one} {flag.id}") for one in Type if one is not flag.type]
    return Message(
        title=say("flag.title_draft", flag=flag.id),
        text=say("flag.draft_rejected" if flag.state is State.REJECTED else "flag.draft_text"),
        quotes=(
            Quote(flag.text, say("preview.quote")),
            *((Quote(flag.reason, say("flag.reason")),) if flag.reason else ()),
        ),
        facts=(
            Fact(say("flag.type"), say(f"flag.type_{flag.type}") if flag.type else say("flag.type_none")),
            Fact(say("flag.read_by"), _read_by(say, network)),
            Fact(say("preview.name"), say("flag.name_shown" if flag.named else "flag.name_hidden")),
        ),
        entries=(
            Entry(title=say("flag.choose_type"), buttons=tuple(types)),
            *((Entry(title=say("flag.choose_network"), buttons=tuple(places)),) if places else ()),
        ),
        fields=(Field("network", say("flag.network_field"), placeholder=say("flag.network_place"), max_length=100),),
        buttons=(
            Button(say("button.submit"), f"submit {flag.id}", "primary"),
            Button(say("button.edit"), f"rephrase {flag.id}"),
            Button(say("button.place"), f"place {flag.id}", form=True),
            Button(say("button.unsigned"), f"unsigned {flag.id}")
            if flag.named
            else Button(say("button.sign"), f"sign {flag.id}"),
            Button(say("button.discard"), f"retract {flag.id}"),
        ),
        note=say("flag.draft_note"),
    )


def _read_by(say: Say, network: Network | None) -> str:
    """Who will read it, with how wide that is: to submit is to consent to exactly this."""
    if network is None:
        return say("flag.nobody_yet")
    name = network.name(say.language)
    return say("flag.readers", network=name, audience=say(f"audience.{network.audience.word}"))


@words_for("flag.card")
def _card(words: Words, values: Values) -> Message:
    say, flag = words.say, values["flag"]
    buttons = []
    if flag.state is State.PROPOSED:
        buttons.append(Button(say("button.agree"), f"agree {flag.id}", "primary"))
    if flag.state in (State.SUBMITTED, State.PROPOSED):
        buttons.append(Button(say("button.rephrase"), f"rephrase {flag.id}"))
    if flag.state is not State.RETRACTED:
        if not flag.named:
            buttons.append(Button(say("button.sign"), f"sign {flag.id}"))
        buttons.append(Button(say("button.withdraw"), f"retract {flag.id}"))
    proposal = (Quote(flag.proposal, say("flag.proposal")),) if flag.proposal else ()
    return Message(
        title=say("flag.title", flag=flag.id),
        text=say(f"flag.card_{flag.state}"),
        quotes=(Quote(flag.text, _type(say, flag)), *proposal),
        facts=(Fact(say("flag.read_by"), _read_by(say, values["network"])),),
        entries=tuple(
            Entry(title=name or say("reaction.a_member"), text=excerpt(text)) for name, text in values.get("said", ())
        ),
        buttons=tuple(buttons),
        note=say.count("flag.reactions", flag.reactions) if flag.reactions else "",
    )


def _type(say: Say, flag: Flag) -> str:
    return say(f"flag.type_{flag.type}") if flag.type else ""


@words_for("flag.moderate")
def _moderate(words: Words, values: Values) -> Message:
    say, flag = words.say, values["flag"]
    facts = (
        Fact(say("flag.read_by"), _read_by(say, values["network"])),
        Fact(say("flag.from"), values["name"] or say("flag.from_hidden")),
    )
    if flag.state is State.PROPOSED:
        return Message(
            title=say("moderate.title", flag=flag.id),
            text=say("moderate.proposed"),
            quotes=(Quote(flag.proposal, _type(say, flag)),),
            facts=facts,
        )
    return Message(
        title=say("moderate.title", flag=flag.id),
        text=say("moderate.text"),
        quotes=(Quote(flag.text, _type(say, flag)),),
        facts=facts,
        fields=(Field("text", say("moderate.field"), say("moderate.reason"), multiline=True, max_length=LONGEST_TEXT),),
        buttons=(
            Button(say("button.approve"), f"approve {flag.id}", "primary"),
            Button(say("button.reword"), f"rephrase {flag.id}"),
            Button(say("button.reject"), f"reject {flag.id}", form=True),
        ),
        note=say("moderate.note"),
    )


@words_for("flag.moderated")
def _moderated(words: Words, values: Values) -> Message:
    say = words.say
    return Message(title=say("moderate.title", flag=values["flag"]), text=say(f"moderate.{values['state']}"))


@words_for("flag.reword_form")
def _reword_form(words: Words, values: Values) -> Message:
    say, flag = words.say, values["flag"]
    return Message(
        title=say("flag.title", flag=flag),
        text=say("flag.reword" if values["mine"] else "moderate.reword"),
        fields=(_words_field(say, values["text"]),),
        buttons=(
            Button(say("button.update"), f"rephrase {flag}", "primary", form=True),
            Button(say("button.back"), f"flag {flag}"),
        ),
    )


def _words_field(say: Say, text: str = "") -> Field:
    return Field("text", say("flag.field"), text, multiline=True, max_length=LONGEST_TEXT)


@words_for("flag.published")
def _published(words: Words, values: Values) -> Message:
    say, flag, network = words.say, values["flag"], values["network"]
    return Message(
        title=say("published.title", type=_type(say, flag), network=network.name(say.language)),
        text=say("published.text"),
        quotes=(Quote(flag.text, values["name"] or say("published.a_member")),),
        fields=(Field("text", say("published.field"), multiline=True, max_length=LONGEST_TEXT),),
        buttons=(
            Button(say("button.react"), f"react {flag.id}", form=True),
            Button(say("button.join"), f"join {flag.id}", form=True),
        ),
        note=say("published.note", flag=flag.id),
    )


@words_for("flag.at_home")
def _at_home(words: Words, values: Values) -> Message:
    say, flag, network = words.say, values["flag"], values["network"]
    return Message(
        title=say("published.title", type=_type(say, flag), network=network.name(say.language)),
        text=say("published.text"),
        quotes=(Quote(flag.text, values["name"] or say("published.a_member")),),
        note=say("published.home_note", flag=flag.id),
    )


@words_for("home.set")
def _home_set(words: Words, values: Values) -> Message:
    return Message(words.say("home.set", network=values["network"].name(words.say.language)))


@words_for("flag.gone")
def _gone(words: Words, values: Values) -> Message:
    return Message(words.say("flag.gone"))


@words_for("flag.reaction")
def _reaction(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        title=say("reaction.title", flag=values["flag"]),
        text=say("reaction.text", about=excerpt(values["about"], 120)),
        quotes=(Quote(values["text"], values["name"] or say("reaction.a_member")),),
    )


@words_for("flag.rejected")
def _rejected(words: Words, values: Values) -> Message:
    say = words.say
    return Message(
        text=say("flag.rejected", flag=values["flag"]),
        quotes=(Quote(values["reason"], say("flag.reason")),),
        note=say("flag.rejected_note"),
    )


@words_for("flag.list")
def _list(words: Words, values: Values) -> Message:
    say, found = words.say, values["found"]
    entries = [
        Entry(
            title=say("flag.entry", flag=flag.id, state=say(title, state=say(f"flag.state_{flag.state}"))),
            text=excerpt(flag.text, 140),
            buttons=(Button(say("button.show"), f"flag {flag.id}"),),
        )
        for title, flags in (
            ("flag.entry_own", found.own),
            ("flag.entry_moderate", found.to_moderate),
            ("flag.entry_published", found.published),
        )
        for flag in flags
    ]
    if not entries:
        return Message(say("flag.list_empty"))
    return Message(text=say("flag.list_text"), entries=tuple(entries))
