//! Which members ask for something this server cannot do? They are refused, never swallowed (registration.md §2).

use super::draft::{Draft, UNBUILT};
use crate::oidc::client::metadata::Declined;

/// Members that ask for a feature by being there.
const ASKING: [&str; 26] = [
    "authorization_details_types",
    "authorization_encrypted_response_alg",
    "authorization_encrypted_response_enc",
    "authorization_signed_response_alg",
    "backchannel_authentication_request_signing_alg",
    "backchannel_client_notification_endpoint",
    "backchannel_logout_uri",
    "backchannel_token_delivery_mode",
    "frontchannel_logout_uri",
    "id_token_encrypted_response_alg",
    "id_token_encrypted_response_enc",
    "introspection_encrypted_response_alg",
    "introspection_encrypted_response_enc",
    "introspection_signed_response_alg",
    "request_object_encryption_alg",
    "request_object_encryption_enc",
    "request_object_signing_alg",
    "request_uris",
    "software_statement",
    "tls_client_auth_san_dns",
    "tls_client_auth_san_email",
    "tls_client_auth_san_ip",
    "tls_client_auth_san_uri",
    "tls_client_auth_subject_dn",
    "userinfo_encrypted_response_alg",
    "userinfo_encrypted_response_enc",
];

/// What a client can do, should the server want it (OpenID Connect RP Metadata Choices §2). Nothing is asked for: such
/// a list is read, and not kept.
const ABILITIES: [&str; 18] = [
    "authorization_encryption_alg_values_supported",
    "authorization_encryption_enc_values_supported",
    "authorization_signing_alg_values_supported",
    "backchannel_authentication_request_signing_alg_values_supported",
    "backchannel_token_delivery_modes_supported",
    "code_challenge_methods_supported",
    "id_token_encryption_alg_values_supported",
    "id_token_encryption_enc_values_supported",
    "introspection_encryption_alg_values_supported",
    "introspection_encryption_enc_values_supported",
    "introspection_signing_alg_values_supported",
    "request_object_encryption_alg_values_supported",
    "request_object_encryption_enc_values_supported",
    "request_object_signing_alg_values_supported",
    "response_modes_supported",
    "token_endpoint_auth_signing_alg_values_supported",
    "userinfo_encryption_alg_values_supported",
    "userinfo_encryption_enc_values_supported",
];

impl Draft<'_> {
    /// Refuses members of features that are not built.
    pub(super) fn refuse_unbuilt(&mut self) {
        for member in ASKING {
            if self.sent(member).is_some() {
                self.fault(member, UNBUILT, "is not supported by this server");
            }
        }
        for member in ABILITIES {
            self.list(member, self.rules.policy.values_max);
        }
    }

    /// The switches that only `false` can be chosen for.
    pub(super) fn declined(&mut self) -> Declined {
        Declined {
            tls_client_certificate_bound_access_tokens: self.off("tls_client_certificate_bound_access_tokens"),
            dpop_bound_access_tokens: self.off("dpop_bound_access_tokens"),
            require_pushed_authorization_requests: self.off("require_pushed_authorization_requests"),
            require_signed_request_object: self.off("require_signed_request_object"),
            backchannel_logout_session_required: self.off("backchannel_logout_session_required"),
            frontchannel_logout_session_required: self.off("frontchannel_logout_session_required"),
            use_mtls_endpoint_aliases: self.off("use_mtls_endpoint_aliases"),
            backchannel_user_code_parameter: self.off("backchannel_user_code_parameter"),
        }
    }

    fn off(&mut self, member: &str) -> Option<bool> {
        let flag = self.flag(member);
        if flag == Some(true) {
            self.fault(member, UNBUILT, "true is not supported by this server").allowed = vec!["false".to_owned()];
        }
        flag
    }
}
