//! The tokens that an instance has.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use runtime::Secret;

use super::{Asked, CredentialSettings};
use crate::{error::Error, operation::Api};

/// The tokens of this instance.
///
/// They are kept here and not by `azure_identity`, whose cache lets one request of an instance wait for another one's
/// lock.
pub(super) static KEPT: Kept = Kept(Mutex::new(Tokens { entries: Vec::new() }));

pub(super) struct Kept(Mutex<Tokens>);

impl Kept {
    pub(super) fn lock(&self) -> MutexGuard<'_, Tokens> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many tokens are kept.
const MOST: usize = 64;

/// A token is not used in its last part, as it has to be good where it arrives, in milliseconds.
const MARGIN: i64 = 120_000;

/// How long before its end a token is asked for anew.
const AHEAD: i64 = 600_000;

/// How long one request may be at it before another one asks too.
const PATIENCE: i64 = 25_000;

/// How long a failure counts for the others, so that they do not all fail one after the other.
const FAILED: i64 = 1_000;

/// How long an old token is used after a failure to get a new one.
const AGAIN: i64 = 30_000;

/// What a request does about a token.
#[derive(Debug)]
pub(super) enum Next {
    /// It has one.
    Use(Secret),
    /// It asks; meanwhile the others use the old one, if there is one.
    Ask(Option<Secret>),
    /// Another one is asking.
    Wait,
    /// Another one asked, just now, in vain.
    Failed(Error),
}

pub(super) struct Tokens {
    entries: Vec<Entry>,
}

struct Entry {
    settings: Arc<CredentialSettings>,
    api: Api,
    token: Option<Token>,
    asking_since: Option<i64>,
    failed: Option<(i64, Error)>,
}

struct Token {
    secret: Secret,
    /// When another one is asked for.
    renew: i64,
    /// When it is no longer used.
    end: i64,
}

impl Tokens {
    /// What a request does that needs a token at `now`, in milliseconds since 1970.
    pub(super) fn next(&mut self, settings: &Arc<CredentialSettings>, api: Api, now: i64) -> Next {
        let entry = self.entry(settings, api);
        let good = entry.token.as_ref().filter(|token| now < token.end);
        let is_asked_for = entry.asking_since.is_some_and(|since| now - since < PATIENCE);
        match good {
            Some(token) if now < token.renew || is_asked_for => return Next::Use(token.secret.clone()),
            None if is_asked_for => return Next::Wait,
            _ => {}
        }
        if let (None, Some((at, error))) = (good, &entry.failed)
            && now - at < FAILED
        {
            return Next::Failed(error.clone());
        }
        let old = good.map(|token| token.secret.clone());
        entry.asking_since = Some(now);
        Next::Ask(old)
    }

    /// Takes in the answer to [`Next::Ask`].
    pub(super) fn answered(&mut self, settings: &Arc<CredentialSettings>, api: Api, asked: Asked, now: i64) {
        let entry = self.entry(settings, api);
        entry.asking_since = None;
        match asked {
            Ok((secret, end)) => {
                let life = (end - now).max(0);
                let (margin, ahead) = (MARGIN.min(life / 4), AHEAD.min(life / 2));
                entry.token = Some(Token { secret, renew: end - ahead, end: end - margin });
                entry.failed = None;
            }
            Err(error) => {
                entry.failed = Some((now, error));
                if let Some(token) = &mut entry.token {
                    token.renew = now + AGAIN;
                }
            }
        }
    }

    /// Forgets a token that was refused.
    pub(super) fn refused(&mut self, settings: &Arc<CredentialSettings>, api: Api, secret: &Secret) {
        let entry = self.entry(settings, api);
        if entry.token.as_ref().is_some_and(|token| token.secret == *secret) {
            entry.token = None;
        }
    }

    #[expect(clippy::indexing_slicing, reason = "the index was just found or just pushed")]
    fn entry(&mut self, settings: &Arc<CredentialSettings>, api: Api) -> &mut Entry {
        let known = self.entries.iter().position(|entry| entry.api == api && is_same(&entry.settings, settings));
        let index = known.unwrap_or_else(|| {
            if self.entries.len() >= MOST {
                self.entries.remove(0);
            }
            let settings = Arc::clone(settings);
            self.entries.push(Entry { settings, api, token: None, asking_since: None, failed: None });
            self.entries.len() - 1
        });
        let entry = &mut self.entries[index];
        if !Arc::ptr_eq(&entry.settings, settings) {
            entry.settings = Arc::clone(settings);
        }
        entry
    }
}

/// Mostly they are the very same; only after the variables were read again there are new ones.
fn is_same(left: &Arc<CredentialSettings>, right: &Arc<CredentialSettings>) -> bool {
    Arc::ptr_eq(left, right) || left == right
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cloud::Cloud, error::Kind};

    fn settings(client: &str) -> Arc<CredentialSettings> {
        Arc::new(CredentialSettings {
            tenant_id: "t".to_owned(),
            client_id: client.to_owned(),
            client_certificate: Secret::default(),
            client_certificate_password: Secret::default(),
            federated_token_file: String::new(),
            client_secret: Secret::default(),
            identity_url: String::new(),
            endpoints: Cloud::Global.endpoints(),
        })
    }

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    /// What a request does, in a word.
    fn next(tokens: &mut Tokens, client: &str, now: i64) -> String {
        match tokens.next(&settings(client), Api::Graph, now) {
            Next::Use(token) => format!("use {}", token.expose()),
            Next::Ask(old) => format!("ask {}", old.unwrap_or_default().expose()),
            Next::Wait => "wait".to_owned(),
            Next::Failed(_) => "failed".to_owned(),
        }
    }

    const HOUR: i64 = 3_600_000;

    #[test]
    fn ok_one_asks_and_the_others_use_the_old_one() {
        let mut tokens = Tokens { entries: Vec::new() };
        assert_eq!(next(&mut tokens, "a", 0), "ask ");
        assert_eq!(next(&mut tokens, "a", 1), "wait");
        assert_eq!(next(&mut tokens, "b", 1), "ask ", "another application is another matter");
        tokens.answered(&settings("a"), Api::Graph, Ok((secret("one"), HOUR)), 2);
        assert_eq!(next(&mut tokens, "a", HOUR - AHEAD - 1), "use one");
        assert_eq!(next(&mut tokens, "a", HOUR - AHEAD), "ask one");
        assert_eq!(next(&mut tokens, "a", HOUR - AHEAD), "use one");
        assert_eq!(next(&mut tokens, "a", HOUR - AHEAD + PATIENCE), "ask one", "the first one never came back");
        tokens.answered(&settings("a"), Api::Graph, Ok((secret("two"), 2 * HOUR)), HOUR);
        assert_eq!(next(&mut tokens, "a", HOUR), "use two");
        assert_eq!(next(&mut tokens, "a", 2 * HOUR - MARGIN), "ask ", "it is not used to its very end");
    }

    #[test]
    fn ok_a_failure_is_shared_and_an_old_token_outlives_it() {
        let mut tokens = Tokens { entries: Vec::new() };
        let fail = || Err(Error::local(Kind::Credential, "no"));
        assert_eq!(next(&mut tokens, "a", 0), "ask ");
        tokens.answered(&settings("a"), Api::Graph, fail(), 5);
        assert_eq!(next(&mut tokens, "a", 6), "failed");
        assert_eq!(next(&mut tokens, "a", 5 + FAILED), "ask ");
        tokens.answered(&settings("a"), Api::Graph, Ok((secret("one"), HOUR)), 0);
        assert_eq!(next(&mut tokens, "a", HOUR - AHEAD), "ask one");
        tokens.answered(&settings("a"), Api::Graph, fail(), HOUR - AHEAD);
        assert_eq!(next(&mut tokens, "a", HOUR - AHEAD + 1), "use one", "not asked for again at once");
        assert_eq!(next(&mut tokens, "a", HOUR - AHEAD + AGAIN), "ask one");
    }

    #[test]
    fn ok_a_refused_token_is_forgotten() {
        let mut tokens = Tokens { entries: Vec::new() };
        next(&mut tokens, "a", 0);
        tokens.answered(&settings("a"), Api::Graph, Ok((secret("one"), HOUR)), 0);
        tokens.refused(&settings("a"), Api::Graph, &secret("an older one"));
        assert_eq!(next(&mut tokens, "a", 1), "use one");
        tokens.refused(&settings("a"), Api::Graph, &secret("one"));
        assert_eq!(next(&mut tokens, "a", 1), "ask ");
    }

    #[test]
    fn ok_a_short_life_is_used_for_half_of_it() {
        let mut tokens = Tokens { entries: Vec::new() };
        next(&mut tokens, "a", 0);
        tokens.answered(&settings("a"), Api::Graph, Ok((secret("one"), 4000)), 0);
        assert_eq!(next(&mut tokens, "a", 1999), "use one");
        assert_eq!(next(&mut tokens, "a", 2000), "ask one");
        assert_eq!(next(&mut tokens, "a", 2999), "use one");
    }
}
