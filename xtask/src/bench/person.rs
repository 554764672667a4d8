//! Who signs in and accepts, once, so that later requests are answered with a code at once? A browser with cookies.

use std::collections::BTreeMap;

use super::http::{Answer, Connection, Site, encode};
use super::server::PERSON;
use crate::process::Failure;

const STEPS_MAX: usize = 20;

/// A person in front of a browser.
pub(super) struct Person<'a> {
    site: &'a Site,
    password: &'a str,
    connection: Connection,
    cookies: BTreeMap<String, String>,
}

impl<'a> Person<'a> {
    /// # Errors
    /// When nobody listens there.
    pub(super) async fn sit_down(site: &'a Site, password: &'a str) -> Result<Self, Failure> {
        Ok(Self { site, password, connection: Connection::open(site.port).await?, cookies: BTreeMap::new() })
    }

    /// Opens `path`, signs in and accepts what is asked, until the answer leads away from the server.
    ///
    /// # Errors
    /// When there is no way on.
    pub(super) async fn accept(&mut self, path: &str) -> Result<(), Failure> {
        let mut page = self.send(self.site.get(path, &[("cookie", &self.cookies())])).await?;
        for _ in 0..STEPS_MAX {
            let request = match self.reaction(&page)? {
                Reaction::Arrived => return Ok(()),
                Reaction::Follow(path) => self.site.get(&path, &[("cookie", &self.cookies())]),
                Reaction::Submit(path, fields) => {
                    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
                    let form = ("content-type", "application/x-www-form-urlencoded");
                    let (cookies, origin) = (self.cookies(), self.site.url());
                    let headers = [form, ("cookie", &cookies), ("origin", &origin), ("sec-fetch-site", "same-origin")];
                    self.site.post(&path, &headers, &encode(&fields))
                }
            };
            page = self.send(request).await?;
        }
        Err(Failure::new(format!("no end of pages; the last was {}", page.html)))
    }

    /// What the browser sends along.
    pub(super) fn cookies(&self) -> String {
        let pairs: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    async fn send(&mut self, request: Vec<u8>) -> Result<Page, Failure> {
        let answer = self.connection.ask_patiently(&request).await?;
        let page = Page::of(&answer);
        for cookie in answer.headers("set-cookie") {
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let Some((name, value)) = pair.split_once('=') else { continue };
            if value.is_empty() || attributes.to_ascii_lowercase().contains("max-age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(page)
    }

    fn reaction(&self, page: &Page) -> Result<Reaction, Failure> {
        let here = |address: &str| address.strip_prefix(&self.site.url()).unwrap_or(address).to_owned();
        if !page.location.is_empty() {
            let next = here(&page.location);
            return Ok(if next.starts_with('/') { Reaction::Follow(next) } else { Reaction::Arrived });
        }
        let lost = || Failure::new(format!("no way on from a page with status {}: {}", page.status, page.html));
        let form = page.html.split("<form").nth(1).and_then(|rest| rest.split("</form>").next()).ok_or_else(lost)?;
        let (head, body) = form.split_once('>').ok_or_else(lost)?;
        let mut fields = Vec::new();
        let mut pressed = None;
        for tag in body.split('<').skip(1).filter_map(|tag| tag.split('>').next()) {
            let Some(name) = attribute(tag, "name") else { continue };
            let value = attribute(tag, "value").unwrap_or_default();
            match name.as_str() {
                "email" => fields.push((name, PERSON.to_owned())),
                "password" => fields.push((name, self.password.to_owned())),
                _ if tag.starts_with("button") => {
                    // The first button is the one a person in a hurry presses.
                    pressed.get_or_insert((name, value));
                }
                _ => fields.push((name, value)),
            }
        }
        fields.extend(pressed);
        Ok(Reaction::Submit(here(&attribute(head, "action").ok_or_else(lost)?), fields))
    }
}

struct Page {
    status: u16,
    location: String,
    html: String,
}

impl Page {
    fn of(answer: &Answer<'_>) -> Self {
        Self { status: answer.status, location: answer.header("location").to_owned(), html: answer.text() }
    }
}

enum Reaction {
    /// The answer leads to the application.
    Arrived,
    Follow(String),
    Submit(String, Vec<(String, String)>),
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    let value = tag[start..].split('"').next()?;
    Some(unescaped(value))
}

fn unescaped(text: &str) -> String {
    let named = [("&#38;", "&"), ("&#34;", "\""), ("&#39;", "'"), ("&#60;", "<"), ("&#62;", ">"), ("&quot;", "\"")];
    let plain = named.iter().fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain));
    plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_is_found_by_its_whole_name_and_read_as_text() {
        let tag = "input data-name=\"x\" type=\"hidden\" name=\"request\" value=\"a&#38;b&amp;c\"";
        assert_eq!(attribute(tag, "name").as_deref(), Some("request"));
        assert_eq!(attribute(tag, "value").as_deref(), Some("a&b&c"));
        assert_eq!(attribute(tag, "id"), None);
    }
}
