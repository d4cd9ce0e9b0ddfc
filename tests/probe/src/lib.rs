//! `/probe/...` — does what the path says, so that a test sees what the host makes of it.

use std::time::Duration;

use spin_sdk::{
    http::{Request, StatusCode, body::IncomingBodyExt},
    http_service, variables,
};

#[http_service]
async fn handle(request: Request) -> (StatusCode, String) {
    let query = request.uri().query().unwrap_or_default().to_owned();
    let path = request.uri().path().to_owned();
    // Before it may stand a tenant.
    let Some(place) = path.find("/probe/") else { return (StatusCode::NOT_FOUND, path) };
    if path.ends_with("/probe/unauthorized") {
        return (StatusCode::UNAUTHORIZED, "nobody".to_owned());
    }
    let done = match path.get(place..).unwrap_or_default() {
        "/probe/body" => body(request).await,
        "/probe/environment" => Ok(environment()),
        "/probe/file" => std::fs::read_to_string(&query).map_err(|error| error.to_string()),
        "/probe/files" => files(&query),
        "/probe/get" => get(&query).await,
        "/probe/headers" => Ok(headers(&request)),
        "/probe/loop" => endless(),
        "/probe/trap" => trap(),
        "/probe/variable" => variables::get(&query).await.map_err(|error| error.to_string()),
        "/probe/wait" => wait(&query).await,
        "/probe/write" => std::fs::write(&query, "written").map(|()| query).map_err(|error| error.to_string()),
        // What a job and a check answer is for the test to say.
        "/probe/run" => variables::get("tick").await.map_err(|error| error.to_string()),
        "/probe/check" => variables::get("report").await.map_err(|error| error.to_string()),
        _ => Err("there is nothing to do at this path".to_owned()),
    };
    match done {
        Ok(text) => (StatusCode::OK, text),
        Err(text) => (StatusCode::BAD_GATEWAY, text),
    }
}

async fn body(request: Request) -> Result<String, String> {
    let body = request.into_body().bytes().await.map_err(|error| error.to_string())?;
    Ok(format!("{} bytes", body.len()))
}

fn headers(request: &Request) -> String {
    let text = |value: &spin_sdk::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let lines = request.headers().iter().map(|(name, value)| format!("{name}: {}\n", text(value)));
    lines.chain([format!("uri: {}\n", request.uri())]).collect()
}

fn environment() -> String {
    std::env::vars().map(|(name, value)| format!("{name}={value}\n")).collect()
}

fn files(directory: &str) -> Result<String, String> {
    let entries = std::fs::read_dir(directory).map_err(|error| error.to_string())?;
    Ok(entries.flatten().map(|entry| format!("{}\n", entry.file_name().to_string_lossy())).collect())
}

async fn get(url: &str) -> Result<String, String> {
    let answer = spin_sdk::http::get(url).await.map_err(|error| error.to_string())?;
    let body = answer.into_body().bytes().await.map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&body).into_owned())
}

async fn wait(milliseconds: &str) -> Result<String, String> {
    let milliseconds = milliseconds.parse().map_err(|_| "how many milliseconds?")?;
    spin_sdk::time::sleep(Duration::from_millis(milliseconds)).await;
    Ok(format!("{milliseconds} ms later"))
}

fn endless() -> ! {
    let mut count = 0_u64;
    loop {
        count = std::hint::black_box(count.wrapping_add(1));
    }
}

#[expect(clippy::panic, reason = "a trap is what is asked for")]
fn trap() -> ! {
    panic!("as asked for")
}
