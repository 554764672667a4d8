//! What does `response_type=code` answer with? (RFC 6749 §4.1.2)

use super::Fields;
use super::making::Making;

pub(super) fn fields(making: &Making<'_>) -> Fields {
    vec![("code", making.code().expose().to_owned())]
}
