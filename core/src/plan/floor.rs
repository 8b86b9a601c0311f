//! The safety floor: what no policy can touch, because a phone without it is no phone any more.
//!
//! Each clause is one row of [`CLAUSES`]. It goes by who holds a role on this phone now, not by "signed with the
//! platform key": makers sign their bloat with it too. The few names below stand in where a role cannot be asked for.
//! A role that nobody holds is an empty list. One that is absent could not be read, and then its clause protects every
//! package that is not known to be installed by the user: the one that matters is likely among those.

use crate::policy::facts::{PackageFacts, Roles};

/// One clause of the floor.
#[derive(Debug, Clone, Copy)]
pub struct Clause {
    /// Its name in messages and in the log.
    pub id: &'static str,
    /// What it protects.
    protects: Protects,
}

#[derive(Debug, Clone, Copy)]
enum Protects {
    /// These packages, on every phone.
    Names(&'static [&'static str]),
    /// Whoever holds this role; while that could not be read, all that may be part of the phone.
    Holders(&'static str),
    /// The holder of `role`, or while none of `candidates` holds it any of them, unless one of them remains that policy
    /// leaves alone; while either could not be read, all that may be part of the phone.
    Last {
        role: &'static str,
        candidates: &'static str,
    },
    /// What a package is by itself. `None`: that could not be read.
    Nature(fn(&PackageFacts) -> Option<bool>),
}

/// The first application's user id; below it are the system's own (`android.os.Process.FIRST_APPLICATION_UID`).
const FIRST_APPLICATION_UID: u32 = 10_000;
/// User ids repeat in every user of the phone (`android.os.UserHandle.PER_USER_RANGE`).
const PER_USER_RANGE: u32 = 100_000;

/// Every clause, in the order in which they are reported.
pub const CLAUSES: &[Clause] = &[
    Clause {
        id: "agent",
        protects: Protects::Names(&["nl.sluis.agent"]),
    },
    Clause {
        id: "play",
        protects: Protects::Names(&[
            "com.google.android.gms",
            "com.google.android.gsf",
            "com.android.vending",
        ]),
    },
    Clause {
        id: "apex",
        // Nobody can tell before Android 10, and there is none there.
        protects: Protects::Nature(|p| Some(p.apex == Some(true))),
    },
    Clause {
        id: "persistent",
        protects: Protects::Nature(|p| p.persistent),
    },
    Clause {
        id: "system_uid",
        protects: Protects::Nature(|p| Some(p.uid? % PER_USER_RANGE < FIRST_APPLICATION_UID)),
    },
    Clause {
        id: "emergency",
        protects: Protects::Holders("emergency"),
    },
    Clause {
        id: "dialer",
        protects: Protects::Holders("dialer"),
    },
    Clause {
        id: "telephony",
        protects: Protects::Holders("telephony"),
    },
    Clause {
        id: "sms",
        protects: Protects::Holders("sms"),
    },
    Clause {
        id: "esim",
        protects: Protects::Holders("esim"),
    },
    Clause {
        id: "cell_broadcast",
        protects: Protects::Holders("cell_broadcast"),
    },
    Clause {
        id: "last_launcher",
        protects: Protects::Last {
            role: "home",
            candidates: "home_candidates",
        },
    },
    Clause {
        id: "last_keyboard",
        protects: Protects::Last {
            role: "keyboard",
            candidates: "keyboard_candidates",
        },
    },
    Clause {
        id: "accessibility",
        protects: Protects::Holders("accessibility"),
    },
    Clause {
        id: "vpn",
        protects: Protects::Holders("vpn"),
    },
    Clause {
        id: "device_admin",
        protects: Protects::Holders("device_admin"),
    },
    Clause {
        id: "webview",
        protects: Protects::Holders("webview"),
    },
    Clause {
        id: "permission_controller",
        protects: Protects::Holders("permission_controller"),
    },
    Clause {
        id: "package_installer",
        protects: Protects::Holders("package_installer"),
    },
    Clause {
        id: "settings",
        protects: Protects::Holders("settings"),
    },
];

/// The floor of one phone at one moment.
pub struct Floor<'a, F> {
    roles: &'a Roles,
    /// Whether policy would keep that package from use, or Sluis still does.
    denied: F,
}

impl<'a, F: Fn(&str) -> bool> Floor<'a, F> {
    /// The floor of a phone where `roles` are held so and policy would deny the packages for which `denied` holds.
    pub fn new(roles: &'a Roles, denied: F) -> Self {
        Self { roles, denied }
    }

    /// The first clause that protects this package.
    pub fn clause(&self, package: &PackageFacts) -> Option<&'static Clause> {
        CLAUSES.iter().find(|clause| self.protects(clause, package))
    }

    /// The first clause that protects this package, which Sluis keeps from use already: what cannot be read now does
    /// not bring it back.
    pub fn clause_of_held(&self, package: &PackageFacts) -> Option<&'static Clause> {
        CLAUSES
            .iter()
            .find(|clause| self.known_to_protect(clause, package) == Some(true))
    }

    /// Whether this clause protects the package.
    pub fn protects(&self, clause: &Clause, package: &PackageFacts) -> bool {
        let may_be_part_of_the_phone = package.system != Some(false);
        self.known_to_protect(clause, package)
            .unwrap_or(may_be_part_of_the_phone)
    }

    /// Whether this clause protects the package; `None`: that could not be read.
    pub fn known_to_protect(&self, clause: &Clause, package: &PackageFacts) -> Option<bool> {
        let name = &package.name;
        match clause.protects {
            Protects::Names(names) => Some(names.contains(&name.as_str())),
            Protects::Holders(role) => Some(self.holders(role)?.contains(name)),
            Protects::Last { role, candidates } => {
                let (holders, candidates) = (self.holders(role)?, self.holders(candidates)?);
                let stays = |other: &String| other != name && !(self.denied)(other);
                // Before the first unlock Settings stands in for the home screen: that is nobody's choice, and where
                // nobody was chosen any candidate may be the one.
                let chosen = candidates.iter().any(|other| holders.contains(other));
                let is_the_one = candidates.contains(name) && (!chosen || holders.contains(name));
                Some(is_the_one && !candidates.iter().any(stays))
            }
            Protects::Nature(is) => is(package),
        }
    }

    /// `None`: that could not be read.
    fn holders(&self, role: &str) -> Option<&[String]> {
        self.roles.get(role).map(Vec::as_slice)
    }
}

/// Every role that a clause asks for.
pub fn roles() -> impl Iterator<Item = &'static str> {
    CLAUSES.iter().flat_map(|clause| match clause.protects {
        Protects::Holders(role) => vec![role],
        Protects::Last { role, candidates } => vec![role, candidates],
        Protects::Names(_) | Protects::Nature(_) => Vec::new(),
    })
}
