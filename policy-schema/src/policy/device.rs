//! What a policy asks of the phone itself, beside its apps.

use serde::Serialize;

use crate::decode::Decoder;
use crate::json::Node;
use crate::shape::{Field, Object, Shape, filled, list, names, words};
use crate::values::shapes::{HOST, PACKAGE};
use crate::values::{Host, is_package};

/// What a policy asks of the phone itself. Nothing in it can permit what another policy forbids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Device {
    /// What people cannot do on the phone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forbid: Vec<Forbidden>,
    /// Whether apps can be installed at all.
    pub installs: Installs,
    /// The phone takes the time from the network, and people cannot set it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub automatic_time: bool,
    /// The keyboards that may be used beside those that came with the phone; all where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keyboards: Option<Vec<String>>,
    /// Sites that browsers under management do not open; a host stands for all below it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocked_web: Vec<Host>,
}

/// Something that people cannot do on the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Forbidden {
    /// Install apps from elsewhere than a store.
    UnknownSources,
    /// Debug the phone, and install apps from a computer.
    Debugging,
    /// Add users, whose apps are not those of this one.
    Users,
    /// Add work and clone profiles.
    Profiles,
    /// Have a private space.
    PrivateSpace,
    /// Start the phone without the apps that were added to it.
    SafeBoot,
    /// Set the phone back to factory settings from its settings.
    FactoryReset,
    /// Use memory cards and sticks.
    ExternalMedia,
    /// Exchange files over USB.
    UsbFileTransfer,
}

/// Whether apps can be installed, from the milder to the stricter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Installs {
    /// Yes; what arrives is judged.
    #[default]
    Judged,
    /// No; updates have their own time of day, and what arrives then is judged.
    Closed,
}

/// Every word of `forbid`.
pub const FORBIDDEN: [(&str, Forbidden); 9] = [
    ("unknown_sources", Forbidden::UnknownSources),
    ("debugging", Forbidden::Debugging),
    ("users", Forbidden::Users),
    ("profiles", Forbidden::Profiles),
    ("private_space", Forbidden::PrivateSpace),
    ("safe_boot", Forbidden::SafeBoot),
    ("factory_reset", Forbidden::FactoryReset),
    ("external_media", Forbidden::ExternalMedia),
    ("usb_file_transfer", Forbidden::UsbFileTransfer),
];
const INSTALLS: [(&str, Installs); 2] = [("judged", Installs::Judged), ("closed", Installs::Closed)];

const FIELDS: [Field; 5] = [
    Field::optional(
        "forbid",
        filled(&Shape::Words(|| words(&FORBIDDEN))),
        "What people cannot do on the phone.",
    ),
    Field::optional(
        "installs",
        Shape::Words(|| words(&INSTALLS)),
        "Whether apps can be installed at all.",
    ),
    Field::optional(
        "automatic_time",
        Shape::Boolean,
        "The phone takes the time from the network, and people cannot set it.",
    ),
    Field::optional(
        "keyboards",
        list(&PACKAGE),
        "The keyboards that may be used beside those that came with the phone.",
    ),
    Field::optional(
        "blocked_web",
        filled(&HOST),
        "Sites that managed browsers do not open.",
    ),
];
const KNOWN: [&str; 5] = names(&FIELDS);
pub(super) const DEVICE: Shape = Shape::Object(&Object {
    some_of: &KNOWN,
    ..Object::new("device", &FIELDS)
});

impl Device {
    pub(super) fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &KNOWN)?;
        let forbid = fields.optional(d, "forbid", |d, n| d.filled_list(n, |d, n| d.word(n, &FORBIDDEN)));
        let installs = fields.optional(d, "installs", |d, n| d.word(n, &INSTALLS));
        let automatic_time = fields.optional(d, "automatic_time", Decoder::boolean);
        // An empty list has a meaning: no other keyboards than those that came with the phone.
        let keyboards = fields.optional(d, "keyboards", |d, n| {
            d.list(n, |d, n| {
                d.parsed(n, "the package name of a keyboard", |text| {
                    is_package(text).then(|| text.to_owned())
                })
            })
        });
        let blocked_web = fields.optional(d, "blocked_web", |d, n| {
            d.filled_list(n, |d, n| d.parsed(n, Host::EXPECTED, Host::parse))
        });
        if node.as_object().is_some_and(<[_]>::is_empty) {
            return d.wrong(node, &format!("at least one of {}", KNOWN.join(", ")));
        }
        Some(Self {
            forbid: forbid?.unwrap_or_default(),
            installs: installs?.unwrap_or_default(),
            automatic_time: automatic_time?.unwrap_or(false),
            keyboards: keyboards?,
            blocked_web: blocked_web?.unwrap_or_default(),
        })
    }
}
