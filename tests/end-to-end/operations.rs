//! The operations that identity governance asks of Entra, as `operations.tsv` lists them: each names the test that shows it.

use std::{fs, path::Path};

use crate::harness::WORKSPACE;

/// What no test shows yet: groups are read, and not yet by what changed.
const LATER: [&str; 1] = ["Get New or Updated Groups"];

#[test]
fn each_is_shown_by_a_test() {
    let folder = Path::new(WORKSPACE).join("tests/end-to-end");
    let table = fs::read_to_string(folder.join("operations.tsv")).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().skip(1).map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows.len(), 42);
    for row in rows {
        let [operation, _, permission, test] = row.as_slice() else { panic!("{row:?} has not four columns") };
        assert!(!permission.is_empty());
        if *test == "-" {
            assert!(LATER.contains(operation), "no test shows {operation}");
            continue;
        }
        let (module, name) = test.rsplit_once("::").unwrap();
        let file = folder.join(module.replace("::", "/")).with_extension("rs");
        let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{operation}: {}: {error}", file.display()));
        assert!(text.contains(&format!("#[test]\nfn {name}() {{")), "{operation}: there is no test {test}");
    }
}
