//! `spin.toml` names every component: what is behind the line below is written by this test, from the tables and this list.
//!
//! `UPDATE_EXPECT=1 cargo test -p entra-scim --test end-to-end manifest`

use std::{fmt::Write, fs, path::Path};

use expect_test::expect_file;
use mapping::{GROUPS, Mapping, USERS, resources};

use crate::harness::WORKSPACE;

/// What a hand writes ends with this line.
const LINE: &str = "# A test writes the rest: UPDATE_EXPECT=1 cargo test -p entra-scim --test end-to-end manifest\n";

/// A component.
struct Component {
    name: String,
    routes: Vec<Route>,
    /// Whether it has a key-value store.
    stores: bool,
    /// Variables beside those of the tenants, and what they are.
    variables: &'static [(&'static str, &'static str)],
    /// What only our own host reads beside the files.
    tool: &'static str,
}

/// A route, and what it is for.
struct Route {
    comment: &'static str,
    path: String,
}

const TENANT: [&str; 14] = [
    "tenants",
    "tenants_file",
    "tenant_id",
    "client_id",
    "client_certificate",
    "client_certificate_password",
    "federated_token_file",
    "client_secret",
    "cloud",
    "graph_url",
    "arm_url",
    "login_url",
    "identity_url",
    "caller_token_sha256",
];
const EXTERNAL_ID: &[(&str, &str)] = &[
    ("external_id_property", "{{ external_id_property }}"),
    ("group_external_id_property", "{{ group_external_id_property }}"),
];
const CAPABILITIES: &[(&str, &str)] = &[
    ("external_id_property", "{{ external_id_property }}"),
    ("group_external_id_property", "{{ group_external_id_property }}"),
    ("timer_token_sha256", "{{ timer_token_sha256 }}"),
];
const INVENTORY: &[(&str, &str)] =
    &[("timer_token_sha256", "{{ timer_token_sha256 }}"), ("time_budget", "{{ inventory_time_budget }}")];

const COMMAND: &str = r#"cargo build --profile component --target wasm32-wasip2 --package audit --package "scim-*" --package "inventory-*""#;

#[test]
fn the_manifest_names_every_component() {
    let path = Path::new(WORKSPACE).join("spin.toml");
    let text = fs::read_to_string(&path).unwrap();
    let (head, _) = text.split_once(LINE).expect("the line is in spin.toml");
    let components = components();
    let mut manifest =
        format!("{head}{LINE}\n# Each route twice: for the default tenant, and for the one that the path names.\n");
    components.iter().for_each(|component| write_routes(component, &mut manifest));
    components.iter().for_each(|component| write_component(component, &mut manifest));
    manifest.pop();
    expect_file![path].assert_eq(&manifest);
}

#[test]
fn every_component_has_a_folder() {
    for component in components() {
        let manifest = Path::new(WORKSPACE).join("functions").join(&component.name).join("Cargo.toml");
        assert!(manifest.exists(), "there is no {}", manifest.display());
    }
}

fn components() -> Vec<Component> {
    let mut components = vec![of_mappings(&[&USERS]), of_mappings(&[&GROUPS])];
    components.extend(resources::ALL.iter().map(|mappings| of_mappings(mappings)));
    let fixed = [
        ("scim-root", "Discovery, Bulk, searches over all types of resources.", "/scim/v2/...", EXTERNAL_ID, ""),
        ("scim-microsoft", "The dialect of Microsoft's own SCIM API.", "/rp/scim/...", EXTERNAL_ID, ""),
        (
            "scim-capabilities",
            "What each function can do with what was granted: what `entra-scim check` asks.",
            "/scim/v2/$capabilities",
            CAPABILITIES,
            "check = \"/scim/v2/$capabilities\"\n",
        ),
        (
            "inventory-users",
            "",
            "/inventory/users/...",
            INVENTORY,
            "job = \"/inventory/users/run\"\nschedule = \"{{ inventory_users_schedule }}\"\n",
        ),
        ("audit", "Who did what.", "/audit", EXTERNAL_ID, ""),
    ];
    components.extend(fixed.map(|(name, comment, path, variables, tool)| Component {
        name: name.to_owned(),
        routes: vec![Route { comment, path: path.to_owned() }],
        stores: matches!(name, "scim-root" | "scim-microsoft"),
        variables,
        tool,
    }));
    components
}

fn of_mappings(mappings: &[&Mapping]) -> Component {
    let endpoints = mappings.iter().map(|mapping| mapping.resource_type.endpoint);
    Component {
        name: mappings[0].component.to_owned(),
        routes: endpoints.map(|endpoint| Route { comment: "", path: format!("/scim/v2{endpoint}/...") }).collect(),
        stores: true,
        variables: EXTERNAL_ID,
        tool: "",
    }
}

fn write_routes(component: &Component, manifest: &mut String) {
    for Route { comment, path } in &component.routes {
        manifest.push('\n');
        if !comment.is_empty() {
            writeln!(manifest, "# {comment}").unwrap();
        }
        for (index, route) in [path.clone(), format!("/:tenant{path}")].iter().enumerate() {
            let gap = if index == 0 { "" } else { "\n" };
            writeln!(manifest, "{gap}[[trigger.http]]\nroute = \"{route}\"\ncomponent = \"{}\"", component.name)
                .unwrap();
        }
    }
    if component.name == "audit" {
        manifest.push('\n');
    }
}

fn write_component(component: &Component, manifest: &mut String) {
    let Component { name, stores, variables, tool, .. } = component;
    let stores = if *stores { "key_value_stores = [\"default\"]\n" } else { "" };
    let file = name.replace('-', "_");
    write!(
        manifest,
        r#"[component.{name}]
source = "target/wasm32-wasip2/component/{file}.wasm"
allowed_outbound_hosts = [
    "{{{{ graph_url }}}}", "{{{{ login_url }}}}", "{{{{ identity_url }}}}",
    "https://graph.microsoft.us", "https://dod-graph.microsoft.us", "https://microsoftgraph.chinacloudapi.cn",
    "https://login.microsoftonline.us", "https://login.partner.microsoftonline.cn",
]
{stores}sqlite_databases = ["default"]

[component.{name}.variables]
"#
    )
    .unwrap();
    for variable in TENANT {
        writeln!(manifest, "{variable} = \"{{{{ {variable} }}}}\"").unwrap();
    }
    for (variable, value) in *variables {
        writeln!(manifest, "{variable} = \"{value}\"").unwrap();
    }
    write!(
        manifest,
        r#"
[component.{name}.build]
command = '{COMMAND}'
watch = ["Cargo.toml", "functions/{name}/**/*", "shared/**/*"]

[component.{name}.tool.entra-scim]
{tool}files = ["{{{{ federated_token_file }}}}", "{{{{ tenants_file }}}}"]

"#
    )
    .unwrap();
}
