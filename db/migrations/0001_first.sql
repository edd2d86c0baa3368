-- The first schema. Times are unix seconds in UTC, flags are 0 or 1, counters are bytes below 2^63.
-- A migration ends by setting user_version to its own number; a released one is never edited.

CREATE TABLE users (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  password_hash TEXT NOT NULL,
  api_key TEXT NOT NULL UNIQUE,
  admin INTEGER NOT NULL CONSTRAINT admin_is_a_flag CHECK (admin IN (0, 1)),
  created INTEGER NOT NULL
) STRICT;

CREATE TABLE dongles (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  interface TEXT NOT NULL UNIQUE,
  driver TEXT NOT NULL,
  gateway TEXT,  -- NULL: to be found out.
  isp TEXT NOT NULL DEFAULT '',
  created INTEGER NOT NULL
) STRICT;

CREATE TABLE dongle_dns (
  dongle INTEGER NOT NULL REFERENCES dongles (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  address TEXT NOT NULL,  -- With its port.
  PRIMARY KEY (dongle, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE dongle_options (
  dongle INTEGER NOT NULL REFERENCES dongles (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (dongle, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE proxies (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user INTEGER NOT NULL REFERENCES users (id),
  dongle INTEGER NOT NULL REFERENCES dongles (id),
  port INTEGER NOT NULL UNIQUE CONSTRAINT port_is_a_port CHECK (port BETWEEN 1 AND 65535),
  username TEXT NOT NULL,
  password TEXT NOT NULL,
  comment TEXT NOT NULL DEFAULT '',
  in_use_from INTEGER,  -- NULL: since ever.
  in_use_till INTEGER,  -- NULL: for ever.
  ext_ip_upd_interval TEXT,
  ext_ip_upd_calendar TEXT NOT NULL DEFAULT '',
  fp TEXT NOT NULL DEFAULT '',
  whitelist_mode TEXT NOT NULL DEFAULT 'bypass'
    CONSTRAINT whitelist_mode_is_known CHECK (whitelist_mode IN ('bypass', 'restrict', 'only')),
  counter_row INTEGER NOT NULL UNIQUE
) STRICT;
CREATE INDEX proxies_of_user ON proxies (user);
CREATE INDEX proxies_of_dongle ON proxies (dongle);

CREATE TABLE proxy_whitelist (
  proxy INTEGER NOT NULL REFERENCES proxies (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  cidr TEXT NOT NULL,
  PRIMARY KEY (proxy, position)
) STRICT, WITHOUT ROWID;

-- No foreign key: what was used is still known when the proxy is gone, and ids are not reused.
CREATE TABLE traffic (
  proxy INTEGER NOT NULL,
  minute INTEGER NOT NULL,  -- Unix time / 60.
  incoming INTEGER NOT NULL,
  outgoing INTEGER NOT NULL,
  PRIMARY KEY (proxy, minute)
) STRICT, WITHOUT ROWID;

-- How much of each slot of the counter file `traffic` already holds.
CREATE TABLE folded (
  epoch INTEGER NOT NULL,  -- The file's 64 bits, as a signed number.
  row INTEGER NOT NULL,
  worker INTEGER NOT NULL,
  incoming INTEGER NOT NULL,
  outgoing INTEGER NOT NULL,
  PRIMARY KEY (epoch, row, worker)
) STRICT, WITHOUT ROWID;

-- No foreign key either: which address was whose, and when, outlives the dongle.
CREATE TABLE ip_history (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  dongle INTEGER NOT NULL,
  ip TEXT NOT NULL,
  "from" INTEGER NOT NULL,
  till INTEGER,  -- NULL: it is the address now.
  cause TEXT NOT NULL
) STRICT;
CREATE INDEX ip_history_of_dongle ON ip_history (dongle);
CREATE UNIQUE INDEX ip_history_now ON ip_history (dongle) WHERE till IS NULL;

CREATE TABLE sessions (
  token_hash TEXT NOT NULL PRIMARY KEY,
  user INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_user ON sessions (user);
CREATE INDEX sessions_by_end ON sessions (expires);

PRAGMA user_version = 1;
