//! What is accepted, and what each mistake is told.

use std::path::PathBuf;

use super::{Manifest, Text, select};

const GOOD: &str = r#"spin_manifest_version = 2

[application]
name = "app"

[variables]
host = { default = "https://example.com" }
secret = { required = true, secret = true }

[[trigger.http]]
route = "/a/..."
component = "a"

[[trigger.http]]
route = { private = true }
component = "b"

[[trigger.http]]
route = "/inline"
component = { source = "inline.wasm" }

[component.a]
source = "a.wasm"
allowed_outbound_hosts = ["{{ host }}", "http://localhost:80"]
key_value_stores = ["default"]
sqlite_databases = ["default"]
environment = { A = "1" }

[component.a.variables]
token = "{{ secret }}"

[component.a.build]
command = "make"
workdir = "sub"
watch = ["src/**/*.rs"]

[component.a.tool.entra-scim]
job = "/a/run"
schedule = "0 * * * * *"
check = "/a/check"
files = ["{{ secret }}"]

[component.a.tool.other]
anything = true

[component.b]
source = "b.wasm"
"#;

fn parse(text: &str) -> anyhow::Result<Manifest> {
    Manifest::parse(Text { name: "spin.toml".to_owned(), text: text.to_owned() }, PathBuf::from("/app"))
}

#[test]
fn a_good_manifest() {
    let manifest = parse(GOOD).unwrap();
    assert_eq!(manifest.name, "app");
    let ids = manifest.components.iter().map(|component| component.id.as_str()).collect::<Vec<_>>();
    assert_eq!(ids, ["a", "b", "inline-http-trigger2"]);
    let a = &manifest.components[0];
    assert_eq!(a.source, PathBuf::from("/app/a.wasm"));
    assert_eq!(a.build.as_ref().unwrap().directory, PathBuf::from("/app/sub"));
    assert_eq!(a.tool.job.as_ref().unwrap().path, "/a/run");
    assert_eq!(a.tool.check.as_ref().unwrap().0, "/a/check");
    let values = [("secret".to_owned(), "/secrets/token".to_owned())].into();
    assert_eq!(a.tool.files[0].0.fill(&values), "/secrets/token");
    assert_eq!(manifest.routes.find("/inline").unwrap().route.component, 2);
    assert!(manifest.variables["secret"].default.is_none());
    assert_eq!(select(&manifest, &["b".to_owned()]).unwrap().into_iter().collect::<Vec<_>>(), [1]);
}

#[test]
fn the_manifest_of_this_application() {
    Manifest::read(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../spin.toml")).unwrap();
}

#[test]
fn mistakes_are_told_with_their_line() {
    let cases = [
        ("spin_manifest_version = 2", "spin_manifest_version = 1", "spin.toml:1: spin_manifest_version must be 2"),
        ("name = \"app\"", "name = \"app", "spin.toml:4: "),
        ("name = \"app\"", "name = \"app\"\nnam = 1", "spin.toml:5: unknown field `nam`"),
        ("default = \"https://example.com\"", "fallback = \"x\"", "spin.toml:7: unknown field `fallback`"),
        ("default = \"https://example.com\"", "secret = true", "spin.toml:7: variable host needs either"),
        ("host = {", "Host = {", "spin.toml:7: variable Host must be lower_snake_case"),
        ("route = \"/a/...\"", "route = \"a\"", "spin.toml:11: route \"a\" must start with a slash"),
        ("route = \"/inline\"", "route = \"/a/...\"", "spin.toml:19: route \"/a/...\" matches the same paths"),
        ("route = { private = true }", "route = { private = false }", "spin.toml:15: route must be a path or"),
        ("component = \"b\"", "component = \"c\"", "there is no [component.c] for this trigger"),
        ("{ source = \"inline.wasm\" }", "{ sauce = \"inline.wasm\" }", "spin.toml:20: unknown field `sauce`"),
        ("source = \"a.wasm\"", "source = { url = \"https://a\", digest = \"b\" }", "spin.toml:23: component a has a"),
        ("source = \"a.wasm\"", "source = 7", "spin.toml:23: invalid type"),
        ("source = \"a.wasm\"\n", "source = \"a.wasm\"\nfiles = [\"x\"]\n", "spin.toml:24: component a uses files"),
        ("{{ host }}", "{{ nowhere }}", "spin.toml:24: variable nowhere is not declared"),
        ("{{ secret }}", "{{ secret", "spin.toml:30: \"{{ secret\" has {{ without }}"),
        ("key_value_stores = [\"default\"]", "key_value_stores = [\"../x\"]", "spin.toml:25: label \"../x\" must be"),
        ("sqlite_databases = [\"default\"]", "sqlite_databases = [\"warehouse\"]", "spin.toml:26: label \"warehouse\""),
        ("job = \"/a/run\"", "job = \"/inline\"", "spin.toml:38: no route of component a matches its job"),
        ("schedule = ", "when = ", "unknown field `when`"),
        ("job = \"/a/run\"\n", "", "spin.toml:37: a job needs both keys: job, its path, and schedule"),
        ("schedule = \"0 * * * * *\"\n", "", "spin.toml:37: a job needs both keys: job, its path, and schedule"),
        ("check = \"/a/check\"", "check = \"/b\"", "spin.toml:40: no route of component a matches its check \"/b\""),
        ("files = [\"{{ secret }}\"]", "files = [\"{{ none }}\"]", "spin.toml:41: variable none is not declared"),
        (
            "source = \"inline.wasm\" }",
            "source = \"inline.wasm\", tool = { entra-scim = { check = \"/inline\" } } }",
            "another component has a check already",
        ),
        ("[component.b]", "[component.b_c]", "must be kebab-case"),
        ("[[trigger.http]]\nroute = \"/inline\"", "[[trigger.redis]]\nroute = \"/inline\"", "unknown field `redis`"),
    ];
    for (good, bad, expected) in cases {
        assert!(GOOD.contains(good), "{good}");
        let error = parse(&GOOD.replacen(good, bad, 1)).unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains('\n'), "{bad}: {error}");
        assert!(error.starts_with("spin.toml:"), "{error}");
    }
}

#[test]
fn an_unknown_component_is_told() {
    let error = select(&parse(GOOD).unwrap(), &["z".to_owned()]).unwrap_err().to_string();
    assert_eq!(error, "there is no component z: the manifest has a, b, inline-http-trigger2");
}
