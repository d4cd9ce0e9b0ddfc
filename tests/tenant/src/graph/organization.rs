//! `GET /organization`: the tenant, of which there is one.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::directory::Object;
use crate::graph::Call;
use crate::graph::error::{Error, Result};
use crate::{DOMAIN, TENANT_ID, VERIFIED_DOMAINS};

/// The list of one, or the one.
pub(super) fn get(call: &Call<'_>) -> Result<Answer> {
    let refused = call.query.filter.is_some()
        || call.query.search.is_some()
        || call.query.order_by.is_some()
        || call.query.expand.is_some();
    if refused {
        return Err(Error::unsupported_query("The query is not supported on organization."));
    }
    let organization = selected(call)?;
    let names = call.query.select.as_ref().map_or_else(String::new, |names| format!("({names})"));
    if call.key.is_empty() {
        let body = json!({"@odata.context": call.context(&format!("organization{names}")), "value": [organization]});
        return Ok(Answer::odata(200, body.to_string().into_bytes()));
    }
    if !call.key.eq_ignore_ascii_case(TENANT_ID) {
        return Err(Error::not_found(&call.key));
    }
    let mut body = Object::new();
    body.insert("@odata.context".to_owned(), json!(call.context(&format!("organization{names}/$entity"))));
    body.extend(organization);
    Ok(Answer::odata(200, Value::Object(body).to_string().into_bytes()))
}

fn selected(call: &Call<'_>) -> Result<Object> {
    let Value::Object(mut organization) = organization() else { return Ok(Object::new()) };
    let Some(select) = &call.query.select else { return Ok(organization) };
    let names: Vec<&str> = select.split(',').map(str::trim).collect();
    if let Some(unknown) = names.iter().find(|name| !organization.contains_key(**name)) {
        return Err(Error::syntax(format!(
            "Parsing OData Select and Expand failed: Could not find a property named '{unknown}' on type 'microsoft.graph.organization'."
        )));
    }
    organization.retain(|name, _| names.contains(&name.as_str()));
    Ok(organization)
}

fn organization() -> Value {
    let domains: Vec<Value> = VERIFIED_DOMAINS
        .iter()
        .map(|name| {
            let initial = *name == DOMAIN;
            json!({"capabilities": "Email, OfficeCommunicationsOnline", "isDefault": initial, "isInitial": initial,
                "name": name, "type": "Managed"})
        })
        .collect();
    json!({
        "id": TENANT_ID, "deletedDateTime": null, "displayName": "Contoso", "tenantType": "AAD",
        "createdDateTime": "2014-02-03T08:00:00Z", "businessPhones": ["+1 425 555 0100"], "city": "Redmond",
        "country": "United States", "countryLetterCode": "US", "defaultUsageLocation": "US", "postalCode": "98052",
        "preferredLanguage": "en", "state": "WA", "street": "9256 Towne Center Dr., Suite 400",
        "onPremisesLastSyncDateTime": "2026-11-20T04:15:00Z", "onPremisesSyncEnabled": true,
        "marketingNotificationEmails": [], "technicalNotificationMails": [format!("admin@{DOMAIN}")],
        "securityComplianceNotificationMails": [], "securityComplianceNotificationPhones": [],
        "assignedPlans": [], "provisionedPlans": [], "verifiedDomains": domains,
    })
}
