//! Where are applications of the portal registered? At this server, or at another OpenID provider (portal.md §3.2).

mod answer;
mod change;
mod check;
mod discovery;
mod draft;
mod drift;
mod end;
mod health;
mod line;
mod reconcile;
mod refusal;
mod register;
mod remote;
mod renew;
mod request;
mod store;
pub mod ticket;
mod tls;
mod update;

pub use change::{change, create, make_default, remove, test, use_this_server};
pub use discovery::Metadata;
pub use draft::{Change, Draft, New};
pub use drift::compare_all;
pub use end::{enqueue, enqueue_in, purge};
pub use health::look_at_all;
pub use reconcile::run as reconcile;
pub use refusal::{Refusal, Why};
pub use register::{Registering, Remote, register};
pub use remote::{is_elsewhere, secret_rows};
pub use renew::{Renewed, renew_secret};
pub use request::{Fixed, Wanted};
pub use store::{default_of, find, list};
pub use tls::{Store, Stores};
pub use update::{Updated, update};
