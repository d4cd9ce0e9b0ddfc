//! Microsoft Entra's provisioning service, in its classic dialect: the requests it makes, in the shapes in which it
//! makes them.
//!
//! Sources: <https://learn.microsoft.com/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups>,
//! <https://learn.microsoft.com/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility>.

mod changes;
mod membership;
mod requests;
