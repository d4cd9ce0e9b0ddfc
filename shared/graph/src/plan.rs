use std::fmt;

use serde::Serialize;

use crate::operation::Operation;

/// The calls that a request comes down to; printed, a table of them, and as JSON `{"operations": […]}`.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Plan {
    /// The calls. Those without [`Operation::after`] may be made in any order.
    pub operations: Vec<Operation>,
}

impl Plan {
    /// A plan of one call.
    #[must_use]
    pub fn of(operation: Operation) -> Self {
        Self { operations: vec![operation] }
    }

    /// What the plan costs of the tenant's quota, in resource units.
    #[must_use]
    pub fn units(&self) -> u32 {
        self.operations.iter().map(Operation::units).sum()
    }

    /// Whether any of its calls changes anything.
    #[must_use]
    pub fn is_write(&self) -> bool {
        self.operations.iter().any(Operation::is_write)
    }
}

impl From<Vec<Operation>> for Plan {
    fn from(operations: Vec<Operation>) -> Self {
        Self { operations }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let calls: Vec<String> = self.operations.iter().map(Operation::url).collect();
        let call_width = width(calls.iter().map(String::as_str), "call");
        let permission_width = width(self.operations.iter().map(|operation| operation.permission), "permission");
        writeln!(
            formatter,
            " #  method  {:call_width$}  {:permission_width$}  units  waits for",
            "call", "permission"
        )?;
        for (index, (operation, call)) in self.operations.iter().zip(&calls).enumerate() {
            let after: Vec<String> = operation.after.iter().map(usize::to_string).collect();
            let line = format!(
                "{index:>2}  {:<6}  {call:call_width$}  {:permission_width$}  {:>5}  {}",
                operation.method.as_str(),
                operation.permission,
                operation.units(),
                after.join(", "),
            );
            writeln!(formatter, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

fn width<'a>(cells: impl Iterator<Item = &'a str>, heading: &str) -> usize {
    cells.map(|cell| cell.chars().count()).chain([heading.len()]).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Plan;
    use crate::operation::Operation;

    #[test]
    fn ok_a_plan_prints_as_a_table() {
        let plan = Plan::from(vec![
            Operation::post("/users").permission("User.ReadWrite.All"),
            Operation::put("/users/1/manager/$ref").permission("User.ReadWrite.All").after(0),
        ]);
        assert_eq!(
            plan.to_string(),
            " #  method  call                   permission          units  waits for\n \
             0  POST    /users                 User.ReadWrite.All      1\n \
             1  PUT     /users/1/manager/$ref  User.ReadWrite.All      1  0\n"
        );
        assert_eq!(plan.units(), 2);
        assert_eq!(
            serde_json::to_value(&plan).unwrap()["operations"][1],
            serde_json::json!({ "method": "PUT", "url": "/users/1/manager/$ref", "permission": "User.ReadWrite.All",
                "units": 1, "writes": 1, "repeatable": true, "after": [0] })
        );
    }
}
