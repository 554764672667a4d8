//! Which scopes does a policy mean? Its elements are kept as they were given; what they mean stands in the service.
//!
//! An element may hold several scopes, separated by spaces (portal.md K21, D-25).

use serde_json::Value;

use crate::oidc::service::Scope;
use crate::oidc::service::form;
use crate::portal::{Rule, Wrong};

/// Elements of one policy, and characters of one element, at most.
const ELEMENTS_MAX: usize = 200;
const ELEMENT_MAX: usize = 2000;

/// The elements a row keeps; `None`: none were given.
pub fn elements(stored: Option<&Value>) -> Option<Vec<String>> {
    serde_json::from_value(stored?.clone()).ok()
}

/// The scopes that stand in `service.scopes`.
pub fn values(stored: &Value) -> Vec<String> {
    known(stored).into_iter().map(|scope| scope.value).collect()
}

fn known(stored: &Value) -> Vec<Scope> {
    serde_json::from_value(stored.clone()).unwrap_or_default()
}

/// The scopes in the elements, each once, in order.
pub fn union(elements: &[String]) -> Vec<String> {
    let mut union: Vec<String> = Vec::new();
    for scope in elements.iter().flat_map(|element| element.split_whitespace()) {
        if !union.iter().any(|known| known == scope) {
            union.push(scope.to_owned());
        }
    }
    union
}

/// What is wrong with the elements.
pub fn complaints(elements: &[String]) -> Vec<Wrong> {
    if elements.len() > ELEMENTS_MAX || elements.iter().any(|element| element.chars().count() > ELEMENT_MAX) {
        let complaint = format!("must be at most {ELEMENTS_MAX}, each of at most {ELEMENT_MAX} characters");
        return vec![Wrong::new("scopes", Rule::Length, complaint)];
    }
    if elements.iter().any(|element| element.trim().is_empty()) {
        return vec![Wrong::new("scopes", Rule::Form, "must not hold an empty element")];
    }
    let union = union(elements);
    if union.len() > form::SCOPES_MAX {
        return vec![Wrong::new("scopes", Rule::Length, format!("must be at most {}", form::SCOPES_MAX))];
    }
    let wrong = union.iter().filter_map(|scope| form::scope_complaint(scope));
    wrong.map(|complaint| Wrong::new("scopes", Rule::Form, complaint)).collect()
}

/// The scopes of a service whose policy had the elements `before` and is to have `after`: the union of the parts, with
/// the descriptions that are known. A policy that never said anything leaves them as they are; one that does not any
/// more takes back what it said.
pub fn rewritten(scopes: &Value, before: Option<&Value>, after: Option<&Value>) -> Value {
    let known = known(scopes);
    let kept: Vec<Scope> = match (elements(before), elements(after)) {
        (_, Some(after)) => {
            let described = |value: String| {
                let description =
                    known.iter().find(|scope| scope.value == value).map(|scope| scope.description.clone());
                Scope { value, description: description.unwrap_or_default() }
            };
            union(&after).into_iter().map(described).collect()
        }
        (Some(before), None) => {
            let said = union(&before);
            known.into_iter().filter(|scope| !said.contains(&scope.value)).collect()
        }
        (None, None) => return scopes.clone(),
    };
    serde_json::to_value(kept).unwrap_or_else(|_| scopes.clone())
}

/// The elements of a policy whose service got other scopes: as they were while they mean the same, or else one by one.
pub fn followed(before: Option<&Value>, scopes: &Value) -> Option<Value> {
    let elements = elements(before)?;
    let values = values(scopes);
    let mut same = (union(&elements), values.clone());
    same.0.sort_unstable();
    same.1.sort_unstable();
    if same.0 == same.1 {
        return before.cloned();
    }
    Some(values).filter(|values| !values.is_empty()).map(Value::from)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn given(elements: &[&str]) -> Vec<String> {
        elements.iter().map(|element| (*element).to_owned()).collect()
    }

    #[test]
    fn an_element_may_hold_several_scopes() {
        // K21, D-25
        assert_eq!(union(&given(&["read write", "write  admin"])), ["read", "write", "admin"]);
        assert_eq!(complaints(&given(&["<read> <write>"])), []);
    }

    #[test]
    fn an_element_holds_scopes_and_nothing_else() {
        for refused in ["", "  ", "re\"ad", "openid", "dcr", "ä"] {
            let rules: Vec<Rule> = complaints(&given(&["fine", refused])).into_iter().map(|wrong| wrong.rule).collect();
            assert_eq!(rules, [Rule::Form], "{refused:?}");
        }
        assert_eq!(complaints(&vec!["x".to_owned(); 201])[0].rule, Rule::Length);
    }

    #[test]
    fn the_services_scopes_are_the_union_and_keep_their_descriptions() {
        // D-25
        let scopes = json!([{"value": "read", "description": "Read"}, {"value": "old", "description": "Old"}]);
        let after = rewritten(&scopes, None, Some(&json!(["read write"])));
        let expected = json!([{"value": "read", "description": "Read"}, {"value": "write", "description": ""}]);
        assert_eq!(after, expected);
        assert_eq!(rewritten(&after, Some(&json!(["write"])), None), json!([{"value": "read", "description": "Read"}]));
        assert_eq!(rewritten(&scopes, None, None), scopes);
    }

    #[test]
    fn the_elements_follow_the_services_scopes() {
        let scopes = json!([{"value": "write", "description": ""}, {"value": "read", "description": ""}]);
        let elements = json!(["read write"]);
        assert_eq!(followed(Some(&elements), &scopes), Some(elements.clone()));
        assert_eq!(followed(Some(&elements), &json!([{"value": "a", "description": ""}])), Some(json!(["a"])));
        assert_eq!(followed(Some(&elements), &json!([])), None);
        assert_eq!(followed(None, &scopes), None);
    }
}
