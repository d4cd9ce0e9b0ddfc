//! serve
fn main() {
    let users = std::env::args()
        .nth(1)
        .map_or(tenant::Population::Sample, |n| tenant::Population::Generated(n.parse().unwrap()));
    let s = tenant::Server::start(
        tenant::Options { users, record: 100000, ..Default::default() },
        "127.0.0.1:4999".parse().unwrap(),
    )
    .unwrap();
    println!("{:?} {:?}", s.address(), s.variables());
    loop {
        std::thread::sleep(std::time::Duration::from_secs(3));
        if let Ok(f) = std::env::var("LOG") {
            let lines: Vec<String> = s.requests().iter().map(|e| serde_json::to_string(e).unwrap()).collect();
            std::fs::write(f, lines.join("\n")).unwrap();
        }
    }
}
