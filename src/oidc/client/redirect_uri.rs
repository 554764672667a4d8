//! Is this redirect URI one that the client registered? (RFC 6749 §3.1.2.3, RFC 8252 §7.3, RFC 9700 §2.1)

use std::fmt;

use super::capability::ApplicationType;
use super::metadata::Metadata;
use super::uri::Uri;

/// For which clients the port of a loopback redirect URI is left open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoopbackPorts {
    /// For `native` clients only (RFC 8252 §7.3).
    OpenForNative,
    /// For any client that registered an `http` loopback URI.
    OpenForAll,
}

/// A redirect URI that is proven to be the client's: errors and answers may travel to it. The text is the one that was
/// asked for, never rewritten.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RegisteredRedirectUri(String);

impl fmt::Debug for RegisteredRedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegisteredRedirectUri({:?})", self.0)
    }
}

/// Why no redirect URI was found. Both are shown to the person, never sent anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoMatch {
    /// None was asked for, and the client did not register exactly one.
    #[error("redirect_uri is missing and the client did not register exactly one")]
    Missing,
    /// The one asked for is not registered.
    #[error("redirect_uri is not registered for this client")]
    Unregistered,
}

impl RegisteredRedirectUri {
    /// Finds `asked` among the client's redirect URIs, as bytes; on `http` loopback the port is free where `ports` says
    /// so (R10, E9). Without `asked`, the only registered one (RFC 6749 §3.1.2.3).
    ///
    /// # Errors
    /// [`NoMatch`]: the answer must not be sent to `asked`.
    pub fn find(metadata: &Metadata, asked: Option<&str>, ports: LoopbackPorts) -> Result<Self, NoMatch> {
        Self::among(&metadata.redirect_uris, metadata.application_type, asked, ports)
    }

    /// Finds `asked` among the client's post-logout redirect URIs, by the same rules; without `asked` there is none.
    ///
    /// # Errors
    /// [`NoMatch`]: the person must not be sent to `asked`.
    pub fn find_post_logout(metadata: &Metadata, asked: &str, ports: LoopbackPorts) -> Result<Self, NoMatch> {
        Self::among(&metadata.post_logout_redirect_uris, metadata.application_type, Some(asked), ports)
    }

    fn among(
        registered: &[String],
        application: ApplicationType,
        asked: Option<&str>,
        ports: LoopbackPorts,
    ) -> Result<Self, NoMatch> {
        let Some(asked) = asked else {
            return match registered {
                [only] => Ok(Self(only.clone())),
                _ => Err(NoMatch::Missing),
            };
        };
        if registered.iter().any(|uri| uri == asked) {
            return Ok(Self(asked.to_owned()));
        }
        let open = application == ApplicationType::Native || ports == LoopbackPorts::OpenForAll;
        if open && registered.iter().any(|uri| same_but_for_the_port(uri, asked)) {
            return Ok(Self(asked.to_owned()));
        }
        Err(NoMatch::Unregistered)
    }

    /// The URI, as it was asked for.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the answer goes, for a person to read: the host in its ASCII form, or the private-use scheme.
    pub fn destination(&self) -> String {
        destination(&self.0)
    }
}

/// Host or private-use scheme of a redirect URI.
pub(in crate::oidc) fn destination(uri: &str) -> String {
    match Uri::parse(uri) {
        Ok(uri) => match uri.host() {
            Some(host) if matches!(uri.scheme.as_ref(), "http" | "https") => host.to_owned(),
            _ => format!("{}:", uri.scheme),
        },
        Err(_) => String::new(),
    }
}

/// RFC 8252 §7.3: scheme, host, path and query are the same bytes, the port is free. An empty path is `/` (E9).
fn same_but_for_the_port(registered: &str, asked: &str) -> bool {
    // Cheap refusal before parsing; it also keeps scheme and host to the spelling that was registered.
    if !registered.starts_with("http://") || !asked.starts_with("http://") {
        return false;
    }
    let (Ok(registered), Ok(asked)) = (Uri::parse(registered), Uri::parse(asked)) else { return false };
    let path = |uri: &Uri<'_>| if uri.path.is_empty() { "/".to_owned() } else { uri.path.to_owned() };
    registered.is_loopback()
        && asked.is_loopback()
        && asked.fragment.is_none()
        && registered.host() == asked.host()
        && path(&registered) == path(&asked)
        && registered.query == asked.query
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(registered: &[&str], application: ApplicationType, asked: &str) -> Result<String, NoMatch> {
        let registered: Vec<String> = registered.iter().map(|uri| (*uri).to_owned()).collect();
        RegisteredRedirectUri::among(&registered, application, Some(asked), LoopbackPorts::OpenForNative)
            .map(|uri| uri.as_str().to_owned())
    }

    #[test]
    fn a_web_redirect_uri_is_compared_byte_for_byte() {
        // R10, s.A3 to s.A7, s.A10
        let registered = ["https://client.example/cb", "https://client.example/q?a=1"];
        for same in registered {
            assert_eq!(find(&registered, ApplicationType::Web, same), Ok(same.to_owned()));
        }
        for other in [
            "https://client.example/cb/",
            "https://client.example/c",
            "https://client.example/cb2",
            "https://client.example/cb?x=1",
            "https://client.example/CB",
            "https://CLIENT.example/cb",
            "HTTPS://client.example/cb",
            "https://client.example:443/cb",
            "https://client.example:1234/cb",
            "https://client.example/x/../cb",
            "https://client.example/%63b",
            "https://client.example/cb;x",
            "https://client.example/cb#",
            "https://client.example/cb#x",
            "https://a@client.example/cb",
            "https://client.example\\@evil.example/cb",
            "https://client.example./cb",
            " https://client.example/cb",
            "https://client.example/cb\n",
            "https://client.example/cb\u{0}",
            "http://client.example/cb",
            "",
            "cb",
            "https://client.example/q",
            "https://client.example/q?a=1&b=2",
            "https://client.example/cb,https://evil.example",
        ] {
            for application in ApplicationType::ALL {
                assert_eq!(find(&registered, *application, other), Err(NoMatch::Unregistered), "{other:?}");
            }
        }
    }

    #[test]
    fn a_native_loopback_uri_matches_on_any_port_and_nothing_else() {
        // R10, E9, s.A9
        let registered = ["http://127.0.0.1/cb"];
        for same in ["http://127.0.0.1:51004/cb", "http://127.0.0.1/cb", "http://127.0.0.1:80/cb"] {
            assert_eq!(find(&registered, ApplicationType::Native, same), Ok(same.to_owned()));
        }
        for other in [
            "http://127.0.0.2:1/cb",
            "http://localhost:1/cb",
            "http://[::1]:1/cb",
            "https://127.0.0.1:1/cb",
            "http://127.0.0.1:1/cb2",
            "http://127.0.0.1:1/cb/",
            "http://127.0.0.1:1/cb?x",
            "http://127.0.0.1:1/cb#",
            "http://u@127.0.0.1:1/cb",
            "http://127.0.0.1.evil.example:1/cb",
            "http://127.0.0.1:1@evil.example/cb",
            "HTTP://127.0.0.1:1/cb",
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:99999/cb",
            "http://127.1:1/cb",
            "http://127.0.0.1:1/./cb",
            "http://127.0.0.1:1//cb",
            "http://127.0.0.1:1/c%62",
        ] {
            assert_eq!(find(&registered, ApplicationType::Native, other), Err(NoMatch::Unregistered), "{other:?}");
        }
    }

    #[test]
    fn the_port_of_a_web_client_is_open_only_by_policy() {
        let registered = ["http://localhost:3000/cb".to_owned()];
        let web = |ports| {
            RegisteredRedirectUri::among(&registered, ApplicationType::Web, Some("http://localhost:1/cb"), ports)
                .is_ok()
        };
        assert!(!web(LoopbackPorts::OpenForNative));
        assert!(web(LoopbackPorts::OpenForAll));
    }

    #[test]
    fn on_loopback_an_empty_path_is_the_root() {
        // E9
        for (registered, asked) in [
            ("http://localhost:3142", "http://localhost:9/"),
            ("http://127.0.0.1/", "http://127.0.0.1:9"),
            ("http://[::1]?a=1", "http://[::1]:9/?a=1"),
        ] {
            assert_eq!(find(&[registered], ApplicationType::Native, asked), Ok(asked.to_owned()));
        }
    }

    #[test]
    fn a_private_use_scheme_is_compared_byte_for_byte() {
        let registered = ["com.example.app:/cb"];
        assert!(find(&registered, ApplicationType::Native, "com.example.app:/cb").is_ok());
        for other in ["com.example.app:/cb2", "com.example.App:/cb", "com.example.app://cb", "com.example.app:/cb/"] {
            assert_eq!(find(&registered, ApplicationType::Native, other), Err(NoMatch::Unregistered), "{other}");
        }
    }

    #[test]
    fn without_a_redirect_uri_the_only_registered_one_is_taken() {
        let one = ["https://a.example/cb".to_owned()];
        let two = ["https://a.example/cb".to_owned(), "https://b.example/cb".to_owned()];
        let find = |uris: &[String]| {
            RegisteredRedirectUri::among(uris, ApplicationType::Web, None, LoopbackPorts::OpenForNative)
        };
        assert_eq!(find(&one).map(|uri| uri.destination()), Ok("a.example".to_owned()));
        assert_eq!(find(&two), Err(NoMatch::Missing));
        assert_eq!(find(&[]), Err(NoMatch::Missing));
    }

    #[test]
    fn the_destination_is_what_a_person_can_judge() {
        // s.R32
        assert_eq!(destination("https://xn--80ak6aa92e.com/cb"), "xn--80ak6aa92e.com");
        assert_eq!(destination("http://localhost:1/cb"), "localhost");
        assert_eq!(destination("cursor://anysphere.cursor-mcp/cb"), "cursor:");
    }
}
