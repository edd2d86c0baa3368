-- Rotations and reboots, from the order to the end. What was ordered of a dongle goes with it.
CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  proxy INTEGER NOT NULL,  -- It may have been removed since, and its owner too.
  user INTEGER NOT NULL,   -- Who owned it when the job began.
  dongle INTEGER NOT NULL REFERENCES dongles (id) ON DELETE CASCADE,
  action TEXT NOT NULL CONSTRAINT action_is_known CHECK (action IN ('rotate', 'reboot')),
  cause TEXT NOT NULL,
  state TEXT NOT NULL CONSTRAINT state_is_known CHECK (state IN ('running', 'done', 'failed')),
  until TEXT NOT NULL,     -- What kind of address was wanted; empty: any.
  reached INTEGER CONSTRAINT reached_is_a_flag CHECK (reached IN (0, 1)),
  old_ip TEXT,
  new_ip TEXT,
  started INTEGER NOT NULL,
  took INTEGER,            -- Milliseconds; NULL until it has ended, and when nobody saw its end.
  attempts INTEGER NOT NULL,
  error TEXT NOT NULL
) STRICT;
CREATE INDEX jobs_of_proxy ON jobs (proxy);
CREATE INDEX jobs_of_dongle ON jobs (dongle);
CREATE INDEX jobs_running ON jobs (state) WHERE state = 'running';

PRAGMA user_version = 7;
