-- New versions of the agent itself that feeds offer.

-- The version that ran last, so that another one is noticed.
CREATE TABLE agent_version (
    id           INTEGER PRIMARY KEY CHECK (id = 1),
    version_code INTEGER NOT NULL
) STRICT;

-- What each feed offers, as far as it was looked at: what comes to nothing is tried again later and later.
CREATE TABLE agent_offer (
    feed         TEXT PRIMARY KEY,
    sha256       BLOB CHECK (length(sha256) = 32), -- of the package, where it is known
    version_code INTEGER,                          -- where the feed says which version it is
    attempts     INTEGER NOT NULL,                 -- how often it was fetched
    tried_ms     INTEGER NOT NULL,                 -- when last
    failure      TEXT                              -- why it came to nothing, as far as that is known
) STRICT, WITHOUT ROWID;
