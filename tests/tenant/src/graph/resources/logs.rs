//! `/auditLogs`: who signed in, and who changed what.

use std::time::Instant;

use crate::graph::Call;
use crate::graph::error::{Error, Result};
use crate::graph::filter::Operator::{Eq, Ge, Le, StartsWith};
use crate::graph::resources::{Collection, PLAIN};
use crate::resources::logs::{AUDITS, SIGN_INS};
use crate::throttle::Throttle;

/// How many records are on a page when the request does not say.
const PAGE: usize = 1_000;

const LOG: Collection = Collection { options: &["$filter", "$orderby", "$top"], page: PAGE, permit, ..PLAIN };

/// The collections.
pub(super) const TABLE: &[Collection] = &[
    Collection {
        path: "/auditLogs/signIns",
        store: SIGN_INS,
        entity: "signIn",
        filter: &[
            ("appDisplayName", &[Eq, StartsWith]),
            ("appId", &[Eq]),
            ("clientAppUsed", &[Eq]),
            ("conditionalAccessStatus", &[Eq]),
            ("correlationId", &[Eq]),
            ("createdDateTime", &[Eq, Ge, Le]),
            ("id", &[Eq]),
            ("ipAddress", &[Eq, StartsWith]),
            ("location/city", &[Eq, StartsWith]),
            ("location/countryOrRegion", &[Eq, StartsWith]),
            ("resourceDisplayName", &[Eq]),
            ("resourceId", &[Eq]),
            ("riskState", &[Eq]),
            ("status/errorCode", &[Eq]),
            ("userDisplayName", &[Eq, StartsWith]),
            ("userId", &[Eq]),
            ("userPrincipalName", &[Eq, StartsWith]),
        ],
        order_by: &["createdDateTime"],
        ..LOG
    },
    Collection {
        path: "/auditLogs/directoryAudits",
        store: AUDITS,
        entity: "directoryAudit",
        filter: &[
            ("activityDateTime", &[Eq, Ge, Le]),
            ("activityDisplayName", &[Eq, StartsWith]),
            ("category", &[Eq]),
            ("correlationId", &[Eq]),
            ("initiatedBy/app/appId", &[Eq]),
            ("initiatedBy/app/displayName", &[Eq, StartsWith]),
            ("initiatedBy/user/displayName", &[Eq, StartsWith]),
            ("initiatedBy/user/id", &[Eq]),
            ("initiatedBy/user/userPrincipalName", &[Eq, StartsWith]),
            ("loggedByService", &[Eq]),
            ("result", &[Eq]),
            ("targetResources/*/displayName", &[Eq, StartsWith]),
            ("targetResources/*/id", &[Eq]),
        ],
        order_by: &["activityDateTime"],
        ..LOG
    },
];

/// A premium licence, and not more than five requests in ten seconds while limits are in force. Source: "Identity and
/// access reports best practices", Graph's page of throttling limits.
fn permit(call: &Call<'_>) -> Result<()> {
    let settings = call.tenant.settings();
    if !settings.premium {
        return Err(Error::not_premium());
    }
    if settings.throttle == Throttle::Off {
        return Ok(());
    }
    call.tenant.account().charge_report(Instant::now()).map_err(Error::throttled)
}
