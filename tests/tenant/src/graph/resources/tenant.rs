//! What the tenant is and has: its domains, and what was bought for it.

use crate::contract::ObjectType;
use crate::graph::filter::Operator;
use crate::graph::licenses;
use crate::graph::resources::{Collection, PLAIN};

/// The collections. They come all on one page.
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
    Collection {
        path: "/subscribedSkus",
        entity: "subscribedSku",
        read: |_, replicas, _| Ok(licenses::shown_skus(replicas.seen(), &replicas.resources)),
        ..PLAIN
    },
    Collection {
        path: "/users/{id}/licenseDetails",
        entity: "licenseDetails",
        read: |call, replicas, _| {
            let directory = replicas.seen();
            let row = call.row_of(directory, ObjectType::User)?;
            Ok(licenses::details(directory, &replicas.resources, row))
        },
        ..PLAIN
    },
];
