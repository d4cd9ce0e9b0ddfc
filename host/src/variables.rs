//! The values of the manifest's variables, and who gives them.
//!
//! As in Spin, `--variable` wins over the environment, the environment over `.env`, and that over the default. What
//! Azure tells of the machine's identity (see `azure.rs`) stands between `.env` and the default.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};

use crate::manifest::Manifest;

/// How the environment names a variable.
const PREFIX: &str = "SPIN_VARIABLE_";

/// Values by the names of variables.
pub(crate) type Values = BTreeMap<String, String>;

/// What the operator gives: `.env` beside the manifest, the environment, and the options `--variable`.
pub(crate) fn given(
    manifest: &Manifest,
    environment: impl Iterator<Item = (String, String)>,
    options: &[String],
) -> Result<Values> {
    let mut given = Values::new();
    let dotenv = manifest.directory.join(".env");
    match fs::read_to_string(&dotenv) {
        Ok(text) => add_environment(&mut given, manifest, dotenv_pairs(&text)),
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", dotenv.display())),
    }
    add_environment(&mut given, manifest, environment);
    for option in options {
        add_option(&mut given, manifest, option)?;
    }
    Ok(given)
}

/// All values: what is given, else the default.
///
/// # Errors
/// One line that names every required variable without a value.
pub(crate) fn complete(manifest: &Manifest, mut given: Values) -> Result<Values> {
    let mut missing = Vec::new();
    for (name, variable) in &manifest.variables {
        if given.contains_key(name) {
            continue;
        }
        match &variable.default {
            Some(default) => drop(given.insert(name.clone(), default.clone())),
            None => missing.push(name.as_str()),
        }
    }
    if !missing.is_empty() {
        bail!(
            "required variables without a value: {}: give each by --variable NAME=VALUE, {PREFIX}NAME or .env",
            missing.join(", ")
        );
    }
    Ok(given)
}

fn add_environment(given: &mut Values, manifest: &Manifest, pairs: impl Iterator<Item = (String, String)>) {
    for (name, value) in pairs {
        let name = name.strip_prefix(PREFIX).map(str::to_ascii_lowercase);
        if let Some(name) = name.filter(|name| manifest.variables.contains_key(name)) {
            given.insert(name, value);
        }
    }
}

/// `NAME=VALUE`, or `NAME=@FILE` for the content of a file, or `@FILE` for a TOML or JSON file of several.
fn add_option(given: &mut Values, manifest: &Manifest, option: &str) -> Result<()> {
    if let Some(file) = option.strip_prefix('@') {
        for (name, value) in file_pairs(Path::new(file))? {
            check_name(manifest, &name)?;
            given.insert(name, value);
        }
        return Ok(());
    }
    let (name, value) = option
        .split_once('=')
        .ok_or_else(|| anyhow!("--variable {option} is neither NAME=VALUE, nor NAME=@FILE, nor @FILE"))?;
    check_name(manifest, name)?;
    let value = match value.strip_prefix('@') {
        Some(file) => {
            let text = fs::read_to_string(file).with_context(|| format!("--variable {name}: cannot read {file}"))?;
            text.trim_end_matches(['\r', '\n']).to_owned()
        }
        None => value.to_owned(),
    };
    given.insert(name.to_owned(), value);
    Ok(())
}

/// The value is not in the message: it may be a secret.
fn check_name(manifest: &Manifest, name: &str) -> Result<()> {
    if manifest.variables.contains_key(name) {
        return Ok(());
    }
    let known = manifest.variables.keys().map(String::as_str).collect::<Vec<_>>();
    bail!("--variable {name}: the manifest declares no such variable; it has {}", known.join(", "))
}

fn file_pairs(file: &Path) -> Result<Values> {
    let text = fs::read_to_string(file).with_context(|| format!("--variable: cannot read {}", file.display()))?;
    let is_json = file.extension().is_some_and(|extension| extension == "json");
    let table: BTreeMap<String, serde_json::Value> = if is_json {
        serde_json::from_str(&text).with_context(|| format!("--variable: {} is not a JSON object", file.display()))?
    } else {
        toml::from_str(&text).map_err(|error| anyhow!("--variable: {}: {}", file.display(), error.message()))?
    };
    let text = |(name, value): (String, serde_json::Value)| match value {
        serde_json::Value::String(text) => (name, text),
        other => (name, other.to_string()),
    };
    Ok(table.into_iter().map(text).collect())
}

/// The lines of a `.env` file: `NAME=value`, values may be quoted, `#` starts a comment line.
fn dotenv_pairs(text: &str) -> impl Iterator<Item = (String, String)> + '_ {
    text.lines().filter_map(|line| {
        let line = line.trim();
        if line.starts_with('#') {
            return None;
        }
        let (name, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
        let value = value.trim();
        let quoted = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
        let value = quoted('"').or_else(|| quoted('\'')).unwrap_or(value);
        Some((name.trim().to_owned(), value.to_owned()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(directory: &Path) -> Manifest {
        let path = directory.join("spin.toml");
        let text = "spin_manifest_version = 2
            [application]
            name = 'a'
            [variables]
            one = { required = true }
            two = { required = true }
            three = { default = 'default' }";
        fs::write(&path, text).unwrap();
        Manifest::read(&path).unwrap()
    }

    #[test]
    fn the_option_wins_over_the_environment_over_the_file_over_the_default() {
        let directory = tempfile::tempdir().unwrap();
        let manifest = manifest(directory.path());
        let dotenv = "# comment\nSPIN_VARIABLE_ONE='file one'\nexport SPIN_VARIABLE_TWO=\"file\"\nOTHER=1\n";
        fs::write(directory.path().join(".env"), dotenv).unwrap();
        let environment = [("SPIN_VARIABLE_TWO", "environment"), ("SPIN_VARIABLE_UNKNOWN", "x"), ("PATH", "x")];
        let environment = || environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let values = |options: &[String]| complete(&manifest, given(&manifest, environment(), options)?);
        let text = |values: &Values| values.values().cloned().collect::<Vec<_>>().join(",");
        assert_eq!(text(&values(&[]).unwrap()), "file one,default,environment");
        let file = directory.path().join("values.toml");
        fs::write(&file, "one = 'from toml'\nthree = 3").unwrap();
        let secret = directory.path().join("secret");
        fs::write(&secret, "s3cret\n").unwrap();
        let options = [format!("@{}", file.display()), format!("two=@{}", secret.display())];
        assert_eq!(text(&values(&options).unwrap()), "from toml,3,s3cret");
    }

    #[test]
    fn mistakes_are_told() {
        let directory = tempfile::tempdir().unwrap();
        let manifest = manifest(directory.path());
        let cases = [
            (vec![], "required variables without a value: one, two: give each by --variable"),
            (vec!["one=1"], "required variables without a value: two:"),
            (vec!["one"], "--variable one is neither NAME=VALUE"),
            (vec!["four=1"], "--variable four: the manifest declares no such variable; it has one, three, two"),
            (vec!["one=@/nowhere"], "--variable one: cannot read /nowhere"),
        ];
        for (options, expected) in cases {
            let options = options.into_iter().map(str::to_owned).collect::<Vec<_>>();
            let result = given(&manifest, std::iter::empty(), &options).and_then(|given| complete(&manifest, given));
            let error = result.unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}");
        }
    }
}
