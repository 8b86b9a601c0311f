//! Which apps a rule is about.

use serde::Serialize;

use crate::decode::{Decoder, Fields};
use crate::json::Node;
use crate::shape::{Field, Object, Shape, filled, names};
use crate::values::shapes::{COMPONENT, COUNTRY, DIGEST, HOST, ID, PACKAGE, PACKAGE_PATTERN, PERMISSION};
use crate::values::{Country, Digest, Host, Id, PackagePattern, is_package};

/// Which apps a rule matches: all attributes that are given must hold, of each attribute's values one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Match {
    /// By package name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<PackagePattern>,
    /// By signing certificate.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub signers: Vec<Digest>,
    /// By vendor of the catalogue.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vendors: Vec<Id>,
    /// By the country that controls the vendor.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub controlled_from: Vec<Country>,
    /// By the package that asked for the installation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub installers: Vec<String>,
    /// By the site of an installed web app; a host stands for all below it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub web_origins: Vec<Host>,
    /// By permission asked for, in full.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<String>,
    /// By the components that the manifest declares: what is built into the app.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<ComponentPattern>,
    /// Only versions before this version code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_below: Option<u64>,
    /// Also vendors whose control is contested, which otherwise match no vendor and no country.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub contested: bool,
    /// `true`: everything also reaches apps that came with the phone, which otherwise only an exact package name does.
    /// `false`: the rule reaches no such app at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<bool>,
}

/// What a component is recognised by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum ComponentPattern {
    /// An SDK of the catalogue, by its id.
    Sdk(Id),
    /// The name of a class, or how names of classes begin.
    Class(PackagePattern),
}

impl ComponentPattern {
    /// What a component may look like, for messages.
    pub const EXPECTED: &'static str = "the id of a component in the catalogue, or a class name such as com.example.sdk.Service or com.example.sdk.*";

    /// Reads a component; only names of classes have dots.
    pub fn parse(text: &str) -> Option<Self> {
        if text.contains('.') {
            PackagePattern::parse(text).map(Self::Class)
        } else {
            Id::parse(text).map(Self::Sdk)
        }
    }
}

const FIELDS: [Field; 11] = [
    Field::optional("packages", filled(&PACKAGE_PATTERN), "By package name."),
    Field::optional("signers", filled(&DIGEST), "By signing certificate."),
    Field::optional("vendors", filled(&ID), "By vendor of the catalogue."),
    Field::optional(
        "controlled_from",
        filled(&COUNTRY),
        "By the country that controls the vendor.",
    ),
    Field::optional(
        "installers",
        filled(&PACKAGE),
        "By the package that asked for the installation.",
    ),
    Field::optional(
        "web_origins",
        filled(&HOST),
        "By the site of an installed web app.",
    ),
    Field::optional(
        "permissions",
        filled(&PERMISSION),
        "By permission asked for, in full.",
    ),
    Field::optional("components", filled(&COMPONENT), "By what is built into the app."),
    Field::optional(
        "version_below",
        Shape::Integer(1, i64::MAX),
        "Only versions before this version code.",
    ),
    Field::optional(
        "contested",
        Shape::Boolean,
        "Also vendors whose control is contested.",
    ),
    Field::optional(
        "system",
        Shape::Boolean,
        "Whether it reaches apps that came with the phone.",
    ),
];
const KNOWN: [&str; 11] = names(&FIELDS);
pub(super) const MATCH: Shape = Shape::Object(&Object {
    some_of: &[
        "packages",
        "signers",
        "vendors",
        "controlled_from",
        "installers",
        "web_origins",
        "permissions",
        "components",
    ],
    ..Object::new("match", &FIELDS)
});

impl Match {
    pub(super) fn read(d: &mut Decoder, node: &Node) -> Option<Self> {
        let fields = d.object(node, &KNOWN)?;
        let packages = read_values(
            d,
            &fields,
            "packages",
            PackagePattern::EXPECTED,
            PackagePattern::parse,
        );
        let signers = read_values(d, &fields, "signers", Digest::EXPECTED, Digest::parse);
        let vendors = read_values(d, &fields, "vendors", Id::EXPECTED, Id::parse);
        let countries = read_values(d, &fields, "controlled_from", Country::EXPECTED, Country::parse);
        let installers = read_values(
            d,
            &fields,
            "installers",
            "the package name of an installer",
            |text| is_package(text).then(|| text.to_owned()),
        );
        let web_origins = read_values(d, &fields, "web_origins", Host::EXPECTED, Host::parse);
        let permission = "a permission in full, such as android.permission.READ_SMS";
        let permissions = read_values(d, &fields, "permissions", permission, |text| {
            (text.contains('.') && is_package(text)).then(|| text.to_owned())
        });
        let components = read_values(
            d,
            &fields,
            "components",
            ComponentPattern::EXPECTED,
            ComponentPattern::parse,
        );
        let version_below = fields.optional(d, "version_below", |d, n| {
            let code = n.as_integer().and_then(|code| u64::try_from(code).ok());
            code.filter(|code| *code > 0)
                .or_else(|| d.wrong(n, "a version code, a whole number from 1"))
        });
        let contested = fields.optional(d, "contested", Decoder::boolean);
        let system = fields.optional(d, "system", Decoder::boolean);
        let matches = Self {
            packages: packages?,
            signers: signers?,
            vendors: vendors?,
            controlled_from: countries?,
            installers: installers?,
            web_origins: web_origins?,
            permissions: permissions?,
            components: components?,
            version_below: version_below?,
            contested: contested?.unwrap_or(false),
            system: system?,
        };
        if matches.names_nothing() {
            if fields.all_known() {
                d.report(
                    node.at,
                    "nothing to match by",
                    "at least one of packages, signers, vendors, controlled_from, installers, web_origins, \
                     permissions, components",
                );
            }
            return None;
        }
        Some(matches)
    }

    /// Version, origin and dispute only narrow: alone they would reach nearly every app.
    fn names_nothing(&self) -> bool {
        self.packages.is_empty()
            && self.signers.is_empty()
            && self.vendors.is_empty()
            && self.controlled_from.is_empty()
            && self.installers.is_empty()
            && self.web_origins.is_empty()
            && self.permissions.is_empty()
            && self.components.is_empty()
    }
}

fn read_values<T>(
    d: &mut Decoder,
    fields: &Fields<'_>,
    name: &str,
    expected: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Option<Vec<T>> {
    let read = |d: &mut Decoder, n: &Node| d.filled_list(n, |d, n| d.parsed(n, expected, &parse));
    Some(fields.optional(d, name, read)?.unwrap_or_default())
}
