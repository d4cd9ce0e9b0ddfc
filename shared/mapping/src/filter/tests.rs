use super::*;
use crate::{GROUPS, USERS};

const ID: &str = "f6ede700-27d0-4c42-bfb9-4dffff43c74a";

/// The translation in one line: `relation of id: text ! unique | residual`.
fn translated(mapping: &'static Mapping, filter: &str) -> String {
    let property = || Some("extension_x_externalId".to_owned());
    let settings = Settings { external_id: property(), group_external_id: property() };
    let filter = Filter::parse(filter).and_then(|filter| filter.resolve(mapping.resource_type));
    let query = match filter.and_then(|filter| translate(mapping, &settings, &filter)) {
        Ok(Translation::Nothing) => return "nothing".to_owned(),
        Ok(Translation::Query(query)) => query,
        Err(error) => return format!("{} {}", error.status, error.detail),
    };
    let mut words = Vec::new();
    if let Source::Relation { id, relation } = query.source {
        words.push(format!("{relation} of {}:", id.replace(ID, "ID")));
    }
    words.push(query.text.unwrap_or_else(|| "-".to_owned()).replace(ID, "ID"));
    words.extend(query.advanced.then(|| "!".to_owned()));
    words.extend(query.unique.then(|| "unique".to_owned()));
    if let Some(residual) = query.residual {
        words.push(format!("| {residual}").replace(ID, "ID"));
        assert!(!query.paths.is_empty());
    }
    words.join(" ")
}

/// Checks translations; `ID`, `ENTERPRISE`, `ENTRA` and `ENTRA_GROUP` stand for what is too long for a line.
fn check(mapping: &'static Mapping, cases: &[(&str, &str)]) {
    const NAMES: [(&str, &str); 3] =
        [("ENTERPRISE", crate::ENTERPRISE), ("ENTRA_GROUP", crate::ENTRA_GROUP), ("ENTRA", crate::ENTRA)];
    for (filter, expected) in cases {
        let long = NAMES.iter().fold(filter.replace("ID", ID), |text, (short, long)| text.replace(short, long));
        let actual = translated(mapping, &long);
        let actual = NAMES.iter().fold(actual, |text, (short, long)| text.replace(long, short));
        assert_eq!(actual, *expected, "{filter}");
    }
}

const OF_SINGLE_VALUES: &[(&str, &str)] = &[
    (r#"userName eq "o'brien@x.y""#, "userPrincipalName eq 'o''brien@x.y' unique"),
    (r#"USERNAME Eq "a+b@x.y""#, "userPrincipalName eq 'a+b@x.y' unique"),
    (r#"userName eq "Zoë#EXT#@x.y""#, "userPrincipalName eq 'Zoë#EXT#@x.y' unique"),
    (r#"userName eq "bjensen""#, "userPrincipalName eq 'bjensen' unique"),
    (r#"id eq "ID""#, "id eq 'ID' unique"),
    (r#"id eq "7""#, "nothing"),
    (
        r#"id eq "ID" or id eq "a6ede700-27d0-4c42-bfb9-4dffff43c74a""#,
        "id in ('ID','a6ede700-27d0-4c42-bfb9-4dffff43c74a')",
    ),
    (r#"id ne "ID""#, "id ne 'ID' !"),
    (r#"externalId eq "701984""#, r#"extension_x_externalId eq '701984' | externalId eq "701984""#),
    (r#"displayName eq "x""#, "displayName eq 'x'"),
    (r#"displayName ne "x""#, "displayName ne 'x' !"),
    // It may have been made up of the user name; then there is none.
    (r#"displayName eq "a@b.c""#, r#"displayName eq 'a@b.c' | displayName eq "a@b.c""#),
    (r#"displayName sw "x""#, r#"startsWith(displayName,'x') | displayName sw "x""#),
    ("displayName pr", "- | displayName pr"),
    ("active eq true", "accountEnabled eq true"),
    (r#"active eq "False""#, "accountEnabled eq false"),
    ("active ne true", "accountEnabled eq false"),
    ("active pr", "-"),
    ("userName pr", "-"),
    ("id pr", "-"),
    ("title pr", "jobTitle ne null !"),
    ("title eq null", "jobTitle eq null !"),
    (r#"title pr and userType eq "Employee""#, "jobTitle ne null and employeeType eq 'Employee' !"),
    (r#"title pr or userType eq "Intern""#, "jobTitle ne null or employeeType eq 'Intern' !"),
    (
        r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#,
        r#"employeeType eq 'Employee' ! | emails.value co "example.com" or emails.value co "example.org""#,
    ),
    (
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
        r#"employeeType ne 'Employee' ! | not (emails.value co "example.com") and not (emails.value co "example.org")"#,
    ),
    (r#"name.familyName co "O'Malley""#, r#"- | name.familyName co "O'Malley""#),
    (r#"name.familyName eq "O'Malley""#, "surname eq 'O''Malley'"),
    ("name pr", "- | name pr"),
    ("name.givenName pr", "givenName ne null !"),
    (r#"userName sw "J""#, "startsWith(userPrincipalName,'J')"),
    (r#"userName ew "@x.y""#, "endsWith(userPrincipalName,'@x.y') !"),
    (r#"title gt "a""#, r#"- | title gt "a""#),
    (r#"title eq """#, "nothing"),
    (r#"title ne """#, "-"),
    (r#"title sw """#, "jobTitle ne null !"),
    (r#"title eq "a\u0000b""#, r#"- | title eq "a\u0000b""#),
    (r#"password eq "x""#, "400 'password' cannot be filtered by"),
    (r#"profileUrl eq "x""#, "400 'profileUrl' cannot be filtered by: it is read for one at a time"),
    (r#"nickName eq "x""#, "400 'nickName' cannot be filtered by"),
    (r#"ENTERPRISE:department eq "Sales""#, "department eq 'Sales'"),
    (r#"ENTERPRISE:employeeNumber eq "7""#, "employeeId eq '7'"),
    (r#"ENTERPRISE:costCenter eq "7""#, "employeeOrgData/costCenter eq '7' !"),
    (
        r#"ENTRA:onPremisesImmutableId eq "A==""#,
        r#"onPremisesImmutableId eq 'A==' | ENTRA:onPremisesImmutableId eq "A==""#,
    ),
    (r#"ENTRA:onPremisesImmutableId ne "A==""#, r#"- | ENTRA:onPremisesImmutableId ne "A==""#),
    ("ENTRA:onPremisesSyncEnabled ne true", "onPremisesSyncEnabled ne true !"),
    (r#"ENTRA:userType eq "Guest""#, "userType eq 'Guest'"),
    (r#"userName eq "a" and title pr"#, "userPrincipalName eq 'a' unique | title pr"),
    (r#"userName eq "a" and active eq true"#, "userPrincipalName eq 'a' and accountEnabled eq true unique"),
    (
        r#"urn:ietf:params:scim:schemas:extension:azureOnPremData:2.0:User:onPremisesExtensionAttributes.extensionAttribute1 eq "x""#,
        "onPremisesExtensionAttributes/extensionAttribute1 eq 'x' !",
    ),
    (
        r#"ENTRA:mailNickname eq "a" and ENTRA:mailNickname ew "b""#,
        r#"mailNickname eq 'a' | ENTRA:mailNickname ew "b""#,
    ),
];

#[test]
fn filters_of_single_values() {
    check(&USERS, OF_SINGLE_VALUES);
}

const OF_ELEMENTS: &[(&str, &str)] = &[
    (r#"emails[type eq "work"].value eq "a@b.c""#, "mail eq 'a@b.c'"),
    (r#"emails[type eq "work"] eq "a@b.c""#, "mail eq 'a@b.c'"),
    (r#"emails.value eq "a@b.c""#, r#"mail eq 'a@b.c' or otherMails/any(p:p eq 'a@b.c')"#),
    (r#"emails eq "a@b.c""#, r#"mail eq 'a@b.c' or otherMails/any(p:p eq 'a@b.c')"#),
    (r#"emails[value eq "a@b.c"]"#, r#"mail eq 'a@b.c' or otherMails/any(p:p eq 'a@b.c')"#),
    (r#"emails[type eq "home"].value eq "a@b.c""#, "nothing"),
    (r#"emails[type eq "WORK" and value co "@x"]"#, r#"- | emails[type eq "WORK" and value co "@x"]"#),
    (
        r#"emails[primary eq true and value eq "a"]"#,
        r#"mail eq 'a' or otherMails/any(p:p eq 'a') | emails[primary eq true and value eq "a"]"#,
    ),
    (r#"phoneNumbers[primary eq true and type eq "work"].value eq "1""#, "businessPhones/any(p:p eq '1') !"),
    (r#"emails[type eq "other" and value ew "@x.y"]"#, "otherMails/any(p:endsWith(p,'@x.y')) !"),
    (r#"emails[type eq "proxyAddress" and value sw "a"]"#, "nothing"),
    (r#"ENTRA:proxyAddresses sw "smtp:a""#, "proxyAddresses/any(p:startsWith(p,'smtp:a'))"),
    (r#"emails.type eq "work""#, "mail ne null !"),
    ("emails pr", "mail ne null or otherMails/$count ne 0 !"),
    (r#"emails.value ne "a""#, r#"- | emails.value ne "a""#),
    (
        r#"emails[type eq "work" and not (value ew "@x.y")]"#,
        "mail ne null and (not(endsWith(mail,'@x.y')) or mail eq null) !",
    ),
    (r#"emails[not (type eq "other") and value eq "a"]"#, "mail eq 'a'"),
    (r#"emails[type eq "other" and not (value eq "a")]"#, r#"- | emails[type eq "other" and not (value eq "a")]"#),
    (
        r#"emails.type eq "work" and emails.value co "@example.com""#,
        r#"mail ne null ! | emails.value co "@example.com""#,
    ),
    (r#"phoneNumbers.value eq "1""#, "businessPhones/any(p:p eq '1') or mobilePhone eq '1' or faxNumber eq '1' !"),
    (r#"phoneNumbers[type eq "mobile"].value eq "1""#, "mobilePhone eq '1' !"),
    (r#"phoneNumbers[type eq "work"].value eq "1""#, "businessPhones/any(p:p eq '1') !"),
    ("phoneNumbers pr", "- | phoneNumbers pr"),
    (
        r#"addresses[type eq "work" and locality eq "Köln" and postalCode sw "5"]"#,
        "city eq 'Köln' and startsWith(postalCode,'5') !",
    ),
    (r#"addresses.country eq "DE""#, "country eq 'DE'"),
    (r#"ims.value eq "sip:a@b.c""#, "imAddresses/any(p:p eq 'sip:a@b.c')"),
    (
        r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#,
        r#"employeeType eq 'Employee' ! | emails[type eq "work" and value co "@example.com"]"#,
    ),
];

#[test]
fn filters_of_elements() {
    check(&USERS, OF_ELEMENTS);
}

const BY_LOGIC: &[(&str, &str)] = &[
    (r#"not (emails.value eq "a")"#, "mail ne 'a' and not(otherMails/any(p:p eq 'a')) !"),
    (r#"not (emails[type eq "other" and value eq "a"])"#, "not(otherMails/any(p:p eq 'a')) !"),
    (r#"not (groups.value eq "ID")"#, r#"- | not (groups.value eq "ID")"#),
    ("not (title pr)", "jobTitle eq null !"),
    (r#"not (userName sw "J")"#, "not(startsWith(userPrincipalName,'J')) !"),
    (r#"not (title sw "J")"#, "not(startsWith(jobTitle,'J')) or jobTitle eq null !"),
    (r#"not (title eq "a" or title eq "b")"#, "jobTitle ne 'a' and jobTitle ne 'b' !"),
    (r#"not (title eq "a" and city eq "b")"#, "jobTitle ne 'a' or city ne 'b' !"),
    (r#"not (not (title eq "a"))"#, "jobTitle eq 'a'"),
    (r#"title eq "a" or city eq "b" and state eq "c""#, "jobTitle eq 'a' or (city eq 'b' and state eq 'c')"),
    (r#"title eq "a" or displayName co "b""#, r#"- | title eq "a" or displayName co "b""#),
    (r#"title eq "a" or title eq "b" or title eq "c""#, "jobTitle in ('a','b','c')"),
    (
        r#"not (meta.created ge "2011-05-13T04:42:34Z")"#,
        "not(createdDateTime ge 2011-05-13T04:42:34Z) or createdDateTime eq null !",
    ),
    (
        r#"not (meta.created gt "2011-05-13T04:42:34Z")"#,
        "createdDateTime le 2011-05-13T04:42:34Z or createdDateTime eq null !",
    ),
    (
        r#"userName eq "a" or externalId eq "a""#,
        r#"userPrincipalName eq 'a' or extension_x_externalId eq 'a' | userName eq "a" or externalId eq "a""#,
    ),
];

#[test]
fn filters_by_logic() {
    check(&USERS, BY_LOGIC);
}

const BY_RELATIONSHIP: &[(&str, &str)] = &[
    (r#"id eq "ID" and ENTERPRISE:manager eq "ID""#, "id eq 'ID' and manager/id eq 'ID' unique"),
    (r#"ENTERPRISE:manager.value eq "ID""#, "manager/id eq 'ID'"),
    (r#"ENTERPRISE:manager.value eq "bob""#, "nothing"),
    (r#"ENTERPRISE:manager.value ne "ID""#, r#"- | ENTERPRISE:manager.value ne "ID""#),
    ("ENTERPRISE:manager pr", "- | ENTERPRISE:manager pr"),
    (r#"groups.value eq "ID""#, "members of ID: -"),
    (r#"groups.value eq "ID" and active eq true"#, "members of ID: - | active eq true"),
    (r#"groups eq "x""#, "nothing"),
    (r#"groups[value eq "ID"]"#, "members of ID: -"),
    (r#"ENTRA:transitiveGroups.value eq "ID""#, "transitiveMembers of ID: -"),
    (r#"ENTRA:ownedGroups.value eq "ID""#, "owners of ID: -"),
];

#[test]
fn filters_by_relationship() {
    check(&USERS, BY_RELATIONSHIP);
}

const BY_TIME_AND_KIND: &[(&str, &str)] = &[
    (r#"meta.created ge "2011-05-13T04:42:34Z""#, "createdDateTime ge 2011-05-13T04:42:34Z"),
    (
        r#"meta.created gt "2011-05-13T06:42:34+02:00""#,
        r#"createdDateTime ge 2011-05-13T04:42:34Z | meta.created gt "2011-05-13T06:42:34+02:00""#,
    ),
    (
        r#"meta.created le "2011-05-13T04:42:34.5Z""#,
        r#"createdDateTime le 2011-05-13T04:42:35Z | meta.created le "2011-05-13T04:42:34.5Z""#,
    ),
    (r#"meta.created eq "2011-05-13T04:42:34""#, "createdDateTime eq 2011-05-13T04:42:34Z"),
    (
        r#"startDateTime lt "2026-01-01T00:00:00Z""#,
        r#"employeeHireDate le 2026-01-01T00:00:00Z ! | startDateTime lt "2026-01-01T00:00:00Z""#,
    ),
    (
        r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
        "400 meta.lastModified cannot be filtered by: Entra keeps no time of change; the inventory tells what changed",
    ),
    (r#"meta.resourceType eq "User""#, "-"),
    (r#"meta.resourceType eq "Group""#, "nothing"),
    (r#"meta.location eq "http://h/Users/1""#, r#"- | meta.location eq "http://h/Users/1""#),
    (r#"meta.version eq "W/\"1\"""#, "400 'meta.version' cannot be filtered by like that"),
    (r#"schemas eq "urn:ietf:params:scim:schemas:core:2.0:User""#, "-"),
    (r#"schemas eq "ENTERPRISE""#, r#"- | schemas eq "ENTERPRISE""#),
    (r#"schemas eq "urn:x:y""#, "nothing"),
    (
        r#"ENTRA:signInActivity.lastSignInDateTime le "2026-01-01T00:00:00Z""#,
        "signInActivity/lastSignInDateTime le 2026-01-01T00:00:00Z",
    ),
    (
        r#"active eq true and ENTRA:signInActivity.lastSignInDateTime le "2026-01-01T00:00:00Z""#,
        "signInActivity/lastSignInDateTime le 2026-01-01T00:00:00Z | active eq true",
    ),
];

#[test]
fn filters_by_time_and_kind() {
    check(&USERS, BY_TIME_AND_KIND);
}

const OF_GROUPS: &[(&str, &str)] = &[
    (r#"displayName eq "x""#, "displayName eq 'x'"),
    (r#"id eq "ID""#, "id eq 'ID' unique"),
    (r#"id eq "ID" and members eq "ID""#, r#"memberOf of ID: - unique | id eq "ID""#),
    (r#"members eq "ID""#, "memberOf of ID: -"),
    (r#"members.value eq "ID""#, "memberOf of ID: -"),
    (r#"members[value eq "ID"]"#, "memberOf of ID: -"),
    (
        r#"members[value eq "ID" and type eq "User"]"#,
        r#"memberOf of ID: - | members[value eq "ID" and type eq "User"]"#,
    ),
    (r#"members.value eq "ID" and displayName sw "a""#, r#"memberOf of ID: - | displayName sw "a""#),
    (r#"members.value eq "ID" or displayName sw "a""#, r#"- | members.value eq "ID" or displayName sw "a""#),
    (
        r#"members.value eq "ID" and members.value eq "a6ede700-27d0-4c42-bfb9-4dffff43c74a""#,
        r#"memberOf of ID: - | members.value eq "a6ede700-27d0-4c42-bfb9-4dffff43c74a""#,
    ),
    (r#"members.value eq "bob""#, "nothing"),
    ("members pr", "- | members pr"),
    (r#"ENTRA_GROUP:owners.value eq "ID""#, "ownedObjects of ID: -"),
    (r#"ENTRA_GROUP:memberOf.value eq "ID""#, "members of ID: -"),
    (r#"ENTRA_GROUP:transitiveMembers.value eq "ID""#, "transitiveMemberOf of ID: -"),
    (r#"externalId eq "7""#, r#"extension_x_externalId eq '7' | externalId eq "7""#),
    (r#"meta.created ge "2011-05-13T04:42:34Z""#, r#"- | meta.created ge "2011-05-13T04:42:34Z""#),
    (r#"meta.resourceType eq "Group""#, "-"),
    (r#"ENTRA_GROUP:groupTypes eq "Unified""#, "groupTypes/any(p:p eq 'Unified')"),
    (r#"not (ENTRA_GROUP:groupTypes eq "Unified")"#, "not(groupTypes/any(p:p eq 'Unified')) !"),
    (r#"ENTRA_GROUP:groupTypes ne "Unified""#, r#"- | ENTRA_GROUP:groupTypes ne "Unified""#),
    ("ENTRA_GROUP:groupTypes pr", "- | ENTRA_GROUP:groupTypes pr"),
    (r#"ENTRA_GROUP:proxyAddresses eq "SMTP:a@b.c""#, "proxyAddresses/any(p:p eq 'SMTP:a@b.c')"),
    ("ENTRA_GROUP:securityEnabled eq true", "securityEnabled eq true"),
    ("ENTRA_GROUP:securityEnabled ne true", "securityEnabled eq false"),
    (r#"ENTRA_GROUP:mailNickname eq "a""#, "mailNickname eq 'a'"),
    (r#"ENTRA_GROUP:description eq "x""#, "description eq 'x' !"),
    (r#"ENTRA_GROUP:visibility eq "Private""#, r#"- | ENTRA_GROUP:visibility eq "Private""#),
    (r#"displayName ew "x""#, r#"- | displayName ew "x""#),
    (r#"ENTRA_GROUP:mailEnabled eq false and displayName co "x""#, r#"mailEnabled eq false | displayName co "x""#),
    (r#"ENTRA_GROUP:expirationDateTime le "2026-01-01T00:00:00Z""#, "expirationDateTime le 2026-01-01T00:00:00Z !"),
];

#[test]
fn filters_of_groups() {
    check(&GROUPS, OF_GROUPS);
}

#[test]
fn what_is_too_much_for_one_query_is_left_over() {
    let many = |count: usize| (0..count).map(|n| format!("title eq \"{n}\"")).collect::<Vec<_>>().join(" or ");
    assert!(translated(&USERS, &many(15)).ends_with("'14')"));
    assert_eq!(translated(&USERS, &many(16)), format!("- | {}", many(16)));
    let filter = format!("({}) and city eq \"a\" and active eq true", many(14));
    assert!(translated(&USERS, &filter).ends_with("'13') and city eq 'a' | active eq true"));
    let long = format!("title eq \"{}\"", "x".repeat(3000));
    assert_eq!(translated(&USERS, &long), format!("- | {long}"));
    let deep = (0..12).fold("title eq \"a\"".to_owned(), |inner, n| match n % 2 {
        0 => format!("city eq \"{n}\" or ({inner})"),
        _ => format!("state eq \"{n}\" and ({inner})"),
    });
    assert!(translated(&USERS, &deep).contains("| "));
}

#[test]
fn the_residual_names_what_it_looks_at() {
    let filter = r#"userName co "a" and name.givenName co "b" and (emails.value co "c" or schemas eq "urn:x:y") and meta.location sw "h""#;
    let filter = Filter::parse(filter).and_then(|filter| filter.resolve(&crate::USER)).unwrap();
    let Ok(Translation::Query(query)) = translate(&USERS, &Settings::default(), &filter) else { panic!() };
    let extensions = [crate::ENTRA, crate::ON_PREMISES, crate::ENTERPRISE];
    let expected: Vec<_> = ["emails", "meta.location", "name", "schemas", "userName"].to_vec();
    let names: Vec<_> = query.paths.iter().filter(|path| !extensions.contains(&path.as_str())).collect();
    assert_eq!(names, expected.into_iter().filter(|name| *name != "schemas").collect::<Vec<_>>());
    assert_eq!(query.paths.len(), 7);
}

#[test]
fn external_id_may_be_kept_in_any_property() {
    let filter = Filter::parse("externalId eq \"7\"").and_then(|filter| filter.resolve(&crate::USER)).unwrap();
    let ask = |property: Option<&str>| {
        let settings = Settings { external_id: property.map(str::to_owned), ..Settings::default() };
        match translate(&USERS, &settings, &filter).unwrap() {
            Translation::Nothing => "nothing".to_owned(),
            Translation::Query(query) => format!("{} {}", query.text.unwrap_or_default(), query.advanced),
        }
    };
    assert_eq!(ask(None), "nothing");
    assert_eq!(ask(Some("employeeId")), "employeeId eq '7' false");
    let path = "onPremisesExtensionAttributes/extensionAttribute1";
    assert_eq!(ask(Some(path)), format!("{path} eq '7' true"));
}

const OF_LOGS: &[(&str, &str)] = &[
    (r#"id eq "ID""#, "id eq 'ID' unique"),
    (
        r#"userId eq "1" and createdDateTime ge "2026-01-01T00:00:00Z""#,
        "userId eq '1' and createdDateTime ge 2026-01-01T00:00:00Z",
    ),
    ("status.errorCode eq 50126", "status/errorCode eq 50126"),
    ("status.errorCode ne 0", "- | status.errorCode ne 0"),
    (
        r#"location.city sw "Du" and deviceDetail.browser eq "Edge""#,
        "startsWith(location/city,'Du') and deviceDetail/browser eq 'Edge'",
    ),
    (r#"meta.created le "2026-01-01T00:00:00Z""#, "createdDateTime le 2026-01-01T00:00:00Z"),
    (
        r#"createdDateTime gt "2026-01-01T00:00:00Z""#,
        r#"createdDateTime ge 2026-01-01T00:00:00Z | createdDateTime gt "2026-01-01T00:00:00Z""#,
    ),
    (r#"isInteractive eq true and appId eq "1""#, "appId eq '1' | isInteractive eq true"),
];

#[test]
fn logs_are_filtered_by_graph_as_far_as_it_can() {
    check(crate::resources::sign_ins::MAPPINGS[0], OF_LOGS);
}
