//! Rules by what is in apps' manifests: read where a policy goes by it, and only there.

use serde_json::{Value, json};
use sluis_core::agent::message::Event;
use sluis_core::policy::facts::PackageFacts;

use crate::phone::{Phone, app};
use crate::server::{Server, deny, policy};

/// An app with that SDK built in.
fn with_sdk(name: &str) -> PackageFacts {
    PackageFacts {
        components: Some(vec![format!("{name}.Main"), "com.bytedance.sdk.Banner".into()]),
        permissions: Some(vec!["android.permission.READ_SMS".into()]),
        web_origin: Some("https://tiktok.com/".into()),
        ..app(name)
    }
}

fn denying(matches: Value) -> Value {
    policy(
        "national",
        json!([{ "id": "inside", "effect": "deny", "remedy": "suspend", "match": matches }]),
    )
}

/// A phone with that many apps that have it, and a policy that asks about names only.
fn unconcerned(count: usize) -> (Server, Phone, Vec<String>) {
    let server = Server::with(
        "national",
        &policy("national", json!([deny("ban", "suspend", &["bad.app"])])),
    );
    let mut phone = Phone::obeying(&server, &["bad.app", "good.app"]);
    let names: Vec<String> = (0..count).map(|n| format!("app.n{n}")).collect();
    for name in &names {
        phone.install(&server, with_sdk(name));
    }
    (server, phone, names)
}

#[test]
fn a_rule_by_what_is_in_manifests_reaches_what_is_there_and_what_arrives() {
    for matches in [
        json!({ "components": ["com.bytedance.sdk.*"] }),
        json!({ "permissions": ["android.permission.READ_SMS"] }),
        json!({ "web_origins": ["tiktok.com"] }),
    ] {
        let (mut server, mut phone, _) = unconcerned(1);
        assert!(!phone.manifests, "nobody asked");
        server.publish("national", &denying(matches.clone()));
        phone.refresh(&server);
        assert!(phone.manifests);
        assert_eq!(phone.state("app.n0"), "suspended", "{matches}");
        assert_eq!(phone.state("good.app"), "free");
        phone.install(&server, with_sdk("app.late"));
        assert_eq!(phone.state("app.late"), "suspended", "{matches}");
        phone.process_dies();
        phone.report(&server, Event::Started {});
        assert!(phone.manifests, "the next process is told, too");
        phone.install(&server, with_sdk("app.later"));
        assert_eq!(phone.state("app.later"), "suspended", "{matches}");
    }
}

#[test]
fn an_exception_by_what_is_in_manifests_is_made_where_it_is_so() {
    let (mut server, mut phone, _) = unconcerned(1);
    let asks_nothing = PackageFacts {
        permissions: Some(Vec::new()),
        ..app("good.app")
    };
    phone.install(&server, asks_nothing);
    let mut policy = denying(json!({ "packages": ["app.n0", "good.app"] }));
    policy["rules"][0]["except"] = json!({ "permissions": ["android.permission.READ_SMS"] });
    server.publish("national", &policy);
    phone.refresh(&server);
    assert_eq!(
        (phone.state("app.n0"), phone.state("good.app")),
        ("free", "suspended")
    );
}

#[test]
fn the_brake_counts_what_only_manifests_show_also_after_a_restart() {
    for dies in [false, true] {
        let (mut server, mut phone, names) = unconcerned(26);
        server.publish(
            "national",
            &denying(json!({ "components": ["com.bytedance.sdk.*"] })),
        );
        if dies {
            phone.refresh_without_a_list(&server);
            phone.process_dies();
            phone.report(&server, Event::Started {});
        } else {
            phone.refresh(&server);
        }
        assert!(
            names.iter().all(|name| phone.state(name) == "free"),
            "dies: {dies}"
        );
        assert_eq!(phone.logged("held_back").len(), 1, "dies: {dies}");
    }
}
