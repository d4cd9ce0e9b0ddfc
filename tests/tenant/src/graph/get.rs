//! `GET /users/{id}`, by id or principal name.

use crate::answer::Answer;
use crate::directory::json;
use crate::graph::Call;
use crate::graph::error::{Error, Result};
use crate::graph::select::Selection;

pub(super) fn user(call: &Call<'_>) -> Result<Answer> {
    let selection = Selection::read(&call.query)?;
    selection.permit(call)?;
    if selection.manager.as_ref().is_some_and(|manager| manager.is_chain()) && !call.query.is_advanced() {
        return Err(Error::unsupported_query(
            "$expand with $levels needs the header 'ConsistencyLevel: eventual' and '$count=true'.",
        ));
    }
    let replicas = call.tenant.replicas();
    let directory = replicas.seen();
    let row = call.row(directory)?;
    let user = directory.user(row).ok_or_else(|| Error::not_found(&call.key))?;
    let mut out = Vec::with_capacity(4_096);
    out.extend_from_slice(b"{\"@odata.context\":");
    json::string(&mut out, &call.context(&format!("{}/$entity", selection.context("users"))));
    let start = out.len();
    out.push(b',');
    selection.write_members(&user, directory, &mut out);
    if out.len() == start + 1 {
        out.pop();
    }
    out.push(b'}');
    Ok(Answer::odata(200, out))
}
