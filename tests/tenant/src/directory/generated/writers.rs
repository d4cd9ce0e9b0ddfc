//! How each property of a generated user is written.

use crate::directory::generated::{Person, Shape, Writer};
use crate::directory::json::{number, string};
use crate::{APPLICATION_HEX, DOMAIN};

/// How a generated user writes the property of this name; `None` when none of them has a value.
pub(crate) fn writer(name: &str) -> Option<Writer> {
    WRITERS.iter().find(|(known, _)| *known == name).map(|(_, writer)| *writer)
}

/// Writes the connector's own directory extension property; false where the person has none.
pub(crate) fn extension(person: &Person, name: &str, out: &mut Vec<u8>) -> bool {
    let wanted = name.strip_prefix("extension_").and_then(|rest| rest.strip_prefix(APPLICATION_HEX));
    if wanted != Some("_externalId") || !person.row.is_multiple_of(3) {
        return false;
    }
    out.extend_from_slice(b"\"P");
    number(out, person.row, 7);
    out.push(b'"');
    true
}

/// Every property a generated user has a value for.
const WRITERS: [(&str, Writer); 48] = [
    ("accountEnabled", |p, out| boolean(out, p.row % 25 != 9)),
    ("assignedLicenses", |p, out| {
        let licence = r#"{"disabledPlans":[],"skuId":"05e9a617-0261-4cee-bb44-138d3ef5d965"}"#;
        list(out, p.shape != Shape::Guest && p.row % 25 != 9, licence);
    }),
    ("businessPhones", |p, out| {
        out.push(b'[');
        if p.row % 9 != 8 {
            p.phone(out, 1);
        }
        out.push(b']');
    }),
    ("city", |p, out| string(out, p.office.city)),
    ("companyName", |p, out| string(out, if p.shape == Shape::Guest { "Fabrikam" } else { "Contoso" })),
    ("country", |p, out| string(out, p.office.country)),
    ("createdDateTime", |p, out| p.date_time(out, 3, "07:30:00")),
    ("creationType", |p, out| p.only(Shape::Guest, out, |_, out| string(out, "Invitation"))),
    ("department", |p, out| string(out, p.department)),
    ("displayName", |p, out| quoted(out, |out| p.display_name(out))),
    ("employeeHireDate", |p, out| p.date_time(out, 7, "00:00:00")),
    ("employeeId", |p, out| {
        quoted(out, |out| {
            out.push(b'E');
            number(out, p.row, 7);
        });
    }),
    ("employeeLeaveDateTime", |p, out| {
        if p.row % 25 == 9 {
            string(out, "2026-06-30T17:00:00Z");
        } else {
            out.extend_from_slice(b"null");
        }
    }),
    ("employeeOrgData", |p, out| {
        out.extend_from_slice(br#"{"division":"#);
        string(out, p.office.division);
        out.extend_from_slice(br#","costCenter":""#);
        number(out, 1_000 + (p.seed >> 50) as u32 % 90 * 10, 4);
        out.extend_from_slice(b"\"}");
    }),
    ("employeeType", |p, out| string(out, if p.row % 6 == 5 { "Contractor" } else { "Employee" })),
    ("externalUserState", |p, out| p.only(Shape::Guest, out, |_, out| string(out, "Accepted"))),
    ("externalUserStateChangeDateTime", |p, out| {
        p.only(Shape::Guest, out, |p, out| p.date_time(out, 11, "08:00:00"));
    }),
    ("faxNumber", |p, out| if p.row % 4 == 2 { p.phone(out, 9) } else { out.extend_from_slice(b"null") }),
    ("givenName", |p, out| string(out, p.given.text)),
    ("identities", |p, out| {
        out.extend_from_slice(br#"[{"signInType":"userPrincipalName","issuer":""#);
        out.extend_from_slice(DOMAIN.as_bytes());
        out.extend_from_slice(br#"","issuerAssignedId":""#);
        p.principal_name(out);
        out.extend_from_slice(b"\"}]");
    }),
    ("imAddresses", |p, out| addresses(out, p, "", false)),
    ("jobTitle", |p, out| string(out, p.title)),
    ("lastPasswordChangeDateTime", |p, out| p.date_time(out, 17, "12:00:00")),
    ("mail", |p, out| {
        out.push(b'"');
        if p.mail(out) {
            out.push(b'"');
        } else {
            out.pop();
            out.extend_from_slice(b"null");
        }
    }),
    ("mailNickname", |p, out| quoted(out, |out| p.alias(out))),
    ("mobilePhone", |p, out| if p.row % 5 == 4 { out.extend_from_slice(b"null") } else { p.phone(out, 77) }),
    ("officeLocation", |p, out| {
        quoted(out, |out| {
            number(out, (p.seed >> 20) as u32 % 40, 1);
            out.push(b'/');
            number(out, (p.seed >> 28) as u32 % 4_000, 4);
        });
    }),
    ("onPremisesDistinguishedName", |p, out| {
        p.only(Shape::Synchronised, out, |p, out| {
            out.extend_from_slice(b"\"CN=");
            p.alias(out);
            out.extend_from_slice(b",OU=People,DC=corp,DC=contoso,DC=com\"");
        });
    }),
    ("onPremisesDomainName", |p, out| p.only(Shape::Synchronised, out, |_, out| string(out, "corp.contoso.com"))),
    ("onPremisesExtensionAttributes", |p, out| extension_attributes(out, p)),
    ("onPremisesImmutableId", |p, out| {
        p.only(Shape::Synchronised, out, |p, out| {
            quoted(out, |out| {
                number(out, p.row, 10);
                out.extend_from_slice(b"kqVvZw2U6aXQ==");
            });
        });
    }),
    ("onPremisesLastSyncDateTime", |p, out| {
        p.only(Shape::Synchronised, out, |_, out| string(out, "2026-11-20T04:15:00Z"));
    }),
    ("onPremisesSamAccountName", |p, out| p.only(Shape::Synchronised, out, |p, out| quoted(out, |out| p.alias(out)))),
    ("onPremisesSecurityIdentifier", |p, out| {
        p.only(Shape::Synchronised, out, |p, out| {
            out.extend_from_slice(b"\"S-1-5-21-1004336348-1177238915-682003330-");
            number(out, p.row, 4);
            out.push(b'"');
        });
    }),
    ("onPremisesSyncEnabled", |p, out| p.only(Shape::Synchronised, out, |_, out| boolean(out, true))),
    ("onPremisesUserPrincipalName", |p, out| {
        p.only(Shape::Synchronised, out, |p, out| quoted(out, |out| p.principal_name(out)));
    }),
    ("otherMails", |p, out| addresses(out, p, "private+", p.row % 3 == 1)),
    ("postalCode", |p, out| string(out, p.office.postal_code)),
    ("preferredLanguage", |p, out| string(out, p.office.language)),
    ("proxyAddresses", |p, out| {
        if p.shape == Shape::Guest { out.extend_from_slice(b"[]") } else { addresses(out, p, "SMTP:", true) }
    }),
    ("showInAddressList", |p, out| boolean(out, p.shape != Shape::Guest)),
    ("signInActivity", |p, out| {
        out.extend_from_slice(br#"{"lastSignInDateTime":"#);
        p.date_time(out, 21, "06:45:00");
        out.push(b'}');
    }),
    ("state", |p, out| match p.office.state {
        Some(state) => string(out, state),
        None => out.extend_from_slice(b"null"),
    }),
    ("streetAddress", |p, out| string(out, p.office.street)),
    ("surname", |p, out| string(out, p.surname.text)),
    ("usageLocation", |p, out| string(out, p.office.country_code)),
    ("userPrincipalName", |p, out| quoted(out, |out| p.principal_name(out))),
    ("userType", |p, out| string(out, if p.shape == Shape::Guest { "Guest" } else { "Member" })),
];

fn quoted(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    out.push(b'"');
    write(out);
    out.push(b'"');
}

fn boolean(out: &mut Vec<u8>, value: bool) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

fn list(out: &mut Vec<u8>, filled: bool, item: &str) {
    out.push(b'[');
    if filled {
        out.extend_from_slice(item.as_bytes());
    }
    out.push(b']');
}

fn addresses(out: &mut Vec<u8>, person: &Person, prefix: &str, wanted: bool) {
    out.push(b'[');
    let start = out.len();
    out.push(b'"');
    out.extend_from_slice(prefix.as_bytes());
    if wanted && person.mail(out) {
        out.push(b'"');
    } else {
        out.truncate(start);
    }
    out.push(b']');
}

/// Graph always sends all fifteen, most of them null.
fn extension_attributes(out: &mut Vec<u8>, person: &Person) {
    out.extend_from_slice(br#"{"extensionAttribute1":""#);
    out.extend_from_slice(person.office.division.as_bytes());
    out.extend_from_slice(br#"","extensionAttribute2":"#);
    if person.row.is_multiple_of(2) {
        out.extend_from_slice(b"\"badge ");
        number(out, person.row % 10_000, 4);
        out.push(b'"');
    } else {
        out.extend_from_slice(b"null");
    }
    out.extend_from_slice(REMAINING_EXTENSION_ATTRIBUTES);
}

const REMAINING_EXTENSION_ATTRIBUTES: &[u8] = br#","extensionAttribute3":null,"extensionAttribute4":null,"extensionAttribute5":null,"extensionAttribute6":null,"extensionAttribute7":null,"extensionAttribute8":null,"extensionAttribute9":null,"extensionAttribute10":null,"extensionAttribute11":null,"extensionAttribute12":null,"extensionAttribute13":null,"extensionAttribute14":null,"extensionAttribute15":null}"#;
