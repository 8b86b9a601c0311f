//! What is wrong with a policy, and what is probably not meant: for whoever writes it, before it is signed.

use std::fmt;

use serde::Serialize;

use crate::catalogue::{Catalogue, Control};
use crate::decode::{DocumentError, LIMITS};
use crate::json::{self, Node, Position, Value};
use crate::policy::{Effect, Match, Policy, Rule, StanceKind};
use crate::text::Text;
use crate::values::PackagePattern;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A phone would refuse the policy, or a rule of it can never match.
    Error,
    /// It works, but perhaps not as meant.
    Warning,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The document's name.
    pub document: String,
    /// How bad it is.
    pub severity: Severity,
    /// Names the check; stable.
    pub check: &'static str,
    /// RFC 6901 pointer to what was found; empty for the document itself.
    pub pointer: String,
    /// Its line.
    pub line: u32,
    /// Its column, in characters.
    pub column: u32,
    /// What it is and what to do.
    pub message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        write!(f, "{}:{}:{}: {severity}: ", self.document, self.line, self.column)?;
        if !self.pointer.is_empty() {
            write!(f, "{}: ", self.pointer)?;
        }
        write!(f, "{} [{}]", self.message, self.check)
    }
}

/// Packages that phones do not work without, of Android and of makers whose prefixes are tempting.
const SYSTEM: [&str; 18] = [
    "android",
    "com.android.phone",
    "com.android.providers.telephony",
    "com.android.settings",
    "com.android.systemui",
    "com.android.vending",
    "com.bbk.launcher2",
    "com.coloros.safecenter",
    "com.google.android.gms",
    "com.google.android.webview",
    "com.huawei.systemmanager",
    "com.miui.home",
    "com.oplus.launcher",
    "com.samsung.android.messaging",
    "com.sec.android.app.launcher",
    "com.transsion.hilauncher",
    "com.vivo.permissionmanager",
    "com.zui.launcher",
];

/// Everything that there is to say about a policy; `name` says which one it is. Errors come first where a document
/// cannot be read: then nothing else is looked at.
pub fn lint(name: &str, bytes: &[u8], catalogue: &Catalogue) -> Vec<Finding> {
    let policy = match Policy::parse(name, bytes) {
        Ok(policy) => policy,
        Err(errors) => return errors.as_slice().iter().map(invalid).collect(),
    };
    // It parsed a moment ago; without its positions a finding would still have its pointer.
    let document = json::parse(bytes, LIMITS).unwrap_or(Node {
        value: Value::Null,
        at: Position { line: 1, column: 1 },
    });
    let mut check = Check {
        name,
        document,
        catalogue,
        findings: Vec::new(),
    };
    check.policy(&policy);
    check.findings.sort_by_key(|f| (f.line, f.column));
    check.findings
}

fn invalid(error: &DocumentError) -> Finding {
    Finding {
        document: error.document.clone(),
        severity: Severity::Error,
        check: "invalid",
        pointer: error.pointer.clone(),
        line: error.at.line,
        column: error.at.column,
        message: format!("found {}; expected {}", error.found, error.expected),
    }
}

struct Check<'a> {
    name: &'a str,
    document: Node,
    catalogue: &'a Catalogue,
    findings: Vec<Finding>,
}

impl Check<'_> {
    fn warn(&mut self, check: &'static str, pointer: String, message: String) {
        self.find(Severity::Warning, check, pointer, message);
    }

    fn find(&mut self, severity: Severity, check: &'static str, pointer: String, message: String) {
        let steps: Vec<&str> = pointer.split('/').skip(1).collect();
        let Position { line, column } = self.document.find(&steps);
        self.findings.push(Finding {
            document: self.name.to_owned(),
            severity,
            check,
            pointer,
            line,
            column,
            message,
        });
    }

    fn policy(&mut self, policy: &Policy) {
        if policy.organisation.contact.is_none() {
            let message = "no `contact`: employees will not know whom to ask".to_owned();
            self.warn("contact-missing", "/organisation".into(), message);
        }
        let closed = policy.stance.kind == StanceKind::Closed;
        if closed {
            self.reason(policy.stance.reason.as_ref(), "/stance");
        }
        for (i, rule) in policy.rules.iter().enumerate() {
            self.rule(rule, closed, &format!("/rules/{i}"));
        }
    }

    fn rule(&mut self, rule: &Rule, closed: bool, pointer: &str) {
        if rule.effect != Effect::Allow {
            self.reason(rule.reason.as_ref(), pointer);
            self.prefixes(&rule.matches, pointer);
        } else if closed && rule.matches.signers.is_empty() {
            let message =
                "approved by name alone: an app from elsewhere can take that name; add `signers`".into();
            self.warn("allow-without-signer", format!("{pointer}/match"), message);
        }
        self.vendors(&rule.matches, pointer);
        self.countries(&rule.matches, pointer);
        self.signers(&rule.matches, pointer);
    }

    fn reason(&mut self, reason: Option<&Text>, pointer: &str) {
        let (pointer, missing) = match reason {
            None => (pointer.to_owned(), "no `reason` in `nl` and `en`"),
            Some(Text { nl: None, .. }) => (format!("{pointer}/reason"), "no reason in `nl`"),
            Some(Text { en: None, .. }) => (format!("{pointer}/reason"), "no reason in `en`"),
            Some(_) => return,
        };
        let message = format!("{missing}: employees will not be told why in their language");
        self.warn("reason-missing", pointer, message);
    }

    fn vendors(&mut self, matches: &Match, pointer: &str) {
        for (i, id) in matches.vendors.iter().enumerate() {
            let pointer = format!("{pointer}/match/vendors/{i}");
            match self.catalogue.vendor(id) {
                None => {
                    let message = format!("the catalogue has no vendor `{id}`: this matches nothing");
                    self.find(Severity::Error, "unknown-vendor", pointer, message);
                }
                Some(vendor) if vendor.control_assessment == Control::Contested && !matches.contested => {
                    let message = format!(
                        "who controls {} is contested, so this matches nothing; add `contested: true` if it is meant",
                        vendor.name
                    );
                    self.warn("contested-vendor", pointer, message);
                }
                Some(_) => {}
            }
        }
    }

    fn countries(&mut self, matches: &Match, pointer: &str) {
        for (i, country) in matches.controlled_from.iter().enumerate() {
            let counts = |control| control == Control::Clear || matches.contested;
            let mut vendors = self.catalogue.vendors.iter();
            if !vendors.any(|v| v.country_of_control == Some(*country) && counts(v.control_assessment)) {
                let message =
                    format!("the catalogue has no vendor controlled from {country}: this matches nothing");
                let pointer = format!("{pointer}/match/controlled_from/{i}");
                self.warn("country-without-vendor", pointer, message);
            }
        }
    }

    fn signers(&mut self, matches: &Match, pointer: &str) {
        for (i, digest) in matches.signers.iter().enumerate() {
            let vendors = self.catalogue.vendors.iter();
            let owner = vendors
                .flat_map(|v| v.signers.iter().map(move |s| (v, s)))
                .find(|(_, signer)| signer.platform && signer.sha256 == *digest);
            if let Some((vendor, _)) = owner {
                let message = format!(
                    "a platform key of {}: on its phones it signs the system itself, Settings included",
                    vendor.name
                );
                self.warn("platform-key", format!("{pointer}/match/signers/{i}"), message);
            }
        }
    }

    fn prefixes(&mut self, matches: &Match, pointer: &str) {
        for (i, pattern) in matches.packages.iter().enumerate() {
            let PackagePattern::Prefix(prefix) = pattern else {
                continue;
            };
            let hit = SYSTEM.iter().find(|package| package.starts_with(prefix.as_str()));
            if let (Some(package), None | Some(true)) = (hit, matches.system) {
                let message = format!(
                    "`{pattern}` also matches {package}, a part of some phones' system; add `system: false` or \
                     name the packages"
                );
                self.warn(
                    "prefix-hits-system",
                    format!("{pointer}/match/packages/{i}"),
                    message,
                );
            }
        }
    }
}
