//! What must hold of every table.

mod resources;
