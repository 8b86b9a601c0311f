//! Grants as they come to a phone: taken in, or refused for a reason that is told.

use serde_json::{Value, json};
use sluis_core::agent::message::Event;
use sluis_core::feed::hex;
use sluis_core::grant;

use crate::inspector::{day, for_inspection, given, grant, groups, inspector, is, national, pass};
use crate::phone::{Phone, app};
use crate::server::{Server, deny, policy};
use crate::signer::{PHONE, Signer, document};

#[test]
fn a_grant_comes_as_a_link_too_and_a_second_time_changes_nothing() {
    let server = Server::with("national", &national(&json!({})));
    let mut phone = inspector(&server);
    let document = grant(&json!({}));
    let link = grant::link(&document);
    assert!(given(&mut phone, &server, link.as_bytes()).starts_with("grant_taken"));
    let entries = phone.audit().len();
    for again in [link.as_bytes(), &document] {
        assert_eq!(given(&mut phone, &server, again), "grant_unchanged");
    }
    assert_eq!(phone.audit().len(), entries);
    phone.install(&server, app("bad.app"));
    assert_eq!(phone.state("bad.app"), "free");
}

#[test]
fn each_refusal_says_why_changes_nothing_and_is_logged_where_somebody_signed_who_may() {
    let server = Server::with("national", &national(&json!({ "revoked_grants": ["g-9"] })));
    let mut phone = inspector(&server);
    phone.refuses.insert("uninstall bad.app".into());
    phone.install(&server, app("bad.app"));
    let other = document(&for_inspection(&json!({})), &[&Signer::new(2)]);
    let mut changed: Value = serde_json::from_slice(&grant(&json!({}))).unwrap();
    changed["signed"]["until"] = json!(day(21));
    let cases = [
        (
            grant(&json!({ "phone": "60".repeat(32) })),
            "grant_other_phone | /signed/phone",
            true,
        ),
        (
            grant(&json!({ "issued": day(-9), "until": day(0) })),
            "grant_over | /signed/until",
            true,
        ),
        (
            grant(&json!({ "until": day(61) })),
            "grant_too_long | /signed/until",
            true,
        ),
        (grant(&json!({ "id": "g-9" })), "grant_revoked | /signed/id", true),
        (
            grant(&json!({ "groups": ["police"] })),
            "grant_signers | /signed/groups/0",
            true,
        ),
        (other, "grant_signers | /signatures", false),
        (
            changed.to_string().into_bytes(),
            "grant_changed | /signatures/0/sig",
            false,
        ),
        (
            grant(&json!({ "layer": "city" })),
            "grant_foreign | /signed/layer",
            false,
        ),
        (b"{\"signed\":{}}".to_vec(), "grant_unreadable | grant:1:1", false),
        (b"sluis:grant/x".to_vec(), "grant_unreadable | the link", false),
    ];
    for (bytes, said, logged) in cases {
        let before = phone.logged("grant").len();
        for time in ["the first", "the second"] {
            let answer = given(&mut phone, &server, &bytes);
            assert!(answer.starts_with(said), "{time} time: {answer}");
        }
        let entries = phone.logged("grant");
        assert_eq!(entries.len() - before, usize::from(logged), "{said}: {entries:?}");
        if logged {
            let why = entries[before]["refused"].as_str().unwrap();
            assert!(said.ends_with(why.split(": ").next().unwrap()), "{why}");
        }
    }
    assert_eq!(phone.state("bad.app"), "suspended hidden");
    assert_eq!(groups(&mut phone), [""; 0]);
    assert!(phone.logged("bundle").is_empty());
}

#[test]
fn a_grant_without_policy_or_without_a_key_in_the_phone_is_refused() {
    let server = Server::with("national", &national(&json!({})));
    let mut phone = Phone::with(&[]);
    is(&mut phone, PHONE);
    assert_eq!(given(&mut phone, &server, &grant(&json!({}))), "grant_no_policy");
    let mut phone = Phone::obeying(&server, &[]);
    assert_eq!(
        given(&mut phone, &server, &grant(&json!({}))),
        "grant_no_phone_id"
    );
    assert_eq!(phone.screen("en").phone, None);
}

#[test]
fn a_group_of_one_organisation_exempts_from_no_rule_of_another_that_does_not_say_so() {
    let city = |exemptible: &Value| {
        let mut rule = deny("ban", "suspend", &["bad.app"]);
        rule["exemptible_by"] = exemptible.clone();
        policy("city", json!([rule]))
    };
    let exemption = |layer: &str| {
        json!({ "layer": layer, "rule": "ban", "packages": ["bad.app"], "groups": ["inspection"],
                "purpose": { "en": "Inspection" }, "until": day(60) })
    };
    for (exemptible, state) in [(json!(["other"]), "suspended"), (json!(["national"]), "free")] {
        let both = json!({ "exemptions": [exemption("national"), exemption("city")] });
        let mut server = Server::with("city", &city(&exemptible));
        server.add("national", &national(&both));
        let mut phone = inspector(&server);
        given(&mut phone, &server, &grant(&json!({})));
        phone.install(&server, app("bad.app"));
        assert_eq!(phone.state("bad.app"), state, "exemptible by {exemptible}");
    }
}

#[test]
fn a_store_that_is_lost_takes_no_grant_with_it() {
    let server = Server::with("national", &national(&json!({})));
    let mut phone = inspector(&server);
    given(&mut phone, &server, &grant(&json!({})));
    phone.install(&server, app("bad.app"));
    assert_eq!(phone.state("bad.app"), "free");
    phone
        .process_dies_and(|store| std::fs::write(store, b"damaged").unwrap())
        .unwrap();
    phone.report(&server, Event::Started {});
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_exempted"));
    assert_eq!(phone.state("bad.app"), "free");
    assert_eq!(phone.screen("en").phone.unwrap().id, hex::encode(&PHONE));
}

#[test]
fn a_store_that_breaks_while_the_phone_is_in_use_suspends_nothing_that_is_granted() {
    let server = Server::with("national", &national(&json!({})));
    let mut phone = inspector(&server);
    given(&mut phone, &server, &grant(&json!({})));
    phone.install(&server, app("bad.app"));
    let size = std::fs::metadata(phone.store_path()).unwrap().len();
    phone
        .store()
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
    std::fs::write(phone.store_path(), vec![0xa5; usize::try_from(size).unwrap()]).unwrap();
    phone.refresh(&server);
    assert!(!phone.logged("recovered").is_empty());
    assert_eq!(phone.state("bad.app"), "free");
}

#[test]
fn a_hundred_grants_leave_a_phone_with_those_that_count() {
    let rules = national(&json!({}));
    let mut server = Server::with("national", &rules);
    let mut phone = inspector(&server);
    let many = |phone: &mut Phone, server: &Server, from: i64, until: i64| {
        let numbered = |i: i64| {
            grant(&json!({ "id": format!("g-{from}-{i}"), "issued": day(from), "until": day(until) }))
        };
        let said: Vec<String> = (0..70).map(|i| given(phone, server, &numbered(i))).collect();
        said.iter().filter(|said| said.starts_with("grant_taken")).count()
    };
    assert_eq!(many(&mut phone, &server, 0, 20), 64, "no more than fit");
    pass(&mut server, &mut phone, 21, &rules);
    assert_eq!(
        many(&mut phone, &server, 21, 40),
        64,
        "those that are over make room"
    );
    phone.install(&server, app("bad.app"));
    assert_eq!(phone.state("bad.app"), "free");
}

#[test]
fn the_screen_shows_the_phones_number_as_a_code_that_reads_back() {
    let server = Server::with("national", &national(&json!({})));
    let mut phone = inspector(&server);
    let card = phone.screen("en").phone.unwrap();
    let size = card.qr.len();
    let mut image = rqrr::PreparedImage::prepare_from_bitmap(size * 4 + 32, size * 4 + 32, |x, y| {
        let module = |at: usize| (at / 4).checked_sub(4).filter(|at| *at < size);
        module(y)
            .zip(module(x))
            .is_some_and(|(y, x)| card.qr[y].as_bytes()[x] == b'1')
    });
    assert_eq!(image.detect_grids()[0].decode().unwrap().1, card.id);
}
