//! `sluis feed status`: who must still sign, what expires when.

use crate::desk::{DAY_0, Desk};

fn status(desk: &Desk, options: &str) -> (i32, String) {
    let line = format!("feed status feed {options}");
    let output = desk.sluis(&line.split_whitespace().collect::<Vec<_>>());
    assert!(
        output.stderr.is_empty(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

#[test]
fn it_says_what_expires_when_and_exits_with_1_when_that_is_soon() {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    let (code, said) = status(&desk, &format!("--now {DAY_0}"));
    assert_eq!(code, 0, "{said}");
    for line in [
        "root       version 1     until 2027-11-23T10:00:00Z, 365 days left; 1 of ",
        "targets    version 1     until 2027-02-21T10:00:00Z, 90 days left; 1 of ",
        "snapshot   version 1     until 2026-12-23T10:00:00Z, 30 days left; 1 of ",
        "timestamp  version 1     until 2026-12-07T10:00:00Z, 14 days left; 1 of ",
        "catalogue.json, policy.json",
    ] {
        assert!(said.contains(line), "{line}\n{said}");
    }
    let (code, said) = status(&desk, "--now 2026-12-02T10:00:00Z");
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("timestamp expires at 2026-12-07T10:00:00Z: `sluis feed refresh feed --keys KEYS`"),
        "{said}"
    );
    let (code, said) = status(&desk, "--now 2026-12-08T10:00:00Z");
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("timestamp expired at 2026-12-07T10:00:00Z"),
        "{said}"
    );
    let (code, _) = status(&desk, &format!("--within 14 --now {DAY_0}"));
    assert_eq!(code, 0, "14 days are left");
    let (code, _) = status(&desk, &format!("--within 15 --now {DAY_0}"));
    assert_eq!(code, 1);
}

#[test]
fn for_programs_it_is_json_and_never_coloured_in_a_pipe() {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    desk.run(&format!("feed add feed policy.json --now {DAY_0}"));
    let (code, said) = status(&desk, &format!("--json --now {DAY_0}"));
    assert_eq!(code, 1);
    let report: serde_json::Value = serde_json::from_str(&said).unwrap();
    let timestamp = report["published"]
        .as_array()
        .unwrap()
        .iter()
        .find(|role| role["role"] == "timestamp")
        .unwrap();
    assert_eq!(timestamp["expires"], "2026-12-07T10:00:00Z");
    assert_eq!(timestamp["days_left"], 14);
    let staged = &report["staged"][0];
    assert_eq!(
        (staged["role"].as_str(), staged["version"].as_u64()),
        (Some("targets"), Some(2))
    );
    assert_eq!(staged["signatures"][0]["threshold"], 1);
    assert_eq!(staged["signatures"][0]["others"].as_array().unwrap().len(), 1);
    assert_eq!(report["findings"][0], "targets version 2 waits for signatures");
    let (_, said) = status(&desk, &format!("--now {DAY_0}"));
    assert!(
        said.contains("0 of 1 signatures") && !said.contains('\u{1b}'),
        "{said}"
    );
}

#[test]
fn it_needs_no_key_takes_no_lock_and_changes_nothing() {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    let before = (desk.files("feed"), desk.files("feed.staged"));
    let lock = std::fs::File::create(desk.path("feed.staged/lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(status(&desk, &format!("--now {DAY_0}")).0, 0);
    assert_eq!((desk.files("feed"), desk.files("feed.staged")), before);
    let (code, said) = desk.refused("feed status absent");
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("sluis feed init"), "{said}");
}
