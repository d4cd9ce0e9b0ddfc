//! `GET /users`: selection, filters, advanced queries, paging, expansion.

use crate::client::{ADELE, Box, EVENTUAL};

#[test]
fn without_select_the_default_properties_are_sent() {
    let tenant = Box::sample();
    let answer = tenant.get("/users");
    assert_eq!(answer.items().len(), 25);
    let keys: Vec<_> = answer.items()[0].as_object().unwrap().keys().map(String::as_str).collect();
    let expected = [
        "businessPhones",
        "displayName",
        "givenName",
        "id",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
    ];
    assert_eq!(keys, expected);
    assert!(answer.body["@odata.context"].as_str().unwrap().ends_with("/v1.0/$metadata#users"));
    assert!(answer.headers["content-type"].starts_with("application/json;odata.metadata=minimal"));
    for header in
        ["request-id", "client-request-id", "x-ms-ags-diagnostic", "x-ms-resource-unit", "odata-version", "date"]
    {
        assert!(answer.headers.contains_key(header), "{header}");
    }
    let echoed =
        tenant.call("GET", "/users/$count", &[EVENTUAL, ("client-request-id", "mine")], &serde_json::Value::Null);
    assert_eq!((echoed.headers["client-request-id"].as_str(), echoed.body), ("mine", 25.into()));
}

#[test]
fn selected_properties_and_nothing_else() {
    let tenant = Box::sample();
    let extension = "extension_3f2a8c1e7b644d099e35c1d0a2b4e6f8_externalId";
    let answer = tenant.get(&format!("/users?$select=department,{extension},employeeOrgData&$top=5"));
    let item = |position: usize| &answer.items()[position];
    assert_eq!(item(4)[extension], "hr-1004");
    assert_eq!(item(1).get(extension), None, "an extension property without a value is left out");
    assert_eq!(item(4)["employeeOrgData"]["division"], "Americas");
    assert!(answer.items().iter().all(|item| item.as_object().unwrap().len() <= 3 && item.get("id").is_none()));
}

#[test]
fn filters() {
    let tenant = Box::sample();
    // The filter, whether it is an advanced query, and how many of the sample users fit.
    let cases = [
        ("userPrincipalName eq 'ADELEV@contoso.onmicrosoft.com'", false, 1),
        ("mail eq 'adelev@contoso.onmicrosoft.com' and accountEnabled eq false", false, 0),
        ("id eq '87d349ed-44d7-43e1-9a83-5f2406dee5bd'", false, 1),
        ("id in ('87d349ed-44d7-43e1-9a83-5f2406dee5bd','6ea91a8d-e32e-41a1-b7bd-d2d185eed0e0','x')", false, 2),
        ("userPrincipalName eq 'Sinead.O''Brien@contoso.onmicrosoft.com'", false, 1),
        ("userPrincipalName eq 'ravi_fabrikam.com%23EXT%23@contoso.onmicrosoft.com'", false, 1),
        ("startswith(displayName,'a') and accountEnabled eq true", false, 2),
        ("startsWith(surname,'ç')", false, 1),
        ("department eq 'Sales' or city eq 'Dublin'", false, 5),
        ("department eq 'Sales' or city eq 'Dublin' and department eq 'Finance'", false, 4),
        ("(department eq 'Sales' or city eq 'Dublin') and department eq 'Finance'", false, 1),
        ("accountEnabled eq false", false, 3),
        ("userType eq 'Guest'", false, 2),
        ("onPremisesSyncEnabled eq true", false, 4),
        ("otherMails/any(x:x eq 'megan@example.org')", false, 1),
        ("proxyAddresses/any(p:startswith(p,'SMTP:adele'))", false, 1),
        (
            "identities/any(c:c/issuerAssignedId eq 'AdeleV@contoso.onmicrosoft.com' and c/issuer eq 'contoso.onmicrosoft.com')",
            false,
            1,
        ),
        ("assignedLicenses/any(a:a/skuId eq 05e9a617-0261-4cee-bb44-138d3ef5d965)", false, 20),
        ("createdDateTime ge 2020-01-01T00:00:00Z and createdDateTime le 2021-01-01T00:00:00Z", false, 2),
        ("extension_3f2a8c1e7b644d099e35c1d0a2b4e6f8_externalId eq 'hr-1004'", false, 1),
        ("manager/id eq 'f6ede700-27d0-4c42-bfb9-4dffff43c74a'", false, 4),
        ("companyName eq 'Contoso'", true, 19),
        ("mail eq null", true, 2),
        ("department ne 'Sales'", true, 22),
        ("not startswith(displayName,'a')", true, 23),
        ("not(department eq 'Sales' or accountEnabled eq false)", true, 19),
        ("endsWith(mail,'@fabrikam.com')", true, 1),
        ("employeeOrgData/division eq 'EMEA'", true, 6),
        ("onPremisesExtensionAttributes/extensionAttribute15 eq 'locker 7'", true, 1),
        ("assignedLicenses/$count eq 0", true, 5),
        ("employeeHireDate le 2015-12-31", true, 5),
    ];
    for (filter, advanced, expected) in cases {
        let filter = filter.replace("%23", "#");
        let plain = tenant.get(&format!("/users?$filter={filter}&$select=displayName"));
        if advanced {
            assert_eq!((plain.status, plain.code()), (400, "Request_UnsupportedQuery"), "{filter}");
            let only_count = tenant.get(&format!("/users?$filter={filter}&$count=true"));
            assert_eq!(only_count.status, 400, "{filter}");
        } else {
            assert_eq!(plain.items().len(), expected, "{filter}: {:?}", plain.names());
        }
        let answer = tenant.get_eventual(&format!("/users?$filter={filter}&$count=true&$select=displayName"));
        assert_eq!(answer.items().len(), expected, "{filter}: {:?}", answer.names());
        assert_eq!(answer.body["@odata.count"], expected, "{filter}");
        let count = tenant.get_eventual(&format!("/users/$count?$filter={filter}"));
        assert_eq!(count.body, expected, "{filter}");
    }
}

#[test]
fn filters_that_graph_refuses() {
    let tenant = Box::sample();
    let cases = [
        ("displayName eq", "BadRequest"),
        ("displayName eq 'a", "BadRequest"),
        ("displayName eq 'a' and", "BadRequest"),
        ("(displayName eq 'a'", "BadRequest"),
        ("displayName is 'a'", "BadRequest"),
        ("nothing eq 'a'", "BadRequest"),
        ("employeeOrgData/nothing eq 'a'", "BadRequest"),
        ("tolower(displayName) eq 'a'", "BadRequest"),
        ("accountEnabled eq 'true'", "BadRequest"),
        ("displayName eq 5", "BadRequest"),
        ("createdDateTime ge 'yesterday'", "BadRequest"),
        ("contains(displayName,'a')", "Request_UnsupportedQuery"),
        ("displayName gt 'a'", "Request_UnsupportedQuery"),
        ("endsWith(displayName,'a')", "Request_UnsupportedQuery"),
        ("mySite eq 'a'", "Request_UnsupportedQuery"),
        ("proxyAddresses eq 'a'", "Request_UnsupportedQuery"),
        ("displayName/any(x:x eq 'a')", "Request_UnsupportedQuery"),
        ("accountEnabled eq null", "Request_UnsupportedQuery"),
        ("passwordPolicies eq 'None'", "Request_UnsupportedQuery"),
        ("proxyAddresses/$count gt 3", "Request_UnsupportedQuery"),
    ];
    for (filter, code) in cases {
        let answer = tenant.get_eventual(&format!("/users?$filter={filter}&$count=true"));
        assert_eq!((answer.status, answer.code()), (400, code), "{filter}: {}", answer.message());
    }
    let many = (0..16).map(|number| format!("displayName eq '{number}'")).collect::<Vec<_>>().join(" or ");
    assert!(tenant.get(&format!("/users?$filter={many}")).message().starts_with("Too many child clauses"));
    let deep = format!("{}displayName eq 'a'{}", "(".repeat(50), ")".repeat(50));
    assert_eq!(tenant.get(&format!("/users?$filter={deep}")).status, 400);
}

#[test]
fn consistency_level() {
    let tenant = Box::sample();
    let segment = tenant.get("/users/$count");
    assert_eq!((segment.status, segment.code()), (400, "Request_BadRequest"));
    let ignored = tenant.get("/users?$count=true&$top=1");
    assert_eq!((ignored.status, ignored.body.get("@odata.count")), (200, None));
    let search = tenant.get("/users?$search=\"displayName:megan\"");
    assert_eq!((search.status, search.code()), (400, "Request_UnsupportedQuery"));
    assert!(search.message().contains("ConsistencyLevel: eventual"));
    let sorted = tenant.get("/users?$filter=accountEnabled eq true&$orderby=displayName");
    assert_eq!((sorted.status, sorted.code()), (400, "Request_UnsupportedQuery"));
    let sorted = tenant.get_eventual("/users?$filter=accountEnabled eq false&$orderby=displayName desc&$count=true");
    assert_eq!(sorted.names(), ["Debra Berger", "Bjørn Ångström", "Backup Service"]);
    let expanded = tenant.get_eventual("/users?$filter=accountEnabled eq false&$expand=manager&$count=true");
    assert_eq!((expanded.status, expanded.code()), (400, "Request_UnsupportedQuery"));
}

#[test]
fn search() {
    let tenant = Box::sample();
    let cases = [
        ("\"displayName:megan\"", vec!["Megan Bowen"]),
        ("\"displayName:wil\"", vec!["Nestor Wilke", "Alex Wilber"]),
        ("\"displayName:wil\" AND \"mail:alex\"", vec!["Alex Wilber"]),
        ("\"displayName:conf\" OR \"mail:megan\"", vec!["Megan Bowen", "Conf Room Adams"]),
        ("\"displayName:nobody\"", vec![]),
    ];
    for (search, expected) in cases {
        assert_eq!(tenant.get_eventual(&format!("/users?$search={search}")).names(), expected, "{search}");
    }
    for bad in ["megan", "\"megan\"", "\"nothing:megan\"", "\"displayName:a\" XOR \"mail:b\""] {
        assert_eq!(tenant.get_eventual(&format!("/users?$search={bad}")).status, 400, "{bad}");
    }
}

#[test]
fn pages_hold_everyone_once() {
    let tenant = Box::sample();
    let whole: Vec<_> = tenant.get("/users?$select=id").items().to_vec();
    for query in ["$select=id&$top=7", "$top=25&$select=id", "$select=id&$top=1"] {
        assert_eq!(tenant.follow(&format!("/users?{query}"), &[]).0, whole, "{query}");
    }
    let (sorted, _) = tenant.follow("/users?$orderby=displayName&$select=displayName&$top=4", &[]);
    let names: Vec<_> = sorted.iter().map(|item| item["displayName"].as_str().unwrap().to_lowercase()).collect();
    assert!(names.is_sorted() && names.len() == 25);
    let first = tenant.get_eventual("/users?$count=true&$top=20");
    assert_eq!(first.body["@odata.count"], 25);
    let second = tenant.get_eventual(first.body["@odata.nextLink"].as_str().unwrap());
    assert_eq!((second.items().len(), second.body.get("@odata.count")), (5, None));
}

#[test]
fn a_page_token_belongs_to_its_query() {
    let tenant = Box::sample();
    let link = tenant.get("/users?$top=5&$select=id").body["@odata.nextLink"].as_str().unwrap().to_owned();
    assert!(link.contains("$top=5&$select=id&$skiptoken="));
    let other = tenant.get(&link.replace("$top=5", "$top=6"));
    assert_eq!((other.status, other.code()), (400, "Directory_ExpiredPageToken"));
    for bad in [format!("{link}x"), link.replace("skiptoken=", "skiptoken=A")] {
        let answer = tenant.get(&bad);
        assert_eq!((answer.status, answer.code()), (400, "Request_BadRequest"), "{bad}");
    }
    for top in ["0", "1000", "-1", "x"] {
        assert_eq!(tenant.get(&format!("/users?$top={top}")).code(), "Request_BadRequest", "{top}");
    }
}

#[test]
fn managers_are_expanded() {
    let tenant = Box::sample();
    let answer = tenant.get("/users?$select=displayName&$expand=manager($select=id,displayName)&$top=2");
    assert_eq!(answer.items()[0].get("manager"), None, "the president has no manager");
    assert_eq!(answer.items()[1]["manager"]["displayName"], "Patti Fernandez");
    assert_eq!(answer.items()[1]["manager"]["@odata.type"], "#microsoft.graph.user");
    let chain = tenant.get_eventual(&format!(
        "/users/{ADELE}?$select=id&$expand=manager($levels=max;$select=displayName)&$count=true"
    ));
    assert_eq!(chain.body["manager"]["manager"]["displayName"], "Patti Fernandez");
    for bad in ["manager($levels=2)", "mail", "nothing", "manager($top=1)", "manager($select=nothing)"] {
        assert_eq!(tenant.get(&format!("/users?$expand={bad}")).status, 400, "{bad}");
    }
}

#[test]
fn one_user_by_id_or_name() {
    let tenant = Box::sample();
    for key in [
        "/users/87d349ed-44d7-43e1-9a83-5f2406dee5bd",
        "/users/87D349ED-44D7-43E1-9A83-5F2406DEE5BD",
        "/users/adelev@contoso.onmicrosoft.com",
        "/users/AdeleV%40contoso.onmicrosoft.com",
        "/users('87d349ed-44d7-43e1-9a83-5f2406dee5bd')",
        "/users(userPrincipalName='AdeleV@contoso.onmicrosoft.com')",
    ] {
        let answer = tenant.get(&format!("{key}?$select=displayName"));
        assert_eq!((answer.status, &answer.body["displayName"]), (200, &"Adele Vance".into()), "{key}");
    }
    assert_eq!(tenant.get("/users/ravi_fabrikam.com#EXT#@contoso.onmicrosoft.com").body["displayName"], "Ravi Kumar");
    assert_eq!(tenant.get("/users('Sinead.O''Brien@contoso.onmicrosoft.com')").body["surname"], "O'Brien");
    let outside = tenant.get(&format!("/users/{ADELE}?$select=mySite,skills"));
    assert_eq!((outside.status, &outside.body["skills"]), (200, &serde_json::json!([])));
    for collection in ["/users?$select=mySite", "/users/delta?$select=id,aboutMe"] {
        let answer = tenant.get(collection);
        assert_eq!((answer.status, answer.code()), (501, "NotImplemented"), "{collection}");
    }
    let organization = tenant.get("/organization?$select=id,displayName");
    assert_eq!(organization.names(), ["Contoso"]);
}
