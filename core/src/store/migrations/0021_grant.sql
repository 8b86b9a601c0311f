-- Grants that this phone took in, as they came. Whether one counts is found out under the policies in force; a row stays
-- when it counts no more, so that an earlier grant of that name does not come back.
CREATE TABLE held_grant (
    layer TEXT NOT NULL,
    id    TEXT NOT NULL,
    json  TEXT NOT NULL,
    ended TEXT,          -- why it does not count, as the log was told
    PRIMARY KEY (layer, id)
) STRICT, WITHOUT ROWID;

-- The id is that of a key in the phone's key store, which grants name; else it was made at random.
ALTER TABLE phone ADD COLUMN from_key INTEGER NOT NULL DEFAULT 0;
-- When another such id took the place of one before: that key was lost.
ALTER TABLE phone ADD COLUMN changed_ms INTEGER;

-- Both are in the second copy: without them an exemption would end with the store.
CREATE TRIGGER held_grant_inserted AFTER INSERT ON held_grant
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER held_grant_updated AFTER UPDATE ON held_grant WHEN old.json <> new.json
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER held_grant_deleted AFTER DELETE ON held_grant
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER phone_inserted AFTER INSERT ON phone WHEN new.from_key
BEGIN UPDATE generation SET number = number + 1; END;
CREATE TRIGGER phone_updated AFTER UPDATE ON phone
WHEN (old.phone, old.from_key, old.changed_ms) IS NOT (new.phone, new.from_key, new.changed_ms)
BEGIN UPDATE generation SET number = number + 1; END;
