//! A browser as far as these pages need one: cookies, redirects within the server, forms.

use std::collections::BTreeMap;

use super::http::{Answer, Http};

/// A browser window with its cookies.
#[derive(Clone, Debug)]
pub struct Browser {
    http: Http,
    pub cookies: BTreeMap<String, String>,
}

/// A form found on a page: where it goes, and its fields with their values.
#[derive(Clone, Debug)]
pub struct Form {
    pub action: String,
    pub fields: Vec<(String, String)>,
    /// The buttons that carry a value: name and value.
    pub buttons: Vec<(String, String)>,
}

impl Form {
    /// Sets a field.
    pub fn set(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl Browser {
    pub fn new(http: &Http) -> Self {
        Self { http: http.clone(), cookies: BTreeMap::new() }
    }

    /// Asks for a page, without following a redirect.
    pub async fn get(&mut self, path: &str) -> Answer {
        let request = self.http.request("GET", path).header("accept", "text/html");
        self.send(request).await
    }

    /// Submits a form, without following a redirect.
    pub async fn submit(&mut self, form: &Form) -> Answer {
        let request = self.http.request("POST", &form.action).header("accept", "text/html").form(&form.fields);
        self.send(request).await
    }

    /// Submits a form with a file, as `multipart/form-data`.
    pub async fn submit_file(&mut self, form: &Form, field: &str, name: &str, content: &str) -> Answer {
        let mut body = String::new();
        for (field, value) in &form.fields {
            body += &format!("--x-y-z\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
        }
        body += &format!(
            "--x-y-z\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n{content}\r\n--x-y-z--\r\n"
        );
        let request = self.http.request("POST", &form.action).header("accept", "text/html");
        self.send(request.header("content-type", "multipart/form-data; boundary=x-y-z").body(body)).await
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Answer {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = if cookies.is_empty() { request } else { request.header("cookie", cookies.join("; ")) };
        let answer = self.http.send(request).await;
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() || cookie.to_ascii_lowercase().contains("max-age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }

    /// Follows redirects as long as they stay on the server; the last answer, which may lead away.
    pub async fn follow(&mut self, mut answer: Answer) -> Answer {
        for _ in 0..10 {
            let location = answer.header("location").to_owned();
            if !(300..400).contains(&answer.status) || !self.is_ours(&location) {
                return answer;
            }
            answer = self.get(&location).await;
        }
        panic!("too many redirects");
    }

    fn is_ours(&self, location: &str) -> bool {
        location.starts_with('/') || location.starts_with(self.http.request("GET", "/").build().unwrap().url().as_str())
    }

    /// Goes through login and consent until the answer leaves the server: the `Location` it leaves by.
    pub async fn authorize(&mut self, path: &str, email: &str) -> String {
        let first = self.get(path).await;
        let mut answer = self.follow(first).await;
        for _ in 0..6 {
            if (300..400).contains(&answer.status) {
                return answer.header("location").to_owned();
            }
            assert_eq!(answer.status, 200, "{}", answer.text);
            let form = forms(&answer.text).into_iter().next().unwrap_or_else(|| panic!("no form: {}", answer.text));
            let form = if form.fields.iter().any(|(name, _)| name == "password") {
                form.set("email", email).set("password", super::PASSWORD)
            } else {
                let accept = form.buttons.iter().find(|(_, value)| value == "accept" || value == "continue");
                let (name, value) = accept.unwrap_or_else(|| panic!("no way on: {}", answer.text)).clone();
                form.set(&name, &value)
            };
            let next = self.submit(&form).await;
            answer = self.follow(next).await;
        }
        panic!("no end: {}", answer.text);
    }
}

/// The forms of a page, in order.
pub fn forms(html: &str) -> Vec<Form> {
    html.split("<form").skip(1).map(|rest| form(rest.split("</form>").next().unwrap())).collect()
}

fn form(html: &str) -> Form {
    let (head, body) = html.split_once('>').unwrap();
    // The login page alone has a form that is sent to where it is.
    let action = attribute(head, "action").filter(|action| !action.is_empty()).unwrap_or_else(|| "/login".to_owned());
    let mut form = Form { action, fields: Vec::new(), buttons: Vec::new() };
    for tag in body.split('<').skip(1) {
        let end = tag.find('>').unwrap_or(tag.len());
        let (name, attributes) = tag[..end].split_once(char::is_whitespace).unwrap_or((&tag[..end], ""));
        let field = (attribute(attributes, "name"), attribute(attributes, "value").unwrap_or_default());
        match (name, field) {
            // As a browser: a mark that is not set is not sent, and of several values the chosen one is.
            ("input", (Some(_), _)) if attributes.contains("type=\"checkbox\"") && !attributes.contains(" checked") => {
            }
            ("option", (None, value)) if attributes.contains(" selected") => {
                if let Some((_, chosen)) = form.fields.last_mut() {
                    *chosen = value;
                }
            }
            ("textarea", (Some(name), _)) => {
                let text = unescape(tag.get(end + 1..).unwrap_or_default());
                form.fields.push((name, text.strip_prefix('\n').unwrap_or(&text).to_owned()));
            }
            ("input" | "select", (Some(name), value)) => form.fields.push((name, value)),
            ("button", (Some(name), value)) => form.buttons.push((name, value)),
            _ => {}
        }
    }
    form
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let at = tag.find(&format!("{name}=\"")).filter(|at| *at == 0 || tag.as_bytes()[at - 1].is_ascii_whitespace())?;
    let rest = &tag[at + name.len() + 2..];
    Some(unescape(&rest[..rest.find('"')?]))
}

fn unescape(text: &str) -> String {
    let named = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
        ("&amp;", "&"),
    ];
    let mut plain = text.replace("&#60;", "<").replace("&#62;", ">");
    for (escaped, character) in named {
        plain = plain.replace(escaped, character);
    }
    plain
}
