//! The edge of the host: what a stranger can send, and how little comes of it.

mod answers;
mod document;
mod front_end;
mod limits;
mod paths;
mod rotation;
mod slow;
mod tls;
mod wire;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use crate::harness::Answer;

/// How long an answer may take on a slow machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends bytes as they are, and gives the bytes that come back until the connection ends.
fn exchange(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(bytes).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    answer
}

/// The one answer to bytes that end their connection.
fn raw(address: SocketAddr, bytes: &[u8]) -> Answer {
    Answer::read(&exchange(address, bytes))
}

/// A header as the probe has seen it.
fn seen<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}
