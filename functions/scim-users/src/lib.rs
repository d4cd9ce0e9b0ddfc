//! scim-users
