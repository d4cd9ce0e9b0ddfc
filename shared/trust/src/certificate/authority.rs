//! The authority whose certificates are taken by their subjects.

use chrono::{DateTime, Utc};
use p256::ecdsa;
use rsa::{
    RsaPublicKey,
    pkcs1::DecodeRsaPublicKey,
    pkcs1v15::{Signature, VerifyingKey},
    sha2::{Sha256, Sha384, Sha512},
    signature::Verifier,
    traits::PublicKeyParts,
};
use x509_cert::{
    Certificate,
    der::{Encode, oid::ObjectIdentifier},
    ext::pkix::{BasicConstraints, KeyUsage, KeyUsages},
    spki::SubjectPublicKeyInfoOwned,
};

use super::{Name, handed};

/// The shortest key of an authority, in bytes: 2,048 bits.
const SHORTEST_KEY: usize = 256;

/// `rsaEncryption`, RFC 8017 appendix A.
const RSA: &str = "1.2.840.113549.1.1.1";

/// `id-ecPublicKey` and the curve P-256, RFC 5480 section 2.1.1.
const CURVES: &str = "1.2.840.10045.2.1";
const P256: &str = "1.2.840.10045.3.1.7";

/// What it signs with.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Key {
    Rsa(RsaPublicKey),
    P256(ecdsa::VerifyingKey),
}

/// A certificate that signs those of callers.
#[derive(Clone, Debug)]
pub struct Authority {
    name: Name,
    key: Key,
    certificate: Certificate,
}

impl Authority {
    /// Reads the PEM of an authority's certificate.
    ///
    /// # Errors
    ///
    /// What is wrong with it, as the end of a sentence.
    pub(crate) fn parse(pem: &str) -> Result<Self, &'static str> {
        let read = handed::decode_pem(pem).and_then(|der| super::Certificate::read(&der));
        let certificate = read.ok_or("is no certificate in PEM: give the text from -----BEGIN CERTIFICATE----- on")?;
        let certificate = certificate.parsed;
        let tbs = &certificate.tbs_certificate;
        if !matches!(tbs.get::<BasicConstraints>(), Ok(Some((_, constraints))) if constraints.ca) {
            return Err("is not an authority's certificate: its basic constraints do not say CA");
        }
        if matches!(tbs.get::<KeyUsage>(), Ok(Some((_, usage))) if !usage.0.contains(KeyUsages::KeyCertSign)) {
            return Err("is of a key that may not sign certificates: give the one of the issuing authority");
        }
        let name = Name::of(&tbs.subject).ok_or("has no subject: give the one of the issuing authority")?;
        let key = Key::read(&tbs.subject_public_key_info).ok_or(
            "has neither an RSA key of at least 2048 bits nor one of P-256: name its certificates by thumbprints",
        )?;
        Ok(Self { name, key, certificate })
    }

    /// Whether both are of the same name and key.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.name == other.name && self.key == other.key
    }

    /// Whether its subject is this name.
    pub(crate) fn is_named(&self, name: &Name) -> bool {
        self.name == *name
    }

    /// Whether it signed a certificate, and is itself valid now.
    pub(crate) fn signed(&self, certificate: &Certificate, now: DateTime<Utc>) -> bool {
        // Both say by which algorithm it is signed, and have to say the same: RFC 5280 section 4.1.1.2.
        let algorithm = &certificate.signature_algorithm;
        let tbs = &certificate.tbs_certificate;
        if !self.name.is(&tbs.issuer) || tbs.signature != *algorithm || !self.is_valid(now) {
            return false;
        }
        let (Ok(signed), Some(signature)) = (tbs.to_der(), certificate.signature.as_bytes()) else { return false };
        self.key.verify(&algorithm.oid.to_string(), &signed, signature)
    }

    fn is_valid(&self, now: DateTime<Utc>) -> bool {
        super::is_within(&self.certificate.tbs_certificate.validity, now)
    }
}

impl Key {
    fn read(public: &SubjectPublicKeyInfoOwned) -> Option<Self> {
        let bytes = public.subject_public_key.as_bytes()?;
        match public.algorithm.oid.to_string().as_str() {
            RSA => {
                let key = RsaPublicKey::from_pkcs1_der(bytes).ok().filter(|key| key.size() >= SHORTEST_KEY)?;
                Some(Self::Rsa(key))
            }
            CURVES => {
                let curve = public.algorithm.parameters.as_ref()?.decode_as::<ObjectIdentifier>().ok()?;
                let key = (curve.to_string() == P256).then(|| ecdsa::VerifyingKey::from_sec1_bytes(bytes).ok())??;
                Some(Self::P256(key))
            }
            _ => None,
        }
    }

    /// Whether it made a signature by an algorithm of RFC 4055 section 5 or RFC 5758 section 3.2; SHA-1 is taken no more.
    fn verify(&self, algorithm: &str, signed: &[u8], signature: &[u8]) -> bool {
        match (self, algorithm) {
            (Self::Rsa(key), "1.2.840.113549.1.1.11") => rsa_verify::<Sha256>(key, signed, signature),
            (Self::Rsa(key), "1.2.840.113549.1.1.12") => rsa_verify::<Sha384>(key, signed, signature),
            (Self::Rsa(key), "1.2.840.113549.1.1.13") => rsa_verify::<Sha512>(key, signed, signature),
            (Self::P256(key), "1.2.840.10045.4.3.2") => {
                ecdsa::Signature::from_der(signature).is_ok_and(|signature| key.verify(signed, &signature).is_ok())
            }
            _ => false,
        }
    }
}

fn rsa_verify<D>(key: &RsaPublicKey, signed: &[u8], signature: &[u8]) -> bool
where
    D: rsa::sha2::Digest + rsa::pkcs8::AssociatedOid,
{
    let verifier = VerifyingKey::<D>::new(key.clone());
    Signature::try_from(signature).is_ok_and(|signature| verifier.verify(signed, &signature).is_ok())
}
