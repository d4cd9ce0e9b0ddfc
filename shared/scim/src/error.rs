//! What a client is told when its request cannot be done. RFC 7644 section 3.12.
//!
//! ```
//! use scim::{Error, ScimType};
//!
//! let error = Error::of(ScimType::Uniqueness, "the userName is taken");
//! assert_eq!(error.status, 409);
//! assert_eq!(Error::not_found("no such user").scim_type, None);
//! ```

use serde_json::{Value, json};

/// The schema of an error body.
pub const ERROR_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// What every fallible function here returns.
pub type Result<T> = std::result::Result<T, Error>;

/// A SCIM error: an HTTP status, a keyword for some of them, and a sentence for a person.
///
/// ```
/// let error = scim::Error::invalid_filter("unknown attribute 'shoeSize'");
/// assert_eq!(error.to_value()["status"], "400");
/// assert_eq!(error.to_value()["scimType"], "invalidFilter");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Error {
    /// The HTTP status of the response.
    pub status: u16,
    /// The keyword of RFC 7644 table 9 or RFC 9865 table 3, where one fits.
    pub scim_type: Option<ScimType>,
    /// What was wrong, where, and what to do about it.
    pub detail: String,
}

impl Error {
    /// An error with a status of the caller's choice and no keyword.
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    /// An error with a keyword; the status follows from it.
    pub fn of(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self { status: scim_type.status(), scim_type: Some(scim_type), detail: detail.into() }
    }

    /// The JSON body of RFC 7644 section 3.12; `status` is a string there.
    pub fn to_value(&self) -> Value {
        let mut body = json!({ "schemas": [ERROR_SCHEMA], "status": self.status.to_string() });
        if let Some(object) = body.as_object_mut() {
            if let Some(scim_type) = self.scim_type {
                object.insert("scimType".to_owned(), scim_type.keyword().into());
            }
            if !self.detail.is_empty() {
                object.insert("detail".to_owned(), self.detail.as_str().into());
            }
        }
        body
    }
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $scim_type:ident;)*) => {
        /// One constructor for each keyword.
        impl Error {
            $($(#[$doc])* pub fn $name(detail: impl Into<String>) -> Self { Self::of(ScimType::$scim_type, detail) })*
        }
    };
    (status $($(#[$doc:meta])* $name:ident => $status:literal;)*) => {
        /// One constructor for each status without a keyword.
        impl Error {
            $($(#[$doc])* pub fn $name(detail: impl Into<String>) -> Self { Self::new($status, detail) })*
        }
    };
}

constructors! {
    /// The filter is not well-formed, or compares what cannot be compared.
    invalid_filter => InvalidFilter;
    /// The query yields more than the service is willing to compute.
    too_many => TooMany;
    /// A value that must be unique is taken (409).
    uniqueness => Uniqueness;
    /// A readOnly or immutable attribute would change, or a required one would go.
    mutability => Mutability;
    /// The body does not parse or is not the message it should be.
    invalid_syntax => InvalidSyntax;
    /// The path of a PATCH operation is not well-formed or names an unknown attribute.
    invalid_path => InvalidPath;
    /// The path of a PATCH operation selects nothing, or is missing where it is needed.
    no_target => NoTarget;
    /// A required value is missing, or a value is not of its attribute's type.
    invalid_value => InvalidValue;
    /// The protocol version in the URL is not served.
    invalid_version => InvalidVersion;
    /// The URL holds personal data that belongs into the body of a `.search`.
    sensitive => Sensitive;
    /// The cursor was not issued here, or not for this query.
    invalid_cursor => InvalidCursor;
    /// The cursor was issued too long ago.
    expired_cursor => ExpiredCursor;
    /// The count does not go with the cursor.
    invalid_count => InvalidCount;
}

constructors! { status
    /// 400 without a keyword.
    bad_request => 400;
    /// 401: the caller is not known; the response also needs `WWW-Authenticate`.
    unauthorized => 401;
    /// 403: the caller is known and may not do this.
    forbidden => 403;
    /// 404: no such resource or endpoint.
    not_found => 404;
    /// 405: the endpoint does not know the method.
    method_not_allowed => 405;
    /// 409 without a keyword.
    conflict => 409;
    /// 412: the resource is no longer at the version the caller named.
    precondition_failed => 412;
    /// 413: the body is too large; the detail should name the limit.
    payload_too_large => 413;
    /// 415: the body is not JSON.
    unsupported_media_type => 415;
    /// 429: the caller, or the service behind, has to wait.
    too_many_requests => 429;
    /// 500: a fault of the service.
    internal => 500;
    /// 501: the operation is not offered.
    not_implemented => 501;
    /// 502: the service behind gave an answer that cannot be used.
    bad_gateway => 502;
    /// 503: the service behind cannot be reached or is not able to answer.
    unavailable => 503;
    /// 504: the service behind did not answer in time.
    gateway_timeout => 504;
}

/// The keywords of RFC 7644 table 9 and RFC 9865 table 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ScimType {
    /// `invalidFilter`
    InvalidFilter,
    /// `tooMany`
    TooMany,
    /// `uniqueness`
    Uniqueness,
    /// `mutability`
    Mutability,
    /// `invalidSyntax`
    InvalidSyntax,
    /// `invalidPath`
    InvalidPath,
    /// `noTarget`
    NoTarget,
    /// `invalidValue`
    InvalidValue,
    /// `invalidVers`
    InvalidVersion,
    /// `sensitive`
    Sensitive,
    /// `invalidCursor`
    InvalidCursor,
    /// `expiredCursor`
    ExpiredCursor,
    /// `invalidCount`
    InvalidCount,
}

impl ScimType {
    /// The keyword as it stands in `scimType`.
    pub const fn keyword(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVersion => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }

    /// The status that goes with it: 409 for `uniqueness` (RFC 7644 section 3.3), else 400.
    pub const fn status(self) -> u16 {
        match self {
            Self::Uniqueness => 409,
            _ => 400,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ok_a_keyword_decides_the_status() {
        let body = Error::uniqueness("userName 'a@b' is taken").to_value();
        assert_eq!(
            body,
            json!({ "schemas": [ERROR_SCHEMA], "status": "409", "scimType": "uniqueness", "detail": "userName 'a@b' is taken" })
        );
    }

    #[test]
    fn ok_no_keyword_and_no_detail_leave_no_members() {
        assert_eq!(Error::not_found("").to_value(), json!({ "schemas": [ERROR_SCHEMA], "status": "404" }));
        assert_eq!(Error::of(ScimType::InvalidVersion, "x").to_value()["scimType"], "invalidVers");
    }
}
