"""Calendars of others: fetched from where they stand, and read in a process that may come to nothing."""
