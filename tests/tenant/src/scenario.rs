//! Scenario files: how the tenant is set, and what goes wrong, from the start.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::{Change, Fault, Options};

/// A tenant to be tried, as JSON: `{"settings": {...}, "faults": [...]}`, both as the control endpoints take them.
#[derive(Clone, Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// What differs from the usual settings.
    pub settings: Change,
    /// The faults that wait, in their order.
    pub faults: Vec<Fault>,
}

/// Why a scenario cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// There is no such file, or it may not be read.
    #[error("cannot read the scenario {}: {error}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// It is not JSON, or not a scenario; the message ends with the line and column up to which it was read.
    #[error("the scenario {} is wrong: {error}", file.display())]
    Wrong {
        /// The file.
        file: PathBuf,
        /// What is wrong, and where.
        error: serde_json::Error,
    },
}

impl Scenario {
    /// Reads a scenario file.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is no scenario.
    pub fn read(file: &Path) -> Result<Self, ScenarioError> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| ScenarioError::Unreadable { file: file.to_owned(), error })?;
        serde_json::from_str(&text).map_err(|error| ScenarioError::Wrong { file: file.to_owned(), error })
    }
}

impl Options {
    /// The same with the settings of a scenario, and its faults after the ones that are there.
    pub fn with_scenario(mut self, scenario: Scenario) -> Self {
        self.settings = self.settings.with(&scenario.settings);
        self.faults.extend(scenario.faults);
        self
    }
}
