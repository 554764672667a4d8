//! Which known name did a misspelt one mean?

use strsim::damerau_levenshtein;

/// The known name that is nearest to `name`, if any is near: by the whole name, or by its last part, for a key in the
/// wrong section or in none.
pub fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let last = |whole: &str| whole.rsplit('.').next().unwrap_or_default().to_owned();
    let distance = |candidate: &str| {
        let whole = damerau_levenshtein(name, candidate);
        let part = damerau_levenshtein(&last(name), &last(candidate)) + 2;
        whole.min(part)
    };
    // Of keys that are equally near the one in the plainer section, which is the more usual.
    let section = |candidate: &'k str| candidate.split_once('.').is_some_and(|(section, _)| section.contains('_'));
    let nearness = |candidate: &&'k str| (distance(candidate), section(candidate), *candidate);
    let best = known.iter().copied().min_by_key(nearness)?;
    let far = distance(best);
    // A third of the letters may be wrong, two always.
    (far <= (name.len() / 3).max(2)).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_in_its_own_section_in_another_and_in_none() {
        let known = ["server.listen", "server.issuer", "database.url", "log.level"];
        assert_eq!(nearest("server.lisen", &known), Some("server.listen"));
        assert_eq!(nearest("servr.issuer", &known), Some("server.issuer"));
        assert_eq!(nearest("database.listen", &known), Some("server.listen"));
        assert_eq!(nearest("issuer", &known), Some("server.issuer"));
        assert_eq!(nearest("something.else_entirely", &known), None);
    }
}
