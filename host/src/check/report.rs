//! A report of capabilities: what a component answers, and how it looks on a terminal.

use std::fmt::{self, Display, Formatter};

use serde::Deserialize;

use crate::log;

/// What works in the tenant.
#[derive(Debug, Deserialize)]
pub(super) struct Report {
    #[serde(default)]
    tenant: Tenant,
    /// The kind of credential that the token came by.
    #[serde(default)]
    credential: String,
    #[serde(default)]
    cloud: String,
    /// The id of the application.
    #[serde(default)]
    application: String,
    /// The functions and jobs.
    functions: Vec<Function>,
    #[serde(default)]
    grant: Grant,
    /// What kept the check from knowing more.
    #[serde(default)]
    problems: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Tenant {
    id: String,
    display_name: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Function {
    name: String,
    status: Status,
    #[serde(default)]
    missing: Vec<Missing>,
    #[serde(default)]
    notes: Vec<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Status {
    Works,
    Degraded,
    Cannot,
    Off,
}

#[derive(Debug, Deserialize)]
struct Missing {
    permission: String,
    /// What it is needed for.
    #[serde(default, rename = "for")]
    purpose: String,
    /// Permissions that would do as well.
    #[serde(default)]
    or: Vec<String>,
}

/// The least that is to be granted.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Grant {
    permissions: Vec<String>,
    commands: Vec<String>,
}

impl Report {
    /// Whether there is something, and nothing of it is without what it needs.
    pub(super) fn all_can_work(&self) -> bool {
        !self.functions.is_empty() && self.functions.iter().all(|function| function.status != Status::Cannot)
    }
}

impl Display for Report {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let tenant = match &self.tenant.display_name {
            Some(name) => format!("{name} ({})", self.tenant.id),
            None => self.tenant.id.clone(),
        };
        let head = [
            ("tenant", &tenant),
            ("cloud", &self.cloud),
            ("application", &self.application),
            ("credential", &self.credential),
        ];
        for (name, value) in head.into_iter().filter(|(_, value)| !value.is_empty()) {
            writeln!(formatter, "{name:<12} {}", log::plain(value))?;
        }
        let width = self.functions.iter().map(|function| function.name.chars().count()).max().unwrap_or_default();
        writeln!(formatter)?;
        for function in &self.functions {
            row(formatter, function, width)?;
        }
        if !self.grant.permissions.is_empty() {
            writeln!(formatter, "\nto grant: {}", log::plain(&self.grant.permissions.join(", ")))?;
        }
        for command in &self.grant.commands {
            writeln!(formatter, "  {}", log::plain(command))?;
        }
        for problem in &self.problems {
            writeln!(formatter, "\nproblem: {}", log::plain(problem))?;
        }
        Ok(())
    }
}

/// A function: a line with the first thing to say about it, and one for each other.
fn row(formatter: &mut Formatter<'_>, function: &Function, width: usize) -> fmt::Result {
    let remarks = function.missing.iter().map(Missing::to_string).chain(function.notes.iter().cloned());
    let mut remarks = remarks.collect::<Vec<_>>().into_iter();
    let status = match function.status {
        Status::Works => "works",
        Status::Degraded => "degraded",
        Status::Cannot => "cannot",
        Status::Off => "off",
    };
    let line = format!("{:<width$}  {status:<8}  {}", function.name, remarks.next().unwrap_or_default());
    writeln!(formatter, "{}", log::plain(line.trim_end()))?;
    for remark in remarks {
        writeln!(formatter, "{:width$}  {:8}  {}", "", "", log::plain(&remark))?;
    }
    Ok(())
}

impl Display for Missing {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "needs {}", self.permission)?;
        for other in &self.or {
            write!(formatter, " or {other}")?;
        }
        if self.purpose.is_empty() { Ok(()) } else { write!(formatter, " for {}", self.purpose) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(text: &str) -> Report {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_report_as_a_table() {
        let report = report(
            r#"{"schemas":["urn:entra-scim:capabilities"],
            "tenant":{"id":"8f4d2c1b-6a3e-4d57-9b20-c5e7f1a09d34","displayName":"Contoso\u001b[2J\n"},
            "credential":"client secret","cloud":"global","application":"3f2a8c1e-7b64-4d09-9e35-c1d0a2b4e6f8",
            "functions":[
                {"name":"scim-users","status":"degraded",
                 "missing":[{"permission":"User-LifeCycleInfo.Read.All","for":"the leave date",
                             "or":["User-LifeCycleInfo.ReadWrite.All"]}],
                 "notes":["signInActivity needs a Microsoft Entra ID P1 or P2 licence"]},
                {"name":"inventory-users","status":"works","missing":[],"notes":[]},
                {"name":"scim-groups","status":"cannot","missing":[{"permission":"Group.Read.All"}]}],
            "grant":{"permissions":["Group.Read.All","User-LifeCycleInfo.Read.All"],"commands":["az one","az two"]},
            "problems":["the tenant's name is not known: status 403"]}"#,
        );
        let expected = "\
tenant       Contoso[2J (8f4d2c1b-6a3e-4d57-9b20-c5e7f1a09d34)
cloud        global
application  3f2a8c1e-7b64-4d09-9e35-c1d0a2b4e6f8
credential   client secret

scim-users       degraded  needs User-LifeCycleInfo.Read.All or User-LifeCycleInfo.ReadWrite.All for the leave date
                           signInActivity needs a Microsoft Entra ID P1 or P2 licence
inventory-users  works
scim-groups      cannot    needs Group.Read.All

to grant: Group.Read.All, User-LifeCycleInfo.Read.All
  az one
  az two

problem: the tenant's name is not known: status 403
";
        assert_eq!(report.to_string(), expected);
    }

    #[test]
    fn only_what_cannot_work_is_a_failure() {
        for (functions, expected) in [
            ("", false),
            (r#"{"name":"a","status":"works"}"#, true),
            (r#"{"name":"a","status":"works"},{"name":"b","status":"degraded"}"#, true),
            (r#"{"name":"a","status":"works"},{"name":"b","status":"cannot"}"#, false),
        ] {
            let report = report(&format!(r#"{{"functions":[{functions}]}}"#));
            assert_eq!(report.all_can_work(), expected, "{functions}");
        }
    }
}
