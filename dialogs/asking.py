"""The commands of a direct-connect question: asking, being asked, and the facilitator's hand."""

from dialogs.commands import Argument, Group, command, language_of, number, somebody, without_to
from dialogs.ports import Desk
from dialogs.wording import say_in
from knowledge import choosing, direct_connect, finding, naming, routing
from knowledge.errors import Refusal
from knowledge.notices import Notice
from knowledge.people import DESK, Person, Role
from knowledge.places import Network
from knowledge.question import Outcome
from knowledge.text import plain
from knowledge.wishes import Identity, Wants

_QUESTION, _ITEM, _TEXT, _WHO = Argument.QUESTION, Argument.ITEM, Argument.TEXT, Argument.WHO

EXPERTS = DESK | {Role.EXPERT, Role.MODERATOR}


@command("ask", _TEXT, fr="demander poser", es="preguntar", menu=True)
def ask(desk: Desk, person: Person, text: str) -> list[Notice]:
    return direct_connect.ask(desk, person, text)


@command("send", _QUESTION, fr="envoyer", es="enviar")
def send(desk: Desk, person: Person, question: int) -> list[Notice]:
    return direct_connect.send(desk, person, question)


@command("edit", _QUESTION, _TEXT, optional=1, fr="modifier", es="editar modificar", also="change")
def edit(desk: Desk, person: Person, question: int, text: str = "") -> list[Notice]:
    if text:
        return direct_connect.edit(desk, person, question, text)
    return direct_connect.edit_form(desk, person, question)


@command(
    "detail",
    _QUESTION,
    Argument.TRIED,
    Argument.WHERE,
    Argument.BY,
    optional=3,
    fr="détailler",
    es="detallar",
    listed=False,
)
def detail(desk: Desk, person: Person, question: int, tried: str = "", where: str = "", by: str = "") -> list[Notice]:
    """What a short question lacks is added to it as lines of its own, in the asker's language."""
    say = say_in(person.language)
    draft = finding.draft(desk, person, question)
    added = [
        say("coach.line", label=say(f"coach.{name}"), text=text)
        for name, text in (("tried", tried), ("where", where), ("by", by))
        if text
    ]
    if not added:
        return [direct_connect.card(desk, person, question)]
    return direct_connect.edit(desk, person, question, "\n".join([draft.text, *added]))


@command("choices", _QUESTION, fr="choix", es="opciones", reads=True)
def choices(desk: Desk, person: Person, question: int) -> list[Notice]:
    return choosing.choices(desk, person, question)


@command("kind", _QUESTION, Argument.WANTS, fr="type", es="tipo", listed=False)
def kind(desk: Desk, person: Person, question: int, wants: str) -> list[Notice]:
    meant = next((one for one, words in _WANTS.items() if plain(wants) in words), None)
    if meant is None:
        raise Refusal("wish.kind_unknown", word=wants[:40])
    return choosing.choose(desk, person, question, wants=meant)


_WANTS = {
    Wants.ANSWER: ("answer", "an answer", "reponse", "une reponse", "respuesta", "una respuesta"),
    Wants.EXPERT: (
        "expert",
        "an expert",
        "experte",
        "une experte",
        "un expert",
        "experto",
        "experta",
        "una persona experta",
    ),
    Wants.VALIDATION: (
        "validation",
        "opinion",
        "a second opinion",
        "avis",
        "un avis",
        "opinion",
        "una opinion",
        "validacion",
    ),
}


@command("hide", _QUESTION, fr="cacher", es="ocultar", listed=False)
def hide(desk: Desk, person: Person, question: int) -> list[Notice]:
    return choosing.identify(desk, person, question, Identity.HIDDEN)


@command("unseen", _QUESTION, fr="invisible", es="invisible", listed=False)
def unseen(desk: Desk, person: Person, question: int) -> list[Notice]:
    return choosing.identify(desk, person, question, Identity.UNSEEN)


@command("without", _QUESTION, _WHO, fr="sans sauf", es="sin salvo", also="except")
def without(desk: Desk, person: Person, question: int, who: str) -> list[Notice]:
    for names, exclude in _KNOWN_TO_US:
        if plain(who) in names:
            return exclude(desk, person, question)
    return choosing.exclude(desk, person, question, somebody(desk, who))


_KNOWN_TO_US = (
    (("nobody", "personne", "nadie"), choosing.exclude_nobody),
    (
        ("my office", "my country office", "mon bureau", "mon bureau de pays", "mi oficina", "mi oficina de pais"),
        choosing.exclude_office,
    ),
    (
        ("my supervisor", "mon superviseur", "ma superviseure", "mi supervisor", "mi supervisora"),
        choosing.exclude_supervisor,
    ),
)


@command("within", _QUESTION, Argument.NETWORK, fr="parmi", es="entre")
def within(desk: Desk, person: Person, question: int, network: str) -> list[Notice]:
    if plain(network) in ("everybody", "everyone", "tout le monde", "todo el mundo"):
        return choosing.within(desk, person, question, None)
    return choosing.within(desk, person, question, routing.network_named(desk, person, network))


@command("region", _QUESTION, fr="région", es="región", listed=False)
def region(desk: Desk, person: Person, question: int) -> list[Notice]:
    return choosing.choose(desk, person, question, same_region=True)


@command("anywhere", _QUESTION, fr="partout", es="cualquiera", listed=False)
def anywhere(desk: Desk, person: Person, question: int) -> list[Notice]:
    return choosing.choose(desk, person, question, same_region=False)


@command("supervisor", _WHO, fr="superviseur superviseure", es="supervisora", listed=False, group=Group.YOU)
def supervisor(desk: Desk, person: Person, who: str) -> list[Notice]:
    return choosing.supervised_by(desk, person, somebody(desk, who))


@command("settle", _QUESTION, _ITEM, fr="convient", es="sirve")
def settle(desk: Desk, person: Person, question: int, item: int) -> list[Notice]:
    return direct_connect.settle(desk, person, question, item)


@command("status", _QUESTION, optional=1, fr="statut", es="estado", menu=True, reads=True)
def status(desk: Desk, person: Person, question: int | None = None) -> list[Notice]:
    if question is None:
        return [Notice(person.id, "question.list", {"questions": direct_connect.overview(desk, person, desk.now)})]
    return [direct_connect.card(desk, person, question)]


@command("reply", _QUESTION, _TEXT, fr="préciser relancer", es="precisar")
def reply(desk: Desk, person: Person, question: int, text: str) -> list[Notice]:
    return direct_connect.reply(desk, person, question, text)


@command("solved", _QUESTION, Argument.WHICH, optional=1, fr="résolu résolue", es="resuelta resuelto")
def solved(desk: Desk, person: Person, question: int, which: str = "") -> list[Notice]:
    if plain(which) in _ALL:
        given = direct_connect.answers_to(desk, person, question)
        return direct_connect.outcome(desk, person, question, Outcome.SOLVED, range(1, given + 1))
    picked = [number(word) or 0 for word in which.replace(",", " ").split()]
    return direct_connect.outcome(desk, person, question, Outcome.SOLVED, picked)


_ALL = ("both", "all", "tous", "toutes", "les deux", "ambas", "ambos", "todas", "todos", "las dos")


@command("another", _QUESTION, fr="autre", es="otra otro")
def another(desk: Desk, person: Person, question: int) -> list[Notice]:
    return direct_connect.another(desk, person, question)


@command("partly", _QUESTION, fr="partiellement", es="parcialmente")
def partly(desk: Desk, person: Person, question: int) -> list[Notice]:
    return direct_connect.outcome(desk, person, question, Outcome.PARTLY)


@command("no", _QUESTION, fr="non", es="nada")
def not_solved(desk: Desk, person: Person, question: int) -> list[Notice]:
    return direct_connect.outcome(desk, person, question, Outcome.NO)


@command("reopen", _QUESTION, fr="rouvrir", es="reabrir")
def reopen(desk: Desk, person: Person, question: int) -> list[Notice]:
    return direct_connect.reopen(desk, person, question)


@command("withdraw", _QUESTION, fr="retirer annuler", es="retirar cancelar", also="cancel")
def withdraw(desk: Desk, person: Person, question: int) -> list[Notice]:
    return direct_connect.withdraw(desk, person, question)


@command("reveal", _QUESTION, fr="révéler", es="revelar")
def reveal(desk: Desk, person: Person, question: int) -> list[Notice]:
    return naming.reveal(desk, person, question)


@command("meet", _QUESTION, fr="connaître", es="conocer")
def meet(desk: Desk, person: Person, question: int) -> list[Notice]:
    return naming.meet(desk, person, question)


@command("keep", _QUESTION, fr="taire", es="callar", listed=False)
def keep(desk: Desk, person: Person, question: int) -> list[Notice]:
    return naming.keep(desk, person, question)


@command("accept", _QUESTION, fr="accepter prendre", es="aceptar tomar", also="take", roles=EXPERTS)
def accept(desk: Desk, person: Person, question: int) -> list[Notice]:
    return direct_connect.accept(desk, person, question)


@command("decline", _QUESTION, fr="décliner refuser", es="rechazar declinar", roles=EXPERTS)
def decline(desk: Desk, person: Person, question: int) -> list[Notice]:
    return direct_connect.decline(desk, person, question)


@command("pass", _QUESTION, _WHO, optional=1, fr="passer transmettre", es="pasar", roles=EXPERTS)
def pass_on(desk: Desk, person: Person, question: int, who: str = "") -> list[Notice]:
    if not who:
        return direct_connect.pass_on(desk, person, question)
    to = _colleague_or_network(desk, person, who)
    if isinstance(to, Network):
        return direct_connect.pass_to_network(desk, person, question, to)
    return direct_connect.pass_on(desk, person, question, to)


def _colleague_or_network(desk: Desk, person: Person, who: str) -> Person | Network:
    """Whom a name means; a network where it is one's key or full name, or where nobody is called so."""
    name = without_to(who)
    networks, people = routing.networks_named(desk, person, name), desk.people.named(name)
    if len(networks) == 1 and (not people or routing.is_called(networks[0], name)):
        return networks[0]
    if not people and not networks:
        raise Refusal("people.nor_network", name=name[:80])
    return somebody(desk, who) if people else routing.network_named(desk, person, name)


@command("answer", _QUESTION, _TEXT, fr="répondre", es="responder", roles=EXPERTS)
def answer(desk: Desk, person: Person, question: int, text: str) -> list[Notice]:
    return direct_connect.answer(desk, person, question, text)


@command("language", Argument.LANGUAGE, fr="langue", es="idioma")
def language(desk: Desk, person: Person, language: str) -> list[Notice]:
    code = language_of(language)
    if code is None:
        raise Refusal("language.unknown", name=language)
    desk.people.set_language(person.id, code)
    return [Notice(person.id, "language.set")]
