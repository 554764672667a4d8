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
