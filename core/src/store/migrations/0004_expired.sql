-- Whether the last refresh of a feed failed for nothing but its age: people are told that it is old, not that it is wrong.
ALTER TABLE feed_health ADD COLUMN expired INTEGER NOT NULL DEFAULT 0;
