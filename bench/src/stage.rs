//! What is measured: the tenant in a box, the service in front of it, nginx in front of it.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use std::{fs, thread};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use tempfile::TempDir;

use crate::process::Process;

/// How often nginx is looked for after its start, and how long each time it is not there.
const ATTEMPTS: usize = 200;
const PAUSE: Duration = Duration::from_millis(25);

/// The programs, and the folder that they work in.
pub(crate) struct Stage {
    program: PathBuf,
    nginx: PathBuf,
    manifest: PathBuf,
    folder: TempDir,
}

/// A server on this machine.
pub(crate) struct Server {
    /// Its process.
    pub(crate) process: Process,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

/// The tenant in a box, and what points the service at it.
pub(crate) struct Tenant {
    server: Server,
    /// The token that callers of the service show.
    pub(crate) caller_token: String,
    variables: Vec<(String, String)>,
}

impl Tenant {
    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// The value of a variable of the service.
    pub(crate) fn variable(&self, name: &str) -> Result<&str> {
        let variable = self.variables.iter().find(|(given, _)| given == name);
        Ok(&variable.with_context(|| format!("the tenant in a box does not tell {name}"))?.1)
    }
}

impl Stage {
    /// Finds the programs.
    ///
    /// # Errors
    /// When one is not there.
    pub(crate) fn new(program: &Path, nginx: &Path, manifest: &Path) -> Result<Self> {
        let find = |path: &Path| path.canonicalize().with_context(|| format!("there is no {}", path.display()));
        Ok(Self { program: find(program)?, nginx: find(nginx)?, manifest: find(manifest)?, folder: TempDir::new()? })
    }

    /// Starts the tenant with so many users.
    pub(crate) fn tenant(&self, users: usize) -> Result<Tenant> {
        let mut command = self.program();
        command.args(["tenant", "--listen", "127.0.0.1:0", "--users", &users.to_string()]);
        let (process, text) = Process::start_until(command, self.folder.path(), "tenant", "caller_token_sha256 = ")?;
        let address = between(&text, "http://", ": ").and_then(|address| address.parse().ok());
        let address = address.context("the tenant in a box does not tell its address")?;
        let caller_token = between(&text, "caller token ", "\n").context("the tenant in a box tells no token")?;
        let variables = text.lines().filter_map(|line| {
            let (name, value) = line.trim().split_once(" = ")?;
            Some((name.to_owned(), value.to_owned()))
        });
        let (caller_token, variables) = (caller_token.to_owned(), variables.collect());
        Ok(Tenant { server: Server { process, address }, caller_token, variables })
    }

    /// Builds the components, and compiles them to native code.
    pub(crate) fn build(&self) -> Result<()> {
        let mut command = self.program();
        command.arg("build").arg("--from").arg(&self.manifest).arg("--state-dir").arg(self.state());
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status()?;
        ensure!(status.success(), "the components cannot be built");
        Ok(())
    }

    /// Starts the service in front of the tenant; with a file, its exchanges with Graph are written there.
    pub(crate) fn service(&self, tenant: &Tenant, traffic: Option<&Path>) -> Result<Server> {
        let mut command = self.up();
        for (name, value) in &tenant.variables {
            command.arg("--variable").arg(format!("{name}={value}"));
        }
        if let Some(traffic) = traffic {
            command.arg("--traffic").arg(traffic);
        }
        self.started(command)
    }

    /// Starts the service with a document of tenants.
    pub(crate) fn trusting(&self, document: &Value) -> Result<Server> {
        let mut command = self.up();
        command.arg("--variable").arg(format!("tenants={document}"));
        command.args(["--variable", "tenant_id=", "--variable", "caller_token_sha256="]);
        self.started(command)
    }

    fn up(&self) -> Command {
        let mut command = self.program();
        command.args(["up", "--listen", "127.0.0.1:0"]).arg("--from").arg(&self.manifest);
        command.arg("--state-dir").arg(self.state());
        command.args(["--variable", "inventory_users_schedule=off"]);
        command
    }

    fn started(&self, command: Command) -> Result<Server> {
        let (process, banner) = Process::start_until(command, self.folder.path(), "service", "ready in ")?;
        let address =
            banner.lines().find_map(|line| line.trim().strip_prefix("address")?.trim().strip_prefix("http://"));
        let address = address.and_then(|address| address.parse().ok());
        Ok(Server { process, address: address.context("the service does not tell its address")? })
    }

    /// Starts nginx in front of the tenant.
    pub(crate) fn nginx(&self, tenant: &Tenant) -> Result<Server> {
        let address = free_address()?;
        let prefix = self.folder.path().join("nginx");
        fs::create_dir_all(&prefix)?;
        let configuration = prefix.join("nginx.conf");
        fs::write(&configuration, configure(address, tenant.address()))?;
        let mut command = Command::new(&self.nginx);
        command.arg("-p").arg(&prefix).arg("-c").arg(&configuration).args(["-e", "stderr"]).stdout(Stdio::null());
        let process = Process::start(command, self.folder.path(), "nginx")?;
        for _ in 0..ATTEMPTS {
            if std::net::TcpStream::connect(address).is_ok() {
                return Ok(Server { process, address });
            }
            thread::sleep(PAUSE);
        }
        bail!("nginx did not start: {}", process.log());
    }

    /// Where exchanges with Graph are written.
    pub(crate) fn traffic(&self) -> PathBuf {
        self.folder.path().join("traffic.ndjson")
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The program, with nothing of the machine's own settings. The manifest says where the components are, wherever
    /// the program was built.
    fn program(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(self.folder.path()).env_remove("CARGO_TARGET_DIR");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("SPIN_VARIABLE_") {
                command.env_remove(name);
            }
        }
        command
    }
}

/// nginx as the plain reverse proxy that it is good at: connections are kept on both sides, nothing goes to disk.
fn configure(listen: SocketAddr, upstream: SocketAddr) -> String {
    format!(
        "daemon off;
worker_processes auto;
pid nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    keepalive_requests 1000000000;
    client_max_body_size 16m;
    client_body_buffer_size 1m;
    proxy_buffers 64 16k;
    proxy_max_temp_file_size 0;
    upstream tenant {{ server {upstream}; keepalive 64; keepalive_requests 1000000000; }}
    server {{
        listen {listen};
        location / {{
            proxy_pass http://tenant;
            proxy_http_version 1.1;
            proxy_set_header Connection \"\";
        }}
    }}
}}
"
    )
}

/// An address of this machine that nobody listens on; nginx takes no port 0.
fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    Some(text.split_once(before)?.1.split_once(after)?.0)
}
