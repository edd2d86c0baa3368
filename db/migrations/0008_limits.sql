-- What single proxies may use, where that is different from the configuration. NULL: as it says
-- there; 0: without a limit.

CREATE TABLE proxy_limits (
  proxy INTEGER NOT NULL PRIMARY KEY REFERENCES proxies (id) ON DELETE CASCADE,
  connections INTEGER,
  connections_per_source INTEGER,
  new_per_second INTEGER,
  upload INTEGER,    -- Bytes per second.
  download INTEGER,  -- Likewise.
  destinations TEXT NOT NULL  -- Rules in their order, a line each.
) STRICT;

PRAGMA user_version = 8;
