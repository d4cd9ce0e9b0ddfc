//! `DELETE /Users/{id}`. RFC 7644 section 3.6.

use super::{NOBODY, at, create, id, list, resources};
use crate::harness::Server;

#[test]
fn a_user_goes_once() {
    let server = Server::sample();
    let user = create(&server, "leaver@contoso.onmicrosoft.com");
    let (exchanges, answer) = server.exchanges_of(|| server.delete(&at(id(&user))));
    answer.expect(204);
    assert!(answer.body.is_empty());
    assert_eq!(exchanges.len(), 1, "{exchanges:#?}");
    server.get(&at(id(&user))).expect_error(404, None);
    server.delete(&at(id(&user))).expect_error(404, None);
    let page = list(&server, &[("filter", r#"userName eq "leaver@contoso.onmicrosoft.com""#)]).expect(200);
    assert_eq!((page["totalResults"].as_u64(), resources(&page).len()), (Some(0), 0), "{page}");
}

#[test]
fn a_user_that_is_not_there_is_not_found() {
    let server = Server::sample();
    server.delete(&at(NOBODY)).expect_error(404, None);
}
