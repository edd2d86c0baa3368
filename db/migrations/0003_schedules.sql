-- When proxies rotate next by themselves, and when dongles have rotated last. What is due while
-- the server is down is due when it starts.

CREATE TABLE schedules (
  proxy INTEGER NOT NULL PRIMARY KEY REFERENCES proxies (id) ON DELETE CASCADE,
  by_interval INTEGER,  -- Unix time; NULL: not by an interval.
  by_calendar INTEGER   -- Likewise.
) STRICT, WITHOUT ROWID;

CREATE TABLE rotations (
  dongle INTEGER NOT NULL PRIMARY KEY REFERENCES dongles (id) ON DELETE CASCADE,
  last INTEGER NOT NULL  -- Unix time of its end.
) STRICT, WITHOUT ROWID;

PRAGMA user_version = 3;
