//! PFX files: PKCS #12, in which a certificate travels with its private key.
//!
//! Keys and certificates are read that are plain, or encrypted under a password with AES in CBC mode, 3DES or RC2 of
//! 40 bits: what OpenSSL, Java and Windows write unless told otherwise, their older versions too.
//!
//! Source: <https://www.rfc-editor.org/rfc/rfc7292>.

use aes::{Aes128Dec, Aes256Dec};
use cbc::{
    Decryptor,
    cipher::{BlockCipher, BlockDecryptMut, InnerIvInit, InvalidLength, KeyInit, block_padding::Pkcs7},
};
use cms::{
    content_info::{CmsVersion, ContentInfo},
    enveloped_data::EncryptedContentInfo,
};
use des::TdesEde3;
use pbkdf2::{
    hmac::{Mac, SimpleHmac, digest::core_api::BlockSizeUser},
    pbkdf2_hmac,
};
use pkcs5::pbes2::{EncryptionScheme, Kdf, PBES2_OID, Parameters, Pbkdf2Prf};
use pkcs12::{
    PKCS_12_CERT_BAG_OID, PKCS_12_KEY_BAG_OID, PKCS_12_PBE_WITH_SHAAND3_KEY_TRIPLE_DES_CBC,
    PKCS_12_PBEWITH_SHAAND40_BIT_RC2_CBC, PKCS_12_PKCS8_KEY_BAG_OID, PKCS_12_X509_CERT_OID,
    authenticated_safe::AuthenticatedSafe,
    cert_type::CertBag,
    kdf::{Pkcs12KeyType, derive_key},
    mac_data::MacData,
    pbe_params::{EncryptedPrivateKeyInfo, Pkcs12PbeParams},
    pfx::Pfx,
};
use rc2::Rc2;
use rsa::{
    pkcs8::{
        der::{
            self, Any, Decode, DecodeValue, ErrorKind, FixedTag, Header, Reader, SliceReader, Tag,
            asn1::{AnyRef, ObjectIdentifier, OctetStringRef},
            oid::{
                AssociatedOid,
                db::rfc5911::{ID_DATA, ID_ENCRYPTED_DATA},
            },
        },
        spki::AlgorithmIdentifierOwned,
    },
    sha2::{
        Sha256,
        digest::{Digest, FixedOutputReset},
    },
};
use sha1::Sha1;

/// The longest file that is read, in bytes: a key of 4096 bits with a chain of certificates takes a tenth of it.
const LONGEST: usize = 64 * 1024;

/// How many iterations the key derivations of one file may take in all; OpenSSL asks for 6,144 and Java for 30,000.
const MOST_ITERATIONS: u32 = 1_000_000;

/// The attribute by which a key and its certificate find each other.
const LOCAL_KEY_ID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.21");

const WRONG_PASSWORD: &str = "is a PFX file that client_certificate_password does not open";

/// The first private key of a file, and its certificate.
pub(super) struct Contents {
    /// PKCS #8 in DER.
    pub(super) key: Vec<u8>,
    /// X.509 in DER: the certificate of the same `localKeyId`, else the first.
    pub(super) certificate: Vec<u8>,
}

/// Opens the file `bytes` with `password`, which is empty for none.
///
/// # Errors
///
/// What is wrong with the file, as the end of a sentence; nothing of its contents.
pub(super) fn read(bytes: &[u8], password: &str) -> Result<Contents, String> {
    if bytes.len() > LONGEST {
        return Err(format!("is a PFX file of {} bytes: {LONGEST} at most are read", bytes.len()));
    }
    let pfx = Pfx::from_der(bytes).map_err(malformed)?;
    let safe = data(&pfx.auth_safe)?;
    let mut opening = Opening::new(password);
    if let Some(mac) = &pfx.mac_data {
        opening.check(mac, safe)?;
    }
    let parts = AuthenticatedSafe::from_der(safe).map_err(malformed)?;
    let parts = parts.iter().map(|part| opening.open(part)).collect::<Result<Vec<_>, _>>()?;
    let bags: der::Result<Vec<Vec<Bag<'_>>>> = parts.iter().map(|part| Decode::from_der(part)).collect();
    let bags = bags.map_err(malformed)?.concat();
    let is_key = |bag: &&Bag<'_>| matches!(bag.kind, PKCS_12_KEY_BAG_OID | PKCS_12_PKCS8_KEY_BAG_OID);
    let key = bags.iter().find(is_key).ok_or("is a PFX file without a private key")?;
    let mut certificates = bags.iter().filter(|bag| bag.kind == PKCS_12_CERT_BAG_OID);
    let of_key = certificates.clone().find(|bag| bag.id.is_some() && bag.id == key.id);
    let certificate = of_key.or_else(|| certificates.next()).ok_or("is a PFX file without the key's certificate")?;
    Ok(Contents { key: opening.key(key)?, certificate: certificate.certificate()? })
}

/// One of the things a file holds: a key, a certificate.
///
/// The type of `pkcs12` sorts attributes in quadratic time: for one file of 64 KiB it takes seconds.
#[derive(Clone)]
struct Bag<'a> {
    kind: ObjectIdentifier,
    value: &'a [u8],
    /// The values of `localKeyId`.
    id: Option<AnyRef<'a>>,
}

impl<'a> DecodeValue<'a> for Bag<'a> {
    fn decode_value<R: Reader<'a>>(reader: &mut R, header: Header) -> der::Result<Self> {
        reader.read_nested(header.length, |reader| {
            let mut bag = Self { kind: reader.decode()?, value: reader.decode::<AnyRef<'_>>()?.value(), id: None };
            let attributes = reader.decode::<Option<AnyRef<'_>>>()?.unwrap_or(AnyRef::NULL);
            let mut attributes = SliceReader::new(attributes.value())?;
            while !attributes.is_finished() {
                let (name, values): (ObjectIdentifier, _) =
                    attributes.sequence(|attribute| Ok((attribute.decode()?, attribute.decode()?)))?;
                if name == LOCAL_KEY_ID {
                    bag.id = Some(values);
                }
            }
            Ok(bag)
        })
    }
}

impl FixedTag for Bag<'_> {
    const TAG: Tag = Tag::Sequence;
}

impl Bag<'_> {
    fn certificate(&self) -> Result<Vec<u8>, String> {
        let certificate = CertBag::from_der(self.value).map_err(malformed)?;
        match certificate.cert_id {
            PKCS_12_X509_CERT_OID => Ok(certificate.cert_value.into_bytes()),
            other => Err(unknown(other)),
        }
    }
}

/// A file that is being opened.
struct Opening<'a> {
    password: &'a str,
    /// The password as the key derivation of RFC 7292 appendix B takes it: UTF-16 with an end of two zeros.
    utf16: Vec<u8>,
    iterations_left: u32,
}

impl<'a> Opening<'a> {
    fn new(password: &'a str) -> Self {
        let utf16 = password.encode_utf16().chain([0]).flat_map(u16::to_be_bytes).collect();
        Self { password, utf16, iterations_left: MOST_ITERATIONS }
    }

    /// Checks that `mac` was made of `safe` with this password.
    fn check(&mut self, mac: &MacData, safe: &[u8]) -> Result<(), String> {
        let mut fits = self.fits(mac, safe)?;
        if !fits && self.password.is_empty() {
            // Without a password some derive keys from nothing, not even the two zeros.
            self.utf16.clear();
            fits = self.fits(mac, safe)?;
        }
        if fits { Ok(()) } else { Err(WRONG_PASSWORD.to_owned()) }
    }

    fn fits(&mut self, mac: &MacData, safe: &[u8]) -> Result<bool, String> {
        match mac.mac.algorithm.oid {
            Sha1::OID => self.fits_with::<Sha1>(mac, safe),
            Sha256::OID => self.fits_with::<Sha256>(mac, safe),
            other => Err(unknown(other)),
        }
    }

    fn fits_with<D>(&mut self, mac: &MacData, safe: &[u8]) -> Result<bool, String>
    where
        D: Digest + FixedOutputReset + BlockSizeUser,
    {
        let length = <D as Digest>::output_size();
        let key = self.derive::<D>(mac.mac_salt.as_bytes(), mac.iterations, Pkcs12KeyType::Mac, length)?;
        let made = <SimpleHmac<D> as Mac>::new_from_slice(&key).map_err(|_| WRONG_PASSWORD)?.chain_update(safe);
        Ok(made.verify_slice(mac.mac.digest.as_bytes()).is_ok())
    }

    /// The bags of `part`, decrypted if need be.
    fn open(&mut self, part: &ContentInfo) -> Result<Vec<u8>, String> {
        if part.content_type != ID_ENCRYPTED_DATA {
            return data(part).map(<[u8]>::to_vec);
        }
        let encrypted = || {
            let mut reader = SliceReader::new(part.content.value())?;
            let _version: CmsVersion = reader.decode()?;
            reader.decode::<EncryptedContentInfo>()
        };
        let encrypted = encrypted().map_err(malformed)?;
        let bytes = encrypted.encrypted_content.ok_or("is a PFX file that cannot be opened: a part of it is absent")?;
        self.decrypt(&encrypted.content_enc_alg, bytes.as_bytes())
    }

    /// The key in `bag`, decrypted if need be.
    fn key(&mut self, bag: &Bag<'_>) -> Result<Vec<u8>, String> {
        if bag.kind == PKCS_12_KEY_BAG_OID {
            return Ok(bag.value.to_vec());
        }
        let encrypted = EncryptedPrivateKeyInfo::from_der(bag.value).map_err(malformed)?;
        self.decrypt(&encrypted.encryption_algorithm, encrypted.encrypted_data.as_bytes())
    }

    /// What was encrypted as `bytes`, by `algorithm`.
    fn decrypt(&mut self, algorithm: &AlgorithmIdentifierOwned, bytes: &[u8]) -> Result<Vec<u8>, String> {
        let parameters = algorithm.parameters.as_ref().ok_or_else(|| unknown(algorithm.oid))?;
        match algorithm.oid {
            PBES2_OID => self.decrypt_pbes2(&parameters.decode_as().map_err(malformed)?, bytes),
            PKCS_12_PBE_WITH_SHAAND3_KEY_TRIPLE_DES_CBC => {
                let (key, iv) = self.derive_key_and_iv(parameters, 24)?;
                decrypt_with(TdesEde3::new_from_slice(&key), &iv, bytes)
            }
            PKCS_12_PBEWITH_SHAAND40_BIT_RC2_CBC => {
                let (key, iv) = self.derive_key_and_iv(parameters, 5)?;
                decrypt_with(Rc2::new_from_slice(&key), &iv, bytes)
            }
            other => Err(unknown(other)),
        }
    }

    fn decrypt_pbes2(&mut self, scheme: &Parameters<'_>, bytes: &[u8]) -> Result<Vec<u8>, String> {
        let Kdf::Pbkdf2(derivation) = &scheme.kdf else { return Err(unknown(scheme.kdf.oid())) };
        self.spend(derivation.iteration_count)?;
        let mut key = vec![0; scheme.encryption.key_size()];
        let (password, salt) = (self.password.as_bytes(), derivation.salt);
        match derivation.prf {
            Pbkdf2Prf::HmacWithSha1 => pbkdf2_hmac::<Sha1>(password, salt, derivation.iteration_count, &mut key),
            Pbkdf2Prf::HmacWithSha256 => pbkdf2_hmac::<Sha256>(password, salt, derivation.iteration_count, &mut key),
            other => return Err(unknown(other.oid())),
        }
        match scheme.encryption {
            EncryptionScheme::Aes128Cbc { iv } => decrypt_with(Aes128Dec::new_from_slice(&key), iv, bytes),
            EncryptionScheme::Aes256Cbc { iv } => decrypt_with(Aes256Dec::new_from_slice(&key), iv, bytes),
            other => Err(unknown(other.oid())),
        }
    }

    /// The key of `length` bytes and the initialisation vector of 8.
    fn derive_key_and_iv(&mut self, parameters: &Any, length: usize) -> Result<(Vec<u8>, Vec<u8>), String> {
        let Pkcs12PbeParams { salt, iterations } = parameters.decode_as().map_err(malformed)?;
        let key = self.derive::<Sha1>(salt.as_bytes(), iterations, Pkcs12KeyType::EncryptionKey, length)?;
        let iv = self.derive::<Sha1>(salt.as_bytes(), iterations, Pkcs12KeyType::Iv, 8)?;
        Ok((key, iv))
    }

    fn derive<D>(&mut self, salt: &[u8], iterations: i32, of: Pkcs12KeyType, length: usize) -> Result<Vec<u8>, String>
    where
        D: Digest + FixedOutputReset + BlockSizeUser,
    {
        self.spend(u32::try_from(iterations).unwrap_or(u32::MAX))?;
        Ok(derive_key::<D>(&self.utf16, salt, of, iterations, length))
    }

    /// Takes `iterations` from those that are left.
    fn spend(&mut self, iterations: u32) -> Result<(), String> {
        let left = self.iterations_left.checked_sub(iterations);
        self.iterations_left = left.ok_or_else(|| {
            format!("is a PFX file with more than {MOST_ITERATIONS} iterations of key derivation: export it with fewer")
        })?;
        Ok(())
    }
}

fn decrypt_with<C>(cipher: Result<C, InvalidLength>, iv: &[u8], bytes: &[u8]) -> Result<Vec<u8>, String>
where
    C: BlockCipher + BlockDecryptMut,
{
    let decryptor = cipher.and_then(|cipher| Decryptor::inner_iv_slice_init(cipher, iv)).map_err(|_| WRONG_PASSWORD)?;
    decryptor.decrypt_padded_vec_mut::<Pkcs7>(bytes).map_err(|_| WRONG_PASSWORD.to_owned())
}

/// The bytes of a content that is not encrypted.
fn data(content: &ContentInfo) -> Result<&[u8], String> {
    if content.content_type != ID_DATA {
        return Err(unknown(content.content_type));
    }
    content.content.decode_as::<OctetStringRef<'_>>().map(|bytes| bytes.as_bytes()).map_err(malformed)
}

/// Errors of the decoder tell what was expected and where, not what was found.
fn malformed(error: der::Error) -> String {
    match error.kind() {
        ErrorKind::OidUnknown { oid } => unknown(oid),
        _ => format!("is a PFX file that cannot be opened: {error}"),
    }
}

fn unknown(algorithm: ObjectIdentifier) -> String {
    format!(
        "is a PFX file that cannot be opened, as it is protected with {algorithm}: export it with a password, AES-256 \
         and SHA-256"
    )
}

#[cfg(test)]
mod tests {
    use cbc::{
        Encryptor,
        cipher::{BlockEncryptMut, KeyIvInit},
    };
    use pkcs5::pbes2::{
        AES_192_CBC_OID, AES_256_CBC_OID, HMAC_WITH_SHA1_OID, HMAC_WITH_SHA256_OID, PBKDF2_OID, SCRYPT_OID,
    };
    use rsa::pkcs8::der::{Encode, asn1::Null, oid::db::rfc5911::ID_SIGNED_DATA};

    use super::*;

    const DES_EDE3_CBC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.3.7");
    const HMAC_WITH_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.11");
    const PASSWORD: &str = "pass wörd";
    const SALT: &[u8] = b"saltsalt";
    const IV: &[u8; 16] = b"initial vector: ";

    /// A value in DER of the type `tag`, made of `parts`.
    fn value(tag: u8, parts: &[Vec<u8>]) -> Vec<u8> {
        Any::new(Tag::try_from(tag).unwrap(), parts.concat()).unwrap().to_der().unwrap()
    }

    fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
        value(0x30, parts)
    }

    fn octets(bytes: &[u8]) -> Vec<u8> {
        value(0x04, &[bytes.to_vec()])
    }

    fn number(number: u32) -> Vec<u8> {
        number.to_der().unwrap()
    }

    fn algorithm(name: ObjectIdentifier, parameters: Vec<u8>) -> Vec<u8> {
        sequence(&[name.to_der().unwrap(), parameters])
    }

    fn content(kind: ObjectIdentifier, inner: Vec<u8>) -> Vec<u8> {
        sequence(&[kind.to_der().unwrap(), value(0xa0, &[inner])])
    }

    fn bag(kind: ObjectIdentifier, inner: Vec<u8>, id: &str) -> Vec<u8> {
        let attribute = sequence(&[LOCAL_KEY_ID.to_der().unwrap(), value(0x31, &[octets(id.as_bytes())])]);
        let attributes = if id.is_empty() { Vec::new() } else { value(0x31, &[attribute]) };
        sequence(&[kind.to_der().unwrap(), value(0xa0, &[inner]), attributes])
    }

    fn key(id: &str) -> Vec<u8> {
        bag(PKCS_12_KEY_BAG_OID, octets(b"key"), id)
    }

    fn certificate(text: &str, id: &str) -> Vec<u8> {
        bag(PKCS_12_CERT_BAG_OID, content(PKCS_12_X509_CERT_OID, octets(text.as_bytes())), id)
    }

    fn plain(bags: &[Vec<u8>]) -> Vec<u8> {
        content(ID_DATA, octets(&sequence(bags)))
    }

    fn encrypted(algorithm: Vec<u8>, bytes: Vec<u8>) -> Vec<u8> {
        let inner = sequence(&[ID_DATA.to_der().unwrap(), algorithm, value(0x80, &[bytes])]);
        content(ID_ENCRYPTED_DATA, sequence(&[number(0), inner]))
    }

    fn pbkdf2(prf: ObjectIdentifier, iterations: u32) -> Vec<u8> {
        let prf = algorithm(prf, Null.to_der().unwrap());
        algorithm(PBKDF2_OID, sequence(&[octets(SALT), number(iterations), prf]))
    }

    fn pbes2(derivation: Vec<u8>, cipher: ObjectIdentifier) -> Vec<u8> {
        algorithm(PBES2_OID, sequence(&[derivation, algorithm(cipher, octets(IV))]))
    }

    /// `bags` under the password, with AES-256 and one iteration of `prf`.
    fn sealed(bags: &[Vec<u8>], prf: ObjectIdentifier) -> Vec<u8> {
        let mut key = [0; 32];
        match prf {
            HMAC_WITH_SHA1_OID => pbkdf2_hmac::<Sha1>(PASSWORD.as_bytes(), SALT, 1, &mut key),
            _ => pbkdf2_hmac::<Sha256>(PASSWORD.as_bytes(), SALT, 1, &mut key),
        }
        let encryptor = Encryptor::<aes::Aes256Enc>::new(&key.into(), IV.into());
        encrypted(pbes2(pbkdf2(prf, 1), AES_256_CBC_OID), encryptor.encrypt_padded_vec_mut::<Pkcs7>(&sequence(bags)))
    }

    fn file(contents: &[Vec<u8>]) -> Vec<u8> {
        sequence(&[number(3), plain(contents)])
    }

    /// A file whose MAC is made with `password`, as key derivation takes it; more than two iterations it only claims.
    fn file_with_mac<D>(contents: &[Vec<u8>], password: &[u8], iterations: u32) -> Vec<u8>
    where
        D: AssociatedOid + Digest + FixedOutputReset + BlockSizeUser,
    {
        let length = <D as Digest>::output_size();
        let key = derive_key::<D>(password, SALT, Pkcs12KeyType::Mac, iterations.min(2).try_into().unwrap(), length);
        let mac = <SimpleHmac<D> as Mac>::new_from_slice(&key).unwrap().chain_update(sequence(contents)).finalize();
        let digest = sequence(&[algorithm(D::OID, Null.to_der().unwrap()), octets(&mac.into_bytes())]);
        sequence(&[number(3), plain(contents), sequence(&[digest, octets(SALT), number(iterations)])])
    }

    fn utf16(password: &str) -> Vec<u8> {
        Opening::new(password).utf16
    }

    #[test]
    fn ok_the_key_comes_with_its_certificate() {
        let pair = [certificate("CA", "other"), certificate("right", "id"), key("id")];
        let key_first = [plain(&[key("id")]), plain(&[certificate("CA", "other"), certificate("right", "id")])];
        let two_keys = [key("id"), bag(PKCS_12_KEY_BAG_OID, octets(b"other"), "CA"), certificate("right", "id")];
        for (what, file, password) in [
            ("no MAC", file(&[plain(&pair)]), ""),
            ("the key first", file(&key_first), ""),
            ("two keys", file(&[plain(&two_keys)]), ""),
            ("another id", file(&[plain(&[key("id"), certificate("right", "other"), certificate("CA", "CA")])]), ""),
            ("no id", file(&[plain(&[key(""), certificate("right", ""), certificate("CA", "")])]), ""),
            ("SHA-1", file_with_mac::<Sha1>(&[plain(&pair)], &utf16(PASSWORD), 1), PASSWORD),
            ("SHA-256", file_with_mac::<Sha256>(&[plain(&pair)], &utf16(PASSWORD), 2), PASSWORD),
            ("no password as two zeros", file_with_mac::<Sha256>(&[plain(&pair)], &utf16(""), 1), ""),
            ("no password as nothing", file_with_mac::<Sha256>(&[plain(&pair)], &[], 1), ""),
            ("PBKDF2 with SHA-1", file(&[sealed(&pair, HMAC_WITH_SHA1_OID)]), PASSWORD),
            ("PBKDF2 with SHA-256", file(&[sealed(&pair, HMAC_WITH_SHA256_OID)]), PASSWORD),
        ] {
            let contents = read(&file, password).unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!((contents.key, contents.certificate), (octets(b"key"), b"right".to_vec()), "{what}");
        }
    }

    #[test]
    fn err_what_is_wrong_is_told_without_the_contents() {
        let pair = [certificate("CONFIDENTIAL", "id"), key("id")];
        let broken = |algorithm| file(&[encrypted(algorithm, vec![0; 16])]);
        let scrypt = algorithm(SCRYPT_OID, sequence(&[octets(SALT), number(1 << 31), number(8), number(1)]));
        let rc4 = algorithm(pkcs12::PKCS_12_PBE_WITH_SHAAND128_BIT_RC4, sequence(&[octets(SALT), number(1)]));
        let triple_des = |iterations| {
            algorithm(PKCS_12_PBE_WITH_SHAAND3_KEY_TRIPLE_DES_CBC, sequence(&[octets(SALT), number(iterations)]))
        };
        let endless = pbes2(pbkdf2(HMAC_WITH_SHA1_OID, u32::MAX), AES_256_CBC_OID);
        let with_mac = |iterations| file_with_mac::<Sha256>(&[plain(&pair)], &utf16(PASSWORD), iterations);
        let in_all = [encrypted(pbes2(pbkdf2(HMAC_WITH_SHA256_OID, 999_999), AES_256_CBC_OID), vec![0; 16])];
        let signed = sequence(&[number(3), content(ID_SIGNED_DATA, octets(b""))]);
        for (what, file, password, expected) in [
            ("wrong password", with_mac(2), "wrong", WRONG_PASSWORD),
            ("absent password", with_mac(2), "", WRONG_PASSWORD),
            ("wrong, no MAC", file(&[sealed(&pair, HMAC_WITH_SHA256_OID)]), "wrong", WRONG_PASSWORD),
            ("wrong, 3DES", broken(triple_des(1)), "wrong", WRONG_PASSWORD),
            ("no key", file(&[plain(&pair[..1])]), "", "without a private key"),
            ("no certificate", file(&[plain(&pair[1..])]), "", "without the key's certificate"),
            ("nothing", file(&[]), "", "without a private key"),
            ("iterations of the MAC", with_mac(MOST_ITERATIONS + 1), PASSWORD, "more than 1000000 iterations"),
            ("iterations of PBKDF2", broken(endless), "", "more than 1000000 iterations"),
            ("iterations of 3DES", broken(triple_des(1_000_001)), "", "more than 1000000 iterations"),
            ("iterations in all", file_with_mac::<Sha256>(&in_all, &utf16(""), 2), "", "more than 1000000 iterations"),
            ("scrypt", broken(pbes2(scrypt, AES_256_CBC_OID)), "", "1.3.6.1.4.1.11591.4.11"),
            ("AES-192", broken(pbes2(pbkdf2(HMAC_WITH_SHA1_OID, 1), AES_192_CBC_OID)), "", "2.16.840.1.101.3.4.1.22"),
            ("SHA-512", broken(pbes2(pbkdf2(HMAC_WITH_SHA512, 1), AES_256_CBC_OID)), "", "1.2.840.113549.2.11"),
            ("3DES in PBES2", broken(pbes2(pbkdf2(HMAC_WITH_SHA1_OID, 1), DES_EDE3_CBC)), "", "1.2.840.113549.3.7:"),
            ("RC4", broken(rc4), "", "1.2.840.113549.1.12.1.1"),
            ("signed", signed, "", "1.2.840.113549.1.7.2"),
            ("too long", vec![0; LONGEST + 1], "", "65536 at most"),
            ("longer than it says", [file(&[plain(&pair)]), vec![0]].concat(), "", "cannot be opened"),
            ("BER", [&[0x30, 0x80], with_mac(2).as_slice(), &[0, 0]].concat(), "", "indefinite length"),
        ] {
            let error = read(&file, password).err().unwrap_or_else(|| panic!("{what}"));
            assert!(error.contains(expected) && !error.contains("CONFIDENTIAL"), "{what}: {error}");
        }
    }

    #[test]
    fn ok_whatever_is_cut_or_changed_there_is_an_answer() {
        let pair = [certificate("right", "id"), key("id")];
        let file = file_with_mac::<Sha256>(&[sealed(&pair, HMAC_WITH_SHA256_OID)], &utf16(PASSWORD), 1);
        for length in 0..file.len() {
            assert!(read(&file[..length], PASSWORD).is_err(), "cut to {length} bytes");
        }
        for index in 0..file.len() {
            for flipped in [0x01, 0x80, 0xff] {
                let mut file = file.clone();
                file[index] ^= flipped;
                if let Ok(contents) = read(&file, PASSWORD) {
                    assert_eq!((contents.key, contents.certificate), (octets(b"key"), b"right".to_vec()));
                }
            }
        }
    }
}
