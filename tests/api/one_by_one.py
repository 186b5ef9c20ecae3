"""A clerk who does one thing after the other and acknowledges each on standard output.

`python -m tests.api.one_by_one DATABASE NUMBER LEVEL`; run under strace by `test_fsync`.
"""

import os
import sys

from sqlalchemy import event

from api.database import open_database
from api.unit_of_work import Office
from tests.api.office_stories import call, found, key


def main(path, number, level):
    engine = open_database(path)
    engine.dispose()

    @event.listens_for(engine, "connect")
    def _level(connection, _record):
        connection.execute(f"PRAGMA synchronous={level}")

    with Office(engine, serving=True) as office:
        for n in range(int(number)):
            office.do(call(), found(f"PT{n}"), key(f"k{n}"))
            os.write(1, f"ACKNOWLEDGED {n}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
