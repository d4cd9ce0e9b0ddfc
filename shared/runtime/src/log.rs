/// Writes a line to the component's log, its standard error: cut to a sensible length, on one line whatever it holds.
///
/// It must hold no secret and no more of a person than an id.
pub fn log(line: &str) {
    let line: String =
        line.chars().take(LONGEST_LINE).map(|character| if character.is_control() { ' ' } else { character }).collect();
    eprintln!("{line}");
}

/// In characters.
const LONGEST_LINE: usize = 2000;
