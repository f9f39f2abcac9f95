"""Group conversations that peer assists wait for are made; one that cannot be made is relayed instead."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection

from bot.channel import Group, MakesGroups, Unreachable
from dialogs import turn
from dialogs.wording import say_in
from house.ground import Ground
from knowledge import assisting
from storage import groups
from storage.assists import Assists

log = logging.getLogger("connect")

GROUPING = timedelta(minutes=2)
"""How long one replica may be at making a group conversation."""
GROUPING_GIVEN_UP = timedelta(minutes=15)
"""Since a peer assist began: a group conversation that could not be made by then is none."""


async def make_groups(ground: Ground) -> None:
    now = ground.now()
    for number in await ground.database.look(lambda connection: groups.waiting(connection, now, 50)):
        asked = await ground.database.run(partial(_wanted, ground, number=number))
        if asked is None:
            continue
        channel, members, topic = asked
        made: Group | None = None
        try:
            made = await asyncio.wait_for(channel.make_group(members, topic), GROUPING.total_seconds() * 0.9)
        except Unreachable as refusal:
            log.warning("the group of peer assist %s cannot be made: %s", number, refusal)
        except Exception as error:
            # Not now, or a bug of ours: what it says may quote the topic.
            log.warning("the group of peer assist %s waits: %s", number, type(error).__name__)
            if not await ground.database.look(partial(_late, ground, number=number)):
                continue
        await ground.database.run(partial(_made, ground, number=number, channel=channel.name, made=made))
        ground.postman.wake()


def _wanted(
    ground: Ground, connection: Connection, *, number: int
) -> tuple[MakesGroups, Sequence[Mapping[str, Any]], str] | None:
    """Who is to be brought together where; None when another replica is at it, or no channel reaches them all any
    more: then the bot passes on what they say."""
    if not groups.claim(connection, number, ground.now(), ground.now() + GROUPING):
        return None
    work = ground.work(connection)
    people = assisting.people_in(work, number)
    name = work.groups.common(people)
    if not name:
        turn.tell(work, assisting.group_made(work, number, made=False))
        return None
    language = work.people.get(people[0]).language
    return (
        ground.grouping[name],
        groups.addresses(connection, name, people),
        say_in(language)("assist.title", assist=number),
    )


def _late(ground: Ground, connection: Connection, *, number: int) -> bool:
    assist = Assists(connection).get(number)
    began = assist.ends_at - ground.settings.pace.assist if assist and assist.ends_at else ground.now()
    return ground.now() - began > GROUPING_GIVEN_UP


def _made(ground: Ground, connection: Connection, *, number: int, channel: str, made: Group | None) -> None:
    work = ground.work(connection)
    notices = assisting.group_made(work, number, made=made is not None)
    if made is not None and notices:
        where = work.conversations.at(channel, made.conversation, None, made.address, ground.now())
        notice, language = assisting.to_the_group(work, number)
        turn.tell_group(work, where, notice, language)
    turn.tell(work, notices)
