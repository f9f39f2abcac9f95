"""Names of things in the page's languages, and the questions a first visitor may start with."""

from collections.abc import Mapping

from knowledge.people import Role

LANGUAGE_NAMES = {"en": "English", "fr": "Français", "es": "Español"}

# With the sample community: the first goes to the expert in Dakar, the second was answered before, and the third
# fits nobody, so that the facilitator gets it.
EXAMPLES: Mapping[str, tuple[str, str, str]] = {
    "en": (
        "Does anyone have a template for a project document on mine action in the Sahel?",
        "How can a cyclone warning reach people on the outer islands in time?",
        "Has anyone helped a public library start a reading programme?",
    ),
    "fr": (
        "Quelqu’un a-t-il un modèle de document de projet sur la lutte antimines au Sahel ?",
        "Comment créer un système d’alerte précoce communautaire contre les inondations ?",
        "Quelqu’un a-t-il aidé une bibliothèque publique à lancer un programme de lecture ?",
    ),
    "es": (
        "¿Alguien tiene un modelo de documento de proyecto sobre acción contra las minas en el Sahel?",
        "¿Cómo preparar la gestión de escombros antes de la temporada de huracanes?",
        "¿Alguien ha ayudado a una biblioteca pública a empezar un programa de lectura?",
    ),
}

ROLES: Mapping[str, Mapping[Role, str]] = {
    "en": {
        Role.MEMBER: "Member",
        Role.EXPERT: "Expert",
        Role.MODERATOR: "Moderator",
        Role.FACILITATOR: "Facilitator",
        Role.KM_TEAM: "KM team",
    },
    "fr": {
        Role.MEMBER: "Membre",
        Role.EXPERT: "Expert",
        Role.MODERATOR: "Modération",
        Role.FACILITATOR: "Facilitation",
        Role.KM_TEAM: "Équipe GC",
    },
    "es": {
        Role.MEMBER: "Miembro",
        Role.EXPERT: "Especialista",
        Role.MODERATOR: "Moderación",
        Role.FACILITATOR: "Facilitación",
        Role.KM_TEAM: "Equipo GC",
    },
}

REGIONS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "africa": "Africa",
        "arab-states": "Arab States",
        "asia-pacific": "Asia and the Pacific",
        "europe-cis": "Europe and the CIS",
        "latin-america-caribbean": "Latin America and the Caribbean",
        "global": "Global",
    },
    "fr": {
        "africa": "Afrique",
        "arab-states": "États arabes",
        "asia-pacific": "Asie et Pacifique",
        "europe-cis": "Europe et CEI",
        "latin-america-caribbean": "Amérique latine et Caraïbes",
        "global": "Monde",
    },
    "es": {
        "africa": "África",
        "arab-states": "Estados Árabes",
        "asia-pacific": "Asia y el Pacífico",
        "europe-cis": "Europa y la CEI",
        "latin-america-caribbean": "América Latina y el Caribe",
        "global": "Mundo",
    },
}
