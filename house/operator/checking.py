"""Looks for what is missing before the bot can serve people; `bot.doctor` says what it means."""

import argparse
from dataclasses import replace

from sqlalchemy.exc import SQLAlchemyError

from bot.doctor import Facts, examine
from bot.settings import Settings
from house.operator.speaking import trouble
from knowledge.matching import encoder as encoders
from knowledge.people import Role
from storage import catalogue, migrations, outbox
from storage.database import Database
from storage.people import People


def doctor(settings: Settings, _options: argparse.Namespace) -> int:
    encoder = encoders.load(settings.matching_encoder)
    findings = examine(settings, replace(facts(settings), encoder=encoder.name if encoder else ""))
    for finding in findings:
        print(f"{'ok     ' if finding.well else 'MISSING'} {finding.what}")
        if finding.remedy:
            print(f"        {finding.remedy}")
    return 0 if all(finding.well for finding in findings) else 1


def facts(settings: Settings) -> Facts:
    """What is found in the database, without changing it: all but the encoder."""
    database = Database(settings.database_url)
    newest = migrations.head()
    try:
        revision = migrations.current(database) or ""
        if revision != newest:
            return Facts(revision=revision, newest=newest)
        with database.reading() as connection:
            people = People(connection)
            everybody = people.everybody()
            return Facts(
                revision=revision,
                newest=newest,
                people=len(everybody),
                experts=len(people.having_somewhere(Role.EXPERT)),
                facilitators=len(people.having_somewhere(Role.FACILITATOR)),
                items=len(catalogue.load(connection).items),
                unreachable=sum(not person.reachable for person in everybody),
                dead_letters=outbox.counts(connection).get("dead", 0),
            )
    except (SQLAlchemyError, OSError) as error:
        return Facts(trouble=trouble(settings, error))
    finally:
        database.close()
