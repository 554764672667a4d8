# The words of the mails, in English. Every key stands in every catalogue; English is what a missing one falls back to.

greeting = Hello,
reason = Reason: { $remark }
comment = Comment: { $remark }
footer = This mail was sent by { $tenant }. Nobody reads answers to it.
ignore = If you did not expect this mail, ignore it: nothing happens.

requested-subject = Requested: { $application } wants access to { $service }
requested = { $developer } requests access to the service { $service } for the application { $application }.
pending-subject = Access to { $service } pending
pending = The request of the application { $application } for access to the service { $service } is under review.
pending-after = You get another mail once somebody has decided.
approved-subject = Access to { $service } approved
approved = The application { $application } has access to the service { $service } now.
rejected-subject = Access to { $service } denied
rejected = The request of the application { $application } for access to the service { $service } was denied.
revoked-subject = Access to { $service } revoked
revoked = The application { $application } does not have access to the service { $service } any more.
revoked-after = Its tokens for this service are void.
paused-subject = Access to { $service } paused
paused = The access of the application { $application } to the service { $service } is paused.
paused-after = Until it is resumed, the application gets no tokens for this service.
resumed-subject = Access to { $service } resumed
resumed = The application { $application } has access to the service { $service } again.

developer-requested-subject = Requested: { $developer } wants to be a developer
developer-requested = { $developer } signed up as a developer at { $tenant } and waits for approval.
developer-approved-subject = Your developer account is approved
developer-approved = Your developer account at { $tenant } is approved. You can register applications now.
developer-rejected-subject = Your developer account was denied
developer-rejected = Your request for a developer account at { $tenant } was denied.
developer-revoked-subject = Your developer account was revoked
developer-revoked = Your developer account at { $tenant } was revoked. Your applications get no tokens any more.

verify-subject = Confirm your e-mail address
verify = Somebody, most likely you, signed up at { $tenant } with this e-mail address. Follow the link to confirm that it is yours.
invitation-subject = Invitation to { $tenant }
invitation = You are invited to be a developer at { $tenant }. Follow the link to choose a password.
reset-subject = Choose a new password
reset = Somebody, most likely you, asked for a new password at { $tenant }. Follow the link to choose one. The link works once.
exists-subject = You have an account already
exists = Somebody, most likely you, signed up at { $tenant } with this e-mail address. There is an account with it already: sign in, or choose a new password if you forgot yours.

to-requests = Look at the request and decide
to-application = See the application
to-developers = See developers
to-portal = To the portal
to-verify = Confirm the address
to-invitation = Accept the invitation
to-reset = Choose a password
