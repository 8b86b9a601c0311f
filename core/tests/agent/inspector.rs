//! An inspector's phone, and the policy under which a grant is of use to it.

use serde_json::{Value, json};
use sluis_core::agent::message::{Argument, Directives, Event};
use sluis_core::feed::rfc3339;
use sluis_policy::values::Digest;

use crate::phone::Phone;
use crate::repository::{DAY, DAY_0};
use crate::server::{Server, deny, policy};
use crate::signer::{PHONE, Signer, document, signed};

/// That many days after the first.
pub(crate) fn day(n: i64) -> String {
    rfc3339::format(DAY_0 + n * DAY)
}

/// `national` forbids `bad.app`, at once but for a grace of three days, and exempts inspectors until day 60.
pub(crate) fn national(more: &Value) -> Value {
    let mut rule = deny("ban", "remove", &["bad.app"]);
    rule["grace"] = json!("P3D");
    let mut national = policy("national", json!([rule]));
    national["exemptions"] = json!([{
        "rule": "ban", "packages": ["bad.app"], "groups": ["inspection"],
        "purpose": { "en": "Inspection of apps" }, "until": day(60),
    }]);
    national["grants"] = json!([Signer::new(1).may(&["inspection"])]);
    national
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    national
}

/// For the phone of the tests, for the first twenty days.
pub(crate) fn for_inspection(more: &Value) -> Value {
    let mut times = json!({ "issued": day(0), "until": day(20) });
    times
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().unwrap().clone());
    signed(&times)
}

pub(crate) fn grant(more: &Value) -> Vec<u8> {
    document(&for_inspection(more), &[&Signer::new(1)])
}

pub(crate) fn is(phone: &mut Phone, id: [u8; 32]) -> Directives {
    phone.tell(Event::Phone { id: Digest(id) }, None).unwrap()
}

/// A phone that obeys the server's feeds since before the app came, so that no grace keeps the app.
pub(crate) fn inspector(server: &Server) -> Phone {
    let mut phone = Phone::obeying(server, &[]);
    is(&mut phone, PHONE);
    phone
}

/// What the phone says of a grant that it is given; what follows is done.
pub(crate) fn given(phone: &mut Phone, server: &Server, bytes: &[u8]) -> String {
    let languages = vec!["en".to_owned()];
    let directives = phone.tell(Event::Bundle { languages }, Some(bytes)).unwrap();
    let said = directives.bundle.clone().unwrap();
    phone.carry_out(server, directives);
    let args = said.args.iter().map(|argument| match argument {
        Argument::Text(text) => text.clone(),
        Argument::Count(count) => count.to_string(),
        Argument::Time(ms) => rfc3339::format(ms / 1000),
    });
    std::iter::once(said.id)
        .chain(args)
        .collect::<Vec<_>>()
        .join(" | ")
}

/// The feed is signed anew, with this policy, after days have passed.
pub(crate) fn pass(server: &mut Server, phone: &mut Phone, days: i64, policy: &Value) {
    phone.days_pass(days);
    let repository = server.feeds.get_mut("national").unwrap();
    repository.issued = repository.issued.map(|issued| issued + days * DAY);
    repository.timestamp_expires += days * DAY;
    repository.snapshot_expires += days * DAY;
    repository.targets_expires += days * DAY;
    server.publish("national", policy);
    phone.refresh(server);
}

pub(crate) fn groups(phone: &mut Phone) -> Vec<String> {
    let card = phone.screen("en").phone.unwrap();
    let words = card
        .groups
        .iter()
        .map(|message| serde_json::to_string(message).unwrap());
    words.collect()
}
