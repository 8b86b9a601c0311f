//! What the compliance screen shows, in the reader's language as far as the words come from policy.

use rusqlite::Connection;
use sluis_policy::text::Language;

use super::error::AgentError;
use super::grounds::Grounds;
use super::in_force::InForce;
use super::message::{AppCard, Argument, LayerCard, Message, Screen};
use crate::policy::Ruleset;
use crate::store::agent::{self as table, App, AppState};
use crate::store::device;

/// How a feed stands, as far as people are concerned.
pub(super) struct FeedState<'a> {
    pub(super) name: &'a str,
    /// The place of its policy among the layers in force.
    pub(super) layer: Option<usize>,
    /// When it last verified as a whole.
    pub(super) checked_ms: Option<i64>,
    /// There has been no news for longer than it may take.
    pub(super) stale: bool,
    /// Why it was last refused, if nothing verified since.
    pub(super) failure: Option<String>,
    /// How many apps its newest version would newly forbid, where that is held back for it.
    pub(super) held_back: Option<u64>,
    /// Since when it has been silent for longer than its policy bears.
    pub(super) silent: bool,
}

/// Fills the screen.
pub(super) fn fill(
    db: &Connection,
    in_force: Option<&InForce>,
    feeds: &[FeedState<'_>],
    languages: &[String],
) -> Result<Screen, AgentError> {
    let ruleset = in_force.map(|in_force| &in_force.ruleset);
    let language = Language::preferred(languages);
    let mut apps = table::apps(db)?;
    // Nothing that people could see or do anything about.
    apps.retain(|app| app.state != AppState::Absent);
    let cards = apps
        .iter()
        .map(|app| card(app, language))
        .collect::<Result<Vec<_>, _>>()?;
    let mut warnings = warnings(in_force, feeds, &apps, language);
    let refused = device::refused(db)?.len() as u64;
    if refused > 0 {
        warnings.push(Message::new("warning_switches", [Argument::Count(refused)]));
    }
    Ok(Screen {
        headline: headline(in_force, &apps),
        warnings,
        apps: cards,
        layers: layers(ruleset, feeds, language),
        phone: None,
    })
}

fn headline(in_force: Option<&InForce>, apps: &[App]) -> Message {
    let count = |states: &[AppState]| apps.iter().filter(|app| states.contains(&app.state)).count() as u64;
    let failed = count(&[AppState::Failed]);
    let advised = count(&[AppState::Advised, AppState::Announced]);
    let refused = count(&[AppState::Refused]);
    let kept = count(&[
        AppState::Pending,
        AppState::Suspended,
        AppState::Hidden,
        AppState::Removed,
    ]);
    match (failed, kept, advised) {
        // What Sluis could not do, only people can.
        (1.., ..) => Message::new("headline_action_needed", [Argument::Count(failed + advised)]),
        (0, 1.., _) => Message::new("headline_removed", [Argument::Count(kept)]),
        (0, 0, 1..) => Message::new("headline_action_needed", [Argument::Count(advised)]),
        // Nothing for people to do, but not as the rules want it either.
        (0, 0, 0) if refused > 0 => Message::new("headline_refused", [Argument::Count(refused)]),
        (0, 0, 0) if in_force.is_none_or(InForce::is_empty) => Message::new("headline_no_policy", []),
        (0, 0, 0) => Message::new("headline_all_well", []),
    }
}

fn warnings(
    in_force: Option<&InForce>,
    feeds: &[FeedState<'_>],
    apps: &[App],
    language: Language,
) -> Vec<Message> {
    let mut warnings = Vec::new();
    for feed in feeds {
        if in_force.is_some_and(|in_force| in_force.misses(feed.name)) {
            let args = [Argument::Text(feed.name.to_owned())];
            warnings.push(Message::new("warning_incomplete", args));
        }
        // People know the organisation; the feed's own name means something to administrators only.
        let policy = in_force.and_then(|in_force| in_force.policy_of(feed.name));
        let name = || {
            let organisation = policy.map(|policy| policy.organisation.name.get(language));
            Argument::Text(organisation.unwrap_or(feed.name).to_owned())
        };
        if let Some(why) = &feed.failure {
            warnings.push(Message::new(
                "warning_feed_refused",
                [name(), Argument::Text(why.clone())],
            ));
        }
        if let Some(changes) = feed.held_back {
            warnings.push(Message::new(
                "warning_held_back",
                [name(), Argument::Count(changes)],
            ));
        }
        if feed.silent {
            warnings.push(Message::new("warning_installs_closed", [name()]));
        }
        if let Some(checked) = feed.checked_ms.filter(|_| feed.stale) {
            warnings.push(Message::new("warning_stale", [name(), Argument::Time(checked)]));
        }
    }
    let refused = apps.iter().filter(|app| app.state == AppState::Refused).count() as u64;
    if refused > 0 {
        warnings.push(Message::new("warning_floor", [Argument::Count(refused)]));
    }
    warnings
}

fn card(app: &App, language: Language) -> Result<AppCard, AgentError> {
    let grounds = Grounds::of_app(app)?;
    let state = match app.state {
        AppState::Pending => Message::new("state_removing", []),
        AppState::Suspended => Message::new("state_suspended", []),
        AppState::Hidden => Message::new("state_hidden", []),
        AppState::Removed => Message::new("state_removed", []),
        AppState::Advised => Message::new("state_advised", []),
        AppState::Announced => Message::new("state_announced", []),
        AppState::Exempted => Message::new("state_exempted", []),
        AppState::Refused => Message::new("state_refused_floor", []),
        AppState::Failed => Message::new("state_failed", []),
        AppState::Restored | AppState::Absent => Message::new("state_restored", []),
    };
    Ok(AppCard {
        package: app.package.clone(),
        label: app.label.clone().unwrap_or_else(|| app.package.clone()),
        state,
        since_ms: app.since_ms,
        reason: grounds.reason(language),
        organisation: grounds.organisation(language),
        rule: grounds.rule().map(ToOwned::to_owned),
        deadline_ms: grounds.deadline_ms(),
        link: grounds.link(language),
        alternative: grounds.alternative(language),
    })
}

fn layers(ruleset: Option<&Ruleset>, feeds: &[FeedState<'_>], language: Language) -> Vec<LayerCard> {
    let policies = ruleset.map(Ruleset::layers).unwrap_or_default();
    let card = |(place, policy): (usize, &sluis_policy::policy::Policy)| {
        let feed = feeds.iter().find(|feed| feed.layer == Some(place));
        let state = match feed.and_then(|feed| feed.checked_ms.map(|checked| (checked, feed.stale))) {
            Some((checked, true)) => Message::new("layer_stale", [Argument::Time(checked)]),
            Some((checked, false)) => Message::new("layer_fresh", [Argument::Time(checked)]),
            None => Message::new("layer_never", []),
        };
        LayerCard {
            organisation: policy.organisation.name.get(language).to_owned(),
            contact: policy
                .organisation
                .contact
                .as_ref()
                .map(|contact| contact.get(language).to_owned()),
            state,
        }
    };
    policies.iter().enumerate().map(card).collect()
}
