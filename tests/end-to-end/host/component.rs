//! What a component may do, and what becomes of it when it goes wrong.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread;

use super::probe::{Probe, command};
use crate::harness::{Process, State, finish, program};

#[test]
fn a_trap_takes_down_its_own_request_only() {
    let probe = Probe::start(&[], &[], &[]);
    thread::scope(|scope| {
        let others = (0..8).map(|_| scope.spawn(|| probe.text("wait?1000"))).collect::<Vec<_>>();
        for _ in 0..4 {
            let detail = probe.ask("trap").expect_error(500, None);
            assert_eq!(detail, "the service failed while it handled the request");
        }
        for other in others {
            assert_eq!(other.join().unwrap(), "1000 ms later");
        }
    });
    assert_eq!(probe.text("wait?1"), "1 ms later");
}

#[test]
fn a_file_is_read_anew_after_it_was_replaced() {
    let state = State::empty();
    // As Kubernetes mounts a secret: the name leads to what the newest of the hidden directories has.
    let directory = state.path().join("tokens");
    let publish = |version: &str| {
        fs::create_dir_all(directory.join(version)).unwrap();
        fs::write(directory.join(version).join("token"), version).unwrap();
        std::os::unix::fs::symlink(version, directory.join("..next")).unwrap();
        fs::rename(directory.join("..next"), directory.join("..data")).unwrap();
    };
    publish("..first");
    std::os::unix::fs::symlink("..data/token", directory.join("token")).unwrap();
    let file = directory.join("token").to_str().unwrap().to_owned();
    let probe = Probe::start(&[], &[("federated_token_file", &file)], &[]);
    assert_eq!(probe.text(&format!("file?{file}")), "..first");
    publish("..second");
    assert_eq!(probe.text(&format!("file?{file}")), "..second");

    let (inside, outside) = (directory.display(), state.path().display());
    for refused in [
        format!("write?{inside}/new"),
        format!("write?{file}"),
        format!("file?{inside}/../up.log"),
        format!("files?{outside}"),
        "file?/etc/hostname".to_owned(),
    ] {
        probe.complaint(&refused);
    }
    assert!(!directory.join("new").exists());
}

#[test]
fn no_file_is_readable_unasked() {
    let state = State::empty();
    let file = state.path().join("token");
    fs::write(&file, "secret").unwrap();
    let probe = Probe::start(&[], &[("federated_token_file", "")], &[]);
    probe.complaint(&format!("file?{}", file.display()));
    probe.complaint("files?/");
}

#[test]
fn files_that_cannot_be_granted() {
    let state = State::empty();
    let missing = state.path().join("none").to_str().unwrap().to_owned();
    for (file, expected) in [
        ("token", "component probe: file 'token' is not an absolute path".to_owned()),
        (&missing, format!("component probe: file '{missing}' cannot be read: No such file or directory")),
    ] {
        let output = finish(command(&state, &["up", "--listen", "127.0.0.1:0"], &[("federated_token_file", file)]));
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{text}");
        let line = text.lines().find(|line| line.starts_with("error: ")).unwrap();
        assert!(line.contains(&expected) && line.contains("spin.toml:"), "{line}");
    }
}

#[test]
fn what_azure_says_reaches_the_component() {
    let state = State::empty();
    let file = state.path().join("token");
    fs::write(&file, "federated").unwrap();
    let file = file.to_str().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}/msi/token", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\nconnection: close\r\n\r\nidentity").unwrap();
        }
    });
    let environment = [
        ("IDENTITY_ENDPOINT", endpoint.as_str()),
        ("IDENTITY_HEADER", "header"),
        ("AZURE_FEDERATED_TOKEN_FILE", file),
        ("AZURE_TENANT_ID", "tenant"),
        ("AZURE_CLIENT_ID", "webhook's"),
        ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.us/"),
        ("AZURE_CLIENT_SECRET", "not passed on"),
    ];
    let probe = Probe::start(&[], &[("client_id", "given")], &environment);
    assert_eq!(given(&probe), format!("IDENTITY_ENDPOINT={endpoint}\nIDENTITY_HEADER=header\n"));
    assert_eq!(probe.text(&format!("get?{endpoint}")), "identity");
    assert_eq!(probe.text(&format!("file?{file}")), "federated");
    assert_eq!(probe.text("variable?client_id"), "given");
    assert_eq!(probe.text("variable?login_url"), "https://login.microsoftonline.us");
    // An identity elsewhere: the component may not call the machine's own, and so does not learn of it.
    let probe = Probe::start(&[], &[("identity_url", "http://127.0.0.1:9")], &environment);
    assert_eq!(given(&probe), "");
    probe.complaint(&format!("get?{endpoint}"));
    assert_eq!(probe.text("variable?client_id"), "webhook's");
}

/// The environment without the host's own part.
fn given(probe: &Probe) -> String {
    let text = probe.text("environment");
    let (own, others): (Vec<_>, Vec<_>) = text.split_inclusive('\n').partition(|line| line.starts_with("ENTRA_SCIM_"));
    assert_eq!(own.len(), 1, "{text}");
    others.concat()
}

#[test]
fn a_private_authority_is_trusted_when_it_is_named() {
    let state = State::empty();
    let authority = state.path().join("ca.pem");
    let authority = authority.to_str().unwrap();
    let mut tenant = program(state.path());
    tenant.args(["tenant", "--listen", "127.0.0.1:0", "--tls", "--ca-out", authority]);
    let (_tenant, text) = Process::start(tenant, &state, "tenant", "caller_token_sha256 = ");
    let upstream = text.lines().find_map(|line| line.trim().strip_prefix("graph_url = ")).unwrap().to_owned();
    let question = format!("get?{upstream}/v1.0/users");
    let variables = [("upstream_url", upstream.as_str())];

    let probe = Probe::start(&["--ca", authority], &variables, &[]);
    assert!(probe.text(&question).contains("InvalidAuthenticationToken"));
    let probe = Probe::start(&[], &variables, &[]);
    assert!(probe.complaint(&question).contains("TlsCertificateError"));

    let directory = state.path().display();
    for (file, expected) in [
        (format!("{directory}/none.pem"), "cannot read the file: No such file"),
        (format!("{directory}/tenant.log"), "the file is not PEM"),
    ] {
        let output = finish(command(&state, &["up", "--ca", &file, "--listen", "127.0.0.1:0"], &[]));
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.starts_with(&format!("error: --ca {file}: {expected}")) && text.lines().count() == 1, "{text}");
    }
}
