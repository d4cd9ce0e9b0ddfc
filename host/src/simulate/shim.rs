//! The agreed interface of the crate `tenant`, until that crate is there: it starts nothing, and says so.

use std::io;
use std::net::SocketAddr;

pub(super) const CALLER_TOKEN: &str = "contoso-demo";
pub(super) const DOMAIN: &str = "contoso.onmicrosoft.com";

#[derive(Default)]
pub(super) enum Population {
    #[default]
    Sample,
    Generated(u32),
}

#[derive(Default)]
pub(super) struct Options {
    pub(super) users: Population,
    pub(super) more: (),
}

pub(super) enum Server {}

impl Server {
    pub(super) fn start(options: Options, _: SocketAddr) -> io::Result<Self> {
        let () = options.more;
        let users = match options.users {
            Population::Sample => 25,
            Population::Generated(users) => users,
        };
        Err(io::Error::other(format!("the crate `tenant` is not there yet, and with it {users} users")))
    }

    pub(super) fn address(&self) -> SocketAddr {
        match *self {}
    }

    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        match *self {}
    }
}
