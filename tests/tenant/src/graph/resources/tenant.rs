//! What the tenant is and has: its domains, and what was bought for it.

use crate::graph::filter::Operator;
use crate::graph::resources::{Collection, PLAIN};

/// The collections. Domains and subscriptions come all on one page.
pub(super) const TABLE: &[Collection] = &[
    Collection { path: "/domains", store: "domains", entity: "domain", options: &["$top"], ..PLAIN },
    Collection {
        path: "/directory/subscriptions",
        store: "subscriptions",
        entity: "companySubscription",
        options: &["$filter"],
        filter: &[("skuId", &[Operator::Eq]), ("skuPartNumber", &[Operator::Eq])],
        ..PLAIN
    },
];
