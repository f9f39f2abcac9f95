"""Pages that people open from chat: behind a short-lived signed link, in a session of some hours.

A page is one function in one file (`bot.pages.page`), a template, and its words in `dialogs/texts`. `room` serves them.
"""
