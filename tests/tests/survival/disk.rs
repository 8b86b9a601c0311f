//! What this process does to one folder, at the boundary with the operating system.
//!
//! This binary defines functions of the C library that write, and the standard library and SQLite, which are linked into
//! it, call these: so the product is watched and disturbed as it is. Outside the watched folder they only pass on.
//! SQLite's shared memory (`…-shm`) is left out: it is made anew of the write-ahead log after every crash.

use std::collections::{HashMap, HashSet};
use std::ffi::{CStr, c_char, c_int, c_long, c_uint, c_void};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One thing done to the watched folder. Files are numbers: a name can change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Op {
    Create { file: u64, name: String },
    Write { file: u64, offset: u64, bytes: Vec<u8> },
    Truncate { file: u64, length: u64 },
    Sync { file: u64 },
    Rename { from: String, to: String },
    Remove { name: String },
    SyncFolder,
}

/// How a process meets its end at an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    Before,
    /// Half of the bytes of a write are written; other operations are done.
    Half,
    After,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Plan {
    Nothing,
    /// The process is killed at the operation of that number, counted from 0.
    Kill {
        at: usize,
        how: End,
    },
    /// Operations from that number on fail, until there is another plan.
    Fail {
        from: usize,
        errno: c_int,
    },
}

struct Watched {
    folder: String,
    plan: Plan,
    asked: usize,
    ops: Vec<Op>,
    next_file: u64,
    names: HashMap<String, u64>,
    open: HashMap<c_int, u64>,
    folders: HashSet<c_int>,
}

static WATCHED: Mutex<Option<Watched>> = Mutex::new(None);

fn watched() -> MutexGuard<'static, Option<Watched>> {
    WATCHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// While it lives, a folder is watched. One at a time: who wants another waits.
pub(crate) struct Watch {
    _turn: MutexGuard<'static, ()>,
}

static TURN: Mutex<()> = Mutex::new(());

impl Watch {
    pub(crate) fn over(folder: &Path, plan: Plan) -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        *watched() = Some(Watched {
            folder: folder.to_str().unwrap().to_owned() + "/",
            plan,
            asked: 0,
            ops: Vec::new(),
            next_file: 0,
            names: HashMap::new(),
            open: HashMap::new(),
            folders: HashSet::new(),
        });
        Self { _turn: turn }
    }

    /// How many operations were asked for since the plan was made.
    pub(crate) fn asked(&self) -> usize {
        watched().as_ref().unwrap().asked
    }

    /// How many operations were done.
    pub(crate) fn done(&self) -> usize {
        watched().as_ref().unwrap().ops.len()
    }

    /// What goes wrong from now on; operations are counted anew.
    pub(crate) fn plan(&self, plan: Plan) {
        let mut watched = watched();
        let watched = watched.as_mut().unwrap();
        watched.plan = plan;
        watched.asked = 0;
    }

    /// All that was done.
    pub(crate) fn ops(&self) -> Vec<Op> {
        watched().as_ref().unwrap().ops.clone()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        *watched() = None;
    }
}

/// What the plan has for an operation.
enum Fate {
    Done,
    Fails(c_int),
    Killed(End),
}

impl Watched {
    fn fate(&mut self) -> Fate {
        let number = self.asked;
        self.asked += 1;
        match self.plan {
            Plan::Kill { at, how } if at == number => Fate::Killed(how),
            Plan::Fail { from, errno } if number >= from => Fate::Fails(errno),
            _ => Fate::Done,
        }
    }

    fn name(&self, path: &str) -> Option<String> {
        let name = path.strip_prefix(&self.folder)?;
        (!name.ends_with("-shm")).then(|| name.to_owned())
    }
}

fn die() -> ! {
    // SAFETY: no memory is involved.
    unsafe { libc::raise(libc::SIGKILL) };
    std::process::abort();
}

fn fail(errno: c_int) -> c_int {
    // SAFETY: the C library gives each thread its own.
    unsafe { *libc::__errno_location() = errno };
    -1
}

fn text(path: *const c_char) -> Option<String> {
    // SAFETY: the caller passes what it would pass to the C library, a string that ends in a zero.
    unsafe { CStr::from_ptr(path) }
        .to_str()
        .ok()
        .map(ToOwned::to_owned)
}

/// Runs an operation under the plan and records it where it succeeded.
fn act(watched: &mut Watched, op: Op, run: impl FnOnce() -> c_long, half: impl FnOnce() -> c_long) -> c_long {
    let result = match watched.fate() {
        Fate::Fails(errno) => return c_long::from(fail(errno)),
        Fate::Killed(End::Before) => die(),
        Fate::Killed(End::Half) => {
            half();
            die()
        }
        Fate::Killed(End::After) => {
            run();
            die()
        }
        Fate::Done => run(),
    };
    if result >= 0 {
        watched.ops.push(op);
    }
    result
}

fn open_at(path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    // SAFETY: as the C library does it.
    let run = || unsafe { libc::syscall(libc::SYS_openat, libc::AT_FDCWD, path, flags, mode) };
    let mut watched = watched();
    let (Some(watched), Some(path)) = (watched.as_mut(), text(path)) else {
        return run() as c_int;
    };
    if path.strip_suffix('/').unwrap_or(&path) == watched.folder.trim_end_matches('/') {
        let descriptor = run() as c_int;
        watched.folders.insert(descriptor);
        return descriptor;
    }
    let Some(name) = watched.name(&path) else {
        return run() as c_int;
    };
    let is_new = flags & libc::O_CREAT != 0 && !Path::new(&path).exists();
    let descriptor = if is_new {
        let file = watched.next_file;
        watched.next_file += 1;
        let op = Op::Create {
            file,
            name: name.clone(),
        };
        let descriptor = act(watched, op, run, run) as c_int;
        if descriptor >= 0 {
            watched.names.insert(name.clone(), file);
        }
        descriptor
    } else {
        run() as c_int
    };
    if descriptor >= 0 {
        let next = &mut watched.next_file;
        let file = *watched.names.entry(name).or_insert_with(|| {
            *next += 1;
            *next - 1
        });
        watched.open.insert(descriptor, file);
        assert_eq!(
            flags & libc::O_TRUNC,
            0,
            "truncating while opening is not recorded"
        );
    }
    descriptor
}

fn write_at(descriptor: c_int, bytes: *const c_void, count: usize, offset: Option<i64>) -> isize {
    let run = |count: usize| {
        // SAFETY: the caller's buffer has at least `count` bytes.
        unsafe {
            match offset {
                None => libc::syscall(libc::SYS_write, descriptor, bytes, count),
                Some(offset) => libc::syscall(libc::SYS_pwrite64, descriptor, bytes, count, offset),
            }
        }
    };
    let mut watched = watched();
    let Some((watched, file)) = watched
        .as_mut()
        .and_then(|watched| watched.open.get(&descriptor).copied().map(|file| (watched, file)))
    else {
        return run(count) as isize;
    };
    // SAFETY: asks for a number; then reads the caller's buffer.
    let (at, copy) = unsafe {
        let here = || libc::syscall(libc::SYS_lseek, descriptor, 0, libc::SEEK_CUR);
        let at = offset.unwrap_or_else(here);
        (at, std::slice::from_raw_parts(bytes.cast::<u8>(), count).to_vec())
    };
    let op = Op::Write {
        file,
        offset: at as u64,
        bytes: copy,
    };
    let written = act(watched, op, || run(count), || run(count / 2));
    assert!(
        written < 0 || written as usize == count,
        "half a write is not recorded"
    );
    written as isize
}

/// An operation on a descriptor that names a watched file.
fn on_file(descriptor: c_int, op: impl FnOnce(u64) -> Op, run: impl Fn() -> c_long) -> c_int {
    let mut watched = watched();
    match watched.as_mut() {
        Some(watched) if watched.open.contains_key(&descriptor) => {
            let op = op(watched.open[&descriptor]);
            act(watched, op, &run, &run) as c_int
        }
        Some(watched) if watched.folders.contains(&descriptor) => {
            act(watched, Op::SyncFolder, &run, &run) as c_int
        }
        _ => run() as c_int,
    }
}

fn truncate(descriptor: c_int, length: i64) -> c_int {
    let op = |file| Op::Truncate {
        file,
        length: length as u64,
    };
    // SAFETY: no memory is involved.
    on_file(descriptor, op, || unsafe {
        libc::syscall(libc::SYS_ftruncate, descriptor, length)
    })
}

#[unsafe(no_mangle)]
extern "C" fn open(path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    open_at(path, flags, mode)
}

#[unsafe(no_mangle)]
extern "C" fn open64(path: *const c_char, flags: c_int, mode: c_uint) -> c_int {
    open_at(path, flags, mode)
}

#[unsafe(no_mangle)]
extern "C" fn close(descriptor: c_int) -> c_int {
    if let Some(watched) = watched().as_mut() {
        watched.open.remove(&descriptor);
        watched.folders.remove(&descriptor);
    }
    // SAFETY: no memory is involved.
    unsafe { libc::syscall(libc::SYS_close, descriptor) as c_int }
}

#[unsafe(no_mangle)]
extern "C" fn write(descriptor: c_int, bytes: *const c_void, count: usize) -> isize {
    write_at(descriptor, bytes, count, None)
}

#[unsafe(no_mangle)]
extern "C" fn pwrite(descriptor: c_int, bytes: *const c_void, count: usize, offset: i64) -> isize {
    write_at(descriptor, bytes, count, Some(offset))
}

#[unsafe(no_mangle)]
extern "C" fn pwrite64(descriptor: c_int, bytes: *const c_void, count: usize, offset: i64) -> isize {
    write_at(descriptor, bytes, count, Some(offset))
}

#[unsafe(no_mangle)]
extern "C" fn ftruncate(descriptor: c_int, length: i64) -> c_int {
    truncate(descriptor, length)
}

#[unsafe(no_mangle)]
extern "C" fn ftruncate64(descriptor: c_int, length: i64) -> c_int {
    truncate(descriptor, length)
}

#[unsafe(no_mangle)]
extern "C" fn fsync(descriptor: c_int) -> c_int {
    // SAFETY: no memory is involved.
    on_file(
        descriptor,
        |file| Op::Sync { file },
        || unsafe { libc::syscall(libc::SYS_fsync, descriptor) },
    )
}

#[unsafe(no_mangle)]
extern "C" fn fdatasync(descriptor: c_int) -> c_int {
    // SAFETY: no memory is involved.
    on_file(
        descriptor,
        |file| Op::Sync { file },
        || unsafe { libc::syscall(libc::SYS_fdatasync, descriptor) },
    )
}

#[unsafe(no_mangle)]
extern "C" fn rename(from: *const c_char, to: *const c_char) -> c_int {
    // SAFETY: as the C library does it.
    let run = || unsafe { libc::syscall(libc::SYS_renameat2, libc::AT_FDCWD, from, libc::AT_FDCWD, to, 0) };
    let mut watched = watched();
    let names = |watched: &Watched| Some((watched.name(&text(from)?)?, watched.name(&text(to)?)?));
    let Some((watched, (from, to))) = watched
        .as_mut()
        .and_then(|watched| names(watched).map(|names| (watched, names)))
    else {
        return run() as c_int;
    };
    let op = Op::Rename {
        from: from.clone(),
        to: to.clone(),
    };
    let result = act(watched, op, run, run) as c_int;
    if result == 0
        && let Some(file) = watched.names.remove(&from)
    {
        watched.names.insert(to, file);
    }
    result
}

#[unsafe(no_mangle)]
extern "C" fn unlink(path: *const c_char) -> c_int {
    // SAFETY: as the C library does it.
    let run = || unsafe { libc::syscall(libc::SYS_unlinkat, libc::AT_FDCWD, path, 0) };
    let mut watched = watched();
    let name = |watched: &Watched| watched.name(&text(path)?);
    let Some((watched, name)) = watched
        .as_mut()
        .and_then(|watched| name(watched).map(|name| (watched, name)))
    else {
        return run() as c_int;
    };
    let op = Op::Remove { name: name.clone() };
    let result = act(watched, op, run, run) as c_int;
    if result == 0 {
        watched.names.remove(&name);
    }
    result
}
