//! Handles: numbers that Java holds for agents that Rust owns. A number that was never given out, or was given back,
//! finds nothing; no pointer crosses the boundary.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

use sluis_core::agent::Agent;

type Shared = Arc<Mutex<Agent>>;

static AGENTS: LazyLock<Mutex<HashMap<i64, Shared>>> = LazyLock::new(Mutex::default);
static NEXT: AtomicI64 = AtomicI64::new(1);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps an agent and returns its handle.
pub(crate) fn keep(agent: Agent) -> i64 {
    let handle = NEXT.fetch_add(1, Ordering::Relaxed);
    lock(&AGENTS).insert(handle, Arc::new(Mutex::new(agent)));
    handle
}

/// Lets `work` have the agent, one caller at a time; `None` if there is none of that handle.
pub(crate) fn with<T>(handle: i64, work: impl FnOnce(&mut Agent) -> T) -> Option<T> {
    let agent = lock(&AGENTS).get(&handle).cloned()?;
    let mut agent = lock(&agent);
    Some(work(&mut agent))
}

/// Closes the agent once no call holds it.
pub(crate) fn close(handle: i64) {
    lock(&AGENTS).remove(&handle);
}
