-- Named keys of the API, several for a user. The key itself is told once and not kept.
CREATE TABLE api_keys (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  user INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  key_hash TEXT NOT NULL UNIQUE,
  scopes TEXT NOT NULL,  -- Words with a space between them; see control/scopes.h.
  created INTEGER NOT NULL,
  expires INTEGER,    -- NULL: never.
  last_used INTEGER,  -- NULL: not yet.
  UNIQUE (user, name)
) STRICT;

PRAGMA user_version = 5;
