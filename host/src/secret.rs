//! `entra-scim secret new`: a token for a caller, and what the document of tenants says of it.

use std::process::ExitCode;

use anyhow::{Result, anyhow};
use sha2::{Digest, Sha256};

use crate::hex;

/// Bytes of a token, and of the salt of its hash.
const TOKEN: usize = 32;
const SALT: usize = 16;

/// Prints both. The token is nowhere kept.
pub(crate) fn new() -> Result<ExitCode> {
    let (salt, token) = (random::<SALT>()?, random::<TOKEN>()?);
    println!("token  {token}");
    println!("sha256 {}", salted(&salt, &token));
    eprintln!(
        "give the token to the caller, and the hash to its secrets in the tenants document; the token is shown once"
    );
    Ok(ExitCode::SUCCESS)
}

/// Random bytes as hexadecimal digits.
pub(crate) fn random<const N: usize>() -> Result<String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("the system gives no random bytes: {error}"))?;
    Ok(hex::encode(bytes))
}

/// `salt:hex`, as `trust` reads it.
fn salted(salt: &str, token: &str) -> String {
    let hash = Sha256::new().chain_update(salt).chain_update(token).finalize();
    format!("{salt}:{}", hex::encode(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_hashes_are_taken() {
        let (one, other) = (random::<TOKEN>().unwrap(), random::<TOKEN>().unwrap());
        assert!(one != other && one.len() == 2 * TOKEN);
        trust::SecretRule::new("one", &salted("salt", &one)).unwrap();
        // printf %s salttoken | sha256sum
        let expected = "salt:6c71317dc482e04bde8aac8d2120657e5a2b7d22e266be2dbe630e58931d608a";
        assert_eq!(salted("salt", "token"), expected);
    }
}
