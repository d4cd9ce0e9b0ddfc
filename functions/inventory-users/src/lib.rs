//! inventory-users
