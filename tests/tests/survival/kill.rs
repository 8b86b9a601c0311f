//! The process is killed (SIGKILL), at every write and at random moments, and starts again on what it left.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use sluis_core::agent::Agent;

use crate::check::{STORE, check};
use crate::disk::{End, Plan, Watch};
use crate::image::Random;
use crate::world::{Phone, Promised, publication};
use crate::{folder, full};

/// What the child process is told: see [`child`].
const TASK: &str = "SLUIS_SURVIVAL_CHILD";

/// Not a test of its own: the process that the others kill. It obeys publications from a given one on until it is
/// killed, or has done as many as it was told, and writes down what it promises.
#[test]
#[ignore = "the other tests run it, as a process of its own"]
fn child() {
    let task = std::env::var(TASK).expect("the other tests run this one");
    let words: Vec<&str> = task.split(' ').collect();
    let [folder, first, publications, at, how] = words[..] else {
        panic!("{task}")
    };
    let (folder, first): (&Path, u64) = (Path::new(folder), first.parse().unwrap());
    let publications: u64 = publications.parse().unwrap();
    let how = match how {
        "before" => End::Before,
        "half" => End::Half,
        _ => End::After,
    };
    let plan = at.parse().map_or(Plan::Nothing, |at| Plan::Kill { at, how });
    let mut promises = fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(promises(folder))
        .unwrap();
    let before = read_promises(folder);
    let watch = Watch::over(folder, plan);
    let mut say = |line: &str| promises.write_all(format!("{line}\n").as_bytes()).unwrap();
    let mut phone = Phone::new(Agent::open(&folder.join(STORE)).unwrap(), &before, &mut say);
    phone.starts(&publication(first)).unwrap();
    for number in first..first + publications {
        phone.refreshes(&publication(number)).unwrap();
    }
    drop(phone);
    fs::write(folder.with_extension("asked"), watch.asked().to_string()).unwrap();
}

fn promises(folder: &Path) -> PathBuf {
    folder.with_extension("promises")
}

fn read_promises(folder: &Path) -> Promised {
    let mut promised = Promised::default();
    let text = fs::read_to_string(promises(folder)).unwrap_or_default();
    text.lines().for_each(|line| promised.hear(line));
    promised
}

/// A phone whose process is killed again and again; its folder stays.
struct Victim {
    _parent: tempfile::TempDir,
    folder: PathBuf,
    next: u64,
    kills: usize,
}

impl Victim {
    fn new() -> Self {
        let parent = folder();
        let folder = parent.path().join("phone");
        fs::create_dir(&folder).unwrap();
        Self {
            _parent: parent,
            folder,
            next: 1,
            kills: 0,
        }
    }

    fn child(&self, publications: u64, at: &str, how: &str) -> Command {
        let task = format!(
            "{} {} {publications} {at} {how}",
            self.folder.display(),
            self.next
        );
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "kill::child", "--ignored", "--nocapture"])
            .env(TASK, task)
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    /// How many operations a life takes that is not ended early.
    fn lives(&mut self, publications: u64) -> usize {
        let done = self.child(publications, "never", "never").status().unwrap();
        assert!(done.success());
        self.next += publications;
        self.is_as_promised("after a life without a kill");
        fs::read_to_string(self.folder.with_extension("asked"))
            .unwrap()
            .parse()
            .unwrap()
    }

    /// It is killed at an operation; after the last one it lives on to its end.
    fn is_killed_at(&mut self, at: usize, how: &str) {
        let status = self.child(1, &at.to_string(), how).status().unwrap();
        self.died(status, &format!("killed {how} operation {at}"));
    }

    /// It is killed some time after it has made so many promises more.
    fn is_killed_after(&mut self, more: usize, wait: Duration) {
        let made = || fs::read_to_string(promises(&self.folder)).map_or(0, |text| text.lines().count());
        let enough = made() + more;
        let mut child = self.child(1_000, "never", "never").spawn().unwrap();
        while made() < enough && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(1));
        }
        thread::sleep(wait);
        child.kill().unwrap();
        let status = child.wait().unwrap();
        // One life may have seen many publications.
        self.next = self.next.max(read_promises(&self.folder).in_force);
        self.died(status, &format!("killed after {more} promises and {wait:?}"));
    }

    fn died(&mut self, status: std::process::ExitStatus, when: &str) {
        let killed = std::os::unix::process::ExitStatusExt::signal(&status) == Some(libc::SIGKILL);
        assert!(
            killed || status.success(),
            "{when}: the child failed by itself: {status}"
        );
        self.kills += usize::from(killed);
        self.next += 1;
        self.is_as_promised(when);
    }

    fn is_as_promised(&self, when: &str) {
        let promised = read_promises(&self.folder);
        if let Err(why) = check(&self.folder, &promised) {
            panic!("{when}, publication {}: {why}", self.next);
        }
    }
}

#[test]
fn a_kill_at_every_write_boundary_breaks_no_promise() {
    let mut victim = Victim::new();
    victim.lives(1);
    let operations = victim.lives(1);
    let step = if full() { 1 } else { 7 };
    for (i, how) in ["before", "half", "after"].into_iter().enumerate() {
        for at in (i..operations).step_by(step) {
            victim.is_killed_at(at, how);
        }
    }
    println!(
        "{} kills at the {operations} operations of a refresh",
        victim.kills
    );
    assert!(victim.kills > operations / step, "the kills happen");
}

#[test]
fn a_kill_at_any_moment_breaks_no_promise() {
    let kills = if full() { 1_000 } else { 30 };
    let seed = std::process::id().into();
    println!("seed {seed}");
    let mut random = Random(seed);
    let mut victim = Victim::new();
    while victim.kills < kills {
        // Some before they do anything, some in their fifth publication.
        let wait = Duration::from_micros(random.next() % 20_000);
        victim.is_killed_after(random.below(50), wait);
    }
    let in_force = read_promises(&victim.folder).in_force;
    println!("{kills} kills at random moments, publication {in_force} in force");
    assert!(
        in_force > kills as u64 / 4,
        "the processes get something done before they are killed"
    );
}
