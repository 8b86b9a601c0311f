//! The vendor catalogue, `sluis.catalogue/1`: who makes which apps and SDKs, and from where they are controlled.

mod component;
mod vendor;

use std::collections::HashSet;
use std::ops::Deref;
use std::sync::Arc;

use component::COMPONENT;
use serde::Serialize;
use vendor::VENDOR;

pub use component::Component;
pub use vendor::{App, Category, Control, Evidence, Signer, Vendor};

use crate::decode::{self, Decoder, DocumentErrors, Fields};
use crate::json::Node;
use crate::shape::{Field, Object, Shape, list, names};
use crate::values::{Id, is_package};

/// The value of `format`.
pub const FORMAT: &str = "sluis.catalogue/1";

const FIELDS: [Field; 3] = [
    Field::required("format", Shape::Words(|| vec![FORMAT]), "Always the same."),
    Field::required("vendors", list(&VENDOR), "The vendors, each id once."),
    Field::optional(
        "components",
        list(&COMPONENT),
        "SDKs that apps carry within them, each id once.",
    ),
];
const KNOWN: [&str; 3] = names(&FIELDS);
/// What a catalogue looks like.
pub(crate) const CATALOGUE: Object = Object::new("catalogue", &FIELDS);

/// Vendors and SDKs. A copy is another reference to the same contents, since several layers often share a catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Catalogue(Arc<Contents>);

/// What is in a catalogue.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "format", rename = "sluis.catalogue/1")]
pub struct Contents {
    /// The vendors, each id once.
    pub vendors: Vec<Vendor>,
    /// SDKs that apps carry within them, each id once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Component>,
}

impl Deref for Catalogue {
    type Target = Contents;

    fn deref(&self) -> &Contents {
        &self.0
    }
}

impl From<Contents> for Catalogue {
    fn from(contents: Contents) -> Self {
        Self(Arc::new(contents))
    }
}

impl Catalogue {
    /// Reads a catalogue document; `name` says in errors which one it is.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with pointer, line and column.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, DocumentErrors> {
        decode::document(name, bytes, Contents::read).map(Self::from)
    }
}

impl Contents {
    /// The vendor of that id.
    pub fn vendor(&self, id: &Id) -> Option<&Vendor> {
        self.vendors.iter().find(|v| v.id == *id)
    }

    /// The SDK of that id.
    pub fn component(&self, id: &Id) -> Option<&Component> {
        self.components.iter().find(|c| c.id == *id)
    }

    fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &KNOWN)?;
        let format = fields.required(d, "format", |d, n| d.word(n, &[(FORMAT, ())]));
        let vendors = fields.required(d, "vendors", |d, n| {
            read_distinct(d, n, "vendor", Vendor::read, |v| &v.id)
        });
        let components = fields.optional(d, "components", |d, n| {
            read_distinct(d, n, "component", Component::read, |c| &c.id)
        });
        format?;
        Some(Self {
            vendors: vendors?,
            components: components?.unwrap_or_default(),
        })
    }
}

/// A list of things with ids, each id once.
fn read_distinct<T>(
    d: &mut Decoder,
    node: &Node,
    what: &str,
    read: fn(&mut Decoder, &Node) -> Option<T>,
    id: fn(&T) -> &Id,
) -> Option<Vec<T>> {
    let mut seen: HashSet<Id> = HashSet::new();
    d.list(node, |d, node| {
        let value = read(d, node)?;
        if !seen.insert(id(&value).clone()) {
            let at = node.get("id").map_or(node.at, |n| n.at);
            let found = format!("the {what} `{}` again", id(&value));
            d.report_field("id", at, found, format!("every {what}'s id once"));
        }
        Some(value)
    })
}

fn read_list<T>(
    d: &mut Decoder,
    fields: &Fields<'_>,
    name: &str,
    read: impl FnMut(&mut Decoder, &Node) -> Option<T>,
) -> Option<Vec<T>> {
    Some(
        fields
            .optional(d, name, |d, n| d.list(n, read))?
            .unwrap_or_default(),
    )
}

const PACKAGE_EXPECTED: &str = "an Android package name";

fn read_package(d: &mut Decoder, node: &Node) -> Option<String> {
    d.parsed(node, PACKAGE_EXPECTED, |text| {
        is_package(text).then(|| text.to_owned())
    })
}
