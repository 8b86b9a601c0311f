-- What was last known of an app on record (JSON of `LastKnown`), for when it cannot be read any more.
ALTER TABLE app ADD COLUMN last_known TEXT;
