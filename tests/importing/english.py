"""What is wrong with a file as the command line says it: in English."""

from dialogs import import_words
from dialogs.wording import say_in
from storage.importing import ImportErrors


def in_english(errors: ImportErrors) -> str:
    return "\n".join(import_words.lines(say_in("en"), errors.errors, more=errors.more))
