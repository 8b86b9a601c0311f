//! Telling people of what happens to their apps, beside what the screen shows to who looks.

use sluis_policy::policy::Notify;

use super::message::{Argument, Message};
use super::reconcile::Round;
use crate::policy::facts::PackageFacts;

impl Round<'_> {
    /// Has people told of a package that is judged otherwise than before, unless policy asks for quiet.
    pub(super) fn inform(&mut self, package: &PackageFacts) {
        if self.judge.explain(package).notify(self.judge.ruleset()) == Notify::Inform {
            self.informed += 1;
            let count = Argument::Count(self.informed);
            self.out.inform = Some(Message::new("notification_apps", [count]));
        }
    }
}
