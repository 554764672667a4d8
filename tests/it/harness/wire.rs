//! Requests that no library would send, byte by byte.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::http::{Answer, Http};

/// Longer than any answer takes: what is still open then hangs.
const PATIENCE: Duration = Duration::from_secs(20);

impl Http {
    /// Where the server listens, as a `Host` header says it.
    pub fn authority(&self) -> String {
        self.address().to_string()
    }

    fn address(&self) -> SocketAddr {
        let request = self.request("GET", "/").build().unwrap();
        request.url().socket_addrs(|| None).unwrap()[0]
    }

    /// Sends a head and a body as they are, and reads the answer. `head` is the request line and the headers, a line
    /// each; only the end of the connection is added, and the empty line.
    pub async fn wire(&self, head: &str, body: &[u8]) -> Answer {
        self.wire_bytes(&[head.replace('\n', "\r\n").as_bytes(), b"\r\nConnection: close\r\n\r\n", body].concat()).await
    }

    /// Sends bytes, and reads the answer.
    pub async fn wire_bytes(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address()).await.unwrap();
        // A server that has seen enough answers and closes: what it does not take is of no interest.
        let _ = stream.write_all(request).await;
        let mut read = Vec::new();
        let reading = async {
            let mut part = [0; 4096];
            while let Ok(count @ 1..) = stream.read(&mut part).await {
                read.extend_from_slice(&part[..count]);
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.expect("the server answers and closes");
        answer(&read)
    }
}

fn answer(read: &[u8]) -> Answer {
    let end = read.windows(4).position(|window| window == b"\r\n\r\n").expect("the answer has a head");
    let head = std::str::from_utf8(&read[..end]).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap().parse().unwrap();
    let mut headers = reqwest::header::HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        let name: reqwest::header::HeaderName = name.parse().unwrap();
        headers.append(name, value.trim().parse().unwrap());
    }
    Answer { status, headers, text: String::from_utf8(read[end + 4..].to_vec()).unwrap() }
}
