//! How long verification takes, in memory: two feeds, each with a policy of 200 KB and the committed catalogue. What a
//! disk and a network add stands elsewhere.
#![allow(
    missing_docs,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::unwrap_used,
    clippy::panic,
    reason = "not shipped: a bench may panic"
)]

#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../tests/feed/repository.rs"]
mod repository;

use std::hint::black_box;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use sluis_core::agent::message::Time;
use sluis_core::feed::{Answer, FeedIdentity, Next, Outcome, TrustedState, Update};

use repository::{DAY_0, Delegated, Key, Repository, Signers};

const CATALOGUE: &[u8] = include_bytes!("../../policy-schema/catalogue/catalogue.json");
const POLICY_BYTES: usize = 200_000;
const NOW: Time = Time {
    wall_ms: DAY_0 * 1000,
    elapsed_ms: 60_000,
    boot_count: 1,
};

/// A feed whose policy fills 200 KB; nothing here reads what it says.
fn repository() -> Repository {
    let mut repository = Repository::unpublished();
    let content = &mut repository.content;
    content.insert("policy.json".into(), vec![b'p'; POLICY_BYTES]);
    content.insert("catalogue.json".into(), CATALOGUE.to_vec());
    repository.publish();
    repository
}

/// A feed and what a phone remembers of it.
struct Followed {
    repository: Repository,
    feed: FeedIdentity,
    trusted: TrustedState,
}

impl Followed {
    fn new(name: &str, repository: Repository) -> Self {
        let feed = FeedIdentity {
            name: name.into(),
            root_sha256: repository.pin(),
        };
        Self {
            repository,
            feed,
            trusted: TrustedState::default(),
        }
    }

    /// An update, ending as it must; what is trusted afterwards.
    fn update(&self, trusted: TrustedState, expected: &Outcome) -> TrustedState {
        let mut update = Update::start(&self.feed, trusted, NOW);
        loop {
            match update.next() {
                Next::Fetch { path, .. } => {
                    let answer = match self.repository.files.get(&path) {
                        Some(bytes) => Answer::Body(bytes),
                        None => Answer::Missing,
                    };
                    black_box(update.received(&answer));
                }
                Next::Done(outcome) => {
                    assert_eq!(outcome, *expected);
                    return update.trusted().clone();
                }
            }
        }
    }
}

fn measure(criterion: &mut Criterion, name: &str, feeds: &[Followed], expected: &Outcome) {
    criterion.bench_function(name, |bencher| {
        bencher.iter_batched(
            || {
                feeds
                    .iter()
                    .map(|followed| followed.trusted.clone())
                    .collect::<Vec<_>>()
            },
            |trusted| {
                for (followed, trusted) in feeds.iter().zip(trusted) {
                    black_box(followed.update(trusted, expected));
                }
            },
            BatchSize::SmallInput,
        );
    });
}

fn two(mut make: impl FnMut() -> Repository) -> Vec<Followed> {
    let mut feeds = vec![
        Followed::new("national", make()),
        Followed::new("organisation", make()),
    ];
    for followed in &mut feeds {
        followed.trusted = followed.update(TrustedState::default(), &Outcome::Updated);
    }
    feeds
}

fn verify(criterion: &mut Criterion) {
    let mut feeds = two(repository);
    measure(
        criterion,
        "feed, no change, two feeds",
        &feeds,
        &Outcome::Unchanged,
    );
    for followed in &mut feeds {
        followed
            .repository
            .content
            .insert("policy.json".into(), vec![b'q'; POLICY_BYTES]);
        followed.repository.publish();
    }
    measure(
        criterion,
        "feed, another policy, two feeds of 200 KB",
        &feeds,
        &Outcome::Updated,
    );
    for followed in &mut feeds {
        followed.trusted = TrustedState::default();
    }
    measure(
        criterion,
        "feed, first refresh, two feeds of 200 KB",
        &feeds,
        &Outcome::Updated,
    );
}

/// The same where P-256 keys sign, and the policy is left to a delegated role.
fn verify_delegated(criterion: &mut Criterion) {
    let p256 = || Signers {
        keys: vec![Key::p256()],
        threshold: 1,
    };
    let mut feeds = two(|| {
        let mut repository = repository();
        (repository.root, repository.timestamp) = (p256(), p256());
        (repository.snapshot, repository.targets) = (p256(), p256());
        let mut role = Delegated::new("policies", "targets", &["*.json"]).signed_by(p256());
        role.content = std::mem::take(&mut repository.content);
        repository.delegated.push(role);
        repository.files.clear();
        repository.write_root();
        repository.publish();
        repository
    });
    for followed in &mut feeds {
        followed.trusted = TrustedState::default();
    }
    let name = "feed, first refresh, two feeds of 200 KB, P-256 and a delegation";
    measure(criterion, name, &feeds, &Outcome::Updated);
}

criterion_group!(benches, verify, verify_delegated);
criterion_main!(benches);
