//! What is done to a phone does not depend on the order in which it lists its packages.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};
use sluis_core::agent::message::Event;
use sluis_core::policy::facts::{Inventory, PackageFacts, Roles};

use crate::phone::{Phone, app, roles};
use crate::server::{Server, deny, policy};

const NAMES: [&str; 8] = [
    "a.a", "a.b", "b.a", "b.b", "home.one", "home.two", "key.one", "key.two",
];

fn server() -> Server {
    let rules = json!([
        deny("z-all-of-a", "suspend", &["a.*"]),
        deny("b", "remove", &["a.b", "b.a"]),
        deny("c", "hide", &["a.b", "home.*", "key.one"]),
        { "id": "d", "effect": "advise", "match": { "packages": ["b.b"] } },
    ]);
    Server::with("national", &policy("national", rules))
}

fn holders() -> Roles {
    roles(&[
        ("home", &["home.two"]),
        ("home_candidates", &["home.one", "home.two"]),
        ("keyboard", &["key.one"]),
        ("keyboard_candidates", &["key.one", "key.two"]),
    ])
}

fn packages() -> impl Strategy<Value = Vec<PackageFacts>> {
    let facts =
        |(system, suspended, hidden): (bool, bool, bool)| (Some(system), Some(suspended), Some(hidden));
    let each = prop::collection::vec(any::<(bool, bool, bool)>().prop_map(facts), NAMES.len());
    each.prop_map(|facts| {
        let package = |(name, (system, suspended, hidden)): (&&str, _)| PackageFacts {
            system,
            suspended,
            hidden,
            ..app(name)
        };
        NAMES.iter().zip(facts).map(package).collect()
    })
}

/// The steps, each package's in their order, and what the screen says of each app but when.
fn outcome(phone: &mut Phone, packages: Vec<PackageFacts>) -> (Vec<String>, BTreeSet<String>) {
    let roles = holders();
    let event = Event::Inventory {
        inventory: Inventory { packages, roles },
        api: Some(phone.api),
    };
    phone.orders();
    phone.tell(event, None).unwrap();
    let mut orders = phone.orders();
    // Stable: what is done to one package keeps its order.
    orders.sort_by_key(|order| order.split(' ').nth(1).map(ToOwned::to_owned));
    let cards = phone.screen("en").apps.into_iter();
    let words = |mut card: Value| {
        card["since_ms"].take();
        card.to_string()
    };
    (
        orders,
        cards
            .map(|card| words(serde_json::to_value(card).unwrap()))
            .collect(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_shuffled_inventory_leads_to_the_same_steps_and_reasons(
        (listed, shuffled) in packages().prop_flat_map(|p| (Just(p.clone()), Just(p).prop_shuffle())),
    ) {
        let server = server();
        let [mut one, mut other] = [(); 2].map(|()| Phone::obeying(&server, &[]));
        prop_assert_eq!(outcome(&mut one, listed), outcome(&mut other, shuffled));
    }
}
