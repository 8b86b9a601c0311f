//! What all layers together ask of the phone itself.

use std::collections::BTreeSet;

use serde::Serialize;
use sluis_policy::policy::{self, Forbidden, Installs, Policy};
use sluis_policy::values::Host;

/// What all layers together ask of the phone itself: of each, the strictest. Nothing in a layer permits what another
/// forbids, so that their order means nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Device {
    /// What any layer forbids.
    pub forbidden: BTreeSet<Forbidden>,
    /// Closed where any layer closes it.
    pub installs: Installs,
    /// Where any layer wants it.
    pub automatic_time: bool,
    /// The keyboards that every layer which names some permits; `None` where none names any.
    pub keyboards: Option<BTreeSet<String>>,
    /// The sites that any layer blocks.
    pub blocked_web: BTreeSet<Host>,
}

impl Device {
    /// What these policies ask together.
    pub fn of<'a>(policies: impl IntoIterator<Item = &'a Policy>) -> Self {
        let mut device = Self::default();
        let asked = policies.into_iter().filter_map(|policy| policy.device.as_ref());
        asked.for_each(|asked| device.tighten(asked));
        device
    }

    fn tighten(&mut self, asked: &policy::Device) {
        self.forbidden.extend(&asked.forbid);
        self.installs = self.installs.max(asked.installs);
        self.automatic_time |= asked.automatic_time;
        self.blocked_web.extend(asked.blocked_web.iter().cloned());
        if let Some(permitted) = &asked.keyboards {
            let permitted: BTreeSet<String> = permitted.iter().cloned().collect();
            self.keyboards = Some(match self.keyboards.take() {
                Some(before) => before.intersection(&permitted).cloned().collect(),
                None => permitted,
            });
        }
    }
}
