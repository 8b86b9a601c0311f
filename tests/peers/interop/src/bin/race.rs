//! Times a refresh by each client as a whole process, side by side: `race ROUNDS`.
//!
//! All clients read the same feed from the same server on loopback, in turns, so that what else the machine does
//! falls on all alike. Prints tables in Markdown.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};
use peers_interop::feed::{Desk, policy};
use peers_interop::programs::{Client, Programs, run};
use peers_interop::server::{Exchange, Server};
use tempfile::TempDir;

const CLIENTS: [Client; 4] = [Client::Sluis, Client::Tough, Client::Sigstore, Client::PythonTuf];
/// As many packages as a policy names on which the core is measured.
const PACKAGES: usize = 6_700;

/// What a refresh finds.
#[derive(Debug, Clone, Copy)]
enum Refresh {
    First,
    NoChange,
    ChangedPolicy,
}

impl Refresh {
    const ALL: [Self; 3] = [Self::First, Self::NoChange, Self::ChangedPolicy];

    fn name(self) -> &'static str {
        match self {
            Self::First => "first refresh",
            Self::NoChange => "nothing changed",
            Self::ChangedPolicy => "a changed policy",
        }
    }
}

#[derive(Debug, Clone, Default)]
struct Measured {
    wall: Vec<Duration>,
    processor: Vec<Duration>,
    exchanges: Vec<Exchange>,
}

struct Race {
    programs: Programs,
    server: Server,
    root: PathBuf,
    before: PathBuf,
    after: PathBuf,
    /// Where the clients' states lie: a disk, or memory.
    place: PathBuf,
}

impl Race {
    /// What each client keeps after a first refresh.
    fn kept(&self) -> Result<Vec<TempDir>, Box<dyn Error>> {
        self.server.serve(&self.before);
        let mut kept = Vec::new();
        for client in CLIENTS {
            let state = tempfile::tempdir_in(&self.place)?;
            run(&mut self
                .programs
                .refresh(client, &self.server.url(), &self.root, state.path())?)?;
            kept.push(state);
        }
        Ok(kept)
    }

    fn once(
        &self,
        refresh: Refresh,
        client: Client,
        kept: &Path,
        into: &mut Measured,
    ) -> Result<(), Box<dyn Error>> {
        let state = tempfile::tempdir_in(&self.place)?;
        if !matches!(refresh, Refresh::First) {
            copy(kept, state.path())?;
        }
        let serves_news = matches!(refresh, Refresh::ChangedPolicy);
        self.server
            .serve(if serves_news { &self.after } else { &self.before });
        let mut command = self
            .programs
            .refresh(client, &self.server.url(), &self.root, state.path())?;
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        drop(self.server.exchanges());
        let processor = processor_time()?;
        let started = Instant::now();
        let status = command.status()?;
        into.wall.push(started.elapsed());
        into.processor.push(processor_time()?.saturating_sub(processor));
        into.exchanges = self.server.exchanges();
        if status.success() {
            Ok(())
        } else {
            Err(format!("{}: {status}", client.name()).into())
        }
    }

    fn run(&self, rounds: usize) -> Result<(), Box<dyn Error>> {
        let kept = self.kept()?;
        for refresh in Refresh::ALL {
            let mut measured = vec![Measured::default(); CLIENTS.len()];
            for round in 0..rounds {
                // Nobody always runs after the same other one.
                for turn in 0..CLIENTS.len() {
                    let at = (round + turn) % CLIENTS.len();
                    self.once(refresh, CLIENTS[at], kept[at].path(), &mut measured[at])?;
                }
            }
            print(refresh, &measured);
        }
        Ok(())
    }
}

/// Of all processes that have ended, in user and system mode.
fn processor_time() -> Result<Duration, Box<dyn Error>> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let micros = |time: nix::sys::time::TimeVal| time.tv_sec() * 1_000_000 + time.tv_usec();
    Ok(Duration::from_micros(u64::try_from(
        micros(usage.user_time()) + micros(usage.system_time()),
    )?))
}

/// Copies a folder and has it on the disk before the clock starts, so that no client syncs what others left to write.
fn copy(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(from)? {
        let (from, to) = (
            entry.as_ref().map_err(ToString::to_string)?.path(),
            to.join(entry?.file_name()),
        );
        if from.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&from)?, &to)?;
        } else if from.is_dir() {
            fs::create_dir_all(&to)?;
            copy(&from, &to)?;
        } else {
            fs::copy(&from, &to)?;
            fs::File::open(&to)?.sync_all()?;
        }
    }
    Ok(())
}

fn quantile(times: &[Duration], part: f64) -> Duration {
    let mut sorted = times.to_vec();
    sorted.sort_unstable();
    sorted[((sorted.len() - 1) as f64 * part).round() as usize]
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn print(refresh: Refresh, measured: &[Measured]) {
    println!("\n**{}**\n", refresh.name());
    println!(
        "| client | median | to `sluis` | 10 % … 90 % | processor time | requests | bytes on the wire |"
    );
    println!("|---|---|---|---|---|---|---|");
    let ours = quantile(&measured[0].wall, 0.5);
    for (client, measured) in CLIENTS.iter().zip(measured) {
        let median = quantile(&measured.wall, 0.5);
        let bytes: usize = measured
            .exchanges
            .iter()
            .map(|e| e.overhead() + e.body_bytes)
            .sum();
        println!(
            "| {} | {:.1} ms | {:.1} × | {:.1} … {:.1} ms | {:.1} ms | {} | {bytes} |",
            client.name(),
            milliseconds(median),
            median.as_secs_f64() / ours.as_secs_f64(),
            milliseconds(quantile(&measured.wall, 0.1)),
            milliseconds(quantile(&measured.wall, 0.9)),
            milliseconds(quantile(&measured.processor, 0.5)),
            measured.exchanges.len(),
        );
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let rounds = std::env::args().nth(1).ok_or("usage: race ROUNDS")?.parse()?;
    let programs = Programs::from_environment();
    let desk = Desk::new(&programs, &[])?;
    desk.publish(&policy("before", PACKAGES))?;
    let before = desk.path("before");
    fs::create_dir(&before)?;
    copy(&desk.feed(), &before)?;
    desk.publish(&policy("after", PACKAGES))?;
    let server = Server::start(&before)?;
    let (root, after) = (desk.root(), desk.feed());
    let mut race = Race {
        programs: Programs::from_environment(),
        server,
        root,
        before,
        after,
        place: std::env::temp_dir(),
    };
    println!(
        "Medians of {rounds} runs each, in turns. State on the disk ({}):",
        race.place.display()
    );
    race.run(rounds)?;
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        race.place = memory.into();
        println!(
            "\nState in memory, where syncing costs nothing ({}):",
            race.place.display()
        );
        race.run(rounds)?;
    }
    Ok(())
}
