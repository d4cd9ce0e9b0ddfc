//! Groups that are made up, as many as are wanted, always the same ones.

use serde_json::json;

use crate::contract::ObjectType;
use crate::directory::change_log::ChangeLog;
use crate::directory::relations::Relation;
use crate::directory::{Directory, Object};
use crate::{APPLICATION_HEX, DOMAIN, Groups};

/// Every so many groups is a Microsoft 365 group.
const UNIFIED: u32 = 10;
/// Every so many groups has an external id.
const EXTERNAL: u32 = 3;

impl Directory {
    /// Adds made-up groups; they are there from the start, so no change tells of them.
    pub(crate) fn add_teams(&mut self, groups: Groups) {
        if groups.count == 0 {
            return;
        }
        let users = self.count();
        let rows: Vec<u32> = (0..groups.count).map(|n| self.insert(ObjectType::Group, team(n), None)).collect();
        for (group, number) in rows.iter().zip(0..) {
            let (first, wanted) = match number {
                0 => (0, groups.largest.max(groups.members)),
                _ => (number * groups.members, groups.members),
            };
            let mut members: Vec<u32> =
                (0..wanted.min(users)).map(|place| (first.wrapping_add(place)) % users.max(1)).collect();
            if number < groups.busiest && users > 0 {
                members.push(0);
            }
            self.link(*group, Relation::Members, &members);
            if users > 0 {
                self.link(*group, Relation::Owners, &[number % users]);
            }
        }
        self.log = ChangeLog::of(&format!("generated {users} {groups:?}"));
    }
}

fn team(number: u32) -> Object {
    let is_unified = number % UNIFIED == UNIFIED - 1;
    let nickname = format!("team-{number:07}");
    let mut team = Object::new();
    let mut set = |name: &str, value| team.insert(name.to_owned(), value);
    set("displayName", json!(format!("Team {number:07}")));
    set("description", json!(format!("Made-up group {number}")));
    set("mailEnabled", json!(is_unified));
    set("securityEnabled", json!(!is_unified));
    set("groupTypes", if is_unified { json!(["Unified"]) } else { json!([]) });
    set("createdDateTime", json!("2024-05-06T07:08:09Z"));
    set("renewedDateTime", json!("2024-05-06T07:08:09Z"));
    if is_unified {
        let mail = format!("{nickname}@{DOMAIN}");
        set("visibility", json!("Private"));
        set("proxyAddresses", json!([format!("SMTP:{mail}")]));
        set("mail", json!(mail));
    }
    if number.is_multiple_of(EXTERNAL) {
        set(&format!("extension_{APPLICATION_HEX}_externalId"), json!(format!("G{number:07}")));
    }
    set("mailNickname", json!(nickname));
    team
}
