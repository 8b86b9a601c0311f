//! All phones, by all processors: one thread reads, the others judge.

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use super::phones::{Sides, Worker};
use super::tally::Tally;
use crate::failure::Failure;
use crate::inventory::{Inventories, Phone};
use crate::output::shown;

/// Of how many changes of different apps the phones are counted one by one, by all threads together.
const APPS: usize = 40_000;
/// How many bytes of lines a thread is handed at a time, and how many phones.
const BATCH_BYTES: usize = 512 << 10;
const BATCH_PHONES: usize = 64;

/// What was found.
pub(super) struct Result {
    pub(super) tally: Tally,
    /// Files that could not be read, or not to their end.
    pub(super) unreadable_files: u64,
}

/// Phones with the number of the first.
type Batch = (u64, Vec<Phone>);

/// Looks at all phones of the inventories. `size`: how many bytes these are, where that is known.
pub(super) fn all(
    sides: &Sides<'_>,
    mut inventories: Inventories<'_>,
    size: Option<u64>,
) -> std::result::Result<Result, Failure> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let progress = Progress::new(size, inventories.bytes_read());
    let mut unreadable_files = 0;
    let tally = thread::scope(|scope| {
        let (send, receive) = sync_channel::<Batch>(threads);
        let receive = Arc::new(Mutex::new(receive));
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                let receive = Arc::clone(&receive);
                scope.spawn(move || work(Worker::new(sides, APPS / threads), &receive))
            })
            .collect();
        drop(receive);
        let (mut first, mut batch, mut bytes) = (1, Vec::new(), 0);
        while let Some(phone) = inventories.next_phone() {
            match phone {
                Ok(phone) => {
                    bytes += match &phone {
                        Phone::Line(line) => line.len(),
                        Phone::Read(_) => BATCH_BYTES / BATCH_PHONES,
                    };
                    batch.push(phone);
                }
                Err(file) => {
                    progress.say(&shown(&file.to_string()));
                    unreadable_files += 1;
                }
            }
            if bytes >= BATCH_BYTES || batch.len() >= BATCH_PHONES {
                let phones = batch.len() as u64;
                progress.read(phones);
                // All workers gone: one of them has failed, which is told below.
                if send.send((first, std::mem::take(&mut batch))).is_err() {
                    break;
                }
                (first, bytes) = (first + phones, 0);
            }
        }
        let _ = send.send((first, batch));
        drop(send);
        let mut sum = Tally::new(sides.sources.len(), 0);
        for worker in workers {
            match worker.join() {
                Ok(tally) => sum.merge(tally),
                Err(_) => return Err(Failure::unusable("a thread failed; this is a mistake in sluis")),
            }
        }
        Ok(sum)
    })?;
    progress.end();
    Ok(Result {
        tally,
        unreadable_files,
    })
}

fn work(mut worker: Worker<'_>, batches: &Mutex<Receiver<Batch>>) -> Tally {
    loop {
        let next = batches.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((first, phones)) = next else {
            return worker.into_tally();
        };
        for (number, phone) in (first..).zip(phones) {
            worker.phone(number, &phone.read());
        }
    }
}

/// A bar on a terminal, nothing elsewhere.
struct Progress {
    bar: Option<ProgressBar>,
    bytes_read: Arc<AtomicU64>,
    phones: AtomicU64,
}

impl Progress {
    fn new(size: Option<u64>, bytes_read: Arc<AtomicU64>) -> Self {
        let shape = match size {
            Some(_) => "{bar:30} {percent}% {msg} {elapsed}",
            None => "{spinner} {msg} {elapsed}",
        };
        let bar = io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(size.unwrap_or_default());
            if let Ok(style) = ProgressStyle::with_template(shape) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self {
            bar,
            bytes_read,
            phones: AtomicU64::new(0),
        }
    }

    fn read(&self, phones: u64) {
        let phones = self.phones.fetch_add(phones, Ordering::Relaxed) + phones;
        if let Some(bar) = &self.bar {
            bar.set_position(self.bytes_read.load(Ordering::Relaxed));
            bar.set_message(HumanCount(phones).to_string());
        }
    }

    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| eprintln!("{line}")),
            None => eprintln!("{line}"),
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
