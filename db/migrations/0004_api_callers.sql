-- Whether a user may use the REST API.
ALTER TABLE users ADD COLUMN api INTEGER NOT NULL DEFAULT 1
  CONSTRAINT api_is_a_flag CHECK (api IN (0, 1));

PRAGMA user_version = 4;
