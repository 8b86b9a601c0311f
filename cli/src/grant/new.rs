//! `sluis grant new`: a grant that nobody has signed yet.

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use ring::rand::{SecureRandom, SystemRandom};
use sluis_core::feed::hex;
use sluis_core::grant;
use sluis_policy::grant::{Grant, SignedGrant};
use sluis_policy::rfc3339;
use sluis_policy::values::{Digest, Id, Moment};

use super::document;
use super::policies::Policies;
use crate::clock::Clock;
use crate::failure::Failure;
use crate::output;

pub(super) const HELP: &str = "\
Examples:
  sluis grant new grant.json --layer national --phone 8370e732… --group labour-inspection --days 14
  sluis grant new grant.json --layer national --phone 8370e732… --group labour-inspection --until 2026-12-31T23:00:00Z --policy national.json

Writes what is to be signed; `sluis grant sign` signs it. A grant that has signatures already is not overwritten. The phone shows its id on its screen, in digits and as a QR code. \
With --policy, it is found out now whether a phone would take it.

Exit codes: 0 written, 1 phones would refuse it and why, 2 a file can't be used.";

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("end").required(true).args(["until", "days"])))]
pub(super) struct New {
    /// Where to write it.
    #[arg(value_name = "FILE")]
    output: PathBuf,
    /// The layer whose exemption names the groups.
    #[arg(long, value_name = "LAYER", value_parser = id)]
    layer: Id,
    /// The phone's id.
    #[arg(long, value_name = "ID", value_parser = digest)]
    phone: Digest,
    /// A group to which the phone belongs from then on; can be given more than once.
    #[arg(long = "group", value_name = "GROUP", required = true, value_parser = id)]
    groups: Vec<Id>,
    /// When it begins; at once if absent.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    from: Option<Moment>,
    /// When it ends.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    until: Option<Moment>,
    /// The days after which it ends, from its beginning on.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3650))]
    days: Option<u16>,
    /// Its name, under which a policy can revoke it and a newer grant takes its place; at random if absent. Everybody can
    /// read policies: a name that says whose phone it is, says so to everybody.
    #[arg(long = "id", value_name = "ID", value_parser = id)]
    name: Option<Id>,
    #[command(flatten)]
    policies: Policies,
    #[command(flatten)]
    clock: Clock,
}

pub(super) fn run(arguments: &New) -> Result<(), Failure> {
    let now = arguments.clock.now()?;
    let issued = at(now)?;
    let begins_s = arguments.from.map_or(now, |from| from.ms().div_euclid(1000));
    let until = match (arguments.until, arguments.days) {
        (Some(until), _) => until,
        (None, days) => at(begins_s + i64::from(days.unwrap_or(1)) * rfc3339::SECONDS_IN_DAY)?,
    };
    let grant = Grant {
        id: match &arguments.name {
            Some(name) => name.clone(),
            None => random_id()?,
        },
        layer: arguments.layer.clone(),
        phone: arguments.phone,
        groups: arguments.groups.clone(),
        issued,
        from: arguments.from,
        until,
    };
    let draft = SignedGrant {
        signatures: Vec::new(),
        grant,
        payload: Vec::new(),
    };
    // What phones would not read is not written.
    let bytes = document::bytes(&draft)?;
    let draft =
        SignedGrant::parse("the grant", &bytes).map_err(|errors| Failure::unusable(errors.to_string()))?;
    if let Some(ruleset) = arguments.policies.compose()? {
        grant::admit_draft(&draft, &ruleset, now.saturating_mul(1000))
            .map_err(|refusal| Failure::findings(format!("phones would refuse this: {refusal}")))?;
    }
    document::write_draft(&arguments.output, &draft)?;
    let Grant { id, until, .. } = &draft.grant;
    output::print(&format!(
        "Grant {id} was written to {}, until {until}. `sluis grant sign` signs it.",
        arguments.output.display()
    ))
}

fn at(seconds: i64) -> Result<Moment, Failure> {
    let moment = Moment::parse(&rfc3339::format(seconds));
    moment.ok_or_else(|| Failure::unusable("the grant would end after the year 9999"))
}

fn random_id() -> Result<Id, Failure> {
    let mut bytes = [0; 6];
    SystemRandom::new()
        .fill(&mut bytes)
        .ok()
        .and_then(|()| Id::parse(&format!("g-{}", hex::encode(&bytes))))
        .ok_or_else(|| Failure::unusable("this machine gave no random numbers for an id"))
}

fn id(text: &str) -> Result<Id, String> {
    Id::parse(text).ok_or_else(|| format!("expected {}", Id::EXPECTED))
}

pub(super) fn digest(text: &str) -> Result<Digest, String> {
    Digest::parse(text).ok_or_else(|| "expected a phone's id: 64 hex digits".into())
}

fn moment(text: &str) -> Result<Moment, String> {
    Moment::parse(text).ok_or_else(|| format!("expected {}", Moment::EXPECTED))
}
