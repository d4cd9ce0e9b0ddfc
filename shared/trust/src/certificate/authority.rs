//! The authority whose certificates are taken by their subjects.

use chrono::{DateTime, Utc};
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
    der::Encode,
    ext::pkix::{BasicConstraints, KeyUsage, KeyUsages},
};

use super::{Name, handed};

/// The shortest key of an authority, in bytes: 2,048 bits.
const SHORTEST_KEY: usize = 256;

/// `rsaEncryption`, RFC 8017 appendix A.
const RSA: &str = "1.2.840.113549.1.1.1";

/// A certificate that signs those of callers.
#[derive(Clone, Debug)]
pub struct Authority {
    name: Name,
    key: RsaPublicKey,
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
        let public = &tbs.subject_public_key_info;
        let key = (public.algorithm.oid.to_string() == RSA)
            .then(|| RsaPublicKey::from_pkcs1_der(public.subject_public_key.as_bytes()?).ok())
            .flatten()
            .filter(|key| key.size() >= SHORTEST_KEY)
            .ok_or("has no RSA key of at least 2048 bits: name its certificates by their thumbprints")?;
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
        let Ok(signature) = Signature::try_from(signature) else { return false };
        // RFC 4055 section 5; SHA-1 is taken no more.
        match algorithm.oid.to_string().as_str() {
            "1.2.840.113549.1.1.11" => self.verify::<Sha256>(&signed, &signature),
            "1.2.840.113549.1.1.12" => self.verify::<Sha384>(&signed, &signature),
            "1.2.840.113549.1.1.13" => self.verify::<Sha512>(&signed, &signature),
            _ => false,
        }
    }

    fn verify<D>(&self, signed: &[u8], signature: &Signature) -> bool
    where
        D: rsa::sha2::Digest + rsa::pkcs8::AssociatedOid,
    {
        VerifyingKey::<D>::new(self.key.clone()).verify(signed, signature).is_ok()
    }

    fn is_valid(&self, now: DateTime<Utc>) -> bool {
        super::is_within(&self.certificate.tbs_certificate.validity, now)
    }
}
