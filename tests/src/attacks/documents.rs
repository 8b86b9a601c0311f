//! Documents that another reader may read in another way, or not finish reading.

use super::published_once;
use super::scenario::Scenario;
use crate::repository::Repository;

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        timestamp_with(
            "duplicate_key_inside_signed",
            "The timestamp says its version twice: readers that take the first and readers that take the last disagree.",
            "\"version\":9,",
            "is not valid: line 1, column 469: found the key \"version\" again (first at line 1, column 241), expected every key once",
        ),
        timestamp_with(
            "float_inside_signed",
            "The timestamp holds a float: what exactly is signed depends on how it is printed.",
            "\"x\":1.0,",
            "is not valid: line 1, column 245: found `1.0`, expected a whole number of at most 64 bits",
        ),
        timestamp_with(
            "depth_inside_signed",
            "The timestamp holds lists in lists in lists, until the reader's stack is used up.",
            &format!("\"x\":{}{},", "[".repeat(5000), "]".repeat(5000)),
            "is not valid: line 1, column 259: found more than 16 levels, expected at most 16 levels of nesting",
        ),
    ]
}

/// The next timestamp, with something put into its signed part that no signer here would write.
fn timestamp_with(name: &'static str, threat: &str, put: &str, reason: &str) -> Scenario {
    let mut scenario = Scenario::new(
        name,
        threat,
        "The reader refuses it before a signature is looked at; depth and length are bounded.",
    );
    let mut repository = published_once();
    scenario.following(&repository);
    repository.publish();
    put_into_timestamp(&mut repository, put);
    scenario.serves("after", &repository).refused("timestamp", reason);
    scenario
}

fn put_into_timestamp(repository: &mut Repository, put: &str) {
    let text = String::from_utf8_lossy(&repository.files["timestamp.json"])
        .replace("\"_type\"", &format!("{put}\"_type\""));
    repository.put_timestamp(text.into_bytes());
}
