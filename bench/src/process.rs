//! The programs at work, and what the system says of them.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

/// How long a program may take to start, and to end when it is told to.
const START_TIMEOUT: Duration = Duration::from_secs(60);
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// A program that ends with this value.
pub(crate) struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a program; what it writes to standard error goes to a file in `folder`.
    pub(crate) fn start(mut command: Command, folder: &Path, name: &str) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        command.stdin(Stdio::null()).stderr(File::create(&log)?);
        let child = command.spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
        Ok(Self { child, log })
    }

    /// Starts a program, and gives what it writes up to the line that has `last` in it.
    pub(crate) fn start_until(mut command: Command, folder: &Path, name: &str, last: &str) -> Result<(Self, String)> {
        command.stdout(Stdio::piped());
        let mut process = Self::start(command, folder, name)?;
        let output = process.child.stdout.take().context("the output is piped")?;
        let (sender, lines) = mpsc::channel();
        // It reads to the end, so that the program never waits for its output to be taken.
        thread::spawn(move || {
            BufReader::new(output).lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
        });
        let (mut text, limit) = (String::new(), Instant::now() + START_TIMEOUT);
        while let Ok(line) = lines.recv_timeout(limit.saturating_duration_since(Instant::now())) {
            text.push_str(&line);
            text.push('\n');
            if line.contains(last) {
                return Ok((process, text));
            }
        }
        bail!("{name} did not start: {text}{}", process.log());
    }

    /// What it wrote to standard error.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Its number, and after it those of the processes that it started.
    pub(crate) fn family(&self) -> Vec<u32> {
        let own = self.child.id();
        let processes = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
        let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        std::iter::once(own).chain(numbers.filter(|number| parent(*number) == Some(own))).collect()
    }

    /// The memory it has now, and the most that it ever had, in bytes.
    pub(crate) fn memory(&self) -> Memory {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let bytes = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            Some(line.trim_start_matches(':').split_whitespace().next()?.parse::<u64>().ok()? << 10)
        };
        Memory { now: bytes("VmRSS").unwrap_or_default(), most: bytes("VmHWM").unwrap_or_default() }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // A process that is gone needs no signal. nginx ends its workers when it is told to, and not when it is killed.
        let _ = kill_process(Pid::from_child(&self.child), Signal::TERM);
        let limit = Instant::now() + STOP_TIMEOUT;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < limit {
            thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Memory of a process that is in RAM.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Memory {
    /// Now.
    pub(crate) now: u64,
    /// At most, since it started.
    pub(crate) most: u64,
}

/// How long the threads of these processes have computed.
pub(crate) fn computed(processes: &[u32]) -> Duration {
    let tasks = processes.iter().filter_map(|process| fs::read_dir(format!("/proc/{process}/task")).ok());
    let times = tasks.flatten().filter_map(|task| {
        let text = fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(times.sum())
}

/// The process that started a process. The second field of `stat` is its name, which may have anything in it.
fn parent(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_looked_at_and_ended() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo ready; exec sleep 60"]);
        let (process, text) = Process::start_until(command, folder.path(), "sh", "ready").unwrap();
        assert_eq!(text, "ready\n");
        assert!(process.memory().most >= process.memory().now && process.memory().now > 0);
        assert!(computed(&process.family()) > Duration::ZERO);
        let number = process.child.id();
        drop(process);
        assert!(parent(number).is_none());
    }
}
