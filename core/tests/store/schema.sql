CREATE TABLE activation (
    layer    TEXT NOT NULL,
    rule     TEXT NOT NULL,
    at_ms    INTEGER NOT NULL,
    snapshot INTEGER NOT NULL REFERENCES snapshot (id),
    PRIMARY KEY (layer, rule)
) STRICT, WITHOUT ROWID;
CREATE TABLE agent_offer (
    feed         TEXT PRIMARY KEY,
    sha256       BLOB CHECK (length(sha256) = 32), -- of the package, where it is known
    version_code INTEGER,                          -- where the feed says which version it is
    attempts     INTEGER NOT NULL,                 -- how often it was fetched
    tried_ms     INTEGER NOT NULL,                 -- when last
    failure      TEXT                              -- why it came to nothing, as far as that is known
) STRICT, WITHOUT ROWID;
CREATE TABLE agent_version (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    version_code INTEGER NOT NULL
) STRICT;
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
CREATE TRIGGER app_deleted AFTER DELETE ON app WHEN old.suspended OR old.hidden OR old.uninstall_failed
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER app_inserted AFTER INSERT ON app WHEN new.suspended OR new.hidden OR new.uninstall_failed
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER app_updated AFTER UPDATE ON app
WHEN (old.suspended OR old.hidden OR old.uninstall_failed OR new.suspended OR new.hidden OR new.uninstall_failed)
    AND (old.package, old.label, old.state, old.detail, old.since_ms, old.grounds, old.suspended, old.hidden,
         old.uninstall_failed, old.last_known)
    IS NOT (new.package, new.label, new.state, new.detail, new.since_ms, new.grounds, new.suspended, new.hidden,
            new.uninstall_failed, new.last_known)
BEGIN UPDATE generation SET number = number + 1; END;
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
CREATE TRIGGER configuration_deleted AFTER DELETE ON configuration
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER configuration_inserted AFTER INSERT ON configuration
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER configuration_updated AFTER UPDATE ON configuration WHEN old.json <> new.json
BEGIN UPDATE generation SET number = number + 1; END;
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
CREATE TRIGGER feed_deleted AFTER DELETE ON feed
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TABLE feed_file (
    feed INTEGER NOT NULL REFERENCES feed (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32),
    bytes BLOB NOT NULL,
    PRIMARY KEY (feed, name)
) STRICT;
CREATE TRIGGER feed_file_deleted AFTER DELETE ON feed_file
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER feed_file_inserted AFTER INSERT ON feed_file
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TABLE feed_floor (
    feed INTEGER NOT NULL REFERENCES feed (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    signed_sha256 BLOB CHECK (length(signed_sha256) = 32),
    PRIMARY KEY (feed, role)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER feed_floor_deleted AFTER DELETE ON feed_floor
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER feed_floor_inserted AFTER INSERT ON feed_floor
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER feed_floor_updated AFTER UPDATE ON feed_floor
WHEN (old.role, old.version, old.signed_sha256) IS NOT (new.role, new.version, new.signed_sha256)
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TABLE feed_health (
    feed       TEXT PRIMARY KEY,
    checked_ms INTEGER,          -- the last time that the whole feed verified
    failures   INTEGER NOT NULL, -- refreshes that failed since then
    failure    TEXT              -- why the last one failed
, expired INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;
CREATE TRIGGER feed_inserted AFTER INSERT ON feed
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TABLE feed_metadata (
    feed INTEGER NOT NULL REFERENCES feed (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (feed, role)
) STRICT;
CREATE TRIGGER feed_updated AFTER UPDATE ON feed
WHEN (old.name, old.root_sha256, old.issued_s, old.floor_ms, old.floor_boot_count, old.floor_elapsed_ms)
    IS NOT (new.name, new.root_sha256, new.issued_s, new.floor_ms, new.floor_boot_count, new.floor_elapsed_ms)
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TABLE generation (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    number INTEGER NOT NULL
) STRICT;
CREATE TABLE held_grant (
    layer TEXT NOT NULL,
    id    TEXT NOT NULL,
    json  TEXT NOT NULL,
    ended TEXT,          -- why it does not count, as the log was told
    PRIMARY KEY (layer, id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER held_grant_deleted AFTER DELETE ON held_grant
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER held_grant_inserted AFTER INSERT ON held_grant
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER held_grant_updated AFTER UPDATE ON held_grant WHEN old.json <> new.json
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TABLE install_window (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    opened_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE journal (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL,
    subject     TEXT NOT NULL, -- a package, or a restriction
    ordered_ms  INTEGER NOT NULL
, value TEXT) STRICT;
CREATE TABLE lost_files (
    feed TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
CREATE TABLE obeyed_file (
    feed  INTEGER NOT NULL REFERENCES trial (feed) ON DELETE CASCADE,
    name  TEXT NOT NULL,
    bytes BLOB,
    PRIMARY KEY (feed, name)
) STRICT;
CREATE TABLE phone (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    phone BLOB NOT NULL CHECK (length(phone) = 32)
, from_key INTEGER NOT NULL DEFAULT 0, changed_ms INTEGER) STRICT;
CREATE TRIGGER phone_inserted AFTER INSERT ON phone WHEN new.from_key
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER phone_updated AFTER UPDATE ON phone
WHEN (old.phone, old.from_key, old.changed_ms) IS NOT (new.phone, new.from_key, new.changed_ms)
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TABLE recovery (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    why        TEXT NOT NULL,    -- what was wrong
    from_copy  INTEGER NOT NULL, -- floors, holds and configuration are those of the second copy; else they are lost
    log_number INTEGER,          -- the last entry of the log before, as far as the second copy knows
    log_hash   BLOB CHECK (length(log_hash) = 32),
    told_ms    INTEGER,          -- when it was logged
    settled    INTEGER NOT NULL  -- every feed has spoken since, and the phone was looked at
) STRICT;
CREATE TABLE refused_restriction (
    name     TEXT PRIMARY KEY,
    value    TEXT NOT NULL,
    tried_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE restriction (
    name TEXT PRIMARY KEY
, value TEXT) STRICT, WITHOUT ROWID;
CREATE TRIGGER restriction_deleted AFTER DELETE ON restriction
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER restriction_inserted AFTER INSERT ON restriction
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TABLE silent_feed (
    feed     TEXT PRIMARY KEY,
    since_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE snapshot (
    id      INTEGER PRIMARY KEY,
    present TEXT NOT NULL
) STRICT;
CREATE TABLE sqlite_sequence(name,seq);
CREATE TABLE trial (
    feed     INTEGER PRIMARY KEY REFERENCES feed (id) ON DELETE CASCADE,
    changes  INTEGER, -- how many apps they would newly forbid, where that is too many
    limited  INTEGER, -- how many they may
    held_ms  INTEGER, -- since when they are held back
    CHECK ((changes IS NULL) = (held_ms IS NULL) AND (changes IS NULL) = (limited IS NULL))
) STRICT;
