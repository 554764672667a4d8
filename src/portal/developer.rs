//! Who are the developers? Everybody with the role `developer` or more, and what the portal decided about them.

pub mod change;
pub mod create;
pub mod decide;
pub mod link;
pub mod list;
pub mod password;
pub mod remove;
pub mod sign_up;

pub use change::{Change, change};
pub use create::{Invitation, New, accept_invitation, create, invite};
pub use decide::{Decision, decide};
pub use list::{Filter, find, list};
pub use password::{request_password_reset, reset};
pub use remove::remove;
pub use sign_up::{SignUp, sign_up, verify_email};
