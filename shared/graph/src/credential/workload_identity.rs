//! A pod of AKS, or anything else whose platform puts a token that Entra ID trusts into a file.
//!
//! The library's own credential reads the file again on a thread; a component has none, so the file is read here, each
//! time a token is asked for: the platform replaces it about every hour.
//!
//! Source: <https://learn.microsoft.com/azure/aks/workload-identity-overview>.

use std::{fs, io::Read, sync::Arc};

use azure_core::{Error, credentials::TokenCredential, error::ErrorKind, http::ClientOptions};

use super::{CredentialSettings, client_assertion};

/// A token is never longer than this, in bytes.
const LONGEST_TOKEN: u64 = 64 * 1024;

pub(super) fn credential(
    settings: &CredentialSettings,
    client_options: ClientOptions,
) -> azure_core::Result<Arc<dyn TokenCredential>> {
    let token = read(&settings.federated_token_file)?;
    client_assertion::credential(settings, token, client_options)
}

fn read(path: &str) -> azure_core::Result<String> {
    let failed = |reason: String| Error::with_message(ErrorKind::Credential, format!("the file {path} {reason}"));
    let mut token = String::new();
    fs::File::open(path)
        .and_then(|file| file.take(LONGEST_TOKEN).read_to_string(&mut token))
        .map_err(|error| failed(format!("cannot be read: {error}")))?;
    let token = token.trim();
    if token.split('.').count() != 3 {
        return Err(failed("holds no token: three parts with dots between them are expected".to_owned()));
    }
    Ok(token.to_owned())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn ok_the_file_is_read_and_looked_at() {
        let path = std::env::temp_dir().join(format!("federated-token-{}", std::process::id()));
        let path = path.to_str().unwrap();
        assert!(read(path).unwrap_err().to_string().contains("cannot be read"));
        for (text, expected) in [("a.b.c\n", Some("a.b.c")), ("", None), ("secret", None)] {
            std::fs::write(path, text).unwrap();
            let token = read(path);
            assert_eq!(token.as_deref().ok(), expected, "{text}");
            assert!(token.is_ok() || !token.unwrap_err().to_string().contains("secret"));
        }
        std::fs::remove_file(path).unwrap();
    }
}
