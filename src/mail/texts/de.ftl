# Die Worte der Mails auf Deutsch. Jeder Schlüssel steht in jedem Katalog.

greeting = Guten Tag,
reason = Begründung: { $remark }
comment = Anmerkung: { $remark }
footer = Diese Mail wurde von { $tenant } verschickt. Antworten liest niemand.
ignore = Wenn Sie diese Mail nicht erwartet haben, beachten Sie sie nicht: Es geschieht nichts.

requested-subject = Angefragt: { $application } möchte Zugriff auf { $service }
requested = { $developer } bittet für die Anwendung { $application } um Zugriff auf den Dienst { $service }.
pending-subject = Zugriff auf { $service } in Prüfung
pending = Die Anfrage der Anwendung { $application } nach Zugriff auf den Dienst { $service } wird geprüft.
pending-after = Sie erhalten eine weitere Mail, sobald entschieden ist.
approved-subject = Zugriff auf { $service } genehmigt
approved = Die Anwendung { $application } hat jetzt Zugriff auf den Dienst { $service }.
rejected-subject = Zugriff auf { $service } abgelehnt
rejected = Die Anfrage der Anwendung { $application } nach Zugriff auf den Dienst { $service } wurde abgelehnt.
revoked-subject = Zugriff auf { $service } entzogen
revoked = Die Anwendung { $application } hat keinen Zugriff mehr auf den Dienst { $service }.
revoked-after = Ihre Tokens für diesen Dienst sind ungültig.
paused-subject = Zugriff auf { $service } ausgesetzt
paused = Der Zugriff der Anwendung { $application } auf den Dienst { $service } ist ausgesetzt.
paused-after = Bis er wieder aufgenommen wird, erhält die Anwendung keine Tokens für diesen Dienst.
resumed-subject = Zugriff auf { $service } wieder aufgenommen
resumed = Die Anwendung { $application } hat wieder Zugriff auf den Dienst { $service }.

developer-requested-subject = Angefragt: { $developer } möchte entwickeln
developer-requested = { $developer } hat sich bei { $tenant } als Entwicklerin oder Entwickler angemeldet und wartet auf die Freigabe.
developer-approved-subject = Ihr Entwicklerkonto ist freigegeben
developer-approved = Ihr Entwicklerkonto bei { $tenant } ist freigegeben. Sie können jetzt Anwendungen registrieren.
developer-rejected-subject = Ihr Entwicklerkonto wurde abgelehnt
developer-rejected = Ihre Anfrage nach einem Entwicklerkonto bei { $tenant } wurde abgelehnt.
developer-revoked-subject = Ihr Entwicklerkonto wurde entzogen
developer-revoked = Ihr Entwicklerkonto bei { $tenant } wurde entzogen. Ihre Anwendungen erhalten keine Tokens mehr.

verify-subject = Bestätigen Sie Ihre E-Mail-Adresse
verify = Jemand, vermutlich Sie, hat sich bei { $tenant } mit dieser E-Mail-Adresse angemeldet. Folgen Sie dem Link, um zu bestätigen, dass es Ihre ist.
invitation-subject = Einladung zu { $tenant }
invitation = Sie sind eingeladen, bei { $tenant } zu entwickeln. Folgen Sie dem Link, um ein Passwort zu wählen.
reset-subject = Wählen Sie ein neues Passwort
reset = Jemand, vermutlich Sie, hat bei { $tenant } um ein neues Passwort gebeten. Folgen Sie dem Link, um eines zu wählen. Der Link gilt einmal.
exists-subject = Sie haben bereits ein Konto
exists = Jemand, vermutlich Sie, hat sich bei { $tenant } mit dieser E-Mail-Adresse angemeldet. Es gibt damit bereits ein Konto: Melden Sie sich an, oder wählen Sie ein neues Passwort, wenn Sie Ihres vergessen haben.

to-requests = Anfrage ansehen und entscheiden
to-application = Anwendung ansehen
to-developers = Entwicklerkonten ansehen
to-portal = Zum Portal
to-verify = Adresse bestätigen
to-invitation = Einladung annehmen
to-reset = Passwort wählen
