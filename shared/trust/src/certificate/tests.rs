use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::DateTime;
use futures::executor::block_on;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::{prop_assert, proptest};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256, PKCS_RSA_SHA512,
    SignatureAlgorithm, date_time_ymd,
};
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use super::Name;
use crate::{
    Caller, KeyStore, Proof,
    testing::{NOW, OTHER_KEY, SIGNING_KEY, World, configuration, configuration_behind},
};

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn named(names: &[(DnType, &str)]) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name = DistinguishedName::new();
    names.iter().for_each(|(kind, name)| params.distinguished_name.push(kind.clone(), *name));
    params.not_before = date_time_ymd(2026, 1, 1);
    params.not_after = date_time_ymd(2027, 1, 1);
    params
}

fn rsa_key(algorithm: &'static SignatureAlgorithm) -> KeyPair {
    KeyPair::from_pkcs8_der_and_sign_algo(&SIGNING_KEY.into(), algorithm).unwrap()
}

fn authority_of(key: KeyPair, change: impl Fn(&mut CertificateParams)) -> Issuer {
    let mut params = named(&[
        (DnType::CountryName, "DE"),
        (DnType::OrganizationName, "Contoso"),
        (DnType::CommonName, "Issuing CA"),
    ]);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    change(&mut params);
    CertifiedIssuer::self_signed(params, key).unwrap()
}

fn authority() -> Issuer {
    authority_of(rsa_key(&PKCS_RSA_SHA256), |_| {})
}

const SUBJECT: [(DnType, &str); 2] = [(DnType::OrganizationName, "Contoso, Ltd."), (DnType::CommonName, "hr-client")];

/// A client's certificate in DER, signed by an authority.
fn client(issuer: &Issuer, change: impl Fn(&mut CertificateParams)) -> Vec<u8> {
    let mut params = named(&SUBJECT);
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    change(&mut params);
    params.signed_by(&KeyPair::generate().unwrap(), issuer).unwrap().der().to_vec()
}

/// The caller `hr`, by its subject and this authority.
fn by_subject(issuer: &Issuer) -> Value {
    json!({"hr": {"rights": ["Scim.Write"], "certificates": [{
        "issuer": "CN=Issuing CA, O=Contoso, C=DE", "subject": "CN=hr-client, O=Contoso\\, Ltd.",
        "authority": issuer.pem()}]}})
}

fn by_thumbprints(thumbprints: &[Value]) -> Value {
    json!({"hr": {"rights": ["Scim.Write"], "certificates": thumbprints}})
}

fn sha256(der: &[u8]) -> String {
    crate::hex::encode(&crate::hash(&[der]))
}

fn sha1(der: &[u8]) -> String {
    crate::hex::encode(&Sha1::digest(der))
}

fn host(der: &[u8]) -> String {
    format!("host-key {}", STANDARD.encode(der))
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

fn envoy(der: &[u8]) -> String {
    let cert = utf8_percent_encode(&pem(der), NON_ALPHANUMERIC).to_string();
    format!("By=spiffe://x;Hash={};Cert=\"{cert}\";Subject=\"CN=a,\\\"b\\\"\";URI=", sha256(der))
}

/// Who is let in with a certificate from the host.
fn show(callers: &Value, der: &[u8]) -> Result<Caller, &'static str> {
    show_at(NOW, callers, der)
}

fn show_at(now: i64, callers: &Value, der: &[u8]) -> Result<Caller, &'static str> {
    let world = World::new();
    world.now.set(now);
    let headers = [("x-entra-scim-client-certificate", host(der))];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    block_on(world.admit(&configuration(callers), None, &headers, &KeyStore::new())).map_err(|denied| denied.reason)
}

/// Who is let in with headers of a front end at 10.0.0.0/8, when the request comes from 10.1.2.3.
fn forwarded(kind: &str, networks: &str, callers: &Value, headers: &[(&str, &str)]) -> Result<String, &'static str> {
    let configuration = configuration_behind(&json!({"kind": kind, "networks": [networks]}), callers);
    let admitted = block_on(World::new().admit(&configuration, None, headers, &KeyStore::new()));
    admitted.map(|caller| caller.name).map_err(|denied| denied.reason)
}

#[test]
fn ok_a_certificate_goes_by_its_thumbprints() {
    let [old, new] = [client(&authority(), |_| {}), client(&authority(), |_| {})];
    let both = by_thumbprints(&[json!({"sha1": sha1(&old).to_uppercase()}), json!({"sha256": sha256(&new)})]);
    for der in [&old, &new] {
        let caller = show(&both, der).unwrap();
        assert_eq!((caller.name.as_str(), caller.proof), ("hr", Proof::Certificate { sha256: sha256(der) }));
    }
    let spaced: String =
        sha1(&old).chars().enumerate().flat_map(|(at, digit)| [if at % 2 == 0 { ':' } else { ' ' }, digit]).collect();
    assert!(show(&by_thumbprints(&[json!({"sha1": format!("\u{200e}{spaced}")})]), &old).is_ok());
    assert!(show(&by_thumbprints(&[json!({"sha256": sha256(&new)})]), &old).is_err());
    assert!(show(&by_thumbprints(&[json!({"sha256": sha256(&old), "until": "2026-11-22"})]), &old).is_err());
    assert!(show(&by_thumbprints(&[json!({"sha256": sha256(&old), "until": "2026-11-23"})]), &old).is_ok());
}

#[test]
fn err_a_certificate_counts_in_its_time_to_the_second() {
    let der = client(&authority(), |_| {});
    let (by_hash, by_name) = (by_thumbprints(&[json!({"sha256": sha256(&der)})]), by_subject(&authority()));
    let second = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().timestamp();
    let (begin, end) = (second("2026-01-01T00:00:00Z"), second("2027-01-01T00:00:00Z"));
    for callers in [&by_hash, &by_name] {
        for (now, is_in) in [(begin - 1, false), (begin, true), (end, true), (end + 1, false), (-1, false)] {
            assert_eq!(show_at(now, callers, &der).is_ok(), is_in, "{now}");
        }
    }
}

#[test]
fn ok_a_subject_counts_when_the_authority_signed_it() {
    let issuer = authority();
    let callers = by_subject(&issuer);
    assert_eq!(show(&callers, &client(&issuer, |_| {})).unwrap().name, "hr");
    // A renewed certificate, with another key.
    assert!(show(&callers, &client(&issuer, |params| params.not_after = date_time_ymd(2028, 1, 1))).is_ok());
    let curve = authority_of(KeyPair::generate().unwrap(), |_| {});
    assert!(show(&by_subject(&curve), &client(&curve, |_| {})).is_ok());
    let other_curve = authority_of(KeyPair::generate().unwrap(), |_| {});
    assert!(show(&by_subject(&curve), &client(&other_curve, |_| {})).is_err());
    assert!(show(&by_subject(&curve), &client(&issuer, |_| {})).is_err());
    let strong = authority_of(rsa_key(&PKCS_RSA_SHA512), |_| {});
    assert!(show(&by_subject(&strong), &client(&strong, |_| {})).is_ok());
    assert!(show(&callers, &client(&issuer, |params| params.extended_key_usages.clear())).is_ok());
}

#[test]
fn err_a_subject_of_anybody_else_counts_not() {
    let issuer = authority();
    let callers = by_subject(&issuer);
    let other_key = || KeyPair::from_pem_and_sign_algo(OTHER_KEY, &PKCS_RSA_SHA256).unwrap();
    let self_signed = {
        let params = named(&SUBJECT);
        params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().to_vec()
    };
    let mut changed = client(&issuer, |_| {});
    let last = changed.len() - 1;
    changed[last] ^= 1;
    let good = client(&issuer, |_| {});
    // The client's key, in the signed part, replaced by another one.
    let mut swapped = good.clone();
    let at = good.windows(7).rposition(|bytes| bytes == [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01]).unwrap();
    swapped[at + 12] ^= 0x40;
    for (what, der) in [
        ("same names, other authority's key", client(&authority_of(other_key(), |_| {}), |_| {})),
        ("same names, key of a curve", client(&authority_of(KeyPair::generate().unwrap(), |_| {}), |_| {})),
        (
            "other issuer, same key",
            client(
                &authority_of(rsa_key(&PKCS_RSA_SHA256), |params| {
                    params.distinguished_name.push(DnType::CommonName, "Other CA");
                }),
                |_| {},
            ),
        ),
        ("self-signed", self_signed),
        ("changed signature", changed),
        ("another key", swapped),
        ("other subject", client(&issuer, |params| params.distinguished_name.push(DnType::CommonName, "hr-client2"))),
        ("a longer subject", client(&issuer, |params| params.distinguished_name.push(DnType::LocalityName, "Ulm"))),
        ("capitals", client(&issuer, |params| params.distinguished_name.push(DnType::CommonName, "HR-client"))),
        (
            "for servers only",
            client(&issuer, |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth]),
        ),
        ("not any more", client(&issuer, |params| params.not_after = date_time_ymd(2026, 2, 1))),
        ("not yet", client(&issuer, |params| params.not_before = date_time_ymd(2026, 12, 1))),
        ("the authority itself", issuer.der().to_vec()),
        ("something behind it", [good.clone(), vec![0]].concat()),
        ("half of it", good[..good.len() / 2].to_vec()),
        ("nothing", Vec::new()),
        ("too much", vec![0x30; 20_000]),
    ] {
        assert!(show(&callers, &der).is_err(), "{what}");
    }
    let ended = authority_of(rsa_key(&PKCS_RSA_SHA256), |params| params.not_after = date_time_ymd(2026, 2, 1));
    assert!(show(&by_subject(&ended), &client(&ended, |_| {})).is_err());
}

#[test]
fn err_an_authority_has_to_be_one() {
    let problem = |pem: &str| super::Authority::parse(pem).unwrap_err();
    assert!(problem("").contains("no certificate"));
    assert!(problem(&pem(&client(&authority(), |_| {}))).contains("basic constraints"));
    let ed25519 = KeyPair::generate_for(&PKCS_ED25519).unwrap();
    assert!(problem(&authority_of(ed25519, |_| {}).pem()).contains("RSA"));
    let p384 = KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384).unwrap();
    assert!(problem(&authority_of(p384, |_| {}).pem()).contains("P-256"));
    assert!(super::Authority::parse(&authority_of(KeyPair::generate().unwrap(), |_| {}).pem()).is_ok());
    let no_signer =
        authority_of(rsa_key(&PKCS_RSA_SHA256), |params| params.key_usages = vec![KeyUsagePurpose::CrlSign]);
    assert!(problem(&no_signer.pem()).contains("may not sign"));
    assert!(super::Authority::parse(&authority().pem()).is_ok());
}

#[test]
fn err_only_the_host_is_believed_what_it_says_of_certificates() {
    let der = client(&authority(), |_| {});
    let callers = by_thumbprints(&[json!({"sha256": sha256(&der)})]);
    let (good, text) = (host(&der), STANDARD.encode(&der));
    let pinned = "x-entra-scim-client-certificate";
    let forged: Vec<String> = vec![
        format!("host-kex {text}"),
        format!("host-key2 {text}"),
        format!(" {text}"),
        text.clone(),
        format!("host-key{text}"),
        format!("HOST-KEY {text}"),
        format!("host-key  {}", &text[1..]),
        "host-key".to_owned(),
        "host-key ".to_owned(),
        format!("host-key {text}!"),
        format!("host-key {}", "A".repeat(70_000)),
    ];
    for wrong in &forged {
        assert!(forwarded("host", "10.0.0.0/8", &callers, &[(pinned, wrong)]).is_err(), "{wrong:.60}");
    }
    assert_eq!(forwarded("host", "10.0.0.0/8", &callers, &[(pinned, &good)]).as_deref(), Ok("hr"));
    assert!(forwarded("host", "10.0.0.0/8", &callers, &[(pinned, &good), (pinned, &good)]).is_err());
    // Without a key nobody is believed, whatever it sends.
    for key in [None, Some("")] {
        let headers = crate::testing::header_map(&[(pinned, &format!("{} {text}", key.unwrap_or_default()))]);
        let evidence = crate::Evidence { headers: &headers, address: None, host_key: key };
        let (configuration, world, keys) = (configuration(&callers), World::new(), KeyStore::new());
        let admitted = crate::admit(&configuration, configuration.tenant(None), &evidence, &keys, &world, &world);
        assert!(block_on(admitted).is_err());
    }
    // Others' headers say nothing to a service without such a front end.
    let (arr, xfcc) = ("x-arr-clientcert", "x-forwarded-client-cert");
    for (header, value) in [(arr, text.as_str()), (xfcc, &envoy(&der))] {
        assert_eq!(forwarded("host", "10.0.0.0/8", &callers, &[(header, value)]), Err("no credential"));
    }
    assert_eq!(forwarded("envoy", "10.0.0.0/8", &callers, &[(arr, &text)]), Err("no credential"));
    assert_eq!(forwarded("app-service", "10.0.0.0/8", &callers, &[(xfcc, &envoy(&der))]), Err("no credential"));
    // Nor to one whose front end is elsewhere.
    for network in ["192.0.2.0/24", "10.1.2.4", "::/0"] {
        assert!(forwarded("app-service", network, &callers, &[(arr, &text)]).is_err());
        assert!(forwarded("envoy", network, &callers, &[(xfcc, &envoy(&der))]).is_err());
    }
    // What the host saw of the front end is not the caller's.
    assert_eq!(forwarded("envoy", "10.0.0.0/8", &callers, &[(pinned, &good)]), Err("no credential"));
    // A token beside it decides alone.
    assert!(forwarded("host", "10.0.0.0/8", &callers, &[(pinned, &good), ("authorization", "Bearer x")]).is_err());
}

#[test]
fn ok_app_service_hands_certificates_on() {
    let der = client(&authority(), |_| {});
    let callers = by_thumbprints(&[json!({"sha256": sha256(&der)})]);
    let show = |values: &[&str]| {
        let headers: Vec<(&str, &str)> = values.iter().map(|value| ("X-ARR-ClientCert", *value)).collect();
        forwarded("app-service", "10.1.0.0/16", &callers, &headers)
    };
    let text = STANDARD.encode(&der);
    assert_eq!(show(&[&text]).as_deref(), Ok("hr"));
    assert_eq!(show(&[&pem(&der).replace('\n', " ")]).as_deref(), Ok("hr"));
    for wrong in
        ["", "x", &text[4..], &format!("{text}{text}"), "-----BEGIN CERTIFICATE----- -----END CERTIFICATE-----"]
    {
        assert!(show(&[wrong]).is_err(), "{wrong:.60}");
    }
    assert!(show(&[&text, &text]).is_err());
}

#[test]
fn ok_envoy_hands_certificates_on() {
    let [der, other] = [client(&authority(), |_| {}), client(&authority(), |_| {})];
    let callers = by_thumbprints(&[json!({"sha256": sha256(&der)})]);
    let show = |value: &str| forwarded("envoy", "10.1.2.3", &callers, &[("x-forwarded-client-cert", value)]);
    let (good, theirs) = (envoy(&der), envoy(&other));
    assert_eq!(show(&good).as_deref(), Ok("hr"));
    assert_eq!(show(&good.replace("Hash=", "hash=")).as_deref(), Ok("hr"));
    // The last element is that of the nearest proxy, whatever was sent to it.
    assert_eq!(show(&format!("{theirs},{good}")).as_deref(), Ok("hr"));
    assert!(show(&format!("{good},{theirs}")).is_err());
    let cert = good.split(';').find(|pair| pair.starts_with("Cert=")).unwrap();
    assert_eq!(show(cert).as_deref(), Ok("hr"));
    for wrong in [
        String::new(),
        format!("Hash={}", sha256(&der)),
        good.replace(&sha256(&der), &sha256(&other)),
        good.replace("Hash=", "Hash=0"),
        format!("{good};{cert}"),
        format!("{good},"),
        format!("{good};"),
        format!(",{good}"),
        good.replace("Cert=\"", "Cert=\"\""),
        format!("{good}\""),
        cert.trim_end_matches('"').to_owned(),
        format!("Subject=\"{cert}\""),
        format!("Chain={}", &cert[5..]),
        "Cert=%FF%FE".to_owned(),
        "Cert=".to_owned(),
        format!("By=\"a\\\";{cert}"),
        "=".repeat(1_000),
        "Cert=\"\\".to_owned(),
    ] {
        assert!(show(&wrong).is_err(), "{wrong:.100}");
    }
}

#[test]
fn ok_names_are_compared_part_by_part() {
    let name = |text: &str| Name::parse(text);
    assert_eq!(name("CN=a,O=b"), name(" CN=a,  O=b "));
    assert_eq!(name(r"CN=a\,O=b"), name(r"CN=a\2CO\3Db"));
    assert_ne!(name(r"CN=a\,O=b"), name("CN=a,O=b"));
    assert_ne!(name("CN=a,O=b"), name("O=b,CN=a"));
    assert_eq!(name("CN=a+OU=b,O=c"), name("OU=b + CN=a , O=c"));
    assert_eq!(name("commonname=a,organizationName=b"), name("cn=a,2.5.4.10=b"));
    assert_eq!(name("CN=#0C0161,O=#130162"), name("CN=a,O=b"), "UTF8String and PrintableString");
    assert_eq!(name(r"CN=a\ ,O=b\\"), name(r"CN=a\20,O=b\5C"));
    assert_eq!(name(r"CN=\C3\A9"), name("CN=é"));
    let long = format!("CN={}", "a".repeat(2_000));
    for wrong in ["", " ", "a", "CN", "XX=a", "CN=a,", r"CN=a\", r"CN=a\x", "CN=#0C01", "CN=#020101", long.as_str()] {
        assert_eq!(name(wrong), None, "{wrong:.40}");
    }
}

proptest! {
    #[test]
    fn prop_no_header_makes_it_panic(text in "[ -~]{0,300}", kind in 0_usize..3) {
        let callers = by_thumbprints(&[json!({"sha256": "0".repeat(64)})]);
        let (kind, header) = [("host", "x-entra-scim-client-certificate"), ("app-service", "x-arr-clientcert"),
            ("envoy", "x-forwarded-client-cert")][kind];
        let text = if kind == "host" { format!("host-key {text}") } else { text };
        prop_assert!(forwarded(kind, "10.0.0.0/8", &callers, &[(header, &text)]).is_err());
    }

    #[test]
    fn prop_no_certificate_with_a_change_is_let_in(at in 0_usize..10_000, bit in 0_u8..8) {
        let issuer = authority();
        let mut der = client(&issuer, |_| {});
        let at = at % der.len();
        der[at] ^= 1 << bit;
        prop_assert!(show(&by_subject(&issuer), &der).is_err());
    }
}
