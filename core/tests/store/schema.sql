CREATE TABLE activation (
    layer    TEXT NOT NULL,
    rule     TEXT NOT NULL,
    at_ms    INTEGER NOT NULL,
    snapshot INTEGER NOT NULL REFERENCES snapshot (id),
    PRIMARY KEY (layer, rule)
) STRICT, WITHOUT ROWID;
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
, last_known TEXT) STRICT, WITHOUT ROWID;
CREATE TABLE audit (
    number  INTEGER PRIMARY KEY,
    time_ms INTEGER NOT NULL,
    entry   TEXT NOT NULL,
    hash    BLOB NOT NULL
) STRICT;
CREATE TABLE configuration (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    json TEXT NOT NULL
) STRICT;
CREATE TABLE exempted (
    layer    TEXT NOT NULL,
    rule     TEXT NOT NULL,
    package  TEXT NOT NULL,
    ended_ms INTEGER,
    PRIMARY KEY (layer, rule, package)
) STRICT, WITHOUT ROWID;
CREATE TABLE feed (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    root_sha256 BLOB NOT NULL CHECK (length(root_sha256) = 32),
    -- Trusted time: the last issue time seen, and the floor under the clock with the boot in which it held.
    issued_s INTEGER,
    floor_ms INTEGER,
    floor_boot_count INTEGER,
    floor_elapsed_ms INTEGER,
    UNIQUE (name, root_sha256),
    CHECK ((floor_ms IS NULL) = (floor_boot_count IS NULL) AND (floor_ms IS NULL) = (floor_elapsed_ms IS NULL))
) STRICT;
CREATE TABLE feed_file (
    feed INTEGER NOT NULL REFERENCES feed (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    bytes BLOB NOT NULL,
    PRIMARY KEY (feed, name)
) STRICT;
CREATE TABLE feed_floor (
    feed INTEGER NOT NULL REFERENCES feed (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    signed_sha256 BLOB CHECK (length(signed_sha256) = 32),
    PRIMARY KEY (feed, role)
) STRICT, WITHOUT ROWID;
CREATE TABLE feed_health (
    feed       TEXT PRIMARY KEY,
    checked_ms INTEGER,          -- the last time that the whole feed verified
    failures   INTEGER NOT NULL, -- refreshes that failed since then
    failure    TEXT              -- why the last one failed
, expired INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE TABLE feed_metadata (
    feed INTEGER NOT NULL REFERENCES feed (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (feed, role)
) STRICT;
CREATE TABLE journal (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL,
    subject     TEXT NOT NULL, -- a package, or a restriction
    ordered_ms  INTEGER NOT NULL
) STRICT;
CREATE TABLE phone (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    phone BLOB NOT NULL CHECK (length(phone) = 32)
) STRICT;
CREATE TABLE restriction (
    name TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TABLE snapshot (
    id      INTEGER PRIMARY KEY,
    present TEXT NOT NULL
) STRICT;
CREATE TABLE sqlite_sequence(name,seq);
