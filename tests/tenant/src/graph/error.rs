//! Graph's errors: one envelope, the codes and words of the service.

use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::answer::Answer;
use crate::clock;
use crate::contract::ObjectType;
use crate::directory::identifier;
use crate::faults::Fault;
use crate::throttle::Refusal;

/// A refusal of Graph.
#[derive(Clone, Debug)]
pub(crate) struct Error {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
    extra: Box<Extra>,
}

/// What only some errors have.
#[derive(Clone, Debug, Default)]
struct Extra {
    detail: Option<(&'static str, String)>,
    headers: Vec<(&'static str, String)>,
}

/// Nothing worked, for a reason Graph gives.
pub(crate) type Result<T> = std::result::Result<T, Error>;

/// The code of most refusals of the directory.
const REQUEST_BAD_REQUEST: &str = "Request_BadRequest";
/// What comes with every 401.
const CHALLENGE: &str =
    "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\"";

impl Error {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into(), extra: Box::default() }
    }

    /// 400 with the directory's general code.
    pub(crate) fn request(message: impl Into<String>) -> Self {
        Self::new(400, REQUEST_BAD_REQUEST, message)
    }

    /// 400 of the OData parser.
    pub(crate) fn syntax(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// 400 for a query the directory does not support, or not without `ConsistencyLevel`.
    pub(crate) fn unsupported_query(message: impl Into<String>) -> Self {
        Self::new(400, "Request_UnsupportedQuery", message)
    }

    /// 404 for an object.
    pub(crate) fn not_found(id: &str) -> Self {
        let message =
            format!("Resource '{id}' does not exist or one of its queried reference-property objects are not present.");
        Self::new(404, "Request_ResourceNotFound", message)
    }

    /// 403.
    pub(crate) fn denied() -> Self {
        Self::new(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")
    }

    /// 401.
    pub(crate) fn token(message: &str) -> Self {
        Self::new(401, "InvalidAuthenticationToken", message)
    }

    /// 401 for a token that was good until it was revoked, with the claim that a new one has to have.
    pub(crate) fn revoked() -> Self {
        let text = "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: \
                    TokenIssuedBeforeRevocationTimestamp";
        let claims = json!({"access_token": {"nbf": {"essential": true, "value": clock::now().to_string()}}});
        let challenge = format!(
            "{CHALLENGE}, client_id=\"00000003-0000-0000-c000-000000000000\", errorDescription=\"{text}\", \
             error=\"insufficient_claims\", claims=\"{}\"",
            STANDARD.encode(claims.to_string())
        );
        let mut error = Self::token(text);
        error.extra.headers.push(("www-authenticate", challenge));
        error
    }

    /// 400 for a value.
    pub(crate) fn value(object_type: ObjectType, property: &str) -> Self {
        Self::value_of(object_type.resource(), property)
    }

    /// The same for an object of which errors give this name.
    pub(crate) fn value_of(resource: &str, property: &str) -> Self {
        Self::request(format!("Invalid value specified for property '{property}' of resource '{resource}'."))
            .about("InvalidValue", property)
    }

    /// 400 for a property that a new object has to have.
    pub(crate) fn missing(object_type: ObjectType, property: &str) -> Self {
        let resource = object_type.resource();
        Self::request(format!("A value is required for property '{property}' of resource '{resource}'."))
            .about("MissingValue", property)
    }

    /// 400 for a property that there is not.
    pub(crate) fn unknown_property(name: &str) -> Self {
        Self::request(format!("Property '{name}' does not exist as a declared property or extension property."))
            .about("UnknownProperty", name)
    }

    /// 400 for a value that another object has.
    pub(crate) fn conflict(property: &str) -> Self {
        Self::request(format!("Another object with the same value for property {property} already exists."))
            .about("ObjectConflict", property)
    }

    /// 400 for what directory synchronisation is the master of.
    pub(crate) fn mastered() -> Self {
        Self::request(
            "Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.",
        )
    }

    /// 501 for what no collection and no delta has.
    pub(crate) fn not_implemented() -> Self {
        Self::new(501, "NotImplemented", "This operation target is not yet supported.")
    }

    /// 410 for a delta state that is not known, with where to start again.
    pub(crate) fn lost_state(origin: &str, collection: &str) -> Self {
        let text = "The sync state generation is not found; a full synchronization is required.";
        Self::new(410, "syncStateNotFound", text)
            .with([("location", start_again(origin, &format!("/v1.0/{collection}/delta")))])
    }

    /// 400 for a link to a next page that can be used no more.
    pub(crate) fn expired_page() -> Self {
        let text = "The specified page token value has expired and can no longer be included in your request.";
        Self::new(400, "Directory_ExpiredPageToken", text)
    }

    /// 403 where the tenant lacks a licence.
    pub(crate) fn not_premium() -> Self {
        let text = "Neither tenant is B2C or tenant doesn't have premium license";
        Self::new(403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", text)
    }

    /// 429.
    pub(crate) fn throttled(refusal: Refusal) -> Self {
        Self::new(429, "TooManyRequests", "Please retry again later.")
            .with([("retry-after", refusal.retry_after.to_string())])
            .with(refusal.headers())
    }

    /// The error a fault orders for a request of this path.
    pub(crate) fn ordered(fault: &Fault, origin: &str, path: &str) -> Self {
        let (status, code, message) = fault.error();
        let error = Self::new(status, code, message).with(fault.headers());
        let located = status == 410 && fault.location != Some(false);
        if located { error.with([("location", start_again(origin, path))]) } else { error }
    }

    pub(crate) fn about(mut self, code: &'static str, target: &str) -> Self {
        self.extra.detail = Some((code, target.to_owned()));
        self
    }

    fn with(mut self, headers: impl IntoIterator<Item = (&'static str, String)>) -> Self {
        self.extra.headers.extend(headers);
        self
    }

    /// The answer, with the ids it is known by.
    pub(crate) fn answer(self, request_id: &str, client_request_id: &str) -> Answer {
        let mut inner =
            json!({"date": clock::now_in_error(), "request-id": request_id, "client-request-id": client_request_id});
        if let (429, Some(inner)) = (self.status, inner.as_object_mut()) {
            inner.insert("code".to_owned(), json!("429"));
            inner.insert("status".to_owned(), json!("429"));
            inner.insert("message".to_owned(), json!("Please retry after"));
        }
        let mut error = json!({"code": self.code, "message": self.message, "innerError": inner});
        if let (Some((code, target)), Some(error)) = (self.extra.detail, error.as_object_mut()) {
            error.insert("details".to_owned(), json!([{"code": code, "message": self.message, "target": target}]));
        }
        let mut answer = Answer::json(self.status, &json!({ "error": error }));
        answer.headers.extend(self.extra.headers);
        let has_challenge = answer.headers.iter().any(|(name, _)| *name == "www-authenticate");
        if self.status == 401 && !has_challenge {
            answer = answer.with("www-authenticate", CHALLENGE);
        }
        answer
    }
}

/// A delta link with an empty token.
fn start_again(origin: &str, path: &str) -> String {
    format!("{origin}{path}?$deltatoken=")
}

/// A new id for a request, in the form of a GUID.
pub(crate) fn new_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let (high, low) = (identifier::mix(number), identifier::mix(number ^ clock::now().unsigned_abs() << 20));
    let bits = (u128::from(high) << 64 | u128::from(low)) & !(0xf << 76) & !(3 << 62) | 4 << 76 | 2 << 62;
    String::from_utf8_lossy(&identifier::format(bits)).into_owned()
}
