//! Throttling as Graph documents it for identity and access, by resource units and by writes.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

mod account;
mod documented;

pub(crate) use account::{Account, Origin, Refusal};
pub(crate) use documented::cost;

/// The header with the cost of a request.
pub(crate) const UNITS: &str = "x-ms-resource-unit";
/// The header with how much of the limit is used, when that is much.
pub(crate) const PERCENTAGE: &str = "x-ms-throttle-limit-percentage";

/// Whether requests over a limit are refused. What they cost is counted and told in any case.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(from = "Form", into = "Form")]
pub enum Throttle {
    /// There is no limit.
    #[default]
    Off,
    /// The limits Graph documents for a tenant of this size.
    Documented,
    /// These limits.
    Own(Limits),
}

/// What one application may use of one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Resource units, in [`Limits::unit_seconds`].
    pub units: u32,
    /// The time in which as many units come back as there are, in seconds.
    pub unit_seconds: u32,
    /// Writes, in [`Limits::write_seconds`].
    pub writes: u32,
    /// The time in which as many writes come back as there are, in seconds.
    pub write_seconds: u32,
}

/// What a request costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cost {
    pub(crate) units: u32,
    pub(crate) writes: u32,
}

/// [`Throttle`] in JSON.
#[derive(Deserialize, Serialize)]
#[serde(
    untagged,
    deny_unknown_fields,
    rename_all_fields = "camelCase",
    expecting = "`throttle` has to be \"documented\", \"off\" or \
                 {\"units\": N, \"unitSeconds\": N, \"writes\": N, \"writeSeconds\": N} with numbers above 0"
)]
enum Form {
    Name(Name),
    Limits { units: NonZeroU32, unit_seconds: NonZeroU32, writes: NonZeroU32, write_seconds: NonZeroU32 },
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
enum Name {
    Off,
    Documented,
}

impl Throttle {
    /// The limits in a tenant of so many users.
    pub(crate) fn limits(self, users: u32) -> Option<Limits> {
        match self {
            Self::Off => None,
            Self::Documented => Some(documented::limits(users)),
            Self::Own(limits) => Some(limits),
        }
    }
}

impl From<Form> for Throttle {
    fn from(form: Form) -> Self {
        match form {
            Form::Name(Name::Off) => Self::Off,
            Form::Name(Name::Documented) => Self::Documented,
            Form::Limits { units, unit_seconds, writes, write_seconds } => Self::Own(Limits {
                units: units.get(),
                unit_seconds: unit_seconds.get(),
                writes: writes.get(),
                write_seconds: write_seconds.get(),
            }),
        }
    }
}

impl From<Throttle> for Form {
    fn from(throttle: Throttle) -> Self {
        let number = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        match throttle {
            Throttle::Off => Self::Name(Name::Off),
            Throttle::Documented => Self::Name(Name::Documented),
            Throttle::Own(limits) => Self::Limits {
                units: number(limits.units),
                unit_seconds: number(limits.unit_seconds),
                writes: number(limits.writes),
                write_seconds: number(limits.write_seconds),
            },
        }
    }
}
