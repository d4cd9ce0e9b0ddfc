//! Certificates in the headers of a front end, and of those who are none.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, IsCa, KeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Fort, USERS};

/// An authority by this name.
fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// A certificate in DER, good from and to a year.
fn issued(name: &str, by: &CertifiedIssuer<'static, KeyPair>, years: (i32, i32)) -> Vec<u8> {
    let mut params = params(name);
    params.not_before = rcgen::date_time_ymd(years.0, 1, 1);
    params.not_after = rcgen::date_time_ymd(years.1, 1, 1);
    params.signed_by(&KeyPair::generate().unwrap(), by).unwrap().der().to_vec()
}

fn sha256(der: &[u8]) -> String {
    Sha256::digest(der).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn by_app_service(der: &[u8]) -> Vec<(&'static str, String)> {
    vec![("x-arr-clientcert", STANDARD.encode(der))]
}

fn pem(der: &[u8]) -> String {
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(der))
}

fn by_envoy(elements: &str) -> Vec<(&'static str, String)> {
    vec![("x-forwarded-client-cert", elements.to_owned())]
}

/// `Cert` in Envoy's header: PEM, percent-encoded.
fn encoded(der: &[u8]) -> String {
    pem(der).replace('\n', "%0A").replace('+', "%2B").replace('/', "%2F").replace('=', "%3D").replace(' ', "%20")
}

/// Callers by thumbprint, one of which has ended, and by subject and issuer.
fn callers(known: &[u8], ended: &[u8], authority: &CertifiedIssuer<'static, KeyPair>) -> Value {
    json!({
        "sailpoint": { "rights": ["Scim.Read"], "certificates": [
            { "sha256": sha256(known) },
            { "sha256": sha256(ended), "until": "2020-01-01" },
        ] },
        "empowerid": { "rights": ["Scim.Read"], "certificates": [
            { "issuer": "CN=Contoso CA", "subject": "CN=empowerid", "authority": authority.pem() },
        ] },
    })
}

fn of(kind: &str, networks: &[&str], callers: &Value) -> Fort {
    Fort::of(callers, &json!({ "kind": kind, "networks": networks }))
}

#[test]
fn certificates_that_are_not_allowed_are_refused() {
    let (ours, namesake) = (authority("Contoso CA"), authority("Contoso CA"));
    let known = issued("sailpoint", &ours, (2020, 2099));
    let ended = issued("sailpoint", &ours, (2020, 2099));
    let lapsed = issued("empowerid", &ours, (2019, 2020));
    let callers = callers(&known, &ended, &ours);
    let fort = of("app-service", &["127.0.0.0/8"], &callers);
    let good = issued("empowerid", &ours, (2020, 2099));
    for der in [&known, &good] {
        fort.asked(USERS, &by_app_service(der)).expect(200);
    }
    fort.asked(USERS, &[("x-arr-clientcert", pem(&known).replace('\n', ""))]);
    let mut changed = good.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    let mut unsigned = good.clone();
    let last = unsigned.len() - 1;
    unsigned[last] ^= 1;
    let doubled = [by_app_service(&known), by_app_service(&known)].concat();
    let cases = [
        ("unknown, of our authority", by_app_service(&issued("sailpoint", &ours, (2020, 2099)))),
        (
            "same subject with another key, of a namesake authority",
            by_app_service(&issued("empowerid", &namesake, (2020, 2099))),
        ),
        ("of our authority, of another subject", by_app_service(&issued("empowerid2", &ours, (2020, 2099)))),
        ("expired", by_app_service(&lapsed)),
        ("not yet good", by_app_service(&issued("empowerid", &ours, (2098, 2099)))),
        ("allowed until a day that is past", by_app_service(&ended)),
        ("the authority itself", by_app_service(ours.der())),
        ("changed in the middle", by_app_service(&changed)),
        ("its signature changed", by_app_service(&unsigned)),
        ("cut off", by_app_service(&known[..known.len() - 7])),
        ("with more behind it", by_app_service(&[&known[..], b"more"].concat())),
        ("empty", by_app_service(&[])),
        ("no base64", vec![("x-arr-clientcert", "~~~".to_owned())]),
        ("the thumbprint in its place", vec![("x-arr-clientcert", sha256(&known))]),
        ("twice", doubled),
        ("huge", by_app_service(&vec![0x30; 40_000])),
        ("in another front end's header", by_envoy(&format!("Hash={};Cert=\"{}\"", sha256(&known), encoded(&known)))),
        ("in the host's header", vec![("x-entra-scim-client-certificate", format!("key {}", STANDARD.encode(&known)))]),
        (
            "in nginx's header",
            vec![("x-ssl-client-cert", encoded(&known)), ("x-ssl-client-verify", "SUCCESS".to_owned())],
        ),
        ("with a wrong secret beside it", [by_app_service(&known), super::bearer("x")].concat()),
    ];
    fort.refuses(&cases);
}

#[test]
fn what_envoy_says_is_taken_apart_strictly() {
    let ours = authority("Contoso CA");
    let known = issued("sailpoint", &ours, (2020, 2099));
    let other = issued("sailpoint", &ours, (2020, 2099));
    let fort = of("envoy", &["127.0.0.1/32"], &callers(&known, &other, &ours));
    let (hash, cert) = (sha256(&known), encoded(&known));
    for good in [
        format!("Hash={hash};Cert=\"{cert}\";Subject=\"CN=a,b;c=\\\"d\\\"\""),
        format!("By=spiffe://a;Hash={};Cert=\"{}\",Hash={hash};Cert=\"{cert}\"", sha256(&other), encoded(&other)),
    ] {
        fort.asked(USERS, &by_envoy(&good)).expect(200);
    }
    let cases = [
        ("the hash alone", by_envoy(&format!("Hash={hash}"))),
        ("the subject alone", by_envoy("Subject=\"CN=empowerid\"")),
        ("a hash of another certificate", by_envoy(&format!("Hash={hash};Cert=\"{}\"", encoded(&other)))),
        ("a certificate of another hash", by_envoy(&format!("Hash={};Cert=\"{cert}\"", sha256(&other)))),
        ("two certificates in one element", by_envoy(&format!("Cert=\"{cert}\";Cert=\"{}\"", encoded(&other)))),
        ("the good one not last", by_envoy(&format!("Cert=\"{cert}\",Cert=\"{}\"", encoded(&other)))),
        ("quotes without an end", by_envoy(&format!("Hash={hash};Cert=\"{cert}"))),
        ("empty", by_envoy("")),
        ("App Service's header", by_app_service(&known)),
        ("twice", [by_envoy(&format!("Cert=\"{cert}\"")), by_envoy(&format!("Cert=\"{cert}\""))].concat()),
    ];
    fort.refuses(&cases);
}

#[test]
fn a_stranger_is_no_front_end() {
    let ours = authority("Contoso CA");
    let known = issued("sailpoint", &ours, (2020, 2099));
    let callers = callers(&known, &known, &ours);
    let envoy = format!("Hash={};Cert=\"{}\"", sha256(&known), encoded(&known));
    let principal = STANDARD.encode(json!({ "claims": [{ "typ": "roles", "val": "Admin" }] }).to_string());
    let cases = [
        ("App Service's header", by_app_service(&known)),
        ("Envoy's header", by_envoy(&envoy)),
        ("the host's header", vec![("x-entra-scim-client-certificate", STANDARD.encode(&known))]),
        (
            "the host's header with an empty key",
            vec![("x-entra-scim-client-certificate", format!(" {}", STANDARD.encode(&known)))],
        ),
        ("Easy Auth's header", vec![("x-ms-client-principal", principal)]),
        (
            "from the front end, it says",
            [
                by_app_service(&known),
                vec![("spin-client-addr", "192.0.2.1:443".to_owned()), ("x-forwarded-for", "192.0.2.1".to_owned())],
            ]
            .concat(),
        ),
    ];
    for kind in ["app-service", "envoy"] {
        of(kind, &["192.0.2.0/24"], &callers).refuses(&cases);
    }
    Fort::of(&callers, &Value::Null).refuses(&cases);
}
