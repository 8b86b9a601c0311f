//! What is staged and not in order is not published, by whatever command, and never keeps a feed from staying fresh.

use std::fs;

use sluis_core::feed::Outcome;

use crate::desk::{DAY_0, DAY_1, Desk, Phone, policy};

/// A feed with a staged and signed policy of which a rule can never match.
fn with_faulty_policy() -> Desk {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    desk.run(&format!(
        "feed delegate feed maps --path maps/* --keys keys --no-passphrase --now {DAY_0}"
    ));
    let by_vendor = policy("first").replace("\"packages\": [\"bad.app\"]", "\"vendors\": [\"pdd\"]");
    desk.write("bad.json", &by_vendor);
    desk.run(&format!(
        "feed add feed bad.json --name policy.json --now {DAY_0}"
    ));
    desk.run("feed sign feed --keys keys/targets.pem");
    desk
}

#[test]
fn a_policy_that_lint_rejects_is_published_by_no_command_without_somebody_insisting() {
    for line in [
        "refresh feed --keys keys",
        "renew feed --keys keys",
        "rotate feed timestamp --keys keys",
        "revoke feed keys/snapshot.pub --keys keys",
        "publish feed --keys keys --role maps --policy policy.json",
        "publish feed --keys keys",
    ] {
        let desk = with_faulty_policy();
        let mut phone = Phone::following(&desk);
        phone.refresh(DAY_0);
        let line = format!("feed {line} --now {DAY_1}");
        let output = desk.sluis(&line.split(' ').collect::<Vec<_>>());
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(said.contains("pdd"), "{line}: {said}");
        let publishes = line.starts_with("feed publish");
        assert_eq!(
            output.status.code(),
            Some(if publishes { 2 } else { 0 }),
            "{line}: {said}"
        );
        assert!(
            publishes || said.contains("targets version 3 is left behind"),
            "{line}: {said}"
        );
        assert!(!desk.path("feed/3.targets.json").exists(), "{line}");
        assert!(
            desk.path("feed.staged/3.targets.json").exists(),
            "{line}: nothing is lost"
        );
        assert!(!matches!(phone.refresh(DAY_1), Outcome::Failed(_)), "{line}");
        desk.run(&format!("feed publish feed --keys keys --force --now {DAY_1}"));
        assert_eq!(desk.new_phone(DAY_1), Outcome::Updated, "{line}");
        // Once decided, it needs no word more while it stays the same.
        desk.run(&format!("feed rotate feed targets --keys keys --now {DAY_1}"));
        assert!(desk.path("feed/4.targets.json").exists(), "{line}");
    }
}

#[test]
fn a_policy_that_no_phone_could_read_keeps_no_key_from_being_revoked() {
    let desk = Desk::new();
    desk.init();
    desk.publish(DAY_0);
    desk.run(&format!("feed add feed policy.json --now {DAY_0}"));
    let broken = policy("first").replace("rules", "rulez");
    let entry =
        serde_json::json!({ "length": broken.len(), "hashes": { "sha256": sha256(broken.as_bytes()) } });
    desk.write(
        &format!("feed.staged/targets/{}.policy.json", sha256(broken.as_bytes())),
        &broken,
    );
    let mut staged = desk.json("feed.staged/2.targets.json");
    staged["signed"]["targets"]["policy.json"] = entry;
    desk.write("feed.staged/2.targets.json", &staged.to_string());
    let line = format!("feed revoke feed keys/timestamp.pub --keys keys --now {DAY_1}");
    let (code, said) = desk.fails(&line.split(' ').collect::<Vec<_>>());
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("/rulez") && said.contains("No phone would take it"),
        "{said}"
    );
    assert!(desk.path("feed/2.root.json").exists() && !desk.path("feed/2.targets.json").exists());
    assert_eq!(desk.new_phone(DAY_1), Outcome::Updated);
}

fn sha256(bytes: &[u8]) -> String {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn signed_work_that_phones_would_refuse_is_left_alone_by_the_refresh_of_the_rest() {
    let later = "2026-11-26T10:00:00Z";
    for stage in [
        "remove feed policy.json",
        "add feed policy.json --name other.json --expires 1",
    ] {
        let desk = Desk::new();
        desk.run(&format!(
            "feed init feed --keys keys --online-keys online --no-passphrase --now {DAY_0}"
        ));
        desk.run(&format!(
            "feed publish feed --keys keys --keys online --policy policy.json --now {DAY_0}"
        ));
        let mut phone = Phone::following(&desk);
        phone.refresh(DAY_0);
        desk.run(&format!("feed {stage} --now {DAY_0}"));
        desk.run("feed sign feed --keys keys");
        let staged = fs::read(desk.path("feed.staged/2.targets.json")).unwrap();
        let line = format!("feed refresh feed --keys online --now {later}");
        let (code, said) = desk.fails(&line.split(' ').collect::<Vec<_>>());
        assert_eq!(code, Some(0), "{stage}: {said}");
        assert!(
            said.contains("what is staged was left alone: phones would refuse this"),
            "{stage}: {said}"
        );
        assert_eq!(
            desk.json("feed/timestamp.json")["signed"]["version"],
            2,
            "{stage}"
        );
        assert_eq!(
            desk.json("feed/timestamp.json")["signed"]["expires"],
            "2026-12-10T10:00:00Z"
        );
        assert_eq!(phone.refresh(later), Outcome::Unchanged);
        assert_eq!(
            fs::read(desk.path("feed.staged/2.targets.json")).unwrap(),
            staged,
            "{stage}"
        );
    }
}

#[test]
fn a_staged_exchange_of_keys_that_are_elsewhere_keeps_nothing_from_being_refreshed() {
    let desk = Desk::new();
    desk.run(&format!(
        "feed init feed --keys keys --online-keys online --no-passphrase --now {DAY_0}"
    ));
    desk.run(&format!(
        "feed publish feed --keys keys --keys online --policy policy.json --now {DAY_0}"
    ));
    desk.run(&format!(
        "feed rotate feed timestamp --new-keys 1 --new-keys-in elsewhere --no-passphrase --keys online --now {DAY_1}"
    ));
    fs::rename(desk.path("elsewhere"), desk.path("away")).unwrap();
    desk.run("feed sign feed root --keys keys");
    let line = format!("feed refresh feed --keys online --now {DAY_1}");
    let (code, said) = desk.fails(&line.split(' ').collect::<Vec<_>>());
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("left alone") && said.contains("timestamp version 2: 0 of 1 signatures"),
        "{said}"
    );
    assert_eq!(desk.new_phone(DAY_1), Outcome::Updated);
    assert_eq!(desk.json("feed/timestamp.json")["signed"]["version"], 2);
    assert!(!desk.path("feed/2.root.json").exists());
    desk.run(&format!(
        "feed publish feed --keys away --keys online --now {DAY_1}"
    ));
    assert!(desk.path("feed/2.root.json").exists());
    assert_eq!(desk.new_phone(DAY_1), Outcome::Updated);
}
