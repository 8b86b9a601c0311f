//! Who makes apps: a vendor with its packages and certificates, each with where that was read.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Serialize, Serializer};

use super::{PACKAGE_EXPECTED, read_list, read_package};
use crate::decode::Decoder;
use crate::json::{Member, Node};
use crate::policy::read_id;
use crate::shape::{Field, Object, Shape, list, names, words};
use crate::values::shapes::{COUNTRY, DIGEST, DOMAIN, ID, PACKAGE, PACKAGE_NAME, PREFIX, WORDS};
use crate::values::{Country, Digest, Id, PackagePattern, is_package};

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
    /// What kind of vendor it is, as far as the source says.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Category>,
    /// Its apps. In a document they stand together by where they were read: `source`, `confidence`, the `apps` with
    /// their names, and the `unnamed` ones.
    #[serde(skip_serializing_if = "Vec::is_empty", serialize_with = "write_by_evidence")]
    pub packages: Vec<App>,
    /// How its package names begin: patterns with a trailing `*`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<PackagePattern>,
    /// The certificates it signs with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signers: Vec<Signer>,
    /// Its web domains, such as `tiktok.com`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
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

/// What kind of vendor it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// It makes apps that people install.
    AppVendor,
    /// It makes phones: its packages and certificates are also those of a phone's own system.
    DeviceOem,
    /// It makes malware, which is in no store.
    Malware,
}

/// One app of a vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its package name.
    pub package: String,
    /// The name that people know, where a source gives one.
    pub name: Option<String>,
    /// Why it is thought to be this vendor's.
    pub evidence: Arc<Evidence>,
}

/// Why an app is thought to be a vendor's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
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

const CONTROLS: [(&str, Control); 2] = [("clear", Control::Clear), ("contested", Control::Contested)];
const CATEGORIES: [(&str, Category); 3] = [
    ("app_vendor", Category::AppVendor),
    ("device_oem", Category::DeviceOem),
    ("malware", Category::Malware),
];
pub(super) const CONTROL: Shape = Shape::Words(|| words(&CONTROLS));

const FIELDS: [Field; 12] = [
    Field::required("id", ID, "Names the vendor in policies."),
    Field::required("name", WORDS, "The name that people know."),
    Field::optional(
        "aliases",
        list(&WORDS),
        "Other names it goes by, and companies it owns.",
    ),
    Field::optional(
        "country_of_control",
        COUNTRY,
        "The country from which it is controlled.",
    ),
    Field::required("control_assessment", CONTROL, "How sure that is."),
    Field::optional(
        "categories",
        list(&Shape::Words(|| words(&CATEGORIES))),
        "What kind of vendor it is.",
    ),
    Field::optional(
        "packages",
        list(&APPS),
        "Its apps, together by where they were read.",
    ),
    Field::optional("prefixes", list(&PREFIX), "How its package names begin."),
    Field::optional("signers", list(&SIGNER), "The certificates it signs with."),
    Field::optional("domains", list(&DOMAIN), "Its web domains."),
    Field::optional(
        "named_in_lists",
        list(&WORDS),
        "Government lists that name it or one of its apps.",
    ),
    Field::optional("notes", WORDS, "What a reader should know of the attribution."),
];
const KNOWN: [&str; 12] = names(&FIELDS);
pub(super) const VENDOR: Shape = Shape::Object(&Object::new("vendor", &FIELDS));

const APPS_FIELDS: [Field; 4] = [
    Field::required("source", WORDS, "Where the attribution was read."),
    Field::required("confidence", WORDS, "How well it is supported, in words."),
    Field::optional(
        "apps",
        Shape::Map(&PACKAGE_NAME, &WORDS),
        "Apps by package, with their names.",
    ),
    Field::optional("unnamed", list(&PACKAGE), "Apps of which no name is known."),
];
const APPS_KNOWN: [&str; 4] = names(&APPS_FIELDS);
const APPS: Shape = Shape::Object(&Object::new("apps", &APPS_FIELDS));

const SIGNER_FIELDS: [Field; 4] = [
    Field::required("sha256", DIGEST, "SHA-256 of the certificate."),
    Field::optional("packages", list(&PACKAGE), "Apps that were seen signed with it."),
    Field::optional("sources", list(&WORDS), "Where that was read."),
    Field::optional(
        "platform",
        Shape::Boolean,
        "It also signs parts of the phone's own system.",
    ),
];
const SIGNER_KNOWN: [&str; 4] = names(&SIGNER_FIELDS);
const SIGNER: Shape = Shape::Object(&Object::new("signer", &SIGNER_FIELDS));

impl Vendor {
    pub(super) fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &KNOWN)?;
        let id = fields.required(d, "id", read_id);
        let name = fields.required(d, "name", Decoder::text);
        let aliases = read_list(d, &fields, "aliases", Decoder::text);
        let country = fields.optional(d, "country_of_control", |d, n| {
            d.parsed(n, Country::EXPECTED, Country::parse)
        });
        let control = fields.required(d, "control_assessment", Control::read);
        let categories = read_list(d, &fields, "categories", Category::read);
        let packages = read_list(d, &fields, "packages", App::read_together);
        let prefixes = read_list(d, &fields, "prefixes", read_prefix);
        let signers = read_list(d, &fields, "signers", Signer::read);
        let domains = read_list(d, &fields, "domains", read_domain);
        let named_in_lists = read_list(d, &fields, "named_in_lists", Decoder::text);
        let notes = fields.optional(d, "notes", Decoder::text);
        Some(Self {
            id: id?,
            name: name?,
            aliases: aliases?,
            country_of_control: country?,
            control_assessment: control?,
            categories: categories?,
            packages: packages?.into_iter().flatten().collect(),
            prefixes: prefixes?,
            signers: signers?,
            domains: domains?,
            named_in_lists: named_in_lists?,
            notes: notes?,
        })
    }
}

impl Control {
    pub(super) fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        d.word(node, &CONTROLS)
    }
}

impl Category {
    fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        d.word(node, &CATEGORIES)
    }
}

impl App {
    /// The apps that one piece of evidence speaks for.
    fn read_together(d: &mut Decoder, node: &Node) -> Option<Vec<Self>> {
        let fields = d.object(node, &APPS_KNOWN)?;
        let source = fields.required(d, "source", Decoder::text);
        let confidence = fields.required(d, "confidence", Decoder::text);
        let named = fields.optional(d, "apps", read_named);
        let unnamed = read_list(d, &fields, "unnamed", read_package);
        let (source, confidence) = (source?, confidence?);
        let evidence = Arc::new(Evidence { source, confidence });
        let named = named?.unwrap_or_default().into_iter().map(|(p, n)| (p, Some(n)));
        let unnamed = unnamed?.into_iter().map(|package| (package, None));
        let app = |(package, name)| Self {
            package,
            name,
            evidence: Arc::clone(&evidence),
        };
        Some(named.chain(unnamed).map(app).collect())
    }
}

/// An object from package names to the names that people know.
fn read_named(d: &mut Decoder, node: &Node) -> Option<Vec<(String, String)>> {
    let Some(members) = node.as_object() else {
        return d.wrong(node, "an object from package names to the names that people know");
    };
    let mut named = Vec::with_capacity(members.len());
    for Member { key, key_at, node } in members {
        let package = is_package(key);
        if !package {
            d.report_field(
                key,
                *key_at,
                format!("the key `{}`", key.as_str()),
                PACKAGE_EXPECTED,
            );
        }
        let name = d.at_field(key, |d| d.text(node));
        named.extend(
            name.filter(|_| package)
                .map(|name| (key.as_str().to_owned(), name)),
        );
    }
    (named.len() == members.len()).then_some(named)
}

fn write_by_evidence<S: Serializer>(apps: &[App], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Together<'a> {
        source: &'a str,
        confidence: &'a str,
        #[serde(skip_serializing_if = "BTreeMap::is_empty")]
        apps: BTreeMap<&'a str, &'a str>,
        #[serde(skip_serializing_if = "Vec::is_empty")]
        unnamed: Vec<&'a str>,
    }
    serializer.collect_seq(apps.chunk_by(|a, b| a.evidence == b.evidence).map(|apps| {
        let evidence = apps.first().map(|app| app.evidence.as_ref());
        let named = apps
            .iter()
            .filter_map(|app| Some((app.package.as_str(), app.name.as_deref()?)));
        let unnamed = apps.iter().filter(|app| app.name.is_none());
        Together {
            source: evidence.map_or("", |e| &e.source),
            confidence: evidence.map_or("", |e| &e.confidence),
            apps: named.collect(),
            unnamed: unnamed.map(|app| app.package.as_str()).collect(),
        }
    }))
}

impl Signer {
    fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &SIGNER_KNOWN)?;
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

fn read_prefix(d: &mut Decoder, node: &Node) -> Option<PackagePattern> {
    d.parsed(node, "the beginning of package names followed by `*`", |text| {
        PackagePattern::parse(text).filter(|p| matches!(p, PackagePattern::Prefix(_)))
    })
}

fn read_domain(d: &mut Decoder, node: &Node) -> Option<String> {
    let label = |label: &str| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    d.parsed(node, "a domain in small letters, such as tiktok.com", |text| {
        (text.len() <= 253 && text.contains('.') && text.split('.').all(label)).then(|| text.to_owned())
    })
}
