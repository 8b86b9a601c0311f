//! What the people who are affected are told.

use super::checks::{CONTACT_MISSING, REASON_MISSING};
use super::page::Page;
use crate::policy::{Effect, StanceKind};
use crate::text::Text;

pub(super) fn check(page: &mut Page<'_>) {
    if page.policy.organisation.contact.is_none() {
        let message = "no `contact`: employees will not know whom to ask";
        page.find(&CONTACT_MISSING, "/organisation", message);
    }
    let stance = page.policy.stance.clone();
    if stance.kind == StanceKind::Closed
        && let Some((pointer, message)) = missing("reason", stance.reason.as_ref(), "/stance")
    {
        page.find(&REASON_MISSING, pointer, message);
    }
    for (pointer, rule) in page.rules() {
        if rule.effect != Effect::Allow
            && let Some((pointer, message)) = missing("reason", rule.reason.as_ref(), &pointer)
        {
            page.find_of(&rule.id, &REASON_MISSING, pointer, message);
        }
    }
    for (i, exemption) in page.policy.exemptions.clone().into_iter().enumerate() {
        let pointer = format!("/exemptions/{i}");
        if let Some((pointer, message)) = missing("purpose", Some(&exemption.purpose), &pointer) {
            page.find_of(&exemption.rule, &REASON_MISSING, pointer, message);
        }
    }
}

/// Where words are missing, and which.
fn missing(field: &str, words: Option<&Text>, pointer: &str) -> Option<(String, String)> {
    let (pointer, missing) = match words {
        None => (pointer.to_owned(), format!("no `{field}` in `nl` and `en`")),
        Some(Text { nl: None, .. }) => (format!("{pointer}/{field}"), format!("no {field} in `nl`")),
        Some(Text { en: None, .. }) => (format!("{pointer}/{field}"), format!("no {field} in `en`")),
        Some(_) => return None,
    };
    let message = format!("{missing}: employees will not be told why in their language");
    Some((pointer, message))
}
