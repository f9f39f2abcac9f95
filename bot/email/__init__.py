"""E-mail as a channel: what is written goes out over SMTP, and only a word of "no more" comes back.

SMTP's library is imported in this room alone.
"""
