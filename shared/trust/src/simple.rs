//! The callers of a deployment without tenants: names and unsalted hashes of their tokens.
//!
//! What stands in the variables `caller_token_sha256` and `timer_token_sha256` is checked here until every function
//! calls [`admit`](crate::admit()).

use http::{HeaderMap, header};
use sha2::{Digest, Sha256};

/// The longest token that is looked at, in bytes.
const LONGEST_TOKEN: usize = 8 * 1024;

/// The length of a SHA-256, in bytes.
const LENGTH: usize = 32;

/// Tells which of `callers` shows its token.
///
/// # Errors
///
/// [`Denied`] when the request shows no token, or one that is nobody's.
///
/// ```
/// let hash = "0a3666a0710c08aa6d0de92ce72beeb5b93124cce1bf3701c9d6cdeb543cb73e";
/// assert!(trust::simple::Callers::new(&[("caller", hash)]).is_ok());
/// ```
pub fn authenticate(headers: &HeaderMap, callers: &Callers) -> Result<Caller, Denied> {
    let Some(authorization) = headers.get(header::AUTHORIZATION) else { return Err(Denied::absent()) };
    let Some(token) = bearer(authorization.as_bytes()) else { return Err(Denied::absent()) };
    if token.len() > LONGEST_TOKEN || headers.get_all(header::AUTHORIZATION).iter().count() > 1 {
        return Err(Denied::wrong());
    }
    let shown: [u8; LENGTH] = Sha256::digest(token).into();
    // All are compared, so that the time tells nothing of who matched.
    let mut found = None;
    for (name, expected) in &callers.0 {
        if is_same(&shown, expected) {
            found = found.or(Some(Caller { name }));
        }
    }
    found.ok_or_else(Denied::wrong)
}

/// The callers that are let in: a name and the SHA-256 of a token each.
#[derive(Clone, Debug)]
pub struct Callers(Vec<(&'static str, [u8; LENGTH])>);

impl Callers {
    /// The callers by name, and the SHA-256 of their token as 64 hexadecimal digits; an empty one lets nobody in.
    ///
    /// # Errors
    ///
    /// [`Error`] names the caller whose hash is none.
    pub fn new(hashes: &[(&'static str, &str)]) -> Result<Self, Error> {
        let given = hashes.iter().map(|(name, hash)| (*name, hash.trim())).filter(|(_, hash)| !hash.is_empty());
        given
            .map(|(name, hash)| parse(hash).map(|hash| (name, hash)).ok_or(Error(name)))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

/// The hash of a caller's token is not one.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "the hash of the token of the {0} is not 64 hexadecimal digits: give what `printf %s TOKEN | sha256sum` prints"
)]
pub struct Error(&'static str);

/// Who is calling.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Caller {
    /// The name that [`Callers::new`] was given.
    pub name: &'static str,
}

/// Why a request is not let in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Denied {
    /// The value of `WWW-Authenticate`, RFC 6750 section 3.
    pub challenge: &'static str,
    /// The body of the answer, whose status is 401.
    pub error: scim::Error,
}

impl Denied {
    /// A request without a token gets no error code: RFC 6750 section 3.1.
    fn absent() -> Self {
        let detail = "the request shows no token: send the header 'Authorization: Bearer' with your token";
        Self { challenge: r#"Bearer realm="entra-scim""#, error: scim::Error::unauthorized(detail) }
    }

    fn wrong() -> Self {
        Self {
            challenge: r#"Bearer realm="entra-scim", error="invalid_token""#,
            error: scim::Error::unauthorized("the token is not one that is let in"),
        }
    }
}

/// The token; schemes are case-insensitive, RFC 9110 section 11.1.
fn bearer(authorization: &[u8]) -> Option<&[u8]> {
    let (scheme, token) = authorization.split_at_checked("bearer ".len())?;
    let token = token.trim_ascii();
    (scheme.eq_ignore_ascii_case(b"bearer ") && !token.is_empty()).then_some(token)
}

/// Takes the same time wherever the two differ.
fn is_same(left: &[u8; LENGTH], right: &[u8; LENGTH]) -> bool {
    let difference = left.iter().zip(right).fold(0, |difference, (left, right)| difference | (left ^ right));
    std::hint::black_box(difference) == 0
}

fn parse(hex: &str) -> Option<[u8; LENGTH]> {
    let digits: Vec<u8> = hex
        .chars()
        .map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair.iter().fold(0, |byte, digit| (byte << 4) | digit)).collect();
    (digits.len() == 2 * LENGTH).then_some(())?;
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};
    use sha2::{Digest, Sha256};

    use super::{Callers, LONGEST_TOKEN, authenticate};

    fn hash(token: &str) -> String {
        Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The caller's name, or the challenge.
    fn check(authorization: &[&str]) -> Result<&'static str, &'static str> {
        let callers =
            Callers::new(&[("caller", &hash("contoso-demo")), ("timer", &hash("tick").to_uppercase())]).unwrap();
        let mut headers = HeaderMap::new();
        for value in authorization {
            headers.append("authorization", HeaderValue::from_str(value).unwrap());
        }
        authenticate(&headers, &callers).map(|caller| caller.name).map_err(|denied| {
            assert_eq!(denied.error.status, 401);
            denied.challenge
        })
    }

    const ABSENT: Result<&str, &str> = Err(r#"Bearer realm="entra-scim""#);
    const WRONG: Result<&str, &str> = Err(r#"Bearer realm="entra-scim", error="invalid_token""#);

    #[test]
    fn ok_the_token_tells_the_caller() {
        let long = format!("Bearer {}", "x".repeat(LONGEST_TOKEN + 1));
        for (authorization, expected) in [
            (vec!["Bearer contoso-demo"], Ok("caller")),
            (vec!["bEARER  contoso-demo "], Ok("caller")),
            (vec!["Bearer tick"], Ok("timer")),
            (vec!["Bearer contoso-dem"], WRONG),
            (vec!["Bearer contoso-demo2"], WRONG),
            (vec!["Bearer Contoso-demo"], WRONG),
            (vec!["Bearer contoso-demo", "Bearer tick"], WRONG),
            (vec![long.as_str()], WRONG),
            (vec![], ABSENT),
            (vec![""], ABSENT),
            (vec!["Bearer"], ABSENT),
            (vec!["Bearer "], ABSENT),
            (vec!["contoso-demo"], ABSENT),
            (vec!["Basic Y29udG9zbw=="], ABSENT),
        ] {
            assert_eq!(check(&authorization), expected, "{authorization:?}");
        }
    }

    #[test]
    fn ok_an_empty_hash_lets_nobody_in() {
        let callers = Callers::new(&[("caller", ""), ("timer", " ")]).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static("Bearer x"));
        assert!(authenticate(&headers, &callers).is_err());
    }

    #[test]
    fn err_a_hash_has_64_digits() {
        for malformed in ["contoso-demo", &hash("a")[1..], &format!("{}0", hash("a")), &"g".repeat(64), &"é".repeat(64)]
        {
            let error = Callers::new(&[("caller", malformed)]).unwrap_err().to_string();
            assert!(error.contains("the caller") && !error.contains(malformed), "{error}");
        }
    }
}
