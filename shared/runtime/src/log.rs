/// Writes a line to the component's log, its standard error: cut to a sensible length, on one line whatever it holds.
///
/// It must hold no secret and no more of a person than an id.
pub fn log(line: &str) {
    let line: String =
        line.chars().take(LONGEST_LINE).map(|character| if character.is_control() { ' ' } else { character }).collect();
    eprintln!("{line}");
}

/// Writes a line of JSON to the component's standard output, whole: JSON itself has no control characters in it.
pub fn line(json: &str) {
    println!("{json}");
}

/// In characters.
const LONGEST_LINE: usize = 2000;
