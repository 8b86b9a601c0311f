//! Which grants count: those that all has to be right of, and no other.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod signer;

use serde_json::{Value, json};
use signer::{PHONE, Signer, document, signed};
use sluis_core::feed::{hex, rfc3339};
use sluis_core::grant::{self, Given, Refusal, Unreadable};
use sluis_core::policy::{Layer, Ruleset};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::grant::SignedGrant;
use sluis_policy::policy::Policy;
use sluis_policy::values::Digest;

fn layer(policy: &Value) -> Layer {
    Layer {
        policy: Policy::parse("policy", policy.to_string().as_bytes()).unwrap(),
        catalogue: Catalogue::default(),
    }
}

fn ruleset(policies: &[Value]) -> Ruleset {
    Ruleset::compile(policies.iter().map(layer).collect()).unwrap()
}

/// A policy that forbids `bad.app`; its exemption for `inspection` lasts until the end of March.
fn policy(name: &str, more: &Value) -> Value {
    let mut policy = json!({
        "format": "sluis.policy/1",
        "layer": name,
        "organisation": { "name": { "en": name } },
        "stance": "open",
        "rules": [{ "id": "ban", "effect": "deny", "match": { "packages": ["bad.app"] } }],
        "exemptions": [exemption("ban", "inspection", "2026-03-31T00:00:00Z")],
    });
    policy
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    policy
}

fn exemption(rule: &str, group: &str, until: &str) -> Value {
    json!({ "rule": rule, "packages": ["bad.app"], "groups": [group], "purpose": { "en": "Inspection" }, "until": until })
}

/// National, which trusts this signer with `inspection`.
fn national(signer: &Signer) -> Value {
    policy("national", &json!({ "grants": [signer.may(&["inspection"])] }))
}

fn read(document: &[u8]) -> SignedGrant {
    Given::recognise(document).unwrap().read("grant").unwrap()
}

const NOW: &str = "2026-03-10T00:00:00Z";

fn admit_at(now: &str, policies: &[Value], document: &[u8]) -> Result<(), Refusal> {
    let now_ms = rfc3339::parse(now).unwrap() * 1000;
    grant::admit(&read(document), &ruleset(policies), Digest(PHONE), now_ms)
}

fn admit(policies: &[Value], document: &[u8]) -> Result<(), Refusal> {
    admit_at(NOW, policies, document)
}

/// What is said of the refusal.
fn refused(policies: &[Value], document: &[u8]) -> String {
    admit(policies, document).unwrap_err().to_string()
}

/// The groups that still count of a grant on record; or why none does.
fn standing(policies: &[Value], document: &[u8]) -> Result<Vec<String>, String> {
    let groups = grant::standing(&read(document), &ruleset(policies), Digest(PHONE));
    let names = |groups: Vec<_>| groups.iter().map(ToString::to_string).collect();
    groups.map(names).map_err(|refusal| refusal.to_string())
}

#[test]
fn a_grant_by_a_key_that_the_policy_names_counts_whichever_kind_it_is_and_however_it_comes() {
    for signer in [Signer::new(1), Signer::p256()] {
        let policies = [national(&signer)];
        let document = document(&signed(&json!({})), &[&signer]);
        assert_eq!(admit(&policies, &document), Ok(()));
        let link = grant::link(&document);
        assert!(
            link.len() < 1_000,
            "{} characters are many for a camera",
            link.len()
        );
        assert_eq!(admit(&policies, format!("\n{link}\n").as_bytes()), Ok(()));
        assert_eq!(standing(&policies, &document), Ok(vec!["inspection".to_owned()]));
    }
}

#[test]
fn a_grant_that_nobody_signed_or_others_counts_for_nothing() {
    let policies = [national(&Signer::new(1))];
    let plain = signed(&json!({}));
    assert_eq!(admit(&policies, &document(&plain, &[])), Err(Refusal::Unsigned));
    let other = Signer::new(2);
    let said = refused(&policies, &document(&plain, &[&other]));
    assert!(
        said.starts_with("/signatures: ") && said.contains(&other.key()),
        "{said}"
    );
}

#[test]
fn a_signature_over_anything_else_counts_for_nothing() {
    let signer = Signer::new(1);
    let policies = [national(&signer)];
    let honest = signed(&json!({}));
    for (change, what) in [
        (json!({ "phone": "60".repeat(32) }), "the phone"),
        (json!({ "groups": ["inspection", "police"] }), "the groups"),
        (json!({ "until": "2026-03-21T00:00:00Z" }), "the end"),
        (json!({ "layer": "city" }), "the layer"),
        (json!({ "id": "g-2" }), "the id"),
        (json!({ "issued": "2026-03-02T00:00:00Z" }), "the time of issue"),
        (json!({ "from": "2026-03-01T00:00:00Z" }), "a beginning"),
    ] {
        let forged = json!({ "signed": signed(&change), "signatures": [signer.signs(&honest)] }).to_string();
        let policies = [
            policies[0].clone(),
            policy("city", &json!({ "grants": [signer.may(&["inspection"])] })),
        ];
        let refusal = admit(&policies, forged.as_bytes()).unwrap_err();
        assert!(
            matches!(refusal, Refusal::Changed { place: 0, .. }),
            "{what}: {refusal}"
        );
        assert!(standing(&policies, forged.as_bytes()).is_err(), "{what}");
    }
    // A feed's metadata that names the same key, and whose bytes it did sign.
    let metadata = json!({ "_type": "timestamp", "version": 1 });
    let signature = signer.signs(&metadata);
    let forged = json!({ "signed": honest, "signatures": [signature] }).to_string();
    assert!(matches!(
        admit(&policies, forged.as_bytes()),
        Err(Refusal::Changed { .. })
    ));
}

#[test]
fn a_key_is_trusted_for_the_groups_that_the_policy_gives_it_and_no_others() {
    let (inspector, police) = (Signer::new(1), Signer::new(2));
    let more = json!({
        "grants": [inspector.may(&["inspection"]), police.may(&["police"])],
        "exemptions": [
            exemption("ban", "inspection", "2026-03-31T00:00:00Z"),
            exemption("ban", "police", "2026-03-31T00:00:00Z"),
        ],
    });
    let policies = [policy("national", &more)];
    let both = signed(&json!({ "groups": ["inspection", "police"] }));
    assert_eq!(
        refused(&policies, &document(&both, &[&inspector])),
        "/signed/groups/1: no key that signed it may take phones into `police`, by `grants` of the policy"
    );
    assert_eq!(admit(&policies, &document(&both, &[&inspector, &police])), Ok(()));
    assert_eq!(
        standing(&policies, &document(&both, &[&inspector])),
        Ok(vec!["inspection".to_owned()])
    );
    // A second signature that does not hold adds nothing, and takes nothing away.
    let mut forged: Value = serde_json::from_slice(&document(&both, &[&inspector, &police])).unwrap();
    forged["signatures"][1]["sig"] = forged["signatures"][0]["sig"].clone();
    assert!(matches!(
        admit(&policies, forged.to_string().as_bytes()),
        Err(Refusal::NotTheirs { place: 1, .. })
    ));
}

#[test]
fn who_may_sign_for_one_layer_puts_no_phone_into_a_group_of_another() {
    let (state, city) = (Signer::new(1), Signer::new(2));
    let policies = [
        national(&state),
        policy("city", &json!({ "grants": [city.may(&["inspection"])] })),
    ];
    // The city's key on a grant that names the state's layer.
    let said = refused(&policies, &document(&signed(&json!({})), &[&city]));
    assert!(said.contains(&city.key()), "{said}");
    // On one that names its own it puts the phone into its own group, which the state's exemption does not mean.
    let own = document(&signed(&json!({ "layer": "city" })), &[&city]);
    assert_eq!(admit(&policies, &own), Ok(()));
    let members = grant::memberships(&read(&own), &read(&own).grant.groups);
    assert!(members.iter().all(|member| member.layer.as_str() == "city"));
}

#[test]
fn a_key_that_is_named_by_two_layers_signs_for_the_one_that_the_grant_names() {
    let signer = Signer::new(1);
    let grants = json!({ "grants": [signer.may(&["inspection"])] });
    let without = policy(
        "city",
        &json!({ "grants": [signer.may(&["inspection"])], "exemptions": [] }),
    );
    let policies = [policy("national", &grants), without];
    let said = refused(
        &policies,
        &document(&signed(&json!({ "layer": "city" })), &[&signer]),
    );
    assert!(said.starts_with("/signed/groups/0: no exemption"), "{said}");
}

#[test]
fn a_grant_for_another_phone_or_layer_is_refused() {
    let signer = Signer::new(1);
    let policies = [national(&signer)];
    let other = document(&signed(&json!({ "phone": "60".repeat(32) })), &[&signer]);
    assert_eq!(
        refused(&policies, &other),
        format!(
            "/signed/phone: found {}; this phone is {}",
            "60".repeat(32),
            hex::encode(&PHONE)
        )
    );
    assert!(standing(&policies, &other).is_err());
    let elsewhere = document(&signed(&json!({ "layer": "city" })), &[&signer]);
    assert_eq!(
        refused(&policies, &elsewhere),
        "/signed/layer: no policy of layer `city` is in force"
    );
    assert!(standing(&[], &document(&signed(&json!({})), &[&signer])).is_err());
}

#[test]
fn a_grant_that_is_over_is_refused_and_one_that_has_not_begun_is_not() {
    let signer = Signer::new(1);
    let policies = [national(&signer)];
    let plain = document(&signed(&json!({})), &[&signer]);
    assert_eq!(admit_at("2026-03-19T23:59:59Z", &policies, &plain), Ok(()));
    assert_eq!(
        admit_at("2026-03-20T00:00:00Z", &policies, &plain)
            .unwrap_err()
            .to_string(),
        "/signed/until: it ended at 2026-03-20T00:00:00Z"
    );
    let later = document(&signed(&json!({ "from": "2026-03-15T00:00:00Z" })), &[&signer]);
    assert_eq!(admit(&policies, &later), Ok(()));
}

#[test]
fn a_group_that_no_usable_exemption_is_for_is_refused() {
    let signer = Signer::new(1);
    let with = |more: Value| {
        let mut more = more;
        more["grants"] = json!([signer.may(&["inspection", "police"])]);
        [policy("national", &more), policy("city", &json!({}))]
    };
    let police = document(&signed(&json!({ "groups": ["police"] })), &[&signer]);
    let said = "/signed/groups/0: no exemption of the policy that can be used is for group `police`";
    assert_eq!(refused(&with(json!({})), &police), said);
    // From a rule of a layer that lets nobody exempt from it.
    let mut foreign = exemption("ban", "police", "2026-03-31T00:00:00Z");
    foreign["layer"] = json!("city");
    assert_eq!(refused(&with(json!({ "exemptions": [foreign] })), &police), said);
}

#[test]
fn a_grant_that_asks_for_more_than_the_exemption_allows_is_refused() {
    let signer = Signer::new(1);
    let grants = json!([signer.may(&["inspection"])]);
    let until = |until: &str| document(&signed(&json!({ "until": until })), &[&signer]);
    let own = [policy("national", &json!({ "grants": grants }))];
    assert_eq!(admit(&own, &until("2026-03-31T00:00:00Z")), Ok(()));
    assert_eq!(
        refused(&own, &until("2026-03-31T00:00:01Z")),
        "/signed/until: found 2026-03-31T00:00:01Z; the policy exempts `inspection` until 2026-03-31T00:00:00Z at most"
    );
    // The other layer's rule says how long an exemption from it lasts; who writes the exemption may not know.
    let rule = json!({ "id": "ban", "effect": "deny", "match": { "packages": ["bad.app"] },
                       "exemptible_by": ["national"], "max_exemption": "P10D" });
    let mut foreign = exemption("ban", "inspection", "2026-03-31T00:00:00Z");
    foreign["layer"] = json!("city");
    foreign["from"] = json!("2026-03-05T00:00:00Z");
    let policies = [
        policy("national", &json!({ "grants": grants, "exemptions": [foreign] })),
        policy("city", &json!({ "rules": [rule], "exemptions": [] })),
    ];
    assert_eq!(admit(&policies, &until("2026-03-15T00:00:00Z")), Ok(()));
    let refusal = admit(&policies, &until("2026-03-15T00:00:01Z")).unwrap_err();
    assert!(matches!(refusal, Refusal::TooLong { .. }), "{refusal}");
    // Once it is on record, a shorter exemption shortens what it brings, and does not end it before.
    assert!(standing(&policies, &until("2026-03-15T00:00:01Z")).is_ok());
}

#[test]
fn what_the_policy_takes_back_counts_no_more() {
    let signer = Signer::new(1);
    let plain = document(&signed(&json!({})), &[&signer]);
    let grants = json!([signer.may(&["inspection"])]);
    let revoked = [policy(
        "national",
        &json!({ "grants": grants, "revoked_grants": ["g-0", "g-1"] }),
    )];
    assert_eq!(
        standing(&revoked, &plain).unwrap_err(),
        "/signed/id: the policy has revoked grant `g-1`"
    );
    assert_eq!(
        refused(&revoked, &plain),
        "/signed/id: the policy has revoked grant `g-1`"
    );
    let elsewhere = policy("city", &json!({ "revoked_grants": ["g-1"] }));
    let policies = [policy("national", &json!({ "grants": grants })), elsewhere];
    assert!(
        standing(&policies, &plain).is_ok(),
        "another layer takes back its own grants only"
    );
    for (more, what) in [
        (
            json!({ "grants": [Signer::new(2).may(&["inspection"])] }),
            "its key",
        ),
        (
            json!({ "grants": [signer.may(&["police"])] }),
            "its group from the key",
        ),
        (json!({ "grants": grants, "exemptions": [] }), "the exemption"),
        (json!({}), "all grants"),
    ] {
        assert!(standing(&[policy("national", &more)], &plain).is_err(), "{what}");
    }
}

#[test]
fn an_older_grant_does_not_take_the_place_of_a_newer_one() {
    let signer = Signer::new(1);
    let issued = |issued: &str, until: &str| {
        read(&document(
            &signed(&json!({ "issued": issued, "until": until })),
            &[&signer],
        ))
    };
    let shorter = issued("2026-03-05T00:00:00Z", "2026-03-12T00:00:00Z");
    let longer = issued("2026-03-01T00:00:00Z", "2026-03-20T00:00:00Z");
    assert_eq!(grant::succeeds(&shorter, &longer), Ok(()));
    assert_eq!(
        grant::succeeds(&longer, &shorter).unwrap_err().to_string(),
        "/signed/issued: found 2026-03-01T00:00:00Z; this phone has one of that name that was issued at \
         2026-03-05T00:00:00Z"
    );
    let same_moment = issued("2026-03-05T00:00:00Z", "2026-03-20T00:00:00Z");
    assert!(
        grant::succeeds(&same_moment, &shorter).is_err(),
        "of two of one moment the first stays"
    );
    assert_eq!(grant::succeeds(&shorter, &shorter), Ok(()));
}

#[test]
fn what_is_no_grant_is_left_to_others_or_refused_with_its_place() {
    for other in [
        &b""[..],
        b"1.root.json\0\0\0",
        b"<html>",
        b"\0\0\0\0",
        b"sluis:phone/x",
        b"[{}]",
    ] {
        assert_eq!(Given::recognise(other), None, "{other:?}");
    }
    let said = |document: &[u8]| Given::recognise(document).unwrap().read("grant").unwrap_err();
    assert_eq!(said(b"sluis:grant/AAA="), Unreadable::Link);
    let long = format!("sluis:grant/{}", "A".repeat(100_000));
    assert_eq!(said(long.as_bytes()), Unreadable::Link);
    let cut = grant::link(b"{\"signed\": ");
    assert!(said(cut.as_bytes()).to_string().starts_with("grant:1:12: "));
    assert!(
        said(&[b"{".as_slice(), &vec![b'1'; 100_000]].concat())
            .to_string()
            .contains("at most 1100 bytes")
    );
}
