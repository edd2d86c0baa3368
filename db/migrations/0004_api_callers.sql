-- Whether a user may use the REST API.
ALTER TABLE users ADD COLUMN api INTEGER NOT NULL DEFAULT 1
  CONSTRAINT api_is_a_flag CHECK (api IN (0, 1));

-- Who has the token of a proxy's link may rotate it, without being a user. One link each.
CREATE TABLE rotation_links (
  proxy INTEGER PRIMARY KEY REFERENCES proxies (id) ON DELETE CASCADE,
  token_hash TEXT NOT NULL UNIQUE,
  created INTEGER NOT NULL
) STRICT;

PRAGMA user_version = 4;
