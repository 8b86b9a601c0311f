//! What is known of the packages on a phone. A fact that could not be read is unknown (`None`), never a default.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sluis_policy::values::Digest;

/// All packages of one user, and who holds which role.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Inventory {
    /// Every package, the disabled and hidden ones included.
    pub packages: Vec<PackageFacts>,
    /// Who holds which role on this phone.
    #[serde(default)]
    pub roles: Roles,
}

/// One package, as the package manager describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PackageFacts {
    /// The package name.
    pub name: String,
    /// The name that people see (`PackageManager.getApplicationLabel`), where it was read.
    pub label: Option<String>,
    /// `PackageInfo.getLongVersionCode` (28) or `versionCode`.
    pub version_code: Option<u64>,
    /// `PackageInfo.versionName`.
    pub version_name: Option<String>,
    /// Signing certificates; unknown where they could not be read.
    pub signers: Option<Signers>,
    /// The package that initiated the install (`InstallSourceInfo.getInitiatingPackageName`, 30; before that
    /// `getInstallerPackageName`).
    pub installer: Option<String>,
    /// The permissions that it asks for (`PackageInfo.requestedPermissions`), in full.
    pub permissions: Option<Vec<String>>,
    /// The class names of the activities, services, receivers and providers that it declares.
    pub components: Option<Vec<String>>,
    /// Of an installed web app (`org.chromium.webapk.*`): the address that it opens, from its manifest
    /// (`org.chromium.webapk.shell_apk.startUrl`).
    pub web_origin: Option<String>,
    /// `ApplicationInfo.FLAG_SYSTEM`: it came with the phone.
    pub system: Option<bool>,
    /// `ApplicationInfo.FLAG_UPDATED_SYSTEM_APP`: uninstalling it only brings the factory version back.
    pub updated_system: Option<bool>,
    /// `ApplicationInfo.FLAG_PERSISTENT`: the system keeps it running at all times.
    pub persistent: Option<bool>,
    /// `PackageInfo.isApex` (29): a module of the system, not an app.
    pub apex: Option<bool>,
    /// `ApplicationInfo.uid`.
    pub uid: Option<u32>,
    /// `ApplicationInfo.enabled`.
    pub enabled: Option<bool>,
    /// `DevicePolicyManager.isApplicationHidden`.
    pub hidden: Option<bool>,
    /// `DevicePolicyManager.isPackageSuspended`.
    pub suspended: Option<bool>,
}

/// The certificates that a package is signed with: SHA-256 of the DER form, as 64 hex digits in JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signers {
    /// `SigningInfo.getApkContentsSigners` (28), before that `PackageInfo.signatures`.
    pub current: Vec<Digest>,
    /// Older certificates that the current one was rotated from (`getSigningCertificateHistory`), without the current.
    #[serde(default)]
    pub lineage: Vec<Digest>,
}

/// Which packages hold which role, as the shell found it: role name → package names. The names are those of
/// [`crate::plan::floor`]; a role that could not be read is absent.
pub type Roles = BTreeMap<String, Vec<String>>;
