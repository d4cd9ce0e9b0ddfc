//! Changes to a relationship with many: in the order in which they are asked for, without knowing who is in it.

use std::collections::BTreeSet;

/// What is to become of the members of a relationship. Ids are compared without regard to letter case.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Members {
    /// These come and those go, whoever else is in it.
    Difference {
        /// The ids to add.
        add: Vec<String>,
        /// The ids to remove; none of them is among those to add.
        remove: Vec<String>,
    },
    /// These and no others.
    All(Vec<String>),
}

impl Default for Members {
    fn default() -> Self {
        Self::Difference { add: Vec::new(), remove: Vec::new() }
    }
}

impl Members {
    /// Adds members.
    pub fn add(&mut self, ids: impl IntoIterator<Item = String>) {
        let (add, remove) = match self {
            Self::Difference { add, remove } => (add, Some(remove)),
            Self::All(all) => (all, None),
        };
        let mut known = folded(add);
        let fresh: Vec<String> = ids.into_iter().filter(|id| known.insert(id.to_ascii_lowercase())).collect();
        if let Some(remove) = remove {
            remove.retain(|id| !known.contains(&id.to_ascii_lowercase()));
        }
        add.extend(fresh);
    }

    /// Removes members.
    pub fn remove(&mut self, ids: impl IntoIterator<Item = String>) {
        let ids: Vec<String> = ids.into_iter().collect();
        let gone = folded(&ids);
        let stays = |id: &String| !gone.contains(&id.to_ascii_lowercase());
        match self {
            Self::All(all) => all.retain(stays),
            Self::Difference { add, remove } => {
                // One that was to be added may have been in it before.
                add.retain(stays);
                let mut known = folded(remove);
                remove.extend(ids.into_iter().filter(|id| known.insert(id.to_ascii_lowercase())));
            }
        }
    }

    /// Puts these in the place of all that there are.
    pub fn replace(&mut self, ids: impl IntoIterator<Item = String>) {
        *self = Self::All(Vec::new());
        self.add(ids);
    }

    /// The least that has to be added and removed where `present` are in it.
    #[must_use]
    pub fn against(&self, present: &[String]) -> (Vec<String>, Vec<String>) {
        let known = folded(present);
        let is_present = |id: &&String| known.contains(&id.to_ascii_lowercase());
        match self {
            Self::Difference { add, remove } => (
                add.iter().filter(|id| !is_present(id)).cloned().collect(),
                remove.iter().filter(is_present).cloned().collect(),
            ),
            Self::All(all) => {
                let wanted = folded(all);
                let is_unwanted = |id: &&String| !wanted.contains(&id.to_ascii_lowercase());
                (
                    all.iter().filter(|id| !is_present(id)).cloned().collect(),
                    present.iter().filter(is_unwanted).cloned().collect(),
                )
            }
        }
    }

    /// Whether nothing is to be done, whoever is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Difference { add, remove } if add.is_empty() && remove.is_empty())
    }
}

fn folded(ids: &[String]) -> BTreeSet<String> {
    ids.iter().map(|id| id.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn the_last_word_on_a_member_counts() {
        let mut members = Members::default();
        members.add(ids("a b"));
        members.remove(ids("B c"));
        members.add(ids("c A"));
        assert_eq!(members, Members::Difference { add: ids("a c"), remove: ids("B") });
        assert_eq!(members.against(&ids("a d b")), (ids("c"), ids("B")));
        members.replace(ids("x y x"));
        members.remove(ids("Y"));
        members.add(ids("z"));
        assert_eq!(members, Members::All(ids("x z")));
        assert_eq!(members.against(&ids("X d")), (ids("z"), ids("d")));
    }
}
