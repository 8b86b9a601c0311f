//! How long something lasts, in words.

/// Whole days, or whole hours where it is less than one; the rest does not matter to a reader.
pub(super) fn in_words(ms: i64) -> String {
    let hours = ms / 3_600_000;
    match (hours / 24, hours) {
        (0, 0) => "less than an hour".to_owned(),
        (0, 1) => "an hour".to_owned(),
        (0, hours) => format!("{hours} hours"),
        (1, _) => "a day".to_owned(),
        (days, _) => format!("{days} days"),
    }
}
