//! `inventory-users`: the tenant's users in the warehouse.

mod resume;
mod run;
