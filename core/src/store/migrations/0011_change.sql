-- A feed whose newest files are on trial: verified, but it was not yet found out how much they change on this phone, or
-- they change too much. Until then the phone obeys the files before.
CREATE TABLE trial (
    feed     INTEGER PRIMARY KEY REFERENCES feed (id) ON DELETE CASCADE,
    changes  INTEGER, -- how many apps they would newly forbid, where that is too many
    limited  INTEGER, -- how many they may
    held_ms  INTEGER, -- since when they are held back
    CHECK ((changes IS NULL) = (held_ms IS NULL) AND (changes IS NULL) = (limited IS NULL))
) STRICT;

-- Of a feed on trial the files that it obeys where the newest ones are others. NULL: there was no such file.
CREATE TABLE obeyed_file (
    feed  INTEGER NOT NULL REFERENCES trial (feed) ON DELETE CASCADE,
    name  TEXT NOT NULL,
    bytes BLOB,
    PRIMARY KEY (feed, name)
) STRICT;

-- What goes with a restriction, such as a list of keyboards (JSON: an array); NULL where that was lost.
ALTER TABLE restriction ADD COLUMN value TEXT;

-- What goes with an order, likewise.
ALTER TABLE journal ADD COLUMN value TEXT;

-- Restrictions that the phone did not take, as they were last tried.
CREATE TABLE refused_restriction (
    name     TEXT PRIMARY KEY,
    value    TEXT NOT NULL,
    tried_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- When installing was last opened for updates, while policy closes it.
CREATE TABLE install_window (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    opened_ms INTEGER NOT NULL
) STRICT;

-- Since when a feed has been silent for longer than its policy bears. It lasts until the feed speaks again, whatever
-- the phone's clock says.
CREATE TABLE silent_feed (
    feed     TEXT PRIMARY KEY,
    since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
