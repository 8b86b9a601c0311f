//! A fact that cannot be read keeps the last verdict and never loosens one.

use serde_json::json;
use sluis_core::policy::facts::{PackageFacts, Signers};
use sluis_policy::values::Digest;

use crate::phone::{Phone, app};
use crate::server::{Server, policy};

const KEY: [u8; 32] = [0x11; 32];

fn banning_by_signer() -> Server {
    let signer = "11".repeat(32);
    let rule = json!({ "id": "key", "effect": "deny", "remedy": "hide", "match": { "signers": [signer] } });
    Server::with("national", &policy("national", json!([rule])))
}

fn signed(key: [u8; 32]) -> PackageFacts {
    let (current, lineage) = (vec![Digest(key)], vec![]);
    PackageFacts {
        signers: Some(Signers { current, lineage }),
        ..app("bad.app")
    }
}

#[test]
fn a_signer_that_cannot_be_read_any_more_releases_nothing() {
    let server = banning_by_signer();
    let mut phone = Phone::with(&[]);
    phone.packages.insert("bad.app".into(), signed(KEY));
    phone.configure(&server, &["national"]).unwrap();
    assert_eq!(phone.state("bad.app"), "suspended hidden");
    phone.packages.get_mut("bad.app").unwrap().signers = None;
    let log = phone.audit();
    let changed = phone.changed_event("bad.app");
    phone.report(&server, changed);
    phone.process_dies();
    phone.refresh(&server);
    assert_eq!(phone.state("bad.app"), "suspended hidden");
    assert_eq!(phone.audit(), log);
    // Known again, and another: that is news.
    let other = PackageFacts {
        hidden: Some(true),
        suspended: Some(true),
        ..signed([0x22; 32])
    };
    phone.install(&server, other);
    assert_eq!(phone.state("bad.app"), "free");
}

#[test]
fn an_app_of_the_phone_is_not_uninstalled_when_its_origin_cannot_be_read() {
    let rule =
        json!({ "id": "ban", "effect": "deny", "remedy": "remove", "match": { "packages": ["bad.app"] } });
    let server = Server::with("national", &policy("national", json!([rule])));
    let mut phone = Phone::with(&["bad.app"]);
    phone.packages.get_mut("bad.app").unwrap().system = Some(true);
    phone.configure(&server, &["national"]).unwrap();
    assert_eq!(phone.state("bad.app"), "hidden");
    phone.packages.get_mut("bad.app").unwrap().system = None;
    phone.orders();
    phone.refresh(&server);
    assert_eq!(phone.orders(), Vec::<String>::new());
}

#[test]
fn whether_an_app_is_hidden_or_suspended_is_as_sluis_left_it_while_it_cannot_be_read() {
    let mut server = banning_by_signer();
    let mut phone = Phone::with(&[]);
    phone.packages.insert("bad.app".into(), signed(KEY));
    phone.configure(&server, &["national"]).unwrap();
    phone.orders();
    let package = phone.packages.get_mut("bad.app").unwrap();
    (package.hidden, package.suspended) = (None, None);
    phone.refresh(&server);
    assert_eq!(phone.orders(), Vec::<String>::new());
    assert_eq!(phone.card("bad.app").as_deref(), Some("state_hidden"));
    server.publish("national", &policy("national", json!([])));
    phone.refresh(&server);
    assert_eq!(phone.orders(), ["unhide bad.app", "unsuspend bad.app"]);
}
