"""A question that says little gets a little help, once, before it is shown as it would be sent."""

from knowledge.matching.text import STOP_WORDS
from knowledge.routing import Plan
from knowledge.text import plain

LITTLE = 2
"""Words that say something, in a question too short for anybody to answer: "procurement help?"."""
NOT_MUCH = 4
"""The same, where nothing and nobody in the community seems to fit it."""


def is_vague(text: str, plan: Plan) -> bool:
    """Whether it would help an expert to know more. Judged by length alone: what is unclear only people can tell."""
    if any(char >= "\u0e00" for char in text):
        # Scripts without spaces between words, and others in which counting them says little.
        return False
    said = set(plain(text).split()) - STOP_WORDS
    return len(said) <= (LITTLE if plan.expert or plan.items else NOT_MUCH)
