-- Extra credentials of a proxy: another user name and password, with limits and counters of its own.
-- Their traffic is stored under their id as a negative number. `counter_row` is in the same file as
-- those of proxies; no two of either share one.
CREATE TABLE credentials (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  proxy INTEGER NOT NULL REFERENCES proxies (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  password TEXT NOT NULL,
  enabled INTEGER NOT NULL CONSTRAINT enabled_is_a_flag CHECK (enabled IN (0, 1)),
  in_use_from INTEGER,  -- NULL: since ever.
  in_use_till INTEGER,  -- NULL: for ever.
  whitelist TEXT NOT NULL,  -- Networks, a line each.
  whitelist_mode TEXT NOT NULL
    CONSTRAINT whitelist_mode_is_known CHECK (whitelist_mode IN ('bypass', 'restrict', 'only')),
  counter_row INTEGER NOT NULL UNIQUE,
  connections INTEGER,  -- From here on NULL: without a limit of its own.
  connections_per_source INTEGER,
  new_per_second INTEGER,
  upload INTEGER,
  download INTEGER,
  destinations TEXT NOT NULL,  -- Rules, a line each.
  quota_bytes INTEGER,  -- NULL: no quota, and the rest of it means nothing.
  quota_period TEXT NOT NULL,
  quota_zone TEXT NOT NULL,
  quota_action TEXT NOT NULL,
  quota_rate INTEGER NOT NULL,
  UNIQUE (proxy, name)
) STRICT;

PRAGMA user_version = 9;
