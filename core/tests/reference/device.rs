//! What layers ask of the phone itself, against a naive reading that asks of each single thing whether any layer
//! forbids it.

use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Value, json};
use sluis_core::policy::{Device, Ruleset};
use sluis_policy::policy::{FORBIDDEN, Installs, Policy};
use sluis_policy::values::Host;

use crate::cases;
use crate::generate::catalogue;
use crate::world::layers;

const KEYBOARDS: [&str; 3] = ["k.one", "k.two", "k.three"];
const HOSTS: [&str; 3] = ["a.example", "b.example", "www.b.example"];

/// What one policy may ask, or nothing.
fn device() -> impl Strategy<Value = Value> {
    let words: Vec<&str> = FORBIDDEN.iter().map(|(word, _)| *word).collect();
    let some = |values: Vec<&'static str>| {
        let most = values.len();
        prop::option::of(subsequence(values, 0..=most))
    };
    (
        some(words),
        prop::option::of(prop_oneof![Just("judged"), Just("closed")]),
        prop::option::of(any::<bool>()),
        some(KEYBOARDS.to_vec()),
        some(HOSTS.to_vec()),
    )
        .prop_map(|(forbid, installs, automatic_time, keyboards, blocked_web)| {
            let mut device = json!({});
            let filled =
                |list: Option<Vec<&str>>| list.filter(|list| !list.is_empty()).map(|list| json!(list));
            for (field, value) in [
                ("forbid", filled(forbid)),
                ("installs", installs.map(|word| json!(word))),
                ("automatic_time", automatic_time.map(|on| json!(on))),
                ("keyboards", keyboards.map(|list| json!(list))),
                ("blocked_web", filled(blocked_web)),
            ] {
                if let Some(value) = value {
                    device[field] = value;
                }
            }
            device
        })
}

fn policies() -> impl Strategy<Value = Vec<Value>> {
    prop::collection::vec(device(), 1..=4).prop_map(|devices| {
        let policy = |(n, device): (usize, Value)| {
            let mut policy = json!({ "format": "sluis.policy/1", "layer": format!("layer{n}"), "stance": "open",
                                     "organisation": { "name": { "en": "Test" } }, "rules": [] });
            if device.as_object().is_some_and(|fields| !fields.is_empty()) {
                policy["device"] = device;
            }
            policy
        };
        devices.into_iter().enumerate().map(policy).collect()
    })
}

fn composed(policies: &[Value]) -> Device {
    Ruleset::compile(layers(policies, &catalogue())).unwrap().device()
}

/// Whether `stricter` leaves people no more than `device` does.
fn is_as_strict(stricter: &Device, device: &Device) -> bool {
    let permits = |device: &Device, keyboard: &str| {
        device
            .keyboards
            .as_ref()
            .is_none_or(|permitted| permitted.contains(keyboard))
    };
    stricter.forbidden.is_superset(&device.forbidden)
        && stricter.blocked_web.is_superset(&device.blocked_web)
        && stricter.installs >= device.installs
        && stricter.automatic_time >= device.automatic_time
        && KEYBOARDS
            .iter()
            .chain(&["k.other"])
            .all(|keyboard| permits(device, keyboard) || !permits(stricter, keyboard))
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn what_layers_ask_of_the_phone_is_what_the_naive_reading_says(policies in policies()) {
        let device = composed(&policies);
        let parsed: Vec<Policy> = policies
            .iter()
            .map(|policy| Policy::parse("policy", policy.to_string().as_bytes()).unwrap())
            .collect();
        let asked = || parsed.iter().filter_map(|policy| policy.device.as_ref());
        for (word, forbidden) in FORBIDDEN {
            let naive = asked().any(|device| device.forbid.contains(&forbidden));
            prop_assert_eq!(device.forbidden.contains(&forbidden), naive, "{}", word);
        }
        for host in HOSTS.map(|host| Host::parse(host).unwrap()) {
            let naive = asked().any(|device| device.blocked_web.contains(&host));
            prop_assert_eq!(device.blocked_web.contains(&host), naive);
        }
        for keyboard in KEYBOARDS.iter().chain(&["k.other"]) {
            let mut naive = true;
            for device in asked() {
                if let Some(permitted) = &device.keyboards
                    && !permitted.iter().any(|name| name == keyboard)
                {
                    naive = false;
                }
            }
            let permitted = device.keyboards.as_ref().is_none_or(|names| names.contains(*keyboard));
            prop_assert_eq!(permitted, naive, "{}", keyboard);
        }
        prop_assert_eq!(device.automatic_time, asked().any(|device| device.automatic_time));
        let closed = asked().any(|device| device.installs == Installs::Closed);
        prop_assert_eq!(device.installs == Installs::Closed, closed);
    }

    #[test]
    fn no_layer_permits_what_another_forbids_and_their_order_means_nothing(policies in policies()) {
        let device = composed(&policies);
        let mut reversed = policies.clone();
        reversed.reverse();
        prop_assert_eq!(&composed(&reversed), &device);
        for left_out in 0..policies.len() {
            let mut fewer = policies.clone();
            fewer.remove(left_out);
            prop_assert!(is_as_strict(&device, &composed(&fewer)));
        }
    }
}
