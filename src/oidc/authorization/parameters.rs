//! What did a request say, parameter by parameter? (RFC 6749 §3.1)

use std::collections::HashMap;

/// The parameters of a request: each at most once, empty ones left out.
#[derive(Clone, Debug, Default)]
pub struct Parameters {
    values: HashMap<String, String>,
    resources: Vec<String>,
    repeated: Vec<String>,
}

/// The one parameter that may be repeated (RFC 8707 §2).
const RESOURCE: &str = "resource";

impl Parameters {
    /// Sorts the pairs of a query or form, as they were received and decoded. Of a repeated parameter no value is kept,
    /// so that nobody can disagree about which one counts (s.A11).
    pub fn new(pairs: &[(String, String)]) -> Self {
        let mut out = Self::default();
        let mut seen: Vec<&str> = Vec::with_capacity(pairs.len());
        for (name, value) in pairs {
            if name == RESOURCE {
                if !value.is_empty() {
                    out.resources.push(value.clone());
                }
                continue;
            }
            if seen.contains(&name.as_str()) {
                out.values.remove(name);
                out.repeated.push(name.clone());
                continue;
            }
            seen.push(name);
            if !value.is_empty() {
                out.values.insert(name.clone(), value.clone());
            }
        }
        out
    }

    /// The value of a parameter; `None` if it was left out, empty or repeated.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Every value of `resource`.
    pub fn resources(&self) -> &[String] {
        &self.resources
    }

    /// Whether this parameter was sent more than once.
    pub fn is_repeated(&self, name: &str) -> bool {
        self.repeated.iter().any(|repeated| repeated == name)
    }

    /// The first parameter that was sent more than once.
    pub fn repeated(&self) -> Option<&str> {
        self.repeated.first().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(&str, &str)]) -> Parameters {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Parameters::new(&pairs)
    }

    #[test]
    fn a_repeated_parameter_has_no_value_in_either_order() {
        // s.A11
        for pairs in
            [[("state", "a"), ("state", "b")], [("state", ""), ("state", "b")], [("state", "b"), ("state", "")]]
        {
            let parameters = of(&pairs);
            assert_eq!((parameters.get("state"), parameters.repeated()), (None, Some("state")));
            assert!(parameters.is_repeated("state"));
        }
        assert_eq!(of(&[("x", "1"), ("x", "2"), ("x", "3")]).get("x"), None);
    }

    #[test]
    fn an_empty_parameter_is_left_out_and_names_are_exact() {
        // s.A8
        let parameters = of(&[("nonce", ""), ("State", "a"), ("redirect_uri[]", "b"), ("client_id\0", "c")]);
        let got = ["nonce", "state", "redirect_uri", "client_id"].map(|name| parameters.get(name));
        assert_eq!((got, parameters.repeated()), ([None; 4], None));
    }

    #[test]
    fn resource_may_be_repeated() {
        let parameters = of(&[("resource", "https://a.example"), ("resource", ""), ("resource", "https://b.example")]);
        assert_eq!((parameters.resources().len(), parameters.repeated()), (2, None));
    }
}
