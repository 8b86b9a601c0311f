//! What the screen says of the phone itself: its id, for whoever makes a grant, and the groups in which it is.

use qrcodegen::{QrCode, QrCodeEcc};
use rusqlite::Connection;
use sluis_policy::text::Language;

use super::error::AgentError;
use super::message::{Argument, Message, PhoneCard, Screen, Time};
use super::session::Session;
use crate::policy::Membership;

/// How long people are told that the phone has another id: until somebody has surely asked for new grants.
const TOLD_FOR_MS: i64 = 30 * 24 * 3_600_000;

impl Session {
    /// Shows the phone's id and groups.
    pub(super) fn show_phone(
        &self,
        db: &Connection,
        screen: &mut Screen,
        languages: &[String],
        time: Time,
    ) -> Result<(), AgentError> {
        let Some(phone) = self.phone.filter(|phone| phone.from_key) else {
            return Ok(());
        };
        let changed = phone.changed_ms;
        if let Some(changed) = changed.filter(|at| time.wall_ms.saturating_sub(*at) <= TOLD_FOR_MS) {
            let warning = Message::new("warning_phone_changed", [Argument::Time(changed)]);
            screen.warnings.push(warning);
        }
        let language = Language::preferred(languages);
        let mut groups = Vec::new();
        for member in &self.members {
            let clock = self.clock_of(db, &member.layer)?;
            if clock.now_ms(time) < member.until_ms {
                groups.push(self.sentence(member, language, clock.floor_ms(time)));
            }
        }
        let id = phone.digest.to_string();
        screen.phone = Some(PhoneCard {
            qr: modules(&id),
            id,
            groups,
        });
        Ok(())
    }

    fn sentence(&self, member: &Membership, language: Language, floor_ms: Option<i64>) -> Message {
        let policies = self
            .in_force
            .iter()
            .flat_map(|in_force| in_force.ruleset.layers());
        let mut names = policies
            .filter(|policy| policy.layer == member.layer)
            .map(|policy| policy.organisation.name.get(language));
        let whose = names.next().unwrap_or_default().to_owned();
        let args = [member.group.to_string(), whose].map(Argument::Text);
        match member
            .from_ms
            .filter(|from| floor_ms.is_none_or(|floor| floor < *from))
        {
            Some(from) => Message::new(
                "group_later",
                args.into_iter()
                    .chain([Argument::Time(from), Argument::Time(member.until_ms)]),
            ),
            None => Message::new(
                "group_until",
                args.into_iter().chain([Argument::Time(member.until_ms)]),
            ),
        }
    }
}

/// A QR code, row by row.
fn modules(text: &str) -> Vec<String> {
    // An id fits in any case.
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else {
        return Vec::new();
    };
    let row = |y| {
        let dark = (0..code.size()).map(|x| code.get_module(x, y));
        dark.map(|dark| if dark { '1' } else { '0' }).collect()
    };
    (0..code.size()).map(row).collect()
}
