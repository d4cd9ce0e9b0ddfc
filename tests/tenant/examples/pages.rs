//! Measures how fast the tenant serves pages of full users over one kept connection per thread:
//! `cargo run --release -p tenant --example pages -- [users] [seconds] [connections]`.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use tenant::{CLIENT_ID, CLIENT_SECRET, Options, Population, Server, TENANT_ID};

/// What an inventory selects.
const SELECT: &str = "id,accountEnabled,businessPhones,city,companyName,country,createdDateTime,department,displayName,\
employeeHireDate,employeeId,employeeOrgData,employeeType,faxNumber,givenName,identities,jobTitle,mail,mailNickname,\
mobilePhone,officeLocation,onPremisesDistinguishedName,onPremisesDomainName,onPremisesExtensionAttributes,\
onPremisesImmutableId,onPremisesLastSyncDateTime,onPremisesSamAccountName,onPremisesSecurityIdentifier,\
onPremisesSyncEnabled,onPremisesUserPrincipalName,otherMails,postalCode,preferredLanguage,proxyAddresses,state,\
streetAddress,surname,usageLocation,userPrincipalName,userType";

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1).map_while(|argument| argument.parse::<u32>().ok());
    let users = arguments.next().unwrap_or(1_000_000);
    let seconds = arguments.next().unwrap_or(5);
    let connections = arguments.next().unwrap_or(2);
    let options = Options { users: Population::Generated(users), ..Options::default() };
    let server = Server::start(options, SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let address = server.address();
    let deadline = Instant::now() + Duration::from_secs(seconds.into());
    let started = Instant::now();
    let threads: Vec<_> = (0..connections).map(|_| std::thread::spawn(move || read_pages(address, deadline))).collect();
    let (mut pages, mut bytes) = (0, 0);
    for thread in threads {
        let (more_pages, more_bytes) = thread.join().unwrap_or(Ok((0, 0)))?;
        pages += more_pages;
        bytes += more_bytes;
    }
    let elapsed = started.elapsed().as_secs_f64();
    println!("{users} users, {connections} connections: {:.0} pages/s of 100", pages as f64 / elapsed);
    println!("{:.0} MB/s, {:.0} bytes a user", bytes as f64 / elapsed / 1e6, bytes as f64 / pages as f64 / 100.0);
    if let Ok(status) = std::fs::read_to_string("/proc/self/status") {
        status
            .lines()
            .filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM"))
            .for_each(|line| println!("{line}"));
    }
    Ok(())
}

fn read_pages(address: SocketAddr, deadline: Instant) -> std::io::Result<(u64, u64)> {
    let mut connection =
        Connection { reader: BufReader::with_capacity(256 * 1024, TcpStream::connect(address)?), body: Vec::new() };
    let form = format!(
        "grant_type=client_credentials&client_id={CLIENT_ID}&client_secret={CLIENT_SECRET}&scope=https://graph.microsoft.com/.default"
    );
    connection.send(&format!("POST /{TENANT_ID}/oauth2/v2.0/token"), &form, "")?;
    let token = member(&connection.body, "\"access_token\":\"").to_owned();
    let first = format!("/v1.0/users?$select={SELECT}&$top=100");
    let mut path = first.clone();
    let (mut pages, mut bytes) = (0, 0);
    while Instant::now() < deadline {
        connection.send(&format!("GET {path}"), "", &token)?;
        pages += 1;
        bytes += connection.body.len() as u64;
        let link = member(&connection.body, "\"@odata.nextLink\":\"");
        path = link.find("/v1.0").and_then(|start| link.get(start..)).unwrap_or(&first).to_owned();
    }
    Ok((pages, bytes))
}

struct Connection {
    reader: BufReader<TcpStream>,
    body: Vec<u8>,
}

impl Connection {
    fn send(&mut self, line: &str, body: &str, token: &str) -> std::io::Result<()> {
        let request = format!(
            "{line} HTTP/1.1\r\nhost: tenant\r\nauthorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.reader.get_mut().write_all(request.as_bytes())?;
        let mut length = 0;
        loop {
            let mut header = String::new();
            self.reader.read_line(&mut header)?;
            if let Some(value) = header.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            if header.trim().is_empty() {
                break;
            }
        }
        self.body.resize(length, 0);
        self.reader.read_exact(&mut self.body)
    }
}

/// The text after a key, up to the next quote; links and tokens hold no escapes.
fn member<'a>(body: &'a [u8], key: &str) -> &'a str {
    let head = body.get(..body.len().min(8_192)).unwrap_or_default();
    let text = std::str::from_utf8(head)
        .or_else(|error| std::str::from_utf8(head.get(..error.valid_up_to()).unwrap_or_default()));
    text.unwrap_or_default().split_once(key).and_then(|(_, rest)| rest.split_once('"')).map_or("", |(value, _)| value)
}
