//! What goes wrong at the start is told in one line, which says what to do.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::harness::{Server, State, finish, program};

const SMALL: &str = r#"spin_manifest_version = 2
[application]
name = "small"
[[trigger.http]]
route = "/..."
component = "a"
[component.a]
source = "a.wasm"
"#;

/// Runs a command that must fail, and gives its only line.
#[track_caller]
fn complaint(command: Command, code: i32) -> String {
    let output = finish(command);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{text}");
    assert!(output.stdout.is_empty());
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.starts_with("error: "), "{text}");
    text
}

/// `up` in a directory, with the manifest that is there.
fn up(directory: &Path, options: &[&str]) -> Command {
    let mut command = program(directory);
    command.args(["up", "--listen", "127.0.0.1:0"]).args(options);
    command
}

#[test]
fn the_command_line() {
    let state = State::empty();
    for (arguments, code, expected) in [
        (vec!["--frm", "spin.toml"], 2, "unexpected argument '--frm'"),
        (vec!["--simulate", "0"], 2, "expected a number of users from 1 to 1000000"),
        (vec!["--listen", "nowhere"], 2, "expected HOST:PORT"),
        (vec!["up"], 1, "cannot read the manifest spin.toml"),
    ] {
        let mut command = program(state.path());
        command.args(&arguments);
        let text = complaint(command, code);
        assert!(text.contains(expected), "{arguments:?}: {text}");
    }
}

#[test]
fn the_options_of_a_start() {
    let state = State::new();
    for (command, expected) in [
        (vec!["up", "--listen", "0.0.0.0:0", "--simulate"], "is served on a loopback address only"),
        (
            vec!["up", "--listen", "127.0.0.1:0", "--components", "nope"],
            "there is no component nope: the manifest has ",
        ),
        (vec!["up", "--listen", "127.0.0.1:0", "--variable", "nope=1"], "the manifest declares no such variable"),
        (vec!["run", "nope", "--simulate"], "there is no component nope: the manifest has "),
        (vec!["run", "scim-users", "--simulate"], "component scim-users has no job"),
    ] {
        let text = complaint(state.command(&command, &[]), 1);
        assert!(text.contains(expected), "{command:?}: {text}");
    }
}

#[test]
fn a_port_that_is_taken() {
    let server = Server::sample();
    let address = server.address.to_string();
    let state = State::empty();
    let text = complaint(state.command(&["up", "--listen", &address, "--simulate"], &[]), 1);
    assert!(text.contains(&format!("address {address} is taken")) && text.contains("--listen"), "{text}");
}

#[test]
fn the_manifest() {
    for (wrong, right, expected) in [
        ("spin_manifest_version = 1", "spin_manifest_version = 2", "spin.toml:1: spin_manifest_version must be 2"),
        ("component = \"b\"", "component = \"a\"", "spin.toml:4: there is no [component.b]"),
        ("route = 7", "route = \"/...\"", "spin.toml:5: "),
    ] {
        let state = State::empty();
        fs::write(state.path().join("spin.toml"), SMALL.replace(right, wrong)).unwrap();
        let text = complaint(up(state.path(), &[]), 1);
        assert!(text.contains(expected), "{wrong}: {text}");
    }
}

#[test]
fn a_variable_without_a_value() {
    let state = State::empty();
    fs::write(state.path().join("spin.toml"), format!("{SMALL}[variables]\nkey = {{ required = true }}\n")).unwrap();
    let text = complaint(up(state.path(), &[]), 1);
    assert!(text.contains("required variables without a value: key: give each by --variable"), "{text}");
}

#[test]
fn a_component_that_is_none() {
    let core_module = b"\0asm\x01\0\0\0".as_slice();
    let empty_component = b"\0asm\x0d\0\x01\0".as_slice();
    for (wasm, expected) in [
        (None, "a.wasm is not there, and the manifest has no build command for it"),
        (Some(b"#!/bin/sh".as_slice()), "a.wasm is not WebAssembly"),
        (Some(core_module), "a.wasm is a core module: build it for the target wasm32-wasip2"),
        (Some(empty_component), "component a exports nothing, but this host calls "),
    ] {
        let state = State::empty();
        fs::write(state.path().join("spin.toml"), SMALL).unwrap();
        if let Some(wasm) = wasm {
            fs::write(state.path().join("a.wasm"), wasm).unwrap();
        }
        let text = complaint(up(state.path(), &[]), 1);
        assert!(text.contains(expected), "{text}");
    }
}
