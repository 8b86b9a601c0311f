-- The second copy, beside the store, has what must outlive the store's loss. This number says which state of that the
-- store holds: every change of what is copied raises it in its own transaction, so that the two can be compared.
CREATE TABLE generation (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    number INTEGER NOT NULL
) STRICT;
INSERT INTO generation VALUES (1, 0);

CREATE TRIGGER configuration_inserted AFTER INSERT ON configuration
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER configuration_updated AFTER UPDATE ON configuration WHEN old.json <> new.json
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER configuration_deleted AFTER DELETE ON configuration
BEGIN UPDATE generation SET number = number + 1; END;

CREATE TRIGGER feed_inserted AFTER INSERT ON feed
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER feed_updated AFTER UPDATE ON feed
WHEN (old.name, old.root_sha256, old.issued_s, old.floor_ms, old.floor_boot_count, old.floor_elapsed_ms)
    IS NOT (new.name, new.root_sha256, new.issued_s, new.floor_ms, new.floor_boot_count, new.floor_elapsed_ms)
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER feed_deleted AFTER DELETE ON feed
BEGIN UPDATE generation SET number = number + 1; END;

CREATE TRIGGER feed_floor_inserted AFTER INSERT ON feed_floor
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER feed_floor_updated AFTER UPDATE ON feed_floor
WHEN (old.role, old.version, old.signed_sha256) IS NOT (new.role, new.version, new.signed_sha256)
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER feed_floor_deleted AFTER DELETE ON feed_floor
BEGIN UPDATE generation SET number = number + 1; END;

-- Of files only that a feed has any.
CREATE TRIGGER feed_file_inserted AFTER INSERT ON feed_file
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER feed_file_deleted AFTER DELETE ON feed_file
BEGIN UPDATE generation SET number = number + 1; END;

-- Of apps those that Sluis holds: an app that was only judged costs no second write.
CREATE TRIGGER app_inserted AFTER INSERT ON app WHEN new.suspended OR new.hidden OR new.uninstall_failed
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER app_updated AFTER UPDATE ON app
WHEN (old.suspended OR old.hidden OR old.uninstall_failed OR new.suspended OR new.hidden OR new.uninstall_failed)
    AND (old.package, old.label, old.state, old.detail, old.since_ms, old.grounds, old.suspended, old.hidden,
         old.uninstall_failed, old.last_known)
    IS NOT (new.package, new.label, new.state, new.detail, new.since_ms, new.grounds, new.suspended, new.hidden,
            new.uninstall_failed, new.last_known)
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER app_deleted AFTER DELETE ON app WHEN old.suspended OR old.hidden OR old.uninstall_failed
BEGIN UPDATE generation SET number = number + 1; END;

CREATE TRIGGER restriction_inserted AFTER INSERT ON restriction
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER restriction_deleted AFTER DELETE ON restriction
BEGIN UPDATE generation SET number = number + 1; END;

-- The store was lost or damaged and made anew; the row stays, so that people can be told.
CREATE TABLE recovery (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    why        TEXT NOT NULL,    -- what was wrong
    from_copy  INTEGER NOT NULL, -- floors, holds and configuration are those of the second copy; else they are lost
    log_number INTEGER,          -- the last entry of the log before, as far as the second copy knows
    log_hash   BLOB CHECK (length(log_hash) = 32),
    told_ms    INTEGER,          -- when it was logged
    settled    INTEGER NOT NULL  -- every feed has spoken since, and the phone was looked at
) STRICT;

-- Feeds that had files in force before: nothing is released until they have some again.
CREATE TABLE lost_files (
    feed TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
