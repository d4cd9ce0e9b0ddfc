//! Documented limits, read from `data/limits.json`.

use serde::Deserialize;

/// The limits that the rules need.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Limits {
    pub(crate) batch: Batch,
    pub(crate) bind: Bind,
    page_size: PageSizes,
    request_sizes: RequestSizes,
    errors: Errors,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Batch {
    pub(crate) max_requests: usize,
    failed_dependency_status: u16,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Bind {
    pub(crate) max_references_per_request: usize,
}

#[derive(Deserialize)]
struct PageSizes {
    users: PageSize,
    #[serde(rename = "auditLogs/signIns")]
    audit_logs: PageSize,
}

#[derive(Deserialize)]
struct PageSize {
    max: u64,
}

#[derive(Deserialize)]
struct RequestSizes {
    #[serde(rename = "directoryObjects/getByIds")]
    by_ids: Ids,
}

#[derive(Deserialize)]
struct Ids {
    ids: usize,
}

#[derive(Deserialize)]
struct Errors {
    statuses: Vec<u16>,
}

/// What a proxy answers when there is nobody behind it: no page of Graph lists it, and any HTTP service may answer it.
const BAD_GATEWAY: u16 = 502;

impl Limits {
    /// The largest `$top` of a path.
    pub(crate) fn top(&self, path: &str) -> u64 {
        if path.starts_with("/auditLogs") { self.page_size.audit_logs.max } else { self.page_size.users.max }
    }

    /// How many ids one request may ask for.
    pub(crate) fn ids(&self) -> usize {
        self.request_sizes.by_ids.ids
    }

    /// Whether an error may have this status.
    pub(crate) fn is_error_status(&self, status: u16) -> bool {
        self.errors.statuses.contains(&status) || [self.batch.failed_dependency_status, BAD_GATEWAY].contains(&status)
    }
}
