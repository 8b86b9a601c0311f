//! The vendor catalogue, `sluis.catalogue/1`: who makes which apps, and from where they are controlled.

use std::collections::HashMap;

use serde::Serialize;

use crate::decode::{self, Decoder, DocumentErrors, Fields};
use crate::json::Node;
use crate::policy::read_id;
use crate::values::{Country, Digest, Id, PackagePattern, is_package};

/// The value of `format`.
pub const FORMAT: &str = "sluis.catalogue/1";

/// All vendors.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "format", rename = "sluis.catalogue/1")]
pub struct Catalogue {
    /// The vendors, each id once.
    pub vendors: Vec<Vendor>,
}

/// Who makes apps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Vendor {
    /// Names the vendor in policies.
    pub id: Id,
    /// The name that people know.
    pub name: String,
    /// Other names it goes by, and companies it owns.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The country from which it is controlled; absent where nobody can say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country_of_control: Option<Country>,
    /// How sure that is.
    pub control_assessment: Control,
    /// Its apps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<App>,
    /// How its package names begin: patterns with a trailing `*`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<PackagePattern>,
    /// The certificates it signs with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signers: Vec<Signer>,
    /// Government lists that name it or one of its apps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub named_in_lists: Vec<String>,
    /// What a reader should know of the attribution.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
}

/// How sure a country of control is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// Beyond reasonable doubt.
    Clear,
    /// Sources disagree: never matched unless a rule says `contested`.
    Contested,
}

/// One app of a vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct App {
    /// Its package name.
    pub package: String,
    /// The name that people know, where a source gives one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where the attribution was read.
    pub source: String,
    /// How well it is supported, in words.
    pub confidence: String,
}

/// One certificate of a vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signer {
    /// SHA-256 of the certificate.
    pub sha256: Digest,
    /// Apps that were seen signed with it.
    pub packages: Vec<String>,
    /// Where that was read.
    pub sources: Vec<String>,
    /// It also signs parts of the phone's own system: kept on record, never matched.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub platform: bool,
}

impl Catalogue {
    /// Reads a catalogue document; `name` says in errors which one it is.
    ///
    /// # Errors
    /// Everything that is wrong with it, each with pointer, line and column.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, DocumentErrors> {
        decode::document(name, bytes, Self::read)
    }

    /// The vendor of that id.
    pub fn vendor(&self, id: &Id) -> Option<&Vendor> {
        self.vendors.iter().find(|v| v.id == *id)
    }

    fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &["format", "vendors"])?;
        let format = fields.required(d, "format", |d, n| d.word(n, &[(FORMAT, ())]));
        let mut seen: HashMap<Id, ()> = HashMap::new();
        let vendors = fields.required(d, "vendors", |d, n| {
            d.list(n, |d, node| {
                let vendor = Vendor::read(d, node)?;
                if seen.insert(vendor.id.clone(), ()).is_some() {
                    d.report_field(
                        "id",
                        node.get("id").map_or(node.at, |n| n.at),
                        format!("the vendor `{}` again", vendor.id),
                        "every vendor's id once",
                    );
                }
                Some(vendor)
            })
        });
        format?;
        Some(Self { vendors: vendors? })
    }
}

impl Vendor {
    fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let known = [
            "id",
            "name",
            "aliases",
            "country_of_control",
            "control_assessment",
            "packages",
            "prefixes",
            "signers",
            "named_in_lists",
            "notes",
        ];
        let fields = d.object(node, &known)?;
        let id = fields.required(d, "id", read_id);
        let name = fields.required(d, "name", Decoder::text);
        let aliases = read_list(d, &fields, "aliases", Decoder::text);
        let country = fields.optional(d, "country_of_control", |d, n| {
            d.parsed(n, Country::EXPECTED, Country::parse)
        });
        let words = [("clear", Control::Clear), ("contested", Control::Contested)];
        let control = fields.required(d, "control_assessment", |d, n| d.word(n, &words));
        let packages = read_list(d, &fields, "packages", App::read);
        let prefixes = read_list(d, &fields, "prefixes", read_prefix);
        let signers = read_list(d, &fields, "signers", Signer::read);
        let named_in_lists = read_list(d, &fields, "named_in_lists", Decoder::text);
        let notes = fields.optional(d, "notes", Decoder::text);
        Some(Self {
            id: id?,
            name: name?,
            aliases: aliases?,
            country_of_control: country?,
            control_assessment: control?,
            packages: packages?,
            prefixes: prefixes?,
            signers: signers?,
            named_in_lists: named_in_lists?,
            notes: notes?,
        })
    }
}

impl App {
    fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &["package", "name", "source", "confidence"])?;
        let package = fields.required(d, "package", read_package);
        let name = fields.optional(d, "name", Decoder::text);
        let source = fields.required(d, "source", Decoder::text);
        let confidence = fields.required(d, "confidence", Decoder::text);
        Some(Self {
            package: package?,
            name: name?,
            source: source?,
            confidence: confidence?,
        })
    }
}

impl Signer {
    fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &["sha256", "packages", "sources", "platform"])?;
        let sha256 = fields.required(d, "sha256", |d, n| d.parsed(n, Digest::EXPECTED, Digest::parse));
        let packages = read_list(d, &fields, "packages", read_package);
        let sources = read_list(d, &fields, "sources", Decoder::text);
        let platform = fields.optional(d, "platform", Decoder::boolean);
        Some(Self {
            sha256: sha256?,
            packages: packages?,
            sources: sources?,
            platform: platform?.unwrap_or(false),
        })
    }
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

fn read_package(d: &mut Decoder, node: &Node) -> Option<String> {
    d.parsed(node, "an Android package name", |text| {
        is_package(text).then(|| text.to_owned())
    })
}

fn read_prefix(d: &mut Decoder, node: &Node) -> Option<PackagePattern> {
    d.parsed(node, "the beginning of package names followed by `*`", |text| {
        PackagePattern::parse(text).filter(|p| matches!(p, PackagePattern::Prefix(_)))
    })
}
