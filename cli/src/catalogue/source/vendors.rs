//! From a curated list of vendors to the catalogue's: what is sure is kept with its source, what would hit the wrong
//! app is left out with the reason.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use sluis_policy::catalogue::{App, Category, Control, Evidence, Signer, Vendor};
use sluis_policy::values::{Country, Digest, Id, PackagePattern, is_package};

/// Packages that a careless prefix would claim for the wrong vendor, and whose they are. A prefix that matches one is
/// left out, unless the vendor is the one named last.
const UNRELATED: [(&str, &str, &str); 9] = [
    ("android", "the system itself", ""),
    ("com.android.settings", "the system's own", ""),
    ("com.google.android.gms", "Google's", ""),
    ("com.ss.squarehome2", "an unrelated developer's", ""),
    ("com.tiktok.plugin", "an unrelated developer's", ""),
    (
        "com.cmcmarkets.android.cfd",
        "the British broker CMC Markets'",
        "",
    ),
    ("com.jd.jdsports", "the British retailer JD Sports'", ""),
    ("com.meituan.retail.v.android", "Meituan's", "meituan"),
    ("ru.vkusvill", "a grocery chain's", ""),
];

/// Certificates that sign parts of a phone's own system.
const PLATFORM_KEYS: [&str; 1] = [
    // MIUI and HyperOS, Settings included.
    "c9009d01ebf9f5d0302bc71b2fe9aa9a47a432bba17308a3111b75d7b2149025",
];

/// What the list says where it knows no name.
const NO_NAME: &str = "(name not found)";

/// A vendor as the list has it. Fields that the catalogue has no use for are named too, so that a new one is noticed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::catalogue) struct SourceVendor {
    id: String,
    name: String,
    country_of_control: String,
    #[serde(default)]
    aliases: Vec<String>,
    category: String,
    control_assessment: Assessment,
    #[serde(default)]
    packages: Vec<SourceApp>,
    #[serde(default)]
    package_prefixes: Vec<String>,
    #[serde(default)]
    signer_sha256: Vec<SourceSigner>,
    #[serde(default)]
    signer_other: Vec<OtherSigner>,
    #[serde(default)]
    web_domains: Vec<String>,
    #[serde(default)]
    named_in_lists: Vec<String>,
    #[serde(default)]
    notes: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Assessment {
    Clear,
    Contested,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceApp {
    package: String,
    #[serde(default)]
    app_name: String,
    source: String,
    #[serde(rename = "sources_seen")]
    _sources_seen: u32,
    confidence: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceSigner {
    digest: String,
    package: String,
    source: String,
    verification: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherSigner {
    algo: String,
    #[serde(rename = "digest")]
    _digest: String,
    package: String,
    source: String,
}

/// The catalogue's vendors, and one line for each thing that was left out or changed. The same list in another
/// order gives the same.
pub(super) fn convert(list: Vec<SourceVendor>) -> Result<(Vec<Vendor>, Vec<String>), String> {
    let mut notices = Vec::new();
    let mut vendors = list
        .into_iter()
        .map(|source| vendor(source, &mut notices))
        .collect::<Result<Vec<_>, _>>()?;
    put_in_order(&mut vendors)?;
    Ok((vendors, notices))
}

/// By id, each of which stands once, as does each package.
pub(super) fn put_in_order(vendors: &mut [Vendor]) -> Result<(), String> {
    vendors.sort_by(|a, b| a.id.cmp(&b.id));
    if let Some([twice, _]) = vendors.array_windows().find(|[a, b]| a.id == b.id) {
        return Err(format!("the vendor {} is listed twice", twice.id));
    }
    distinct_packages(vendors)
}

fn vendor(source: SourceVendor, notices: &mut Vec<String>) -> Result<Vendor, String> {
    let id = source.id.to_ascii_lowercase();
    if id != source.id {
        notices.push(format!("{id}: ids are lower case; the list says {}", source.id));
    }
    let id = Id::parse(&id).ok_or_else(|| format!("the vendor `{id}`: expected {}", Id::EXPECTED))?;
    let (country_of_control, control_assessment) = control(&source)?;
    let (prefixes, refused_prefixes) = prefixes(&id, &source.package_prefixes);
    let mut left_out = refused_prefixes;
    left_out.extend(source.signer_other.iter().map(other_signer));
    notices.extend(left_out.iter().map(|what| format!("{id}: left out {what}")));
    let notes = (!source.notes.trim().is_empty()).then(|| source.notes.trim().to_owned());
    let remarks = left_out.iter().map(|what| format!("Left out: {what}."));
    let notes: Vec<String> = notes.into_iter().chain(remarks).collect();
    let categories = categories(&id, &source.category)?;
    Ok(Vendor {
        id,
        name: source.name,
        aliases: source.aliases,
        country_of_control,
        control_assessment,
        categories,
        packages: packages(source.packages)?,
        prefixes,
        signers: signers(source.signer_sha256)?,
        domains: source.web_domains,
        named_in_lists: source.named_in_lists,
        notes: (!notes.is_empty()).then(|| notes.join(" ")),
    })
}

fn categories(vendor: &Id, written: &str) -> Result<Vec<Category>, String> {
    let category = |word: &str| match word {
        "app_vendor" => Ok(Category::AppVendor),
        "device_oem" => Ok(Category::DeviceOem),
        "malware" => Ok(Category::Malware),
        _ => Err(format!(
            "{vendor}: found the category `{word}`; expected app_vendor, device_oem or malware, joined by +"
        )),
    };
    written.split('+').map(category).collect()
}

/// The country `contested` means that nobody can say; such a vendor's control is contested whatever else is said.
fn control(source: &SourceVendor) -> Result<(Option<Country>, Control), String> {
    if source.country_of_control == "contested" {
        return Ok((None, Control::Contested));
    }
    let country = Country::parse(&source.country_of_control).ok_or_else(|| {
        let (id, found) = (&source.id, &source.country_of_control);
        format!(
            "{id}: found the country `{found}`; expected {}",
            Country::EXPECTED
        )
    })?;
    let control = match source.control_assessment {
        Assessment::Clear => Control::Clear,
        Assessment::Contested => Control::Contested,
    };
    Ok((Some(country), control))
}

/// The prefixes that claim nobody else's apps, and why the others were left out.
fn prefixes(vendor: &Id, written: &[String]) -> (Vec<PackagePattern>, Vec<String>) {
    let (mut kept, mut left_out) = (BTreeSet::new(), Vec::new());
    for prefix in written {
        let victim = UNRELATED
            .iter()
            .find(|(package, _, owner)| package.starts_with(prefix.as_str()) && *owner != vendor.as_str());
        match (victim, PackagePattern::parse(&format!("{prefix}*"))) {
            (Some((package, whose, _)), _) => {
                left_out.push(format!(
                    "the prefix `{prefix}`, since it matches {package}, which is {whose}"
                ));
            }
            (None, Some(pattern)) => {
                kept.insert(pattern);
            }
            (None, None) => {
                left_out.push(format!(
                    "the prefix `{prefix}`, since a prefix has to say more than its first part"
                ));
            }
        }
    }
    (kept.into_iter().collect(), left_out)
}

fn other_signer(signer: &OtherSigner) -> String {
    let OtherSigner {
        algo,
        package,
        source,
        ..
    } = signer;
    format!("a {algo} digest of the certificate of {package} ({source}), since phones report SHA-256")
}

/// The apps in the order of their evidence, since they stand together by it.
fn packages(written: Vec<SourceApp>) -> Result<Vec<App>, String> {
    let mut evidence: BTreeMap<Evidence, Arc<Evidence>> = BTreeMap::new();
    let mut packages = Vec::with_capacity(written.len());
    for app in written {
        if !is_package(&app.package) {
            return Err(format!("`{}` is no package name", app.package));
        }
        let (source, confidence) = (app.source, app.confidence);
        let read = Evidence { source, confidence };
        let evidence = evidence.entry(read.clone()).or_insert_with(|| Arc::new(read));
        let name = app.app_name.trim();
        packages.push(App {
            package: app.package,
            name: (!name.is_empty() && name != NO_NAME).then(|| name.to_owned()),
            evidence: Arc::clone(evidence),
        });
    }
    // As the catalogue writes them: those with a name first.
    let place = |app: &App| (app.evidence.clone(), app.name.is_none(), app.package.clone());
    packages.sort_by_key(place);
    Ok(packages)
}

/// One entry per certificate: a certificate that signs several apps, or was read in several places, keeps them all.
fn signers(written: Vec<SourceSigner>) -> Result<Vec<Signer>, String> {
    let mut merged: BTreeMap<Digest, (BTreeSet<String>, BTreeSet<String>)> = BTreeMap::new();
    for SourceSigner {
        digest,
        package,
        source,
        verification,
    } in written
    {
        let sha256 = Digest::parse(&digest)
            .ok_or_else(|| format!("{package}: found `{digest}`; expected {}", Digest::EXPECTED))?;
        let (packages, sources) = merged.entry(sha256).or_default();
        packages.insert(package);
        sources.insert(format!("{source}: {verification}"));
    }
    let signer = |(sha256, (packages, sources)): (Digest, (BTreeSet<String>, BTreeSet<String>))| {
        let digest = sha256.to_string();
        Signer {
            sha256,
            packages: packages.into_iter().collect(),
            sources: sources.into_iter().collect(),
            platform: PLATFORM_KEYS.contains(&digest.as_str()),
        }
    };
    Ok(merged.into_iter().map(signer).collect())
}

/// An app has one vendor: two would give it two countries.
fn distinct_packages(vendors: &[Vendor]) -> Result<(), String> {
    let mut owners: BTreeMap<&str, &Id> = BTreeMap::new();
    for vendor in vendors {
        for app in &vendor.packages {
            if let Some(other) = owners.insert(&app.package, &vendor.id) {
                return Err(format!(
                    "{} is listed for {other} and for {}",
                    app.package, vendor.id
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every prefix that was seen to match apps of others, with the vendor that it was meant for.
    const TRAPS: [(&str, &str); 7] = [
        ("bytedance", "com.ss."),
        ("bytedance", "com.tiktok."),
        ("cheetah", "com.cmcm"),
        ("jd", "com.jd."),
        ("meitu", "com.meitu"),
        ("vk", "ru.vk"),
        ("vk", "ru."),
    ];

    fn list(vendors: &str) -> Result<(Vec<Vendor>, Vec<String>), String> {
        convert(serde_json::from_str(vendors).unwrap())
    }

    fn vendor_with(id: &str, fields: &str) -> String {
        format!(
            r#"{{"id": "{id}", "name": "N", "country_of_control": "CN", "category": "app_vendor",
            "control_assessment": "clear" {fields}}}"#
        )
    }

    #[test]
    fn a_prefix_that_claims_apps_of_others_is_left_out_with_the_reason() {
        for (id, trap) in TRAPS {
            let json = vendor_with(id, &format!(r#", "package_prefixes": ["{trap}", "com.fine."]"#));
            let (vendors, notices) = list(&format!("[{json}]")).unwrap();
            let vendor = &vendors[0];
            assert_eq!(
                vendor.prefixes,
                [PackagePattern::Prefix("com.fine.".into())],
                "{trap}"
            );
            let reason = format!("the prefix `{trap}`, since it matches");
            assert!(
                vendor.notes.as_ref().unwrap().contains(&reason),
                "{:?}",
                vendor.notes
            );
            assert!(notices[0].contains(&reason), "{notices:?}");
        }
    }

    #[test]
    fn meituan_keeps_its_own_prefix() {
        let json = vendor_with("meituan", r#", "package_prefixes": ["com.meituan."]"#);
        let (vendors, notices) = list(&format!("[{json}]")).unwrap();
        assert_eq!(vendors[0].prefixes.len(), 1, "{notices:?}");
    }

    #[test]
    fn a_certificate_read_twice_is_one_signer_with_both_sources() {
        let entry = |package: &str, source: &str| {
            let digest = "0fe4ff85c215918396dadc7cd8ce6963339af33d37751a56e54c7206b63a3c7c";
            format!(
                r#"{{"digest": "{digest}", "package": "{package}", "source": "{source}", "verification": "v"}}"#
            )
        };
        let entries = [entry("a.b", "one"), entry("a.b", "two"), entry("a.c", "two")].join(",");
        let json = vendor_with("v", &format!(r#", "signer_sha256": [{entries}]"#));
        let (vendors, _) = list(&format!("[{json}]")).unwrap();
        let [signer] = &vendors[0].signers[..] else {
            panic!("{vendors:?}")
        };
        assert_eq!(signer.packages, ["a.b", "a.c"]);
        assert_eq!(signer.sources, ["one: v", "two: v"]);
        assert!(!signer.platform);
    }

    #[test]
    fn a_country_that_nobody_can_tell_is_absent_and_contested() {
        let json = vendor_with("v", "").replace(r#""CN""#, r#""contested""#);
        let (vendors, _) = list(&format!("[{json}]")).unwrap();
        assert_eq!(vendors[0].country_of_control, None);
        assert_eq!(vendors[0].control_assessment, Control::Contested);
    }

    #[test]
    fn an_app_of_two_vendors_is_refused() {
        let app =
            r#", "packages": [{"package": "a.b", "source": "s", "sources_seen": 1, "confidence": "c"}]"#;
        let json = format!("[{}, {}]", vendor_with("v", app), vendor_with("w", app));
        assert_eq!(list(&json).unwrap_err(), "a.b is listed for v and for w");
    }

    #[test]
    fn the_order_of_the_list_does_not_matter() {
        let (v, w) = (vendor_with("v", ""), vendor_with("w", ""));
        assert_eq!(
            list(&format!("[{v}, {w}]")).unwrap().0,
            list(&format!("[{w}, {v}]")).unwrap().0
        );
    }
}
