"""What facilitators confirmed of people's expertise."""

from sqlalchemy import Connection, delete, insert, select

from knowledge.expertise import Check
from storage.schema import expertise_check


class Expertise:
    """`knowledge.ports.directory.Expertise` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def check(self, check: Check) -> None:
        self.drop(check.person, check.topic)
        row = {"person_id": check.person, "topic": check.topic, "by_id": check.by, "at": check.at}
        self._connection.execute(insert(expertise_check), row)

    def drop(self, person: int, topic: str) -> bool:
        theirs = (expertise_check.c.person_id == person) & (expertise_check.c.topic == topic)
        return self._connection.execute(delete(expertise_check).where(theirs)).rowcount == 1

    def of_topic(self, topic: str) -> list[Check]:
        found = select(expertise_check).where(expertise_check.c.topic == topic).order_by(expertise_check.c.person_id)
        return [Check(row.person_id, row.topic, row.by_id, row.at) for row in self._connection.execute(found)]
