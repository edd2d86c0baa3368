-- Which targets a proxy's bytes went to, by the day; see db/targets.h. What is in here goes with its
-- proxy: it says where customers have been.

CREATE TABLE target_days (
  proxy INTEGER NOT NULL REFERENCES proxies (id) ON DELETE CASCADE,
  day INTEGER NOT NULL,  -- Unix time / 86400.
  incoming INTEGER NOT NULL,  -- Of all targets that are not told apart.
  outgoing INTEGER NOT NULL,
  connections INTEGER NOT NULL,
  floor INTEGER NOT NULL,  -- db/target_summary.h
  PRIMARY KEY (proxy, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX target_days_by_day ON target_days (day);

CREATE TABLE targets (
  proxy INTEGER NOT NULL,
  day INTEGER NOT NULL,
  host TEXT NOT NULL,
  port INTEGER NOT NULL,
  incoming INTEGER NOT NULL,
  outgoing INTEGER NOT NULL,
  connections INTEGER NOT NULL,
  weight INTEGER NOT NULL,
  PRIMARY KEY (proxy, day, host, port),
  FOREIGN KEY (proxy, day) REFERENCES target_days (proxy, day) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

-- Files of processes that have handed over, which are in the tables above and may go.
CREATE TABLE target_files (
  name TEXT NOT NULL PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- How many targets a proxy's days tell apart, where it is not as the configuration says.
CREATE TABLE proxy_targets_kept (
  proxy INTEGER NOT NULL PRIMARY KEY REFERENCES proxies (id) ON DELETE CASCADE,
  kept INTEGER NOT NULL CONSTRAINT kept_is_bounded CHECK (kept BETWEEN 0 AND 1000)
) STRICT;

PRAGMA user_version = 10;
