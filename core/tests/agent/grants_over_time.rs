//! Grants on a phone that lives on: they begin, end, are taken back, and leave nothing to come back to.

use serde_json::{Value, json};
use sluis_core::feed::hex;

use crate::inspector::{day, given, grant, groups, inspector, is, national, pass};
use crate::phone::app;
use crate::repository::{DAY, DAY_0};
use crate::server::Server;
use crate::signer::{PHONE, Signer};

#[test]
fn what_was_kept_from_use_is_released_by_a_grant_and_kept_again_after_it() {
    let mut rules = national(&json!({}));
    rules["rules"][0]["remedy"] = json!("hide");
    let server = &mut Server::with("national", &rules);
    let mut phone = inspector(server);
    phone.install(server, app("bad.app"));
    assert_eq!(phone.state("bad.app"), "suspended hidden");
    let said = given(&mut phone, server, &grant(&json!({})));
    assert_eq!(
        said,
        format!("grant_taken | Organisation national | inspection | {}", day(20))
    );
    assert_eq!(phone.state("bad.app"), "free");
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_exempted"));
    pass(server, &mut phone, 21, &rules);
    assert_eq!(phone.state("bad.app"), "free", "a grace afresh");
    pass(server, &mut phone, 4, &rules);
    assert_eq!(phone.state("bad.app"), "suspended hidden");
}

#[test]
fn an_inspectors_phone_uses_a_forbidden_app_for_as_long_as_its_grant_lasts() {
    let rules = national(&json!({}));
    let server = &mut Server::with("national", &rules);
    let mut phone = inspector(server);
    given(&mut phone, server, &grant(&json!({})));
    phone.install(server, app("bad.app"));
    assert_eq!(groups(&mut phone).len(), 1);
    phone.process_dies();
    pass(server, &mut phone, 19, &rules);
    assert_eq!(phone.state("bad.app"), "free", "it survives a restart");
    assert!(
        phone.wake_up_ms.unwrap() <= (DAY_0 + 20 * DAY) * 1000,
        "it wakes up at the end"
    );

    pass(server, &mut phone, 1, &rules);
    assert_eq!(phone.state("bad.app"), "free", "the grace begins afresh");
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_announced"));
    assert_eq!(groups(&mut phone), [""; 0]);
    let ended = phone.logged("grant_judged");
    assert_eq!(ended.len(), 1, "{ended:?}");
    assert_eq!(
        ended[0]["ended"],
        json!(format!("/signed/until: it ended at {}", day(20)))
    );
    pass(server, &mut phone, 4, &rules);
    assert_eq!(
        phone.state("bad.app"),
        "suspended",
        "what was evidence is not removed at once"
    );
    pass(server, &mut phone, 11, &rules);
    assert_eq!(phone.state("bad.app"), "gone");
    assert_eq!(phone.logged("grant_judged").len(), 1, "it is told once");
}

#[test]
fn a_policy_that_takes_the_key_the_group_or_the_grant_back_ends_it_and_says_so() {
    for (more, why) in [
        (
            json!({ "grants": [Signer::new(2).may(&["inspection"])] }),
            "/signatures",
        ),
        (
            json!({ "grants": [Signer::new(1).may(&["police"])] }),
            "/signed/groups/0",
        ),
        (json!({ "exemptions": [] }), "/signed/groups/0"),
        (json!({ "revoked_grants": ["g-1"] }), "/signed/id"),
    ] {
        let mut server = Server::with("national", &national(&json!({})));
        let mut phone = inspector(&server);
        given(&mut phone, &server, &grant(&json!({})));
        phone.install(&server, app("bad.app"));
        assert_eq!(phone.state("bad.app"), "free");
        pass(&mut server, &mut phone, 1, &national(&more));
        assert_eq!(phone.card("bad.app").as_deref(), Some("state_announced"), "{why}");
        assert_eq!(phone.state("bad.app"), "free", "a grace afresh: {why}");
        pass(&mut server, &mut phone, 4, &national(&more));
        assert_eq!(phone.state("bad.app"), "suspended", "{why}");
        let judged = phone.logged("grant_judged");
        assert_eq!(judged.len(), 1, "{judged:?}");
        assert!(
            judged[0]["ended"].as_str().unwrap().starts_with(why),
            "{judged:?}"
        );
        // Another policy that allows it again finds it on record.
        pass(&mut server, &mut phone, 1, &national(&json!({})));
        assert_eq!(phone.state("bad.app"), "free", "{why}");
        assert_eq!(phone.logged("grant_judged")[1]["ended"], Value::Null);
    }
}

#[test]
fn a_newer_grant_of_the_same_name_takes_the_place_of_the_older_one_for_good() {
    let rules = national(&json!({}));
    let mut server = Server::with("national", &rules);
    let mut phone = inspector(&server);
    let longer = grant(&json!({}));
    given(&mut phone, &server, &longer);
    phone.install(&server, app("bad.app"));
    let shorter = grant(&json!({ "issued": day(1), "until": day(3) }));
    assert!(given(&mut phone, &server, &shorter).starts_with("grant_taken"));
    assert!(given(&mut phone, &server, &longer).starts_with("grant_older | /signed/issued"));
    pass(&mut server, &mut phone, 3, &rules);
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_announced"));
    phone.process_dies();
    assert!(
        given(&mut phone, &server, &longer).starts_with("grant_older"),
        "also once it is over"
    );
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_announced"));
}

#[test]
fn a_clock_set_back_revives_no_grant_and_one_set_forward_begins_none() {
    let rules = national(&json!({}));
    let mut server = Server::with("national", &rules);
    server.feeds.get_mut("national").unwrap().issued = Some(DAY_0);
    let mut phone = inspector(&server);
    given(
        &mut phone,
        &server,
        &grant(&json!({ "id": "later", "from": day(30), "until": day(40) })),
    );
    given(&mut phone, &server, &grant(&json!({})));
    phone.install(&server, app("bad.app"));
    pass(&mut server, &mut phone, 21, &rules);
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_announced"));
    let real = phone.time.wall_ms;
    phone.time.wall_ms = (DAY_0 + DAY) * 1000;
    phone.refresh(&server);
    assert_ne!(
        phone.card("bad.app").as_deref(),
        Some("state_exempted"),
        "it is not the first day again"
    );
    phone.time.wall_ms = real + 12 * DAY * 1000;
    phone.refresh(&server);
    assert_ne!(
        phone.card("bad.app").as_deref(),
        Some("state_exempted"),
        "the feed has not said day 30 yet"
    );
    phone.time.wall_ms = real;
    pass(&mut server, &mut phone, 9, &rules);
    assert_eq!(
        phone.card("bad.app").as_deref(),
        Some("state_exempted"),
        "it begins when the feed says so"
    );
    pass(&mut server, &mut phone, 10, &rules);
    assert_ne!(phone.card("bad.app").as_deref(), Some("state_exempted"));
}

#[test]
fn another_key_in_the_phone_is_another_phone_and_people_are_told() {
    let server = Server::with("national", &national(&json!({})));
    let mut phone = inspector(&server);
    given(&mut phone, &server, &grant(&json!({})));
    phone.install(&server, app("bad.app"));
    phone.process_dies();
    is(&mut phone, PHONE);
    assert!(phone.warnings().is_empty());
    let directives = is(&mut phone, [0x60; 32]);
    assert!(directives.list_packages);
    phone.carry_out(&server, directives);
    assert_eq!(
        phone.card("bad.app").as_deref(),
        Some("state_announced"),
        "a grace afresh"
    );
    assert!(phone.warnings()[0].contains("warning_phone_changed"));
    assert_eq!(phone.screen("en").phone.unwrap().id, "60".repeat(32));
    let ids = phone.logged("phone_id");
    assert_eq!(ids.len(), 2, "{ids:?}");
    assert_eq!(ids[1]["before"], json!(hex::encode(&PHONE)));
    assert!(
        phone.logged("grant_judged")[0]["ended"]
            .as_str()
            .unwrap()
            .starts_with("/signed/phone")
    );
    phone.days_pass(31);
    assert!(
        !phone
            .warnings()
            .iter()
            .any(|warning| warning.contains("warning_phone_changed"))
    );
}

#[test]
fn what_a_revoked_grant_let_through_counts_as_newly_forbidden() {
    let limits = |changes: u32| json!({ "limits": { "max_changes": changes }, "revoked_grants": ["g-1"] });
    for (allowed, state) in [(1, "state_announced"), (0, "state_exempted")] {
        let mut first = national(&limits(allowed));
        first.as_object_mut().unwrap().remove("revoked_grants");
        let mut server = Server::with("national", &first);
        let mut phone = inspector(&server);
        given(&mut phone, &server, &grant(&json!({})));
        phone.install(&server, app("bad.app"));
        pass(&mut server, &mut phone, 1, &national(&limits(allowed)));
        assert_eq!(
            phone.card("bad.app").as_deref(),
            Some(state),
            "{allowed} changes are allowed"
        );
    }
}
