-- Traffic in the shapes that db/traffic.h describes, and quotas. `owner` is the id of a proxy;
-- negative numbers are free for whatever else will be counted on its own. No foreign keys: what was
-- used is still known when the proxy is gone, and ids are not reused.

-- Minutes of the hour that runs: ordered by time, so that what is written each second lies together.
CREATE TABLE traffic_recent (
  minute INTEGER NOT NULL,  -- Unix time / 60.
  owner INTEGER NOT NULL,
  incoming INTEGER NOT NULL,
  outgoing INTEGER NOT NULL,
  PRIMARY KEY (minute, owner)
) STRICT, WITHOUT ROWID;

-- Ended hours: ordered by owner, so that what a report adds up lies together.
CREATE TABLE traffic_hours (
  owner INTEGER NOT NULL,
  hour INTEGER NOT NULL,  -- Unix time / 3600.
  incoming INTEGER NOT NULL,
  outgoing INTEGER NOT NULL,
  PRIMARY KEY (owner, hour)
) STRICT, WITHOUT ROWID;

-- How the bytes of an hour lie in its minutes; see db/minutes.h. Ordered by time: written at one
-- end, forgotten at the other.
CREATE TABLE traffic_minutes (
  hour INTEGER NOT NULL,
  owner INTEGER NOT NULL,
  minutes BLOB NOT NULL,
  PRIMARY KEY (hour, owner)
) STRICT, WITHOUT ROWID;

CREATE TABLE traffic_days (
  owner INTEGER NOT NULL,
  day INTEGER NOT NULL,  -- Unix time / 86400.
  incoming INTEGER NOT NULL,
  outgoing INTEGER NOT NULL,
  PRIMARY KEY (owner, day)
) STRICT, WITHOUT ROWID;

INSERT INTO traffic_recent SELECT minute, proxy, incoming, outgoing FROM traffic ORDER BY 1, 2;
DROP TABLE traffic;

CREATE TABLE proxy_quotas (
  proxy INTEGER NOT NULL PRIMARY KEY REFERENCES proxies (id) ON DELETE CASCADE,
  bytes INTEGER NOT NULL,
  period TEXT NOT NULL CONSTRAINT period_is_known CHECK (period IN ('day', 'month')),
  zone TEXT NOT NULL,
  action TEXT NOT NULL CONSTRAINT action_is_known CHECK (action IN ('refuse', 'throttle')),
  rate INTEGER NOT NULL  -- Bytes per second in each direction, after the end; 0 with 'refuse'.
) STRICT;

PRAGMA user_version = 2;
