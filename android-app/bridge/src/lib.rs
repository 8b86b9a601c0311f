//! The JNI boundary, and the only unsafe code of Sluis: three exports that open, feed and close one agent.
//!
//! Every export goes through [`guarded`], which turns errors and panics into Java exceptions: `CoreException` for
//! what input or the store did, `CoreBug` for a panic. Nothing unwinds into the virtual machine.

mod handle;
mod logger;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use jni::errors::ThrowRuntimeExAndDefault;
use jni::objects::{JByteArray, JObject};
use jni::sys::jlong;
use jni::{Env, EnvUnowned, jni_str};
use sluis_core::agent::Agent;
use sluis_core::agent::message::Report;

/// The store's file within the directory that the shell gives.
const STORE: &str = "sluis.db";

/// `Native.open(directory)`: opens the agent whose store lies in `directory` (UTF-8) and returns its handle.
#[unsafe(no_mangle)]
pub extern "system" fn Java_nl_sluis_agent_core_Native_open<'local>(
    mut env: EnvUnowned<'local>,
    _this: JObject<'local>,
    directory: JByteArray<'local>,
) -> jlong {
    guarded(&mut env, |env| {
        logger::install();
        let directory = env.convert_byte_array(&directory)?;
        let directory = String::from_utf8(directory)
            .map_err(|_| Failure::Input("the directory's name is not UTF-8".into()))?;
        let agent =
            Agent::open(&PathBuf::from(directory).join(STORE)).map_err(|e| Failure::Input(e.to_string()))?;
        Ok(handle::keep(agent))
    })
}

/// `Native.handle(handle, report, body)`: handles one event, JSON in and out; `body` may be null.
#[unsafe(no_mangle)]
pub extern "system" fn Java_nl_sluis_agent_core_Native_handle<'local>(
    mut env: EnvUnowned<'local>,
    _this: JObject<'local>,
    handle: jlong,
    report: JByteArray<'local>,
    body: JByteArray<'local>,
) -> JByteArray<'local> {
    guarded(&mut env, |env| {
        let report = env.convert_byte_array(&report)?;
        let body = if body.is_null() {
            None
        } else {
            Some(env.convert_byte_array(&body)?)
        };
        let report: Report = serde_json::from_slice(&report)
            .map_err(|e| Failure::Input(format!("the event cannot be read: {e}")))?;
        let directives = handle::with(handle, |agent| agent.handle(report, body.as_deref()))
            .ok_or_else(|| Failure::Input("the agent is closed".into()))?
            .map_err(|e| Failure::Input(e.to_string()))?;
        let json = serde_json::to_vec(&directives).map_err(|e| Failure::Input(e.to_string()))?;
        Ok(env.byte_array_from_slice(&json)?)
    })
}

/// `Native.close(handle)`: closes the agent. A handle that was closed already is left alone.
#[unsafe(no_mangle)]
pub extern "system" fn Java_nl_sluis_agent_core_Native_close<'local>(
    mut env: EnvUnowned<'local>,
    _this: JObject<'local>,
    handle: jlong,
) {
    guarded(&mut env, |_| {
        handle::close(handle);
        Ok(())
    });
}

/// Why an export has no result.
enum Failure {
    /// What came in, or the store, is not as it should be.
    Input(String),
    /// JNI itself; an exception may be under way already.
    Jni(jni::errors::Error),
}

impl From<jni::errors::Error> for Failure {
    fn from(error: jni::errors::Error) -> Self {
        Self::Jni(error)
    }
}

/// The one wrapper around every export.
fn guarded<'local, T: Default>(
    env: &mut EnvUnowned<'local>,
    export: impl FnOnce(&mut Env<'local>) -> Result<T, Failure>,
) -> T {
    env.with_env(|env| -> jni::errors::Result<T> {
        // A lock that a panic leaves poisoned is taken over by the next call: the store is transactional.
        let outcome = catch_unwind(AssertUnwindSafe(|| export(env)));
        let (class, message) = match outcome {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(Failure::Jni(error))) => return Err(error),
            Ok(Err(Failure::Input(message))) => (jni_str!("nl/sluis/agent/core/CoreException"), message),
            Err(panic) => (jni_str!("nl/sluis/agent/core/CoreBug"), described(panic.as_ref())),
        };
        env.throw_new(class, jni::strings::JNIString::from(message))?;
        Ok(T::default())
    })
    .resolve::<ThrowRuntimeExAndDefault>()
}

/// What a panic said.
fn described(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without words".into())
}
