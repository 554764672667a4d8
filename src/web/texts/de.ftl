# The words of the pages, in German. Every key stands in every catalogue; what is missing here is said in English.

skip-link = Zum Inhalt springen
title-error = Fehler:
opens-new-tab = (öffnet einen neuen Tab)
try-again = Noch einmal versuchen
to-home = Zur Startseite
request-id = Anfragenummer
other-account = Anderes Konto verwenden
signed-in-as = Angemeldet als { $user }.
date = { $day }. { $month ->
        [1] Januar
        [2] Februar
        [3] März
        [4] April
        [5] Mai
        [6] Juni
        [7] Juli
        [8] August
        [9] September
        [10] Oktober
        [11] November
       *[12] Dezember
    } { $year }
wait-seconds = { $count ->
        [one] { $count } Sekunde
       *[other] { $count } Sekunden
    }
wait-minutes = { $count ->
        [one] { $count } Minute
       *[other] { $count } Minuten
    }

# The application that sent the person here

application-name = „{ $application }“
application-nameless = Eine Anwendung ohne Namen
requester-host = auf { $host }
requester-loopback = auf diesem Computer
requester-scheme = eine App, die { $scheme }-Links öffnet

# Login

heading-login = Anmelden
login-to-continue = um fortzufahren mit
login-email = E-Mail-Adresse
login-password = Passwort
login-submit = Anmelden
login-sign-in-link = Mit einem Einmal-Link anmelden
login-refused = Die E-Mail-Adresse oder das Passwort stimmt nicht.
login-throttled = Das waren zu viele Versuche. Bitte versuchen Sie es nach einer Pause erneut. Wartezeit: { $wait }.
form-stale = Diese Seite war zu lange offen. Bitte versuchen Sie es noch einmal.

# Choosing an account

heading-select-account = Konto wählen
select-account-continue = Weiter als { $user }

# Consent

heading-consent = „{ $application }“ bittet um Zugriff
heading-consent-nameless = Eine Anwendung ohne Namen bittet um Zugriff
consent-where = Wenn Sie zustimmen, geht es weiter zu
consent-loopback = einer Anwendung auf diesem Computer
consent-scheme = der App für { $scheme }-Links
consent-destination-host = Diese Website erhält den Zugriff, den Sie gewähren.
consent-destination-loopback = Die Anwendung wartet unter { $host } und erhält den Zugriff, den Sie gewähren.
consent-destination-scheme = Welche App auf diesem Gerät auch immer solche Links öffnet: Sie erhält den Zugriff, den Sie gewähren.
standing-verified = Geprüft.
standing-verified-detail = { $tenant } hat geprüft, wer diese Anwendung betreibt.
standing-not-verified = Nicht geprüft.
standing-not-verified-detail = { $tenant } hat nicht geprüft, wer diese Anwendung betreibt.
standing-registered-itself = Die Anwendung hat sich am { $date } selbst registriert und ihren Namen selbst gewählt.
consent-caution-host = Stimmen Sie nur zu, wenn Sie { $host } kennen und diesen Vorgang selbst begonnen haben.
consent-caution-computer = Stimmen Sie nur zu, wenn Sie diesen Vorgang gerade selbst begonnen haben.
consent-permissions = Die Anwendung möchte
consent-your-account = Ihr Konto
consent-resources = Zur Verwendung bei
consent-accept = Zustimmen
consent-decline = Ablehnen
consent-about = Was die Anwendung über sich selbst sagt
consent-website = Website
consent-privacy-policy = Datenschutz
consent-terms = Nutzungsbedingungen
scope-openid = wissen, wer Sie sind
scope-profile = Ihren Namen und Ihr Profil sehen
scope-email = Ihre E-Mail-Adresse sehen
scope-address = Ihre Postanschrift sehen
scope-phone = Ihre Telefonnummer sehen
scope-offline-access = diesen Zugriff auch in Ihrer Abwesenheit behalten, bis Sie ihn entziehen
scope-other = die Berechtigung { $scope } nutzen

# An authorization request that cannot be answered

heading-authorization-error = Diese Anmeldung kann nicht fortgesetzt werden
authorization-error-unknown-client = Die Anwendung, von der Sie kommen, ist diesem Server nicht bekannt. Vielleicht wurde sie entfernt, oder ihre Registrierung ist abgelaufen.
authorization-error-redirect-uri = Die Anwendung möchte ihre Antwort an eine Adresse, die sie nicht registriert hat. Zu Ihrem Schutz wurde nichts dorthin gesendet.
authorization-error-request = Die Anwendung, von der Sie kommen, hat eine Anfrage gestellt, die dieser Server nicht beantworten kann.
authorization-error-server = Auf diesem Server ist etwas schiefgegangen. Die Anwendung, von der Sie kommen, kann nichts dafür.
authorization-error-close = Sie haben nichts falsch gemacht. Sie können diese Seite schließen, zur Anwendung zurückkehren und es von dort noch einmal versuchen.
developer = Für die Entwickler der Anwendung
developer-code = Fehler
developer-reason = Grund
developer-advice = Was zu tun ist
advice-register-again = Prüfen Sie die client_id. Falls sich die Anwendung selbst registriert, kann ihre Registrierung abgelaufen oder gelöscht sein: Registrieren Sie sie neu und verwenden Sie die neue client_id.
advice-fix-redirect-uri = Senden Sie eine redirect_uri, die Zeichen für Zeichen einer registrierten gleicht. Nur der Port einer Loopback-Adresse darf abweichen.
advice-fix-request = Ändern Sie die Anfrage so, dass sie die oben genannte Regel einhält.
advice-tell-operator = Versuchen Sie es später noch einmal. Geschieht es wieder, nennen Sie die Anfragenummer denen, die diesen Server betreiben.

# An answer that travels in a form

heading-form-post = Es geht zurück
form-post-host = Ihre Antwort ist unterwegs zu { $host }.
form-post-computer = Ihre Antwort ist unterwegs zu einer Anwendung auf diesem Computer.
form-post-continue = Weiter
form-post-hint = Falls nichts geschieht, wählen Sie „Weiter“.

# A first password

heading-sign-in-link = Passwort festlegen
sign-in-link-explained = Dieser Link gilt einmal. Mit dem Passwort, das Sie jetzt wählen, melden Sie sich künftig an.
sign-in-link-submit = Passwort festlegen und anmelden
password-new = Neues Passwort
password-repeat = Neues Passwort wiederholen
password-rules = Mindestens { $length } Zeichen. Leerzeichen sind erlaubt: Ein paar zusammenhanglose Wörter ergeben ein gutes Passwort.
password-too-short = Das Passwort ist zu kurz: Es braucht mindestens { $length } Zeichen.
password-too-long = Das Passwort ist zu lang: Es darf höchstens { $length } Zeichen haben.
password-too-easy = Dieses Passwort ist leicht zu erraten. Bitte wählen Sie ein anderes.
password-different = Die beiden Passwörter sind verschieden. Bitte geben Sie sie noch einmal ein.

# Signing out

heading-sign-out = Abmelden?
sign-out-question = Sie sind angemeldet als { $user }.
sign-out-asked = „{ $application }“ möchte Sie abmelden. Sie sind angemeldet als { $user }.
sign-out-effect = Bei anderen Anwendungen bleiben Sie womöglich angemeldet, bis Sie sich dort abmelden.
sign-out-submit = Abmelden
sign-out-stay = Angemeldet bleiben
heading-signed-out = Sie sind abgemeldet
signed-out = Ihre Sitzung ist beendet. Sie können diese Seite schließen.
sign-in-again = Wieder anmelden

# The start page

heading-home = Willkommen
heading-home-signed-in = Sie sind angemeldet
home-stranger = Hier melden Sie sich mit einem Konto bei vielen Anwendungen an.

# Pages that cannot be shown

heading-not-found = Seite nicht gefunden
not-found = Unter dieser Adresse gibt es nichts. Vielleicht ist sie falsch geschrieben, oder die Seite ist umgezogen.
heading-stale = Diese Seite ist veraltet
problem-stale = Sie war zu lange offen oder wurde schon benutzt. Bitte gehen Sie dorthin zurück, woher Sie kamen, und beginnen Sie von vorn.
heading-link-spent = Dieser Link gilt nicht mehr
problem-link-spent = Ein Anmelde-Link gilt nur einmal und nur kurze Zeit. Lassen Sie sich einen neuen geben.
heading-unreadable = Diese Anfrage ist nicht lesbar
problem-unreadable = Etwas in der Anfrage fehlt oder ist beschädigt. Bitte gehen Sie zurück und versuchen Sie es noch einmal.
heading-not-allowed = Das ist nicht erlaubt
problem-not-allowed = Ihr Konto hat dafür keine Berechtigung.
heading-too-many-requests = Zu viele Anfragen
problem-too-many-requests = Bitte versuchen Sie es nach einer Pause erneut. Wartezeit: { $wait }.
heading-unavailable = Gleich wieder da
problem-unavailable = Dieser Server kann gerade nicht antworten. Bitte versuchen Sie es in Kürze noch einmal.
heading-failed = Etwas ist schiefgegangen
problem-failed = Dieser Server konnte nicht antworten. Geschieht es wieder, nennen Sie die Anfragenummer denen, die ihn betreiben.
