//! By what a rule matches, in words.

use sluis_core::policy::{AttributeTrace, Witness};

use crate::messages::Messages;
use crate::output::shown;

/// One attribute: whether it holds, and by what.
pub(super) fn sentence(attribute: &AttributeTrace, messages: &Messages) -> String {
    let name = attribute.attribute.name();
    match attribute.holds {
        Some(true) => {
            let by = attribute.by.iter().map(|witness| words(witness, messages));
            messages.with("explain_holds", &[&name, &by.collect::<Vec<_>>().join("; ")])
        }
        Some(false) => messages.with("explain_fails", &[&name]),
        None => messages.with("explain_cannot_tell", &[&name]),
    }
}

fn words(witness: &Witness, messages: &Messages) -> String {
    let said = |id: &str, value: &str| messages.with(id, &[&shown(value)]);
    match witness {
        Witness::Name(name) => said("explain_by_name", name),
        Witness::Prefix(prefix) => said("explain_by_prefix", prefix),
        Witness::Signer(digest) => said("explain_by_signer", &digest.to_string()),
        Witness::FormerSigner(digest) => said("explain_by_former_signer", &digest.to_string()),
        Witness::Host(host) => said("explain_by_host", host),
        Witness::Installer(installer) => said("explain_by_installer", installer),
        Witness::Permission(permission) => said("explain_by_permission", permission),
        Witness::VersionCode(code) => said("explain_by_version", &code.to_string()),
        Witness::Component { class, sdk: None } => said("explain_by_component", class),
        Witness::Component {
            class,
            sdk: Some(sdk),
        } => messages.with("explain_by_sdk", &[&shown(class), sdk]),
        Witness::Vendor(vendor) => {
            let by = vendor.by.iter().map(|witness| words(witness, messages));
            let by = by.collect::<Vec<_>>().join("; ");
            match vendor.country {
                Some(country) => messages.with(
                    "explain_by_vendor_of",
                    &[&shown(&vendor.name), &vendor.id, &country, &by],
                ),
                None => messages.with("explain_by_vendor", &[&shown(&vendor.name), &vendor.id, &by]),
            }
        }
    }
}
