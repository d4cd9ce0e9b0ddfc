//! Objects that are plain JSON: lists of a few, with `$select` and simple filters.

use serde_json::{Map, Value, json};

use crate::answer::Answer;
use crate::graph::Call;
use crate::graph::error::{Error, Result};
use crate::graph::filter::{self, Expression, Operator, Subject};

/// One object of a collection.
pub(super) fn one(call: &Call<'_>, collection: &str, object: &Value, status: u16) -> Result<Answer> {
    let names = call.query.select.as_ref().map_or_else(String::new, |names| format!("({names})"));
    let mut body = Map::new();
    body.insert("@odata.context".to_owned(), json!(call.context(&format!("{collection}{names}/$entity"))));
    body.extend(selected(call, object)?);
    Ok(Answer::odata(status, Value::Object(body).to_string().into_bytes()))
}

/// The objects that fit the filter, all on one page; `filterable` are the properties it may test.
pub(super) fn list(call: &Call<'_>, collection: &str, all: &[Value], filterable: &[&str]) -> Result<Answer> {
    let query = &call.query;
    if query.search.is_some() || query.order_by.is_some() || query.expand.is_some() {
        return Err(Error::unsupported_query(format!("The query is not supported on {collection}.")));
    }
    let filter = query.filter.as_deref().map(filter::parse).transpose()?;
    if filter.as_ref().is_some_and(|filter| !is_supported(filter, filterable)) {
        return Err(Error::unsupported_query("Unsupported or invalid query filter clause specified."));
    }
    let fits = |object: &&Value| filter.as_ref().is_none_or(|filter| filter::fits(filter, &Plain(object)));
    let found = all.iter().filter(fits).map(|object| selected(call, object)).collect::<Result<Vec<_>>>()?;
    let names = query.select.as_ref().map_or_else(String::new, |names| format!("({names})"));
    let mut body = Map::new();
    body.insert("@odata.context".to_owned(), json!(call.context(&format!("{collection}{names}"))));
    if query.is_advanced() {
        body.insert("@odata.count".to_owned(), json!(found.len()));
    }
    body.insert("value".to_owned(), json!(found));
    Ok(Answer::odata(200, Value::Object(body).to_string().into_bytes()))
}

/// The members of an object that `$select` names.
pub(super) fn selected(call: &Call<'_>, object: &Value) -> Result<Map<String, Value>> {
    let mut members = object.as_object().cloned().unwrap_or_default();
    if let Some(select) = &call.query.select {
        let names: Vec<&str> = select.split(',').map(str::trim).collect();
        if let Some(unknown) = names.iter().find(|name| !members.contains_key(**name)) {
            return Err(Error::syntax(format!(
                "Parsing OData Select and Expand failed: Could not find a property named '{unknown}'."
            )));
        }
        members.retain(|name, _| names.contains(&name.as_str()));
    }
    Ok(members)
}

/// Comparisons for equality of a few properties.
fn is_supported(filter: &Expression, names: &[&str]) -> bool {
    match filter {
        Expression::And(left, right) | Expression::Or(left, right) => {
            is_supported(left, names) && is_supported(right, names)
        }
        Expression::Test(test) => {
            names.contains(&test.path.as_str()) && matches!(test.operator, Operator::Eq | Operator::In)
        }
        _ => false,
    }
}

/// JSON as a filter sees it.
struct Plain<'a>(&'a Value);

impl Subject for Plain<'_> {
    fn value(&self, name: &str) -> Value {
        self.0.get(name).cloned().unwrap_or_default()
    }
}
