"""Made-up data, in a database that holds nobody: a community to try the bot with, a pilot of some months to read."""

import argparse
from pathlib import Path

from bot.settings import Settings
from house.ground import Ground, Opening
from house.operator.speaking import show
from knowledge.measurement.frameworks import frameworks
from storage import importing, pilot
from storage.people import People

SAMPLE = Path(__file__).parents[2] / "samples" / "community"


def load(house: Ground) -> None:
    """Once: into a database that holds nobody."""
    if _inhabited(house):
        return
    with importing.load([SAMPLE], sample=True) as batch:
        house.database.write(lambda connection: importing.apply(connection, batch, house.now()))
    show("Loaded the sample community: its people are made up and marked as such.")


def sample(opened: Opening, settings: Settings, options: argparse.Namespace) -> int:
    with opened(settings) as house:
        return _pilot(house, options)


def _pilot(house: Ground, options: argparse.Namespace) -> int:
    if options.months < 2:
        show("A pilot has a baseline and an endline: give it two months or more.")
        return 1
    if _inhabited(house):
        show(
            "The database holds people already, and made-up ones do not belong among them."
            " Name an empty one: DATABASE_URL=sqlite:///pilot.db python app.py sample pilot"
        )
        return 1
    edition = frameworks().current
    truth = house.database.write(
        lambda connection: pilot.write(
            connection,
            edition,
            members=options.members,
            months=options.months,
            seed=options.seed,
            end=house.now(),
            progress=lambda what, done, of: show(f"{what}: {done:,} of {of:,}"),
        )
    )
    planted = "\n".join(
        f"  {item}: {truth.before[item]:.0%} agree before, {truth.after[item]:.0%} at the end" for item in truth.before
    )
    show(
        f"A pilot of {options.months} months with {options.members} made-up members. What was planted in it:\n"
        f"{planted}\n"
        f"  {truth.response:.0%} answer a pulse; {truth.answered:.0%} of questions are answered, half within"
        f" {truth.hours:g} hours\nRead it as {pilot.FACILITATOR}: start the bot on this database and write “results”."
    )
    return 0


def _inhabited(house: Ground) -> bool:
    with house.database.reading() as connection:
        return People(connection).anybody()
