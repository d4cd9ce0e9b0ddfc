use warehouse::Table;

/// An inventory job: what is read by delta, and which table it keeps current.
#[derive(Debug)]
pub struct Job {
    /// Its name, which is its component's: `inventory-users`.
    pub name: &'static str,
    /// The last part of its route, `/inventory/users`.
    pub resource: &'static str,
    /// The delta function: `/users/delta`.
    pub delta_path: &'static str,
    /// The properties that are read.
    pub select: Vec<&'static str>,
    /// Where they go.
    pub table: Table,
}

impl Job {
    /// What a full read asks first, below Graph's version.
    #[must_use]
    pub fn request(&self) -> String {
        format!("{}?$select={}", self.delta_path, self.select.join(","))
    }
}
