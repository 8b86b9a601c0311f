//! SDKs that apps carry within them, and what gives them away.

use serde::Serialize;

use super::vendor::CONTROL;
use super::{Control, read_list};
use crate::decode::Decoder;
use crate::json::Node;
use crate::policy::read_id;
use crate::shape::{Field, Object, Shape, filled, list, names};
use crate::values::shapes::{CLASS, COUNTRY, ID, WORDS};
use crate::values::{Country, Id};

/// An SDK: code of somebody else within an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Component {
    /// Names it in policies.
    pub id: Id,
    /// The name that developers know.
    pub name: String,
    /// Who makes it, as the source says.
    pub made_by: String,
    /// The vendor of this catalogue that makes it, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor: Option<Id>,
    /// The country from which its maker is controlled.
    pub country_of_control: Country,
    /// How sure that is.
    pub control_assessment: Control,
    /// Java packages or classes it consists of: whatever is in them is its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    /// Classes that it enters in an app's manifest.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub manifest: Vec<String>,
    /// File names of its native libraries, as regular expressions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub libraries: Vec<String>,
    /// Hosts it speaks with, as regular expressions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub network: Vec<String>,
    /// Where that was read; at least one.
    pub sources: Vec<String>,
    /// What a reader should know of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

const FIELDS: [Field; 12] = [
    Field::required("id", ID, "Names it in policies."),
    Field::required("name", WORDS, "The name that developers know."),
    Field::required("made_by", WORDS, "Who makes it, as the source says."),
    Field::optional("vendor", ID, "The vendor of this catalogue that makes it."),
    Field::required(
        "country_of_control",
        COUNTRY,
        "The country from which its maker is controlled.",
    ),
    Field::required("control_assessment", CONTROL, "How sure that is."),
    Field::optional(
        "classes",
        list(&CLASS),
        "Java packages or classes it consists of.",
    ),
    Field::optional(
        "manifest",
        list(&CLASS),
        "Classes that it enters in an app's manifest.",
    ),
    Field::optional(
        "libraries",
        list(&WORDS),
        "File names of its native libraries, as regular expressions.",
    ),
    Field::optional(
        "network",
        list(&WORDS),
        "Hosts it speaks with, as regular expressions.",
    ),
    Field::required("sources", filled(&WORDS), "Where that was read."),
    Field::optional("notes", WORDS, "What a reader should know of it."),
];
const KNOWN: [&str; 12] = names(&FIELDS);
pub(super) const COMPONENT: Shape = Shape::Object(&Object::new("sdk", &FIELDS));

impl Component {
    /// Whether a class that an app's manifest names is this SDK's. `com.a.push` has `com.a.push.Service` and
    /// `com.a.push$Inner`, not `com.a.pushy.Service`.
    pub fn has_class(&self, class: &str) -> bool {
        let within = |space: &String| {
            class
                .strip_prefix(space.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '$']))
        };
        self.classes.iter().any(within) || self.manifest.iter().any(|own| own == class)
    }

    pub(super) fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &KNOWN)?;
        let id = fields.required(d, "id", read_id);
        let name = fields.required(d, "name", Decoder::text);
        let made_by = fields.required(d, "made_by", Decoder::text);
        let vendor = fields.optional(d, "vendor", read_id);
        let country = fields.required(d, "country_of_control", |d, n| {
            d.parsed(n, Country::EXPECTED, Country::parse)
        });
        let control = fields.required(d, "control_assessment", Control::read);
        let classes = read_list(d, &fields, "classes", read_class);
        let manifest = read_list(d, &fields, "manifest", read_class);
        let libraries = read_list(d, &fields, "libraries", Decoder::text);
        let network = read_list(d, &fields, "network", Decoder::text);
        let sources = fields.required(d, "sources", |d, n| d.filled_list(n, Decoder::text));
        let notes = fields.optional(d, "notes", Decoder::text);
        Some(Self {
            id: id?,
            name: name?,
            made_by: made_by?,
            vendor: vendor?,
            country_of_control: country?,
            control_assessment: control?,
            classes: classes?,
            manifest: manifest?,
            libraries: libraries?,
            network: network?,
            sources: sources?,
            notes: notes?,
        })
    }
}

fn read_class(d: &mut Decoder, node: &Node) -> Option<String> {
    let expected = "a Java package or class of at least two parts, such as com.example.push";
    d.parsed(node, expected, |text| is_class(text).then(|| text.to_owned()))
}

/// At least two parts, so that no SDK claims all that begins with `com`.
fn is_class(text: &str) -> bool {
    let (mut parts, mut within) = (1, false);
    for byte in text.bytes() {
        let fits = match byte {
            b'.' => {
                parts += 1;
                within
            }
            b'0'..=b'9' => within,
            _ => byte.is_ascii_alphabetic() || byte == b'_' || byte == b'$',
        };
        if !fits {
            return false;
        }
        within = byte != b'.';
    }
    within && parts > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_has_at_least_two_whole_parts() {
        for text in ["com.a", "com.a.B$C", "_a.b9.C_d", "$a.b"] {
            assert!(is_class(text), "{text}");
        }
        for text in [
            "", "com", ".com", "com.", "com..a", "com.9a", "com.a b", "com.a-b", "com.é", ".wxapi.",
        ] {
            assert!(!is_class(text), "{text}");
        }
    }
}
