//! How does one keep-alive connection ask and hear the answer? HTTP/1.1 with as little work as possible, because the
//! generator must be cheaper than what it measures.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::process::{Failure, OrFail as _};

/// What all answers in a benchmark fit into; a longer one lets the buffer grow.
const ANSWER_BYTES: usize = 16 * 1024;
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer, as long as its connection is not asked again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer<'a> {
    pub(super) status: u16,
    head: &'a str,
    pub(super) body: &'a [u8],
}

impl<'a> Answer<'a> {
    /// The values of a header, in order.
    pub(super) fn headers(&self, name: &str) -> impl Iterator<Item = &'a str> {
        headers(self.head).filter(move |(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// The value of a header, or nothing.
    pub(super) fn header(&self, name: &str) -> &'a str {
        self.headers(name).next().unwrap_or_default()
    }

    /// The body as text; what is not UTF-8 is replaced.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(self.body).into_owned()
    }
}

fn headers(head: &str) -> impl Iterator<Item = (&str, &str)> {
    head.split("\r\n").skip(1).filter_map(|line| line.split_once(':')).map(|(name, value)| (name, value.trim()))
}

/// A connection to the server that is kept.
pub(super) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    /// # Errors
    /// When nobody listens there.
    pub(super) async fn open(port: u16) -> Result<Self, Failure> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.or_fail("connect to the server")?;
        stream.set_nodelay(true).or_fail("configure a connection")?;
        Ok(Self { stream, buffer: vec![0; ANSWER_BYTES] })
    }

    /// Sends a request and waits for its answer.
    ///
    /// # Errors
    /// When the connection ends, or the answer is none that this client understands.
    pub(super) async fn ask(&mut self, request: &[u8]) -> Result<Answer<'_>, Failure> {
        self.stream.write_all(request).await.or_fail("send a request")?;
        let mut filled = 0;
        let head_bytes = loop {
            let read = self.read(filled).await?;
            let searched = filled.saturating_sub(3);
            filled += read;
            let end = self.buffer[searched..filled].windows(4).position(|bytes| bytes == b"\r\n\r\n");
            if let Some(end) = end {
                break searched + end + 4;
            }
        };
        let shape = Shape::of(&self.buffer[..head_bytes])?;
        let whole = head_bytes + shape.body_bytes;
        while filled < whole {
            filled += self.read(filled).await?;
        }
        let head = str::from_utf8(&self.buffer[..head_bytes]).or_fail("read an answer's header")?;
        Ok(Answer { status: shape.status, head, body: &self.buffer[head_bytes..whole] })
    }

    /// The same, but not for ever.
    ///
    /// # Errors
    /// As `ask`, and when the answer takes half a minute.
    pub(super) async fn ask_patiently(&mut self, request: &[u8]) -> Result<Answer<'_>, Failure> {
        let late = || Failure::new(format!("no answer within {} s", PATIENCE.as_secs()));
        tokio::time::timeout(PATIENCE, self.ask(request)).await.map_err(|_| late())?
    }

    async fn read(&mut self, filled: usize) -> Result<usize, Failure> {
        if filled == self.buffer.len() {
            self.buffer.resize(2 * filled, 0);
        }
        match self.stream.read(&mut self.buffer[filled..]).await.or_fail("read an answer")? {
            0 => Err(Failure::new("the server closed a connection in the middle")),
            read => Ok(read),
        }
    }
}

struct Shape {
    status: u16,
    body_bytes: usize,
}

impl Shape {
    fn of(head: &[u8]) -> Result<Self, Failure> {
        let head = str::from_utf8(head).or_fail("read an answer's header")?;
        let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|code| code.parse().ok());
        let status: u16 = status.ok_or_else(|| Failure::new(format!("not an HTTP/1.1 answer: {head}")))?;
        let length = headers(head).find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let body_bytes = match length {
            Some((_, length)) => length.parse().or_fail("read an answer's length")?,
            None if matches!(status, 204 | 304) => 0,
            None => return Err(Failure::new(format!("an answer of unknown length: {head}"))),
        };
        Ok(Self { status, body_bytes })
    }
}

/// Where requests go, and how they are written.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) port: u16,
}

impl Site {
    /// The issuer, without a slash at the end.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// `GET`, with further header lines.
    pub(super) fn get(&self, path: &str, headers: &[(&str, &str)]) -> Vec<u8> {
        self.request("GET", path, headers, "")
    }

    /// `GET` with a bearer token.
    pub(super) fn get_as(&self, path: &str, token: &str) -> Vec<u8> {
        self.get(path, &[("authorization", &format!("Bearer {token}"))])
    }

    /// `POST` of a form.
    pub(super) fn form(&self, path: &str, fields: &[(&str, &str)]) -> Vec<u8> {
        self.post(path, &[("content-type", "application/x-www-form-urlencoded")], &encode(fields))
    }

    /// `POST` of a body whose type is among the headers.
    pub(super) fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
        self.request("POST", path, headers, body)
    }

    fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\n", self.port);
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        if method == "POST" {
            request += &format!("content-length: {}\r\n", body.len());
        }
        request += "\r\n";
        request += body;
        request.into_bytes()
    }
}

/// `application/x-www-form-urlencoded`, which is also how a query is written.
pub(super) fn encode(fields: &[(&str, &str)]) -> String {
    let field = |(name, value): &(&str, &str)| format!("{}={}", percent(name), percent(value));
    fields.iter().map(field).collect::<Vec<_>>().join("&")
}

fn percent(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ => encoded += &format!("%{byte:02X}"),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_form_is_encoded_so_that_nothing_in_it_is_taken_for_its_grammar() {
        assert_eq!(encode(&[("scope", "openid a:b"), ("x", "é&=")]), "scope=openid%20a%3Ab&x=%C3%A9%26%3D");
    }

    #[tokio::test]
    async fn an_answer_in_pieces_is_put_together_and_the_next_one_is_apart() {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 64];
            let pieces = ["HTTP/1.1 200 OK\r\nContent-Le", "ngth: 5\r\nX: y\r\n\r", "\nhel", "lo"];
            let _ = stream.read(&mut request).await.unwrap();
            for piece in pieces {
                stream.write_all(piece.as_bytes()).await.unwrap();
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let _ = stream.read(&mut request).await.unwrap();
            stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
        };
        let client = async {
            let site = Site { port };
            let mut connection = Connection::open(port).await.unwrap();
            let answer = connection.ask(&site.get("/", &[])).await.unwrap();
            assert_eq!((answer.status, answer.header("x"), answer.text().as_str()), (200, "y", "hello"));
            let answer = connection.ask(&site.get("/", &[])).await.unwrap();
            assert_eq!((answer.status, answer.body.len()), (204, 0));
        };
        tokio::join!(server, client);
    }
}
