//! What layers together ask of the phone itself: the strictest of each.

use serde_json::{Value, json};
use sluis_core::policy::{Device, Layer, Ruleset};
use sluis_policy::catalogue::Catalogue;
use sluis_policy::policy::{Forbidden, Installs, Policy};

use crate::phone::policy;

fn asked(devices: &[Value]) -> Device {
    let layers = devices.iter().enumerate().map(|(n, device)| {
        let more = match device {
            Value::Null => json!({}),
            device => json!({ "device": device }),
        };
        let policy = policy(&format!("layer{n}"), json!([]), more);
        Layer {
            policy: Policy::parse("policy", policy.to_string().as_bytes()).unwrap(),
            catalogue: Catalogue::default(),
        }
    });
    Ruleset::compile(layers.collect()).unwrap().device()
}

#[test]
fn what_any_layer_forbids_or_blocks_is_forbidden() {
    let device = asked(&[
        json!({ "forbid": ["debugging"], "blocked_web": ["tiktok.com"] }),
        Value::Null,
        json!({ "forbid": ["users", "debugging"], "blocked_web": ["vk.com"], "automatic_time": true }),
        json!({ "automatic_time": false }),
    ]);
    assert_eq!(device.forbidden, [Forbidden::Debugging, Forbidden::Users].into());
    let hosts: Vec<String> = device.blocked_web.iter().map(ToString::to_string).collect();
    assert_eq!(hosts, ["tiktok.com", "vk.com"]);
    assert!(device.automatic_time);
}

#[test]
fn a_keyboard_is_permitted_if_every_layer_that_names_keyboards_names_it() {
    let keyboards = |names: Value| json!({ "keyboards": names });
    let permitted = |devices: &[Value]| {
        asked(devices)
            .keyboards
            .map(|names| names.into_iter().collect::<Vec<_>>())
    };
    assert_eq!(permitted(&[Value::Null, json!({ "installs": "judged" })]), None);
    let (first, second) = (keyboards(json!(["a.a", "b.b"])), keyboards(json!(["b.b", "c.c"])));
    assert_eq!(
        permitted(&[first.clone(), Value::Null]),
        Some(vec!["a.a".into(), "b.b".into()])
    );
    assert_eq!(permitted(&[first.clone(), second]), Some(vec!["b.b".into()]));
    assert_eq!(permitted(&[first, keyboards(json!([]))]), Some(vec![]));
}

#[test]
fn installing_is_closed_where_any_layer_closes_it() {
    let installs = |word: &str| json!({ "installs": word });
    assert_eq!(
        asked(&[installs("judged"), installs("closed")]).installs,
        Installs::Closed
    );
    assert_eq!(
        asked(&[installs("closed"), installs("judged")]).installs,
        Installs::Closed
    );
    assert_eq!(
        asked(&[installs("judged"), Value::Null]).installs,
        Installs::Judged
    );
}
