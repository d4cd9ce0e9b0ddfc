//! Which operations of a plan go out together.

use crate::{
    batch,
    error::{Error, Kind},
    operation::{Api, Operation},
};

/// Operations, by index, that make one exchange: one alone, or a batch.
pub(crate) type Group = Vec<usize>;

/// Checks that each operation waits only for earlier ones.
pub(crate) fn check(operations: &[Operation]) -> Result<(), Error> {
    for (index, operation) in operations.iter().enumerate() {
        if let Some(later) = operation.after.iter().find(|after| **after >= index) {
            let message = format!("operation {index} of a plan waits for {later}, which does not come before it");
            return Err(Error::local(Kind::BadRequest, message));
        }
    }
    Ok(())
}

/// The exchanges that may be made now, given which operations are still to be made.
///
/// An operation goes out when everything that it waits for is done, or is in the same batch.
pub(crate) fn groups(operations: &[Operation], open: &[bool]) -> Vec<Group> {
    let is_open = |index: usize| open.get(index).copied().unwrap_or_default();
    let mut groups: Vec<Group> = Vec::new();
    let mut batches: Vec<Group> = Vec::new();
    for (index, operation) in operations.iter().enumerate().filter(|(index, _)| is_open(*index)) {
        let mut waits_for = operation.after.iter().copied().filter(|after| is_open(*after)).peekable();
        match operation.api {
            Api::Arm if waits_for.peek().is_none() => groups.push(vec![index]),
            Api::Arm => {}
            Api::Graph => {
                let home = match waits_for.peek() {
                    None => batches.iter_mut().find(|batch| batch.len() < batch::MOST),
                    Some(_) => {
                        let waits_for: Vec<usize> = waits_for.collect();
                        batches.iter_mut().find(|batch| {
                            batch.len() < batch::MOST && waits_for.iter().all(|after| batch.contains(after))
                        })
                    }
                };
                match home {
                    Some(batch) => batch.push(index),
                    None if operation.after.iter().any(|after| is_open(*after)) => {}
                    None => batches.push(vec![index]),
                }
            }
        }
    }
    groups.extend(batches);
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn get() -> Operation {
        Operation::get("/users/1")
    }

    fn all(operations: &[Operation]) -> Vec<Group> {
        groups(operations, &vec![true; operations.len()])
    }

    #[test]
    fn ok_what_waits_goes_with_what_it_waits_for() {
        assert_eq!(all(&[get(), get().after(0), get()]), [vec![0, 1, 2]]);
        assert_eq!(all(&vec![get(); 45]).iter().map(Vec::len).collect::<Vec<_>>(), [20, 20, 5]);
        let mut operations = vec![get(); 20];
        operations.push(get().after(0));
        operations.push(get());
        assert_eq!(all(&operations)[1], [21], "the one that waits comes later");
        let mut open = vec![false; 22];
        open[20] = true;
        assert_eq!(groups(&operations, &open), [vec![20]]);
    }

    #[test]
    fn ok_arm_has_no_batches() {
        let operations = [get().arm(), get().arm(), get().arm().after(0), get(), get()];
        assert_eq!(all(&operations), [vec![0], vec![1], vec![3, 4]]);
    }

    #[test]
    fn ok_a_circle_is_refused() {
        assert!(check(&[get(), get().after(0)]).is_ok());
        assert!(check(&[get().after(0)]).is_err());
        assert!(check(&[get().after(1), get()]).is_err());
    }
}
