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

# The console

console-name = Konsole
console-navigation = Konsole
console-tabs = Zustände
console-waiting = warten
console-filter = Nach Art filtern
console-next = Nächste Seite
console-required = (erforderlich)
console-cancel = Abbrechen
console-save = Speichern
console-create = Erstellen
console-edit = Bearbeiten
console-delete = Löschen
console-enable = Aktivieren
console-disable = Deaktivieren
console-approve = Genehmigen
console-reject = Ablehnen
console-revoke = Widerrufen
console-suspend = Aussetzen
console-resume = Fortsetzen
console-reason = Begründung für die Entwicklerin oder den Entwickler (freiwillig)
console-on = An
console-off = Aus
console-endless = Läuft nie ab
console-seconds = { $count } s
console-form-wrong = Es wurde nichts gespeichert. Bitte prüfen Sie, was unten markiert ist.
console-not-done = Das wurde nicht ausgeführt
console-secret-once = Dieser Wert wird nur jetzt angezeigt. Kopieren Sie ihn und bewahren Sie ihn sicher auf.
console-view = { $name } ansehen
console-wrong-taken = Das hat schon ein anderer Eintrag.
console-wrong-no-flow = Aktivieren Sie mindestens einen Ablauf.
console-wrong-required = Bitte füllen Sie das aus.
console-wrong-range = Muss zwischen { $least } und { $most } liegen.
console-wrong-length = Das ist zu kurz oder zu lang.
console-wrong-missing = Das gibt es hier nicht.

# What has been done

console-done-added = Hinzugefügt.
console-done-saved = Gespeichert.
console-done-removed = Entfernt.
console-done-approved = Genehmigt.
console-done-rejected = Abgelehnt.
console-done-revoked = Widerrufen.
console-done-suspended = Ausgesetzt.
console-done-resumed = Fortgesetzt.
console-done-enabled = Aktiviert.
console-done-disabled = Deaktiviert.
console-done-invited = Die Einladung ist unterwegs.
console-done-linked = Das Dokument ist verknüpft.
console-done-unlinked = Das Dokument ist nicht mehr verknüpft.
console-done-published = Es ist jetzt sichtbar.
console-done-hidden = Es ist nicht mehr sichtbar.
console-done-sent = Es wird gesendet.
console-conflict-changed = Es wurde inzwischen geändert. Öffnen Sie die Seite neu und wiederholen Sie den Schritt.
console-conflict-contract-pending = Die Anfrage wartet noch.
console-conflict-contract-approved = Der Vertrag ist schon genehmigt.
console-conflict-contract-rejected = Die Anfrage ist schon abgelehnt.
console-conflict-contract-revoked = Der Vertrag ist schon widerrufen.
console-conflict-contract-closed = Den Vertrag gibt es nicht mehr.
console-conflict-developer-approved = Diese Person ist schon zugelassen.
console-conflict-developer-pending = Diese Person wartet noch.
console-conflict-developer-rejected = Diese Person ist schon abgelehnt.
console-conflict-developer-revoked = Der Zugang dieser Person ist schon widerrufen.
console-conflict-policy-exists = Der Dienst hat das schon.
console-conflict-archived = Die Anwendung ist archiviert.

# Overview

console-overview = Übersicht
console-queues = Das wartet auf Sie
console-open-registration = Offene Registrierung ist an: Jeder darf hier ohne Token Anwendungen anlegen.
console-developers-waiting = Wartende Entwicklerinnen und Entwickler
console-deliveries-failed = Nicht zustellbare Nachrichten
console-clients = Clients
console-clients-by-source = Clients nach Herkunft
console-clients-none = Noch keine Clients.
console-source = Herkunft
console-source-portal = Entwicklerportal
console-source-admin = Verwaltung
console-source-open = Offene Registrierung
console-source-ticket = Initial Access Token
console-source-delegate = Von einem Client registriert
console-source-bridge = Brücke aus einem anderen Portal

# Services

console-services = Dienste
console-services-lead = Wofür Tokens gelten: Jeder Dienst hat eine Audience, Scopes und Regeln für die Anwendungen, die ihn nutzen.
console-services-none = Noch keine Dienste. Fügen Sie die erste API hinzu, die Sie schützen möchten.
console-service = Dienst
console-service-new = Neuer Dienst
console-service-edit = Dienst bearbeiten
console-delete-service = Dienst löschen
console-service-delete-sure = Der Dienst, seine Regeln und seine Verträge werden entfernt, und kein Token dafür gilt mehr. Das lässt sich nicht rückgängig machen.
console-name-of-service = Name
console-service-name-hint = Buchstaben, Ziffern und . - _ ~; ein kurzer Name für Listen und Adressen.
console-description = Beschreibung
console-audience = Audience
console-audience-hint = Der Wert von aud in seinen Tokens, am besten seine URL. Leer: sein Name.
console-scopes = Scopes
console-service-scopes-hint = Je Zeile einer: der Scope, ein Leerzeichen und was er erlaubt, wie es Menschen bei der Zustimmung lesen.
console-access = Zugang
console-access-contract = Nur Anwendungen mit genehmigtem Vertrag
console-access-people = Menschen mit jeder Anwendung; Maschinen mit genehmigtem Vertrag
console-access-open = Jede Anwendung
console-enabled = Aktiviert
console-enabled-hint = Es werden Tokens dafür ausgestellt.
console-published = Veröffentlicht
console-published-hint = Im Katalog des Portals zu finden.
console-publisher = Verantwortlich
console-publisher-hint = Die E-Mail-Adresse der Person, die sich darum kümmert. Leer: nur die Verwaltung.
console-identity = ID
console-details = Einzelheiten
console-registration = Registrierung
console-acts = Aktionen

# The rules of a service

console-policies = Plugins
console-policy-none = Anwendungen können sich für diesen Dienst noch nicht registrieren.
console-policy-add = Plugin hinzufügen
console-policy-add-new = Neues Plugin hinzufügen
console-policy-authentication = Authentication
console-policy-registration = Portal Application Registration
console-policy-registration-about = Entwicklerinnen und Entwickler registrieren ihre Anwendungen für diesen Dienst, und die Anwendungen erhalten Tokens dafür.
console-policy-choose = Aktivieren
console-policy-group-portal = Im Portal
console-policy-group-tokens = Tokens
console-policy-display-name = Anzeigename
console-policy-display-name-hint = Der Name des Dienstes im Portal; kein anderer Dienst darf ihn haben.
console-policy-description-hint = Wird im Portal beim Dienst angezeigt.
console-policy-auto-approve = Automatisch genehmigen
console-policy-auto-approve-hint = Neue Verträge werden sofort genehmigt. Was schon wartet, bleibt, wie es ist.
console-policy-comment = Kommentar verlangen
console-policy-comment-hint = Wer Zugang möchte, muss sagen, wofür.
console-policy-flows = Abläufe
console-policy-flows-hint = Mindestens einer muss aktiviert sein.
console-policy-authorization-code = Authorization Code aktivieren
console-policy-client-credentials = Client Credentials aktivieren
console-policy-implicit = Implicit Grant aktivieren
console-policy-password = Password Grant aktivieren
console-policy-scopes-hint = Je Zeile einer. Leer: die Scopes des Dienstes.
console-policy-mandatory-scope = Scope verlangen
console-policy-mandatory-hint = Ein Token muss mindestens einen Scope dieses Dienstes haben.
console-policy-auth-header = Name des Headers
console-policy-auth-header-hint = Der Header, in dem das Access Token steht.
console-policy-token-expiration = Lebensdauer der Tokens
console-policy-token-expiration-hint = Sekunden, die ein Access Token gilt. 0: Es läuft nie ab.
console-policy-refresh-ttl = Lebensdauer der Refresh Tokens
console-policy-refresh-ttl-hint = Sekunden, die ein Refresh Token gilt. 0: Es läuft nie ab.
console-policy-provision-key = Provision Key
console-policy-key-unreadable = Der Provision Key ist nicht lesbar. Erzeugen Sie einen neuen.
console-policy-key-hint = Leer lassen, dann wird einer erzeugt. Wer ihn hat, bekommt Tokens für jede Person.
console-policy-key-keep = Leer lassen, dann bleibt der bisherige.
console-policy-endless = Tokens dieses Dienstes laufen womöglich nie ab. Ein gestohlenes Token gilt, bis es jemand widerruft.
console-policy-disable-sure = Keine weitere Anwendung kann sich für diesen Dienst registrieren. Registrierte funktionieren weiter.
console-policy-rotate = Neuer Provision Key
console-policy-rotate-sure = Der bisherige Provision Key gilt sofort nicht mehr.
console-policy-delete = Plugin löschen
console-policy-delete-sure = Anwendungen können sich nicht mehr registrieren, und wer einen Vertrag braucht, erhält keine Tokens mehr für diesen Dienst.

# Documents

console-document = Dokument
console-documents = Dokumente
console-documents-none = Noch keine Dokumente. Mit einer Beschreibung findet man eine API leichter.
console-document-add = Dokument hinzufügen
console-document-add-submit = Dokument hinzufügen
console-document-by-path = Document Spec Path
console-document-spec-path = Document Spec Path
console-document-spec-path-hint = Der Pfad eines Dokuments, das schon im Portal steht.
console-document-upload = Dokument hochladen
console-document-file = Datei
console-document-file-hint = OpenAPI als YAML oder JSON, Markdown oder einfacher Text, höchstens 1 MiB.
console-document-title = Titel
console-document-title-hint = Leer: der Name der Datei.
console-document-path = Pfad
console-document-path-hint = Wo es im Portal steht, z. B. specs/orders.yaml. Leer: aus dem Titel gebildet.
console-document-published-hint = Es ist im Portal zu lesen.
console-document-publish = Veröffentlichen
console-document-hide = Verbergen
console-document-unlink = Verknüpfung lösen
console-document-delete-sure = Das Dokument wird aus dem Portal entfernt. Das lässt sich nicht rückgängig machen.
console-changed = Geändert

# Contracts and applications

console-requests = Registrierungsanfragen
console-requests-lead = Anwendungen, die einen Dienst nutzen möchten.
console-requests-none = Keine Registrierungsanfragen
console-contracts = Verträge
console-service-contracts = Verträge
console-contracts-none = In diesem Zustand gibt es keine.
console-contract-about = { $application } für { $service }
console-contract-delete-sure = Der Vertrag wird entfernt, und seine Tokens enden. Die Anwendung darf erneut anfragen.
console-tab-approved = Genehmigt
console-tab-revoked = Widerrufen
console-tab-rejected = Abgelehnt
console-tab-requested = Zugang angefragt
console-state = Zustand
console-state-approved = Genehmigt
console-state-suspended = Ausgesetzt
console-state-requested = Zugang angefragt
console-state-rejected = Abgelehnt
console-state-revoked = Widerrufen
console-state-closed = Beendet
console-since = Seit
console-remarks = Bemerkungen
console-remark-request = Anfrage: { $text }
console-remark-reason = Begründung: { $text }
console-application = Anwendung
console-applications = Anwendungen
console-applications-none = Hier gibt es keine Anwendungen.
console-applications-active = Aktive zeigen
console-applications-archived = Archivierte zeigen
console-application-archive = Archivieren
console-application-archive-sure = Ihre Clients funktionieren nicht mehr, ihre Verträge enden, und ihre Tokens gelten nicht mehr.
console-type = Typ
console-owner = Gehört
console-status = Status
console-status-active = Aktiv
console-status-archived = Archiviert
console-status-disabled = Deaktiviert
console-status-ended = Beendet
console-client = Client
console-client-id = client_id
console-last-used = Zuletzt benutzt

# Developers

console-developer = Person
console-developers = Entwicklerinnen und Entwickler
console-developers-none = In diesem Zustand ist niemand.
console-developer-invite = Einladen
console-developer-invite-lead = Die Person erhält einen Link per Mail, wählt ein Passwort und ist sofort zugelassen.
console-developer-export = CSV exportieren
console-developer-delete-sure = Das Konto wird entfernt, und die Anwendungen der Person werden archiviert.
console-full-name = Voller Name
console-role = Rolle
console-role-hint = Verantwortliche kümmern sich um eigene Dienste.
console-role-user = Benutzerkonto
console-role-developer = Entwicklung
console-role-publisher = Verantwortlich für Dienste
console-role-admin = Verwaltung

# Initial access tokens

console-ticket = Initial Access Token
console-tickets = Initial Access Tokens
console-tickets-lead = Damit darf ein Programm eine Anwendung registrieren (RFC 7591).
console-tickets-none = Noch keine Initial Access Tokens.
console-ticket-new = Neues Token
console-ticket-made = Ihr Initial Access Token
console-ticket-name = Wofür es ist
console-ticket-uses = Verwendungen
console-ticket-uses-hint = Wie viele Anwendungen es höchstens registriert. Leer: beliebig viele.
console-ticket-days = Tage
console-ticket-days-hint = Wie lange es benutzt werden darf. Leer: unbegrenzt.
console-ticket-ends = Endet
console-ticket-expired = Abgelaufen
console-ticket-exhausted = Verbraucht
console-ticket-revoke-sure = Es registriert keine Anwendungen mehr. Die registrierten bleiben.

# Webhooks and the outbox

console-webhooks = Webhooks
console-webhooks-lead = Jedes Ereignis wird an diese Adressen gesendet, unterschrieben mit dem Geheimnis des Webhooks.
console-webhooks-none = Noch keine Webhooks.
console-webhook-new = Neuer Webhook
console-webhook-url = Adresse
console-webhook-url-hint = Wohin Anfragen gehen; es muss https sein.
console-webhook-kinds = Arten von Ereignissen
console-webhook-kinds-hint = Je Zeile eine, wie sie das Protokoll nennt. Leer: alle.
console-webhook-all-kinds = Alle
console-webhook-ping = Testen
console-webhook-rotate = Neues Geheimnis
console-webhook-rotate-sure = Anfragen werden ab jetzt mit dem neuen Geheimnis unterschrieben.
console-webhook-delete-sure = An diese Adresse wird nichts mehr gesendet.
console-webhook-secret = Geheimnis des Webhooks
console-webhook-secret-lead = Damit prüft der Empfänger, dass Anfragen von hier kommen.
console-deliveries = Postausgang
console-deliveries-lead = Mails und Anfragen an Webhooks: was wartet, was ankam und was aufgegeben wurde.
console-deliveries-none = Hier ist nichts.
console-delivery-what = Nachricht
console-delivery-to = An
console-delivery-mail = Mail
console-delivery-webhook = Webhook
console-delivery-waiting = Wartet
console-delivery-done = Zugestellt
console-delivery-failed = Aufgegeben
console-delivery-retry = Erneut senden

# The audit log

console-events = Protokoll
console-events-lead = Was hier geschah, Neuestes zuerst: insgesamt { $count }.
console-events-none = Keine solchen Ereignisse.
console-events-all = Alle Arten
console-event-when = Wann
console-event-what = Was
console-event-who = Wer
console-event-data = Mehr

# Settings

console-settings = Einstellungen
console-settings-advanced = Einstellungen › Erweitert
console-setting-as-configured = Wie auf dem Server eingestellt
console-setting-empty = Leer: wie auf dem Server eingestellt.
console-setting-registration = Registrierung von Clients
console-setting-open = OIDC Dynamic Application Registration
console-setting-open-warning = Wenn Sie die offene Registrierung aktivieren, kann jeder hier ohne Token Anwendungen anlegen.
console-setting-open-hint = Offene Registrierung unter /oidc/register.
console-setting-with-token = Registrierung mit Token
console-setting-with-token-hint = Mit einem Initial Access Token oder einem Access Token, das es erlaubt.
console-setting-profile = Sicherheitsmodus neuer Clients
console-setting-profile-hint = Was neue Clients weglassen oder nach alter Art tun dürfen. Vorhandene behalten ihren.
console-profile-permissive = Nachsichtig
console-profile-interop = Verträglich
console-profile-strict = Streng
console-setting-approval = Genehmigung
console-setting-auto-developers = Entwicklerkonten automatisch zulassen
console-setting-auto-developers-hint = Wer sich anmeldet, ist sofort zugelassen. Wer schon wartet, wartet weiter.
console-setting-auto-contracts = Anwendungen automatisch genehmigen
console-setting-auto-contracts-hint = Für jeden Dienst, was auch immer dort eingestellt ist. Was schon wartet, wartet weiter.
console-setting-portal = Entwicklerportal
console-setting-sign-up = Jeder darf sich anmelden
console-setting-sign-up-hint = Aus: nur auf Einladung.
console-setting-domains = Domains
console-setting-domains-hint = Je Zeile eine. Nur E-Mail-Adressen dieser Domains dürfen sich anmelden; leer: alle.
console-setting-mail = Mails
console-setting-mail-request = Der Verwaltung Anfragen melden
console-setting-mail-request-hint = Eine Mail je Anfrage und je neuem Entwicklerkonto.
console-setting-mail-status = Entscheidungen mitteilen
console-setting-mail-status-hint = Eine Mail, wenn eine Anfrage wartet, genehmigt, abgelehnt oder widerrufen ist.
console-setting-tokens = Tokens
console-setting-endless = Tokens dürfen unbegrenzt gelten
console-setting-endless-hint = Dienste dürfen Lebensdauern auf 0 setzen.
console-setting-password = Password Grant
console-setting-password-hint = Eigene Anwendungen dürfen das Passwort einer Person gegen Tokens tauschen.
console-setting-audience = Vorgegebene Audience
console-setting-audience-hint = Die Audience von Tokens, deren Anfrage keine nennt.
console-setting-sessions = Sitzungen
console-setting-idle = Stunden ohne Benutzung
console-setting-max = Stunden höchstens
console-setting-about = Über
console-setting-name = Name
console-setting-support-email = E-Mail-Adresse für Hilfe
console-setting-support-url = Adresse für Hilfe
console-setting-retention = Tage, die archivierte Anwendungen bleiben

# In einer Liste suchen

console-search-all = Alle zeigen
console-search-nothing = Nichts passt zu „{ $sought }“.
console-services-search = Dienste suchen
console-applications-search = Anwendungen nach Namen suchen
console-clients-search = Clients nach Namen oder client_id suchen
console-people-search = Personen nach Namen oder E-Mail-Adresse suchen

# Clients

console-clients-lead = Alles, was Token verlangt, wie auch immer es registriert wurde.
console-client-first-party = Unserer: Personen werden nicht gefragt
console-client-third-party = Von anderen: Personen werden gefragt
console-client-trust = Zu unserem machen
console-client-trust-sure = Personen werden nicht mehr gefragt, was diese Anwendung darf. Nur für Anwendungen, die Sie selbst betreiben.
console-client-distrust = Zu dem von anderen machen
console-client-disable-sure = Er bekommt keine Token, und die er hat, gelten nicht, bis Sie ihn wieder einschalten.
console-client-delete-sure = Der Client und seine Token funktionieren sofort nicht mehr. Das lässt sich nicht rückgängig machen.

# Personen

console-users = Personen
console-users-lead = Alle, die sich hier anmelden können, und was sie dürfen.
console-users-none = Niemand.
console-sessions = Sitzungen
console-sessions-none = Nirgends angemeldet.
console-session-device = Gerät
console-sessions-end = Alle Sitzungen beenden
console-sessions-end-sure = Die Person wird überall abgemeldet und muss sich neu anmelden.
console-role-change = Rolle ändern
console-role-change-lead = Was die Person angelegt hat, bleibt, wie es ist. Die neue Rolle gilt sofort.
console-done-ended = Beendet.

# Signaturschlüssel

console-keys = Signaturschlüssel
console-keys-lead = Ein Schlüssel wird veröffentlicht, bevor er signiert, und bleibt es, bis das letzte Token abgelaufen ist, das er signiert hat. Das geht von selbst.
console-keys-none = Es gibt keine Schlüssel.
console-key = Schlüssel-ID
console-key-algorithm = Algorithmus
console-key-published = Veröffentlicht
console-key-signs = Signiert seit
console-key-leaves = Verschwindet
console-key-next = Nächster
console-key-current = Signiert
console-key-retiring = Läuft aus
console-key-earliest = frühestens { $date }
console-keys-rotate = Jetzt wechseln
console-keys-rotate-sure = Neue Schlüssel werden veröffentlicht; Schlüssel, die lange genug veröffentlicht sind, signieren ab jetzt. Nichts, was signiert ist, wird ungültig.
console-done-rotated = Die Schlüssel sind einen Schritt weiter.
console-keys-waiting = Noch nichts zu tun: Die nächsten Schlüssel sind veröffentlicht und warten, bis alle sie kennen.
