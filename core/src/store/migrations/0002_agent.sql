-- What the agent did on this phone and has to remember.

-- The feeds that this phone obeys, as provisioning gave them (JSON of `Configuration`).
CREATE TABLE configuration (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    json TEXT NOT NULL
) STRICT;

-- How the last refresh of each feed went.
CREATE TABLE feed_health (
    feed       TEXT PRIMARY KEY,
    checked_ms INTEGER,          -- the last time that the whole feed verified
    failures   INTEGER NOT NULL, -- refreshes that failed since then
    failure    TEXT              -- why the last one failed
) STRICT, WITHOUT ROWID;

-- Apps that policy concerns, kept after they are gone so that people can be told.
CREATE TABLE app (
    package          TEXT PRIMARY KEY,
    label            TEXT,
    state            TEXT NOT NULL,    -- AppState
    detail           TEXT,             -- the floor's clause, or what failed
    since_ms         INTEGER NOT NULL, -- when it came into this state
    grounds          TEXT NOT NULL,    -- JSON of `Grounds`: whose rule, and why
    suspended        INTEGER NOT NULL, -- Sluis suspended it and has not undone that
    hidden           INTEGER NOT NULL, -- Sluis hid it and has not undone that
    uninstall_failed INTEGER NOT NULL  -- it survived an uninstall
) STRICT, WITHOUT ROWID;

-- Actions that were ordered and whose result has not come yet: the intent stands here before the call.
CREATE TABLE journal (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL,
    subject     TEXT NOT NULL, -- a package, or a restriction
    ordered_ms  INTEGER NOT NULL
) STRICT;

-- Restrictions that Sluis set; only these does it lift.
CREATE TABLE restriction (
    name TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- The audit chain; see audit.rs.
CREATE TABLE audit (
    number  INTEGER PRIMARY KEY,
    time_ms INTEGER NOT NULL,
    entry   TEXT NOT NULL,
    hash    BLOB NOT NULL
) STRICT;
