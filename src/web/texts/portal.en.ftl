# The words of the developer portal, in English.

nav-label = Where to go
nav-catalog = Service Catalog
nav-applications = My Apps
nav-tokens = Personal tokens
nav-console = Administration
nav-account = Your account
pages-label = More pages
page-previous = Previous page
page-next = Next page
cancel = Cancel
close = Close
create = Create
save = Save

# What just happened

done-created = The application was created.
done-saved = Your changes were saved.
done-deleted = The application was deleted.
done-unregistered = The application is no longer registered for the service.
done-approved = Access was approved. The application can use the service now.
done-client-added = The client was added.
done-client-removed = The client was removed.
done-secret-removed = The secret was removed. It is refused from now on.
done-token-revoked = The token was revoked. It is refused from now on.
done-email-verified = Thank you, your email address is confirmed.

# What went wrong

trouble-fields = Please check the marked fields.
trouble-whole = This was not accepted.
trouble-registration-disabled = Application registration is not enabled for this Service.
trouble-already-requested = This application has asked for the service already. State: { $state }
trouble-contract-state = This cannot be done in the state it is in: { $state }
trouble-changed = Somebody changed it in the meantime. Please look at it again and repeat your change.
trouble-only-secret = This is the only secret. Renew it instead, or add another one first.
trouble-several-secrets = There is more than one secret. Remove the old ones one by one instead.
trouble-name-differs = The name you typed is not the name of the application.
wrong-taken = Somebody uses this already.
wrong-required = Please fill this in.
wrong-length = This is too short or too long.
wrong-range = This is out of range.
wrong-value = This cannot be used here.
wrong-email = Please enter a valid email address.
wrong-password-length = This password is too short or too long.
wrong-application = Please choose an application.

# How far a registration has come

state-pending = Pending
state-approved = Approved
state-rejected = Rejected
state-revoked = Revoked
state-closed = Closed
state-paused = Paused

# The portal is closed to somebody

heading-awaiting-approval = Awaiting approval
awaiting-approval = Your developer account was created. { $tenant } has to approve it before you can use the portal; you will be told by email.
heading-developer-rejected = Your request was declined
developer-rejected = { $tenant } has declined your request for a developer account.
heading-developer-revoked = Your access was withdrawn
developer-revoked = { $tenant } has withdrawn your access to the developer portal. Your applications get no access either.
heading-no-developer = This is the developer portal
no-developer = Your account can sign in to applications, but it is not a developer account. Developers register their own applications here.
status-contact = If you have questions or want to change that, write to { $email }.
status-contact-unknown = If you have questions or want to change that, ask whoever runs { $tenant }.
status-support = Help and support

# Signing up and getting back in

login-sign-up = Sign up as a developer
forgot-password = Forgot your password?
heading-sign-up = Sign up as a developer
sign-up-explained = With a developer account you register your own applications.
sign-up-domains = Only addresses of these domains are taken: { $domains }
sign-up-submit = Sign up
sign-up-known = I have an account already
field-name = Name
heading-check-mail = Check your email
signed-up = We have sent you an email. Please confirm your address with the link in it, then sign in.
signed-up-pending = We have sent you an email. Please confirm your address with the link in it. { $tenant } will look at your request, and you will be told by email.
heading-sign-up-closed = Sign-up is closed
sign-up-closed = Nobody can sign up here at the moment. Ask whoever runs { $tenant } for an invitation.
heading-verify-email = Confirm your email address
verify-email = Is { $email } your email address?
verify-email-submit = Yes, confirm it
mail-link-spent = A link from an email works only once and only for a short time.
heading-forgot-password = Forgot your password?
forgot-password-explained = Enter the email address of your account. We will send you a link with which you can choose a new password.
forgot-password-submit = Send the link
reset-sent = If there is an account with this email address, we have sent a link to it. It works for 15 minutes.
heading-new-password = Choose a new password
reset-explained = This link works once. You will be signed out everywhere else.
heading-invitation = Welcome to { $tenant }
invitation-explained = You were invited to the developer portal. Choose a password to accept. This link works once.

# The catalog and a service

heading-catalog = Service Catalog
field-search = Search services
search-submit = Search
catalog-count = { $count ->
        [one] { $count } service
       *[other] { $count } services
    }
catalog-empty = No service has been published yet.
catalog-nothing-found = No service fits your search.
catalog-registrable = Registration open
heading-service = { $service }
register = Register
service-not-registrable = Applications cannot be registered for this service.
service-documents = Documentation
service-no-documents = There is no documentation yet.
service-access = How to get access
service-audience = Audience
service-contract = Access
service-open = Open: every client gets tokens for this service.
service-flows = Flows
flow-authorization-code = Authorization code
flow-client-credentials = Client credentials
flow-implicit = Implicit
flow-password = Password
service-token-lifetime = Access tokens
token-never-expires = They do not expire.
token-lifetime = { $seconds ->
        [one] They are valid for { $seconds } second.
       *[other] They are valid for { $seconds } seconds.
    }
service-scopes = Scopes
service-needs-scope = At least one scope must be asked for.
heading-document = { $document }
document-servers = Servers
document-operations = Operations
document-no-operations = This document describes no operations.
document-cut = The document is longer. Only its beginning is shown.
operation-deprecated = Deprecated
operation-parameters = Parameters
parameter-required = required
operation-body = Request body
operation-responses = Responses

# Registering an application for a service

heading-register = Register for { $service }
register-reviewed = Somebody will look at your request before the application can use the service.
register-at-once = The application can use the service at once.
register-no-application = You have no application that could be registered for this service. Create one first.
register-other-application = Create another application
select-application = Select Application
field-comment = Comment
comment-required = Please say what the application needs the service for.
comment-optional = Optional: what the application needs the service for.
request-access = Request Access
heading-under-review = Registration Under Review
under-review = The registration of “{ $application }” for “{ $service }” is under review.
under-review-mail = You will be notified by email upon approval.

# Applications

heading-applications = My Apps
new-application = New Application
applications-empty = You have no applications yet. An application is how a program of yours gets access to services.
column-name = Name
column-type = Type
column-role = Your role
column-services = Services
kind-web = Web
kind-native = Native
kind-browser = Browser
kind-backend = Backend to backend
kind-other = Other
kind-web-about = A web site with a server that can keep a secret.
kind-native-about = A program on people’s phones or computers. It has no secret.
kind-browser-about = A program that runs in the browser only. It has no secret.
kind-backend-about = A server that works without people. It needs no redirect URI.
role-primary-owner = Primary owner
role-owner = Owner
role-user = User
role-admin = Administrator
heading-new-application = Create Application
field-application-name = Application Name
field-kind = Type
field-redirect-uris = Redirect URIs
redirect-uris-hint = One per line. People are sent back to these addresses after they signed in.
redirect-uris-hint-new = One per line. People are sent back to these addresses after they signed in. A backend needs none.
field-description = Description (optional)
heading-edit-application = Edit { $application }
edit-application = Edit or delete
delete-application = Delete application
delete-application-effect = Its clients and their tokens stop working at once, and its registrations for services end.
field-confirm = To confirm, type the name { $application }
heading-application = { $application }
application-details = Details
application-owner = Primary owner
application-created = Created
application-id = Application ID
application-services = Services
application-no-services = This application is not registered for any service.
application-available = More services
application-to-catalog = See all services
activate = Activate
unregister = Unregister
unregister-effect = The application can no longer use the service, and its tokens for it end.
row-actions = Actions for { $service }
contract-reason = Remark:
contract-rejected-next = To ask again, unregister first.
application-clients = Credentials
application-no-clients = This application has no client.
client-id = Client ID
client-grants = Grant types
client-method = Authentication
client-secrets = Secrets
client-secret = Client secret
secret-created = Created on { $date }.
secret-created-expires = Created on { $date }. Ends on { $end }.
secret-actions = Actions for the secret that ends in { $hint }
secret-remove = Remove secret
secret-remove-effect = Whoever still uses this secret is refused at once.
field-secret-name = Name of a new secret (optional)
secret-add = Generate secret
secret-renew = Renew secret
secret-renew-effect = The present secret stops working at once. To change it without a break, generate another one first and remove this one later.
client-add = Add client
client-remove = Remove client
client-remove-effect = The client and its tokens stop working at once.
more-credentials = Generate more credentials
more-credentials-about = Another client of the same application, with a client ID of its own.
field-client-name = Name of the client (optional)
heading-application-created = Application created
heading-client-created = Client added
heading-new-secret = New client secret
secret-shown-once = The client secret will only be shown once. Please copy this value and keep for your records.
secret-stored = I have stored it

# Personal access tokens

heading-tokens = Personal tokens
tokens-explained = A personal token lets a script act for you in the management APIs. Treat it like a password.
tokens-yours = Your tokens
tokens-empty = You have no tokens.
token-new = New token
token-expired = Expired
token-all-scopes = May do all that you may.
token-revoke = Revoke
field-token-name = What it is for
field-days = Valid for how many days
field-scopes = What it may do
scopes-hint = If you choose nothing, it may do all that you may.
heading-new-token = New personal token
token-value = Token
token-shown-once = The token will only be shown once. Please copy this value and keep it in a safe place.

# One's own account

nav-agreed = Authorized apps
heading-agreed = Authorized applications
agreed-explained = You let these applications act for you. What you no longer want, you can take back at any time.
agreed-none = There are none.
agreed-since = Since { $date }
agreed-withdraw = Withdraw access
agreed-withdraw-effect = The application is signed out of your account at once, everywhere. It can ask you again.
done-withdrawn = The application has no access any more.
profile-who = Who you are
profile-rename = Save name
profile-sessions = Where you are signed in
profile-sessions-explained = If you do not recognise one, end it and change your password.
session-device = { $browser } on { $system }
session-device-half = { $known }
session-device-unknown = Unknown device
session-this = This browser
session-used = Last used on { $date }
session-began = Signed in on { $date }
session-address = from { $address }
session-end = End
sessions-end-others = End all others
done-sessions-ended = Ended. Whoever was signed in there is signed out now.
profile-password = Change password
profile-password-effect = You will be signed out everywhere else. Your personal tokens end, and applications have to ask you to sign in again.
profile-password-submit = Change password
password-present = Present password
password-present-wrong = This is not your present password.
done-password-changed = Your password was changed. You are signed out everywhere else.
