-- Whether secrets are sealed, and with which key: see db/sealing.h. One row, or none yet.
CREATE TABLE sealing (
  id INTEGER PRIMARY KEY CONSTRAINT there_is_one CHECK (id = 1),
  verifier TEXT NOT NULL,  -- A known text, sealed.
  clean INTEGER NOT NULL   -- Whether the file was purged of what was not sealed before.
    CONSTRAINT clean_is_a_flag CHECK (clean IN (0, 1))
) STRICT;

PRAGMA user_version = 6;
