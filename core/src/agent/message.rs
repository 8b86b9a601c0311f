//! What crosses the boundary between the core and whoever drives it: events in, directives out.
//!
//! Every message is JSON; its shape is this file. The shell (Kotlin on a phone, a test on a desk) reports what it
//! sees as [`Event`]s and carries [`Directives`] out; it decides nothing. Times are in milliseconds.

use serde::{Deserialize, Serialize};
use sluis_policy::values::Digest;

use crate::policy::facts::{Inventory, PackageFacts, Roles};

/// One event with the moment at which it happened; the core has no clock of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// When it happened, by the phone's clocks.
    pub time: Time,
    /// What happened.
    pub event: Event,
}

/// The phone's clocks at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Time {
    /// Milliseconds since 1970 by the clock that the user can set (`System.currentTimeMillis`).
    pub wall_ms: i64,
    /// Milliseconds since boot, sleep included, which nobody can set (`SystemClock.elapsedRealtime`).
    pub elapsed_ms: u64,
    /// How often the phone has booted (`Settings.Global.BOOT_COUNT`); tells one boot's `elapsed_ms` from another's.
    pub boot_count: u64,
}

/// What the shell saw happen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// Provisioning or managed configuration says which feeds this phone obeys. The answer is an error that names
    /// the field when it is wrong; nothing changes then.
    Configure {
        /// The new list of feeds.
        configuration: Configuration,
    },
    /// The configuration that the shell passed on before, again: [`Directives::configuration_wanted`] asked for it. That
    /// the core does not know it any more means that its store is lost.
    Reconfigure {
        /// The list of feeds as it was.
        configuration: Configuration,
    },
    /// The agent's process has started (boot, update of the agent, restart after a kill).
    Started {},
    /// The app that carries this core, as the phone has it now. It comes before [`Event::Started`], and again when it
    /// may have changed: an update, another role on the phone.
    Agent {
        /// That app.
        installed: Installed,
    },
    /// It is time to ask the feeds for news.
    Refresh {},
    /// The answer to a [`Fetch`]; the bytes travel beside the JSON, not in it.
    Fetched {
        /// The feed that was asked, as in the [`Fetch`].
        feed: String,
        /// The URL that was asked, as in the [`Fetch`].
        url: String,
        /// How it went.
        outcome: FetchOutcome,
    },
    /// Which key the phone's key store holds for Sluis: told at each start, where there is one. Grants name it.
    Phone {
        /// SHA-256 of the public key (SubjectPublicKeyInfo, DER), 64 hex digits.
        id: Digest,
    },
    /// Somebody at the phone chose a file with an offline bundle or a grant, or opened a grant's link; the bytes travel
    /// beside the JSON. The answer has [`Directives::bundle`].
    Bundle {
        /// BCP 47 languages that the reader prefers, best first.
        languages: Vec<String>,
    },
    /// The whole list of packages.
    Inventory {
        /// Every package of this user and who holds which role on the phone.
        inventory: Inventory,
        /// The phone's API level (`Build.VERSION.SDK_INT`); the lowest that Sluis runs on if absent.
        #[serde(default)]
        api: Option<u32>,
    },
    /// One package arrived, left or changed.
    PackageChanged {
        /// Its name.
        name: String,
        /// What it is now; absent when it is gone.
        facts: Option<Box<PackageFacts>>,
        /// Who holds which role on the phone now.
        roles: Roles,
    },
    /// An [`Action`] was carried out, or failed.
    ActionResult {
        /// The action's id.
        id: u64,
        /// What the framework answered: absent when it raised no objection.
        failure: Option<String>,
        /// What the shell read back afterwards; absent for restrictions.
        observed: Option<Observation>,
        /// Read back for restrictions: whether it is in force.
        restricted: Option<bool>,
    },
    /// The compliance screen is open and wants to be filled.
    Screen {
        /// BCP 47 languages that the reader prefers, best first.
        languages: Vec<String>,
    },
}

/// The app that carries this core.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Installed {
    /// Its package.
    pub package: String,
    /// Its version (`PackageInfo.getLongVersionCode`).
    pub version_code: u64,
    /// The phone's API level (`Build.VERSION.SDK_INT`).
    pub sdk: u64,
    /// Whether the phone lets it install a newer version of itself without asking anybody: a device owner.
    pub installs_silently: bool,
}

/// How a fetch went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum FetchOutcome {
    /// The server sent a file; its bytes travel beside this message.
    Body {},
    /// The server has no such file (HTTP 404 or 403).
    Missing {},
    /// The server sent more than [`Fetch::max_bytes`], and the fetch was stopped: a refusal, not a bad connection.
    TooLong {},
    /// Anything else: no network, a time-out, an HTTP error.
    Failed {
        /// For the log, in English.
        message: String,
    },
}

/// A package's state as read back from the framework after an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// Installed for this user; a hidden package counts as installed.
    pub installed: bool,
    /// `DevicePolicyManager.isApplicationHidden`.
    pub hidden: bool,
    /// `DevicePolicyManager.isPackageSuspended`.
    pub suspended: bool,
    /// The name that people see, while the package is there to tell it.
    pub label: Option<String>,
}

/// The feeds that a phone obeys; comes with provisioning or managed configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Baseline first, the phone's own organisation last.
    pub feeds: Vec<FeedConfiguration>,
    /// Whether plain HTTP to the loopback address is allowed: a debuggable build under test.
    #[serde(default)]
    pub allow_loopback_http: bool,
}

/// One feed and its root of trust, which is named by `root_sha256` or given as `root`. Nothing is trusted without it;
/// with both, both must name the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FeedConfiguration {
    /// A short name for messages and the store: `a-z`, `0-9`, `-`.
    pub name: String,
    /// The repository's address, ending in `/`. HTTPS.
    pub url: String,
    /// SHA-256 of the repository's first root metadata file (`1.root.json`), 64 hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root_sha256: Option<String>,
    /// That file itself, in base64: every byte of it counts, and text fields of management consoles do not keep every
    /// byte. It may be a later version of the root; the phone then begins there, as with another feed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub root: Option<String>,
}

/// What the shell has to do now. Everything is optional; an empty answer means: nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Directives {
    /// Files to fetch; each is answered by [`Event::Fetched`].
    pub fetches: Vec<Fetch>,
    /// The core wants an [`Event::Inventory`].
    pub list_packages: bool,
    /// From now on packages are to be told with what is in their manifests (permissions, components, address of a web
    /// app), in this list and one by one: a policy goes by it. Else the shell saves itself the trouble.
    pub manifests: bool,
    /// Things to do, in this order; each is answered by [`Event::ActionResult`].
    pub actions: Vec<Action>,
    /// The answer to [`Event::Screen`].
    pub screen: Option<Screen>,
    /// What people are to be told now, beside what the screen shows to who looks: policies may ask for quiet.
    pub inform: Option<Message>,
    /// The answer to [`Event::Bundle`]: what came of it, for whoever chose the file or opened the link.
    pub bundle: Option<Message>,
    /// The core knows no feeds: if it was ever told of some, it wants an [`Event::Reconfigure`].
    pub configuration_wanted: bool,
    /// When to report [`Event::Refresh`] next, in wall-clock milliseconds.
    pub wake_up_ms: Option<i64>,
    /// What happened, for the system log.
    pub notices: Vec<Message>,
}

/// One file to fetch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fetch {
    /// The feed that wants it.
    pub feed: String,
    /// Its whole address.
    pub url: String,
    /// Bytes after which to give up.
    pub max_bytes: u64,
}

/// One thing to do on the phone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Names this action in its result and in the journal.
    pub id: u64,
    /// What to do.
    #[serde(flatten)]
    pub step: Step,
}

/// A call of the framework, named as the framework names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Step {
    /// `DevicePolicyManager.setPackagesSuspended(…, true)`.
    Suspend {
        /// The package.
        package: String,
    },
    /// `DevicePolicyManager.setPackagesSuspended(…, false)`.
    Unsuspend {
        /// The package.
        package: String,
    },
    /// `PackageInstaller.uninstall`, silently, and wait for its result.
    Uninstall {
        /// The package.
        package: String,
    },
    /// `DevicePolicyManager.setApplicationHidden(…, true)`, cleared first (API 34 ignores a repeated value).
    Hide {
        /// The package.
        package: String,
    },
    /// `DevicePolicyManager.setApplicationHidden(…, false)`.
    Unhide {
        /// The package.
        package: String,
    },
    /// `DevicePolicyManager.addUserRestriction`, or the call of one of the other switches of [`crate::plan::device`].
    Restrict {
        /// A `UserManager.DISALLOW_*` key, or the switch's name.
        restriction: String,
        /// What goes with it: the packages of keyboards, the hosts. What was set before is replaced.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        values: Vec<String>,
    },
    /// `DevicePolicyManager.clearUserRestriction`, or likewise.
    Unrestrict {
        /// A `UserManager.DISALLOW_*` key, or the switch's name.
        restriction: String,
    },
    /// `PackageInstaller`, silently: the new version of the agent that came with the event which this answers. Only
    /// these bytes have been verified. The process seldom lives to report the result; the next one tells its version.
    UpdateAgent {
        /// SHA-256 of the bytes, in hex: by it the journal knows them.
        sha256: String,
        /// The package that it must be.
        package: String,
        /// The version that it must be.
        version_code: u64,
    },
}

/// A sentence in the reader's language: an id of `messages.json` with its arguments in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// The id in `messages.json`.
    pub id: String,
    /// What fills its places.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Argument>,
}

/// One argument of a [`Message`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Argument {
    /// Words from a policy, or a name; shown as they are.
    Text(String),
    /// How many; also chooses singular or plural.
    Count(u64),
    /// A moment in wall-clock milliseconds; shown by the reader's locale.
    Time(i64),
}

/// Everything that the compliance screen shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Screen {
    /// One sentence that says how it is.
    pub headline: Message,
    /// What needs saying about the feeds or the agent itself: stale, refused, no policy yet.
    pub warnings: Vec<Message>,
    /// The apps that policy concerns, what happened last first.
    pub apps: Vec<AppCard>,
    /// Whose policies are in force.
    pub layers: Vec<LayerCard>,
    /// What this phone is called where a grant is made for it; absent where it has no key.
    pub phone: Option<PhoneCard>,
}

/// The phone's id, and the groups in which grants put it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhoneCard {
    /// 64 hex digits.
    pub id: String,
    /// The same as a QR code, row by row, `1` where it is dark; without the margin of four that it needs.
    pub qr: Vec<String>,
    /// One sentence for each group.
    pub groups: Vec<Message>,
}

/// One app on the compliance screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppCard {
    /// The package name.
    pub package: String,
    /// The name that people know it by.
    pub label: String,
    /// What was done, or is advised.
    pub state: Message,
    /// When that was, in wall-clock milliseconds.
    pub since_ms: i64,
    /// Why, in words of the policy; a message where the policy has none.
    pub reason: Reason,
    /// The organisation whose rule it is.
    pub organisation: String,
    /// The rule's id; absent when nothing allowed the app under a closed stance.
    pub rule: Option<String>,
    /// By when, in wall-clock milliseconds; absent: at once.
    pub deadline_ms: Option<i64>,
    /// Where to read more.
    pub link: Option<String>,
    /// The name of an approved app to use instead.
    pub alternative: Option<String>,
}

/// Why: the policy's own words, or ours where it has none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The policy's own words in the reader's language.
    Text(String),
    /// Our words.
    Message(Message),
}

/// One policy in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerCard {
    /// The organisation's name in the reader's language.
    pub organisation: String,
    /// Whom to ask.
    pub contact: Option<String>,
    /// How fresh it is, or what is wrong with it.
    pub state: Message,
}

impl Step {
    /// The name of what is done, as in JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Suspend { .. } => "suspend",
            Self::Unsuspend { .. } => "unsuspend",
            Self::Uninstall { .. } => "uninstall",
            Self::Hide { .. } => "hide",
            Self::Unhide { .. } => "unhide",
            Self::Restrict { .. } => "restrict",
            Self::Unrestrict { .. } => "unrestrict",
            Self::UpdateAgent { .. } => "update_agent",
        }
    }

    /// The package, restriction or file (by its SHA-256) that it is done to, or with.
    pub fn subject(&self) -> &str {
        match self {
            Self::Suspend { package }
            | Self::Unsuspend { package }
            | Self::Uninstall { package }
            | Self::Hide { package }
            | Self::Unhide { package } => package,
            Self::Restrict { restriction, .. } | Self::Unrestrict { restriction } => restriction,
            Self::UpdateAgent { sha256, .. } => sha256,
        }
    }
}

impl Message {
    /// The message of that id with these arguments.
    pub fn new(id: &str, args: impl IntoIterator<Item = Argument>) -> Self {
        Self {
            id: id.to_owned(),
            args: args.into_iter().collect(),
        }
    }
}
