# The words of the pages, in English. Every key stands in every catalogue; English is what a missing one falls back to.

skip-link = Skip to content
title-error = Error:
opens-new-tab = (opens in a new tab)
try-again = Try again
to-home = To the start page
request-id = Request ID
other-account = Use another account
signed-in-as = Signed in as { $user }.
date = { $day } { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    } { $year }
wait-seconds = { $count ->
        [one] { $count } second
       *[other] { $count } seconds
    }
wait-minutes = { $count ->
        [one] { $count } minute
       *[other] { $count } minutes
    }

# The application that sent the person here

application-name = “{ $application }”
application-nameless = An application without a name
requester-host = at { $host }
requester-loopback = on this computer
requester-scheme = an app that opens { $scheme } links

# Login

heading-login = Sign in
login-to-continue = to continue with
login-email = Email address
login-password = Password
login-submit = Sign in
login-sign-in-link = Sign in with a one-time link
login-refused = The email address or the password is not right.
login-throttled = There were too many attempts. Please wait { $wait }, then try again.
form-stale = This page was open for too long. Please try again.

# Choosing an account

heading-select-account = Choose an account
select-account-continue = Continue as { $user }

# Consent

heading-consent = “{ $application }” asks for access
heading-consent-nameless = An application without a name asks for access
consent-where = If you accept, you are sent to
consent-loopback = an application on this computer
consent-scheme = the app for { $scheme } links
consent-destination-host = This site receives the access you grant.
consent-destination-loopback = It is listening at { $host } and receives the access you grant.
consent-destination-scheme = Whichever app on this device opens such links receives the access you grant.
standing-verified = Verified.
standing-verified-detail = { $tenant } has checked who runs this application.
standing-not-verified = Not verified.
standing-not-verified-detail = { $tenant } has not checked who runs this application.
standing-registered-itself = It registered itself on { $date } and chose its own name.
consent-caution-host = Accept only if you know { $host } and started this yourself.
consent-caution-computer = Accept only if you have just started this yourself.
consent-permissions = The application wants to
consent-your-account = Your account
consent-resources = To be used at
consent-accept = Accept
consent-decline = Decline
consent-about = What the application says about itself
consent-website = Website
consent-privacy-policy = Privacy policy
consent-terms = Terms of service
scope-openid = know who you are
scope-profile = see your name and profile
scope-email = see your email address
scope-address = see your postal address
scope-phone = see your phone number
scope-offline-access = keep this access while you are away, until you withdraw it
scope-other = use the permission { $scope }

# An authorization request that cannot be answered

heading-authorization-error = This sign-in cannot continue
authorization-error-unknown-client = The application that sent you here is not known to this server. It may have been removed, or its registration may have ended.
authorization-error-redirect-uri = The application wants its answer at an address that it has not registered. To protect you, nothing was sent there.
authorization-error-request = The application that sent you here made a request that this server cannot answer.
authorization-error-server = Something went wrong on this server. The application that sent you here is not to blame.
authorization-error-close = You did nothing wrong. You can close this page, return to the application and try again from there.
developer = For the developer of the application
developer-code = Error
developer-reason = Reason
developer-advice = What to do
advice-register-again = Check the client_id. If the application registers itself, its registration may have expired or been deleted: register again and use the new client_id.
advice-fix-redirect-uri = Send a redirect_uri that equals a registered one, character by character. Only the port of a loopback address may differ.
advice-fix-request = Change the request so that it keeps the rule named above.
advice-tell-operator = Try again later. If it happens again, give the request ID to whoever runs this server.

# An answer that travels in a form

heading-form-post = Taking you back
form-post-host = Your answer is on its way to { $host }.
form-post-computer = Your answer is on its way to an application on this computer.
form-post-continue = Continue
form-post-hint = If nothing happens, choose “Continue”.

# A first password

heading-sign-in-link = Set your password
sign-in-link-explained = This link works once. With the password you choose now, you sign in from here on.
sign-in-link-submit = Set password and sign in
password-new = New password
password-repeat = Repeat the new password
password-rules = At least { $length } characters. Spaces are welcome: a few unrelated words make a good password.
password-too-short = The password is too short: it needs at least { $length } characters.
password-too-long = The password is too long: it may have at most { $length } characters.
password-too-easy = This password is easy to guess. Please choose another one.
password-different = The two passwords differ. Please type them again.

# Signing out

heading-sign-out = Sign out?
sign-out-question = You are signed in as { $user }.
sign-out-asked = “{ $application }” asks to sign you out. You are signed in as { $user }.
sign-out-effect = You may stay signed in to other applications until you sign out there.
sign-out-submit = Sign out
sign-out-stay = Stay signed in
heading-signed-out = You are signed out
signed-out = Your session has ended. You can close this page.
sign-in-again = Sign in again

# The start page

heading-home = Welcome
heading-home-signed-in = You are signed in
home-stranger = Here you sign in to applications with one account.

# Pages that cannot be shown

heading-not-found = Page not found
not-found = Nothing lives at this address. Perhaps it was mistyped, or the page has moved.
heading-stale = This page is out of date
problem-stale = It was open for too long, or was already used. Please go back to where you came from and start again.
heading-link-spent = This link no longer works
problem-link-spent = A sign-in link works only once and only for a short time. Ask for a new one.
heading-unreadable = This request cannot be read
problem-unreadable = Something in the request is missing or damaged. Please go back and try again.
heading-not-allowed = This is not allowed
problem-not-allowed = Your account does not have permission to do this.
heading-too-many-requests = Too many requests
problem-too-many-requests = Please wait { $wait }, then try again.
heading-unavailable = Back in a moment
problem-unavailable = This server cannot answer right now. Please try again in a little while.
heading-failed = Something went wrong
problem-failed = This server failed to answer. If it happens again, give the request ID to whoever runs it.

# The console

console-name = Console
console-navigation = Console
console-tabs = States
console-waiting = waiting
console-filter = Filter by kind
console-next = Next page
console-required = (required)
console-cancel = Cancel
console-save = Save
console-create = Create
console-edit = Edit
console-delete = Delete
console-enable = Enable
console-disable = Disable
console-approve = Approve
console-reject = Reject
console-revoke = Revoke
console-suspend = Suspend
console-resume = Resume
console-reason = Reason, for the developer (optional)
console-on = On
console-off = Off
console-endless = Never expires
console-seconds = { $count } s
console-form-wrong = Nothing was saved. Please look at what is marked below.
console-not-done = That was not done
console-secret-once = This value is shown only now. Copy it and keep it in a safe place.
console-view = View { $name }
console-wrong-taken = Another one has this already.
console-wrong-no-flow = Enable at least one flow.
console-wrong-required = Please fill this in.
console-wrong-range = Must be from { $least } to { $most }.
console-wrong-length = This is too short or too long.
console-wrong-missing = There is no such thing here.

# What has been done

console-done-added = Added.
console-done-saved = Saved.
console-done-removed = Removed.
console-done-approved = Approved.
console-done-rejected = Rejected.
console-done-revoked = Revoked.
console-done-suspended = Suspended.
console-done-resumed = Resumed.
console-done-enabled = Enabled.
console-done-disabled = Disabled.
console-done-invited = The invitation is on its way.
console-done-linked = The document is linked.
console-done-unlinked = The document is no longer linked.
console-done-published = Developers can see it now.
console-done-hidden = Developers no longer see it.
console-done-sent = It is being sent.
console-conflict-changed = Somebody changed it in the meantime. Open the page again and repeat what you did.
console-conflict-contract-pending = The request is still waiting.
console-conflict-contract-approved = The contract is already approved.
console-conflict-contract-rejected = The request is already rejected.
console-conflict-contract-revoked = The contract is already revoked.
console-conflict-contract-closed = The contract no longer exists.
console-conflict-developer-approved = This person is already approved.
console-conflict-developer-pending = This person is still waiting.
console-conflict-developer-rejected = This person is already rejected.
console-conflict-developer-revoked = This person’s access is already revoked.
console-conflict-policy-exists = The service has this already.
console-conflict-archived = The application is archived.

# Overview

console-overview = Overview
console-queues = Waiting for you
console-open-registration = Open registration is on: anyone may create applications here without a token.
console-developers-waiting = Developers waiting for approval
console-deliveries-failed = Messages that could not be delivered
console-clients = Clients
console-clients-by-source = Clients by source
console-clients-none = No clients yet.
console-source = Source
console-source-portal = Developer portal
console-source-admin = Administration
console-source-open = Open registration
console-source-ticket = Initial access token
console-source-delegate = Registered by a client
console-source-bridge = Bridge from another portal

# Services

console-services = Services
console-services-lead = What tokens are for: each service has an audience, scopes, and rules for the applications that use it.
console-services-none = No services yet. Add the first API you want to protect.
console-service = Service
console-service-new = New Service
console-service-edit = Edit service
console-delete-service = Delete service
console-service-delete-sure = The service, its policy and its contracts are removed, and no token for it is good any more. This cannot be undone.
console-name-of-service = Name
console-service-name-hint = Letters, digits and . - _ ~; a short name for lists and addresses.
console-description = Description
console-audience = Audience
console-audience-hint = The value of aud in its tokens, best its URL. Empty: its name.
console-scopes = Scopes
console-service-scopes-hint = One on each line: the scope, a space, and what it allows, as people read it when they agree.
console-access = Access
console-access-contract = Only applications with an approved contract
console-access-people = People with every application; machines with an approved contract
console-access-open = Every application
console-enabled = Enabled
console-enabled-hint = Tokens are issued for it.
console-published = Published
console-published-hint = Developers find it in the portal’s catalog.
console-publisher = Publisher
console-publisher-hint = The email address of the publisher who looks after it. Empty: admins only.
console-identity = ID
console-details = Details
console-registration = Registration
console-acts = Actions

# The rules of a service

console-policies = Plugins
console-policy-none = Applications cannot register for this service yet.
console-policy-add = Add Plugin
console-policy-add-new = Add New Plugin
console-policy-authentication = Authentication
console-policy-registration = Portal Application Registration
console-policy-registration-about = Developers register their applications for this service, and their applications get tokens for it.
console-policy-choose = Enable
console-policy-group-portal = In the portal
console-policy-group-tokens = Tokens
console-policy-display-name = Display Name
console-policy-display-name-hint = The service’s name in the portal; no other service may have it.
console-policy-description-hint = Shown with the service in the portal.
console-policy-auto-approve = Auto Approve
console-policy-auto-approve-hint = New contracts are approved at once. Requests that already wait stay as they are.
console-policy-comment = Comment required
console-policy-comment-hint = Whoever asks for access must say why.
console-policy-flows = Auth flows
console-policy-flows-hint = At least one must be enabled.
console-policy-authorization-code = Enable Authorization Code
console-policy-client-credentials = Enable Client Credentials
console-policy-implicit = Enable Implicit Grant
console-policy-password = Enable Password Grant
console-policy-scopes-hint = One on each line. Empty: the scopes of the service.
console-policy-mandatory-scope = Mandatory Scope
console-policy-mandatory-hint = A token must have at least one scope of this service.
console-policy-auth-header = Auth Header Name
console-policy-auth-header-hint = The header that carries the access token.
console-policy-token-expiration = Token Expiration
console-policy-token-expiration-hint = Seconds an access token lives. 0: it never expires.
console-policy-refresh-ttl = Refresh Token TTL
console-policy-refresh-ttl-hint = Seconds a refresh token lives. 0: it never expires.
console-policy-provision-key = Provision Key
console-policy-key-unreadable = The provision key cannot be read. Make a new one.
console-policy-key-hint = Leave it empty to have one made. Whoever has it gets tokens for anybody.
console-policy-key-keep = Leave it empty to keep the one there is.
console-policy-endless = Tokens of this service may never expire. A token that is stolen stays good until somebody revokes it.
console-policy-disable-sure = No further application can register for this service. Those that are registered keep working.
console-policy-rotate = New provision key
console-policy-rotate-sure = The present provision key is void at once.
console-policy-delete = Delete plugin
console-policy-delete-sure = Applications can no longer register, and applications that need a contract get no more tokens for this service.

# Documents

console-document = Document
console-documents = Documents
console-documents-none = No documents yet. Developers find an API by its description.
console-document-add = Add a Document
console-document-add-submit = Add Document
console-document-by-path = Document Spec Path
console-document-spec-path = Document Spec Path
console-document-spec-path-hint = The path of a document that stands in the portal already.
console-document-upload = Upload Document
console-document-file = File
console-document-file-hint = OpenAPI as YAML or JSON, Markdown or plain text, at most 1 MiB.
console-document-title = Title
console-document-title-hint = Empty: the name of the file.
console-document-path = Path
console-document-path-hint = Where it stands in the portal, e.g. specs/orders.yaml. Empty: made from the title.
console-document-published-hint = Developers can read it.
console-document-publish = Publish
console-document-hide = Hide
console-document-unlink = Unlink
console-document-delete-sure = The document is removed from the portal. This cannot be undone.
console-changed = Changed

# Contracts and applications

console-requests = App registration requests
console-requests-lead = Applications that ask to use a service.
console-requests-none = No app registration requests
console-contracts = Contracts
console-service-contracts = Service Contracts
console-contracts-none = There are none in this state.
console-contract-about = { $application } for { $service }
console-contract-delete-sure = The contract is removed and its tokens end. The application may ask again.
console-tab-approved = Approved
console-tab-revoked = Revoked
console-tab-rejected = Rejected
console-tab-requested = Requested Access
console-state = State
console-state-approved = Approved
console-state-suspended = Suspended
console-state-requested = Requested Access
console-state-rejected = Rejected
console-state-revoked = Revoked
console-state-closed = Closed
console-since = Since
console-remarks = Remarks
console-remark-request = Request: { $text }
console-remark-reason = Reason: { $text }
console-application = Application
console-applications = Applications
console-applications-none = No applications here.
console-applications-active = Show active
console-applications-archived = Show archived
console-application-archive = Archive
console-application-archive-sure = Its clients stop working, its contracts end and its tokens are void.
console-type = Type
console-owner = Owner
console-status = Status
console-status-active = Active
console-status-archived = Archived
console-status-disabled = Disabled
console-status-ended = Ended
console-client = Client
console-client-id = client_id
console-last-used = Last used

# Developers

console-developer = Person
console-developers = Developers
console-developers-none = Nobody is in this state.
console-developer-invite = Invite
console-developer-invite-lead = The person gets a link by mail, chooses a password and is approved at once.
console-developer-export = Export CSV
console-developer-delete-sure = The account is removed, and the person’s applications are archived.
console-full-name = Full name
console-role = Role
console-role-hint = A publisher looks after services of their own.
console-role-user = User
console-role-developer = Developer
console-role-publisher = Publisher
console-role-admin = Admin

# Initial access tokens

console-ticket = Initial access token
console-tickets = Initial access tokens
console-tickets-lead = With one of these, a program may register an application (RFC 7591).
console-tickets-none = No initial access tokens yet.
console-ticket-new = New token
console-ticket-made = Your initial access token
console-ticket-name = What it is for
console-ticket-uses = Uses
console-ticket-uses-hint = How many applications it registers at most. Empty: any number.
console-ticket-days = Days
console-ticket-days-hint = How long it may be used. Empty: for ever.
console-ticket-ends = Ends
console-ticket-expired = Expired
console-ticket-exhausted = Used up
console-ticket-revoke-sure = It registers no more applications. Those it registered stay.

# Webhooks and the outbox

console-webhooks = Webhooks
console-webhooks-lead = Each event is sent to these addresses, signed with the secret of the webhook.
console-webhooks-none = No webhooks yet.
console-webhook-new = New webhook
console-webhook-url = Address
console-webhook-url-hint = Where requests go; it must be https.
console-webhook-kinds = Kinds of events
console-webhook-kinds-hint = One on each line, as the audit log names them. Empty: all.
console-webhook-all-kinds = All
console-webhook-ping = Ping
console-webhook-rotate = New secret
console-webhook-rotate-sure = Requests are signed with the new secret from now on.
console-webhook-delete-sure = Nothing more is sent to this address.
console-webhook-secret = Secret of the webhook
console-webhook-secret-lead = With it the receiver checks that requests come from here.
console-deliveries = Outbox
console-deliveries-lead = Mails and requests to webhooks: what waits, what arrived, and what was given up.
console-deliveries-none = Nothing here.
console-delivery-what = Message
console-delivery-to = To
console-delivery-mail = Mail
console-delivery-webhook = Webhook
console-delivery-waiting = Waiting
console-delivery-done = Delivered
console-delivery-failed = Given up
console-delivery-retry = Retry

# The audit log

console-events = Audit log
console-events-lead = What happened here, newest first: { $count } in all.
console-events-none = No such events.
console-events-all = All kinds
console-event-when = When
console-event-what = What
console-event-who = Who
console-event-data = More

# Settings

console-settings = Settings
console-settings-advanced = Settings › Advanced
console-setting-as-configured = As configured on the server
console-setting-empty = Empty: as configured on the server.
console-setting-registration = Client registration
console-setting-open = OIDC Dynamic Application Registration
console-setting-open-warning = If you enable open registration, anyone will be able to create applications here without a token.
console-setting-open-hint = Open registration at /oidc/register.
console-setting-with-token = Registration with a token
console-setting-with-token-hint = With an initial access token, or an access token that allows it.
console-setting-profile = Security mode of new clients
console-setting-profile-hint = What new clients may leave out or do the old way. Clients that are there keep theirs.
console-profile-permissive = Permissive
console-profile-interop = Interoperable
console-profile-strict = Strict
console-setting-approval = Approval
console-setting-auto-developers = Auto Approve Developers
console-setting-auto-developers-hint = Whoever signs up is let in at once. People who already wait stay waiting.
console-setting-auto-contracts = Auto Approve Applications
console-setting-auto-contracts-hint = For every service, whatever its own setting says. Requests that already wait stay waiting.
console-setting-portal = Developer portal
console-setting-sign-up = Anyone may sign up
console-setting-sign-up-hint = Off: only by invitation.
console-setting-domains = Domains
console-setting-domains-hint = One on each line. Only email addresses of these domains may sign up; empty: any.
console-setting-mail = Mails
console-setting-mail-request = Tell admins of requests
console-setting-mail-request-hint = A mail for each new request and each new developer.
console-setting-mail-status = Tell developers of decisions
console-setting-mail-status-hint = A mail when a request is pending, approved, rejected or revoked.
console-setting-tokens = Tokens
console-setting-endless = Tokens may live for ever
console-setting-endless-hint = Services may set lifetimes to 0.
console-setting-password = Password grant
console-setting-password-hint = Applications of your own may exchange a person’s password for tokens.
console-setting-audience = Default audience
console-setting-audience-hint = The audience of tokens whose request names none.
console-setting-sessions = Sessions
console-setting-idle = Hours without being used
console-setting-max = Hours at most
console-setting-about = About
console-setting-name = Name
console-setting-support-email = Support email address
console-setting-support-url = Support address
console-setting-retention = Days archived applications are kept

# Looking for something in a list

console-search-all = Show all
console-search-nothing = Nothing fits “{ $sought }”.
console-services-search = Search services
console-applications-search = Search applications by name
console-clients-search = Search clients by name or client_id
console-people-search = Search people by name or email address

# Clients

console-clients-lead = Everything that asks for tokens, however it was registered.
console-client-first-party = Ours: people are not asked
console-client-third-party = Of others: people are asked
console-client-trust = Make ours
console-client-trust-sure = People are not asked any more what this application may do. Only for applications you run yourself.
console-client-distrust = Make of others
console-client-disable-sure = It gets no tokens, and those it has are not good, until you enable it again.
console-client-delete-sure = The client and its tokens stop working at once. This cannot be undone.

# People

console-users = People
console-users-lead = Everybody who can sign in here, and what they may do.
console-users-none = Nobody.
console-sessions = Sessions
console-sessions-none = Signed in nowhere.
console-session-device = Device
console-sessions-end = End all sessions
console-sessions-end-sure = The person is signed out everywhere and has to sign in again.
console-role-change = Change role
console-role-change-lead = What the person made stays as it is. The new role counts at once.
console-done-ended = Ended.

# Signing keys

console-keys = Signing keys
console-keys-lead = A key is published before it signs, and stays published until the last token it signed has ended. This goes by itself.
console-keys-none = There are no keys.
console-key = Key ID
console-key-algorithm = Algorithm
console-key-published = Published
console-key-signs = Signs since
console-key-leaves = Leaves
console-key-next = Next
console-key-current = Signs
console-key-retiring = Retiring
console-key-earliest = { $date } at the earliest
console-keys-rotate = Rotate now
console-keys-rotate-sure = New keys are published; keys that have been published for long enough sign from now on. Nothing that is signed becomes void.
console-done-rotated = The keys are one step further.
console-keys-waiting = Nothing to do yet: the next keys are published and wait until everybody knows them.
