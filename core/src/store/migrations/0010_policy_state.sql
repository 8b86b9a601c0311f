-- What verdicts depend on beside policy, package and time.

-- What a rollout goes by: which rules in trial this phone gets. Made once, at random.
CREATE TABLE phone (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    phone BLOB NOT NULL CHECK (length(phone) = 32)
) STRICT;

-- The packages that were there when the phone first obeyed some rules (JSON: an array of names). Empty where none of
-- those rules had a grace.
CREATE TABLE snapshot (
    id      INTEGER PRIMARY KEY,
    present TEXT NOT NULL
) STRICT;

-- When this phone first obeyed a rule. Rows outlive the rule.
CREATE TABLE activation (
    layer    TEXT NOT NULL,
    rule     TEXT NOT NULL,
    at_ms    INTEGER NOT NULL,
    snapshot INTEGER NOT NULL REFERENCES snapshot (id),
    PRIMARY KEY (layer, rule)
) STRICT, WITHOUT ROWID;

-- The packages for which an exemption was used, and when it was found to have ended.
CREATE TABLE exempted (
    layer    TEXT NOT NULL,
    rule     TEXT NOT NULL,
    package  TEXT NOT NULL,
    ended_ms INTEGER,
    PRIMARY KEY (layer, rule, package)
) STRICT, WITHOUT ROWID;
