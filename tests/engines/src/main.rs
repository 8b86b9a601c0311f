//! Sluis and other policy engines on the same work: first whether they say the same, then how long they take.
//!
//! `engines <seconds for each engine, 10 if left out>` prints a table for `docs/benchmarks.md`.

mod alone;
mod clock;
mod engines;
mod race;
mod work;
#[path = "../../../core/benches/world/mod.rs"]
mod world;

use std::time::Duration;

use engines::Contender;
use work::Work;

fn main() {
    let seconds = std::env::args()
        .nth(1)
        .map_or(10, |text| text.parse().expect("a number of seconds"));
    let work = Work::new();
    let mut contenders = engines::all(&work);
    let loads = race::load(&mut contenders);
    for contender in &mut contenders {
        contender.prepare(&work.phones);
    }
    agree(&mut contenders, &work);
    let judgements = race::judge(&mut contenders, work.phones.len(), Duration::from_secs(seconds));
    race::print(&contenders, &loads, &judgements);
    alone::print(&work);
}

/// An engine that says something else of one package has done other work: then nothing is compared.
fn agree(contenders: &mut [Box<dyn Contender>], work: &Work) {
    let (sluis, others) = contenders.split_first_mut().unwrap();
    for (phone, packages) in work.phones.iter().enumerate() {
        sluis.judge(phone);
        let expected = sluis.answers();
        assert_eq!(expected.len(), packages.len());
        for other in &mut *others {
            other.judge(phone);
            for ((package, expected), found) in packages.iter().zip(&expected).zip(other.answers()) {
                let (engine, form) = (other.package(), other.form());
                assert_eq!(found, *expected, "{engine} ({form}) on {package:?}");
            }
            assert_eq!(other.answers().len(), packages.len());
        }
    }
    let packages: usize = work.phones.iter().map(Vec::len).sum();
    println!(
        "{} engines say the same, reasons included, of {packages} packages on {} phones.\n",
        others.len() + 1,
        work.phones.len()
    );
}
