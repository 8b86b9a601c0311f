//! The programs that take part, each run as a process of its own.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The files that a phone wants of a feed.
pub const WANTED: [&str; 2] = ["policy.json", "catalogue.json"];

/// A client as a whole process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// `sluis feed verify URL`, with the phone's state in a file.
    Sluis,
    /// The crate `tough`.
    Tough,
    /// The crate `sigstore-tuf`.
    Sigstore,
    /// The Python package `tuf`.
    PythonTuf,
}

impl Client {
    /// The other ones.
    pub const PEERS: [Self; 3] = [Self::Tough, Self::Sigstore, Self::PythonTuf];

    /// As its makers call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sluis => "sluis",
            Self::Tough => "tough",
            Self::Sigstore => "sigstore-tuf",
            Self::PythonTuf => "python-tuf",
        }
    }
}

/// Where the programs are.
#[derive(Debug)]
pub struct Programs {
    sluis: PathBuf,
    peers: PathBuf,
    python: PathBuf,
}

impl Programs {
    /// From the environment, as the scripts set it.
    ///
    /// # Panics
    /// Where it is not set: these programs cannot be found otherwise.
    pub fn from_environment() -> Self {
        let path = |name: &str| match env::var_os(name) {
            Some(path) => PathBuf::from(path),
            None => panic!("{name} is not set: run `make interop` or `make bench`"),
        };
        Self {
            sluis: path("SLUIS"),
            peers: path("PEERS"),
            python: path("PEERS_PYTHON"),
        }
    }

    /// The administrator's tool.
    pub fn sluis(&self) -> Command {
        Command::new(self.sluis.join("sluis"))
    }

    /// Canonical JSON of the product, a document a line.
    pub fn canonical(&self) -> Command {
        Command::new(self.sluis.join("canonical"))
    }

    /// A program of this workspace.
    pub fn peer(&self, name: &str) -> Command {
        Command::new(self.peers.join(name))
    }

    /// A script beside this workspace's programs.
    pub fn python(&self, script: &str) -> Command {
        let mut command = Command::new(&self.python);
        command.arg(
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../python")
                .join(script),
        );
        command
    }

    /// The command of one refresh: the pinned root is a file, what the client keeps lies in `state`.
    pub fn refresh(&self, client: Client, url: &str, root: &Path, state: &Path) -> io::Result<Command> {
        let mut command = match client {
            Client::Sluis => {
                let pin = crate::feed::pin(root)?;
                let mut command = self.sluis();
                command.args(["feed", "verify", url, "--root-sha256", &pin, "--state"]);
                command.arg(state.join("feed.db"));
                return Ok(command);
            }
            Client::Tough => self.peer("tough-client"),
            Client::Sigstore => self.peer("sigstore-client"),
            Client::PythonTuf => self.python("client.py"),
        };
        command.arg(url).arg(root).arg(state).args(WANTED);
        Ok(command)
    }
}

/// Runs to the end; what was printed, or all that was said where it failed.
pub fn run(command: &mut Command) -> Result<String, String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        String::from_utf8(output.stdout).map_err(|error| error.to_string())
    } else {
        Err(describe(command.get_program(), &output))
    }
}

fn describe(program: &OsStr, output: &Output) -> String {
    format!(
        "{}: {}\n{}{}",
        program.to_string_lossy(),
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}
