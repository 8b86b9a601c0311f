//! What was last known of an app on record: a fact that cannot be read any more must not loosen its verdict.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::error::AgentError;
use crate::policy::facts::{PackageFacts, Signers};
use crate::store::agent::App;

/// The facts that decide whether a rule reaches an app, as they were when they could last be read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LastKnown {
    signers: Option<Signers>,
    system: Option<bool>,
    #[serde(default)]
    version_code: Option<u64>,
    #[serde(default)]
    installer: Option<String>,
    #[serde(default)]
    permissions: Option<Vec<String>>,
    #[serde(default)]
    components: Option<Vec<String>>,
    #[serde(default)]
    web_origin: Option<String>,
}

impl LastKnown {
    /// What the record says.
    pub(super) fn of(app: &App) -> Result<Self, AgentError> {
        match &app.last_known {
            Some(json) => Ok(serde_json::from_str(json)?),
            None => Ok(Self::default()),
        }
    }

    /// What the record has to say from now on.
    pub(super) fn json(package: &PackageFacts) -> Result<String, AgentError> {
        Ok(serde_json::to_string(&Self {
            signers: package.signers.clone(),
            system: package.system,
            version_code: package.version_code,
            installer: package.installer.clone(),
            permissions: package.permissions.clone(),
            components: package.components.clone(),
            web_origin: package.web_origin.clone(),
        })?)
    }

    /// The package with what could not be read filled in from the record.
    pub(super) fn fill(self, package: &PackageFacts) -> Cow<'_, PackageFacts> {
        let known = package.signers.is_some()
            && package.system.is_some()
            && package.version_code.is_some()
            && package.installer.is_some()
            && package.permissions.is_some()
            && package.components.is_some()
            && package.web_origin.is_some();
        if known || self == Self::default() {
            return Cow::Borrowed(package);
        }
        let mut package = package.clone();
        package.signers = package.signers.or(self.signers);
        package.system = package.system.or(self.system);
        package.version_code = package.version_code.or(self.version_code);
        package.installer = package.installer.or(self.installer);
        package.permissions = package.permissions.or(self.permissions);
        package.components = package.components.or(self.components);
        package.web_origin = package.web_origin.or(self.web_origin);
        Cow::Owned(package)
    }

    /// An app of that name as far as the record knows it.
    pub(super) fn facts(self, name: &str) -> PackageFacts {
        PackageFacts {
            name: name.to_owned(),
            signers: self.signers,
            system: self.system,
            version_code: self.version_code,
            installer: self.installer,
            permissions: self.permissions,
            components: self.components,
            web_origin: self.web_origin,
            ..PackageFacts::default()
        }
    }
}
