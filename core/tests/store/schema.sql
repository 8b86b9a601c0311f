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
CREATE TABLE feed_metadata (
    feed INTEGER NOT NULL REFERENCES feed (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (feed, role)
) STRICT;
