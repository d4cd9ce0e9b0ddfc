use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
use tokio::time::timeout;

use super::*;

/// What the server gets of what a caller sends, in pieces of a size.
async fn passed(sent: &[u8], piece: usize) -> (Vec<u8>, Option<u16>, bool) {
    let (mut caller, server) = duplex(1 << 20);
    let refused = Refused::default();
    let mut gate = Gate::new(server, refused.clone());
    let sender = async {
        for piece in sent.chunks(piece) {
            caller.write_all(piece).await.unwrap();
            tokio::task::yield_now().await;
        }
        caller.shutdown().await.unwrap();
    };
    let mut got = Vec::new();
    // Behind a refusal nothing comes, not even the end.
    let read = timeout(Duration::from_millis(200), gate.read_to_end(&mut got));
    let (read, ()) = tokio::join!(read, sender);
    (got, refused.0.get().map(|refusal| refusal.status.as_u16()), !matches!(read, Ok(Err(_))))
}

#[tokio::test]
async fn what_is_well_formed_passes_unchanged() {
    let requests: [&[u8]; 5] = [
        b"GET /a HTTP/1.1\r\nhost: a\r\n\r\n",
        b"POST /a HTTP/1.1\r\ncontent-length: 5\r\n\r\nGET /GET /b HTTP/1.1\r\n\r\n",
        b"POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\n\n\n\n\r\n0\r\n\r\nGET /b HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0\n\n\n",
        b"GET /a HTTP/1.1\r\nhost",
    ];
    for request in requests {
        for piece in [1, 2, 7, 1000] {
            let (mut got, refused, is_read) = passed(request, piece).await;
            if request.ends_with(b"host") {
                assert!(got.is_empty(), "half a head goes nowhere");
                got = request.to_vec();
            }
            assert_eq!(got, request, "{:?} by {piece}", String::from_utf8_lossy(request));
            assert_eq!((refused, is_read), (None, true));
        }
    }
}

#[tokio::test]
async fn what_is_not_is_replaced() {
    let good = "POST /a HTTP/1.1\r\ncontent-length: 2\r\n\r\nab";
    for (bad, expected) in [
        ("GET / HTTP/1.1\nhost: a\n\nGET /secret HTTP/1.1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nhost: a\r\n b\r\n\r\n", 400),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    ] {
        for piece in [1, 1000] {
            let (got, refused, _) = passed(format!("{good}{bad}").as_bytes(), piece).await;
            let got = String::from_utf8(got).unwrap();
            let ours = got.strip_prefix(good).expect("what came before it is passed on");
            assert!(ours.starts_with("GET / HTTP/1.1\r\nhost: localhost\r\n") && ours.contains(REFUSED), "{ours}");
            assert_eq!(refused, Some(expected), "{bad:?}");
        }
    }
}

#[tokio::test]
async fn malformed_chunks_break_off() {
    let (got, refused, is_read) = passed(b"POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\nx\r\n", 1000).await;
    assert!(got.ends_with(b"\r\n\r\n"));
    assert_eq!((refused, is_read), (None, false));
}

#[tokio::test(start_paused = true)]
async fn a_slow_head_is_refused() {
    let (mut caller, server) = duplex(1024);
    let refused = Refused::default();
    let mut gate = Gate::new(server, refused.clone());
    let slow = tokio::spawn(async move {
        loop {
            if caller.write_all(b"GET / HTTP/1.1\r\nx-a: b\r\n").await.is_err() {
                return;
            }
            sleep(Duration::from_secs(1)).await;
        }
    });
    let mut got = [0; 64];
    gate.read_exact(&mut got).await.unwrap();
    assert!(got.starts_with(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n"));
    assert_eq!(refused.0.get().unwrap().status, 408);
    drop(gate);
    slow.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn who_takes_nothing_is_cut_off() {
    let (_caller, server) = duplex(16);
    let mut gate = Gate::new(server, Refused::default());
    let error = gate.write_all(&[0; 64]).await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
}

#[test]
fn strangers_do_not_know_the_key() {
    let refused = Refused::default();
    let mut headers = HeaderMap::new();
    headers.insert(REFUSED, key_of_process().parse().unwrap());
    assert_eq!(refused.told_by(&headers), None, "nothing is refused");
    let _ = refused.0.set(Refusal::bad("a"));
    assert_eq!(refused.told_by(&headers), Some(Refusal::bad("a")));
    headers.insert(REFUSED, "guessed".parse().unwrap());
    assert_eq!(refused.told_by(&headers), None);
}
