# Die Worte des Entwicklerportals, auf Deutsch.

nav-label = Wohin
nav-catalog = Dienstekatalog
nav-applications = Meine Anwendungen
nav-tokens = Persönliche Tokens
nav-console = Verwaltung
nav-account = Ihr Konto
pages-label = Weitere Seiten
page-previous = Vorige Seite
page-next = Nächste Seite
cancel = Abbrechen
close = Schließen
create = Anlegen
save = Speichern

# Was gerade geschehen ist

done-created = Die Anwendung wurde angelegt.
done-saved = Ihre Änderungen wurden gespeichert.
done-deleted = Die Anwendung wurde gelöscht.
done-unregistered = Die Anwendung ist für den Dienst nicht mehr angemeldet.
done-approved = Der Zugang wurde genehmigt. Die Anwendung kann den Dienst jetzt nutzen.
done-client-added = Der Client wurde hinzugefügt.
done-client-removed = Der Client wurde entfernt.
done-secret-removed = Das Geheimnis wurde entfernt. Es wird ab jetzt abgelehnt.
done-token-revoked = Das Token wurde widerrufen. Es wird ab jetzt abgelehnt.
done-email-verified = Danke, Ihre E-Mail-Adresse ist bestätigt.

# Was nicht geklappt hat

trouble-fields = Bitte prüfen Sie die markierten Felder.
trouble-whole = Das wurde nicht angenommen.
trouble-registration-disabled = Für diesen Dienst können keine Anwendungen angemeldet werden.
trouble-already-requested = Diese Anwendung hat den Zugang zu diesem Dienst bereits beantragt. Stand: { $state }
trouble-contract-state = Das geht in diesem Stand nicht: { $state }
trouble-changed = In der Zwischenzeit hat jemand etwas geändert. Bitte sehen Sie es sich an und wiederholen Sie Ihre Änderung.
trouble-only-secret = Das ist das einzige Geheimnis. Erneuern Sie es, oder erzeugen Sie zuerst ein weiteres.
trouble-several-secrets = Es gibt mehr als ein Geheimnis. Entfernen Sie stattdessen die alten einzeln.
trouble-name-differs = Der eingegebene Name ist nicht der Name der Anwendung.
wrong-taken = Das ist bereits vergeben.
wrong-required = Bitte füllen Sie dieses Feld aus.
wrong-length = Das ist zu kurz oder zu lang.
wrong-range = Das liegt außerhalb der Grenzen.
wrong-value = Das kann hier nicht verwendet werden.
wrong-email = Bitte geben Sie eine gültige E-Mail-Adresse ein.
wrong-password-length = Dieses Passwort ist zu kurz oder zu lang.
wrong-application = Bitte wählen Sie eine Anwendung.

# Wie weit eine Anmeldung ist

state-pending = Ausstehend
state-approved = Genehmigt
state-rejected = Abgelehnt
state-revoked = Widerrufen
state-closed = Beendet
state-paused = Pausiert

# Das Portal ist für jemanden geschlossen

heading-awaiting-approval = Warten auf Freigabe
awaiting-approval = Ihr Entwicklerkonto wurde angelegt. { $tenant } muss es freigeben, bevor Sie das Portal nutzen können; Sie werden per E-Mail benachrichtigt.
heading-developer-rejected = Ihre Anfrage wurde abgelehnt
developer-rejected = { $tenant } hat Ihre Anfrage nach einem Entwicklerkonto abgelehnt.
heading-developer-revoked = Ihr Zugang wurde entzogen
developer-revoked = { $tenant } hat Ihnen den Zugang zum Entwicklerportal entzogen. Auch Ihre Anwendungen erhalten keinen Zugang.
heading-no-developer = Das ist das Entwicklerportal
no-developer = Mit Ihrem Konto können Sie sich bei Anwendungen anmelden, aber es ist kein Entwicklerkonto. Hier melden Entwickler ihre eigenen Anwendungen an.
status-contact = Wenn Sie Fragen haben oder das ändern möchten, schreiben Sie an { $email }.
status-contact-unknown = Wenn Sie Fragen haben oder das ändern möchten, wenden Sie sich an die Betreiber von { $tenant }.
status-support = Hilfe und Unterstützung

# Registrieren und wieder hineinkommen

login-sign-up = Als Entwickler registrieren
forgot-password = Passwort vergessen?
heading-sign-up = Als Entwickler registrieren
sign-up-explained = Mit einem Entwicklerkonto melden Sie eigene Anwendungen an.
sign-up-domains = Nur Adressen dieser Domains werden angenommen: { $domains }
sign-up-submit = Registrieren
sign-up-known = Ich habe bereits ein Konto
field-name = Name
heading-check-mail = Sehen Sie in Ihr Postfach
signed-up = Wir haben Ihnen eine E-Mail geschickt. Bitte bestätigen Sie Ihre Adresse mit dem Link darin und melden Sie sich dann an.
signed-up-pending = Wir haben Ihnen eine E-Mail geschickt. Bitte bestätigen Sie Ihre Adresse mit dem Link darin. { $tenant } prüft Ihre Anfrage, und Sie werden per E-Mail benachrichtigt.
heading-sign-up-closed = Registrierung geschlossen
sign-up-closed = Zurzeit kann sich hier niemand registrieren. Bitten Sie die Betreiber von { $tenant } um eine Einladung.
heading-verify-email = E-Mail-Adresse bestätigen
verify-email = Ist { $email } Ihre E-Mail-Adresse?
verify-email-submit = Ja, bestätigen
mail-link-spent = Ein Link aus einer E-Mail funktioniert nur einmal und nur für kurze Zeit.
heading-forgot-password = Passwort vergessen?
forgot-password-explained = Geben Sie die E-Mail-Adresse Ihres Kontos ein. Wir schicken Ihnen einen Link, mit dem Sie ein neues Passwort wählen können.
forgot-password-submit = Link senden
reset-sent = Wenn es ein Konto mit dieser E-Mail-Adresse gibt, haben wir einen Link dorthin geschickt. Er gilt 15 Minuten.
heading-new-password = Neues Passwort wählen
reset-explained = Dieser Link funktioniert einmal. Überall sonst werden Sie abgemeldet.
heading-invitation = Willkommen bei { $tenant }
invitation-explained = Sie wurden in das Entwicklerportal eingeladen. Wählen Sie ein Passwort, um anzunehmen. Dieser Link funktioniert einmal.

# Der Katalog und ein Dienst

heading-catalog = Dienstekatalog
field-search = Dienste suchen
search-submit = Suchen
catalog-count = { $count ->
        [one] { $count } Dienst
       *[other] { $count } Dienste
    }
catalog-empty = Es wurde noch kein Dienst veröffentlicht.
catalog-nothing-found = Kein Dienst passt zu Ihrer Suche.
catalog-registrable = Anmeldung möglich
heading-service = { $service }
register = Anmelden
service-not-registrable = Für diesen Dienst können keine Anwendungen angemeldet werden.
service-documents = Dokumentation
service-no-documents = Es gibt noch keine Dokumentation.
service-access = So erhalten Sie Zugang
service-audience = Audience
service-contract = Zugang
service-open = Offen: Jeder Client erhält Tokens für diesen Dienst.
service-flows = Abläufe
flow-authorization-code = Autorisierungscode
flow-client-credentials = Client-Zugangsdaten
flow-implicit = Implizit
flow-password = Passwort
service-token-lifetime = Zugriffstokens
token-never-expires = Sie laufen nicht ab.
token-lifetime = { $seconds ->
        [one] Sie gelten { $seconds } Sekunde.
       *[other] Sie gelten { $seconds } Sekunden.
    }
service-scopes = Scopes
service-needs-scope = Mindestens ein Scope muss angefragt werden.
heading-document = { $document }
document-servers = Server
document-operations = Operationen
document-no-operations = Dieses Dokument beschreibt keine Operationen.
document-cut = Das Dokument ist länger. Nur sein Anfang wird gezeigt.
operation-deprecated = Veraltet
operation-parameters = Parameter
parameter-required = erforderlich
operation-body = Inhalt der Anfrage
operation-responses = Antworten

# Eine Anwendung für einen Dienst anmelden

heading-register = Für { $service } anmelden
register-reviewed = Jemand prüft Ihren Antrag, bevor die Anwendung den Dienst nutzen kann.
register-at-once = Die Anwendung kann den Dienst sofort nutzen.
register-no-application = Sie haben keine Anwendung, die für diesen Dienst angemeldet werden könnte. Legen Sie zuerst eine an.
register-other-application = Weitere Anwendung anlegen
select-application = Anwendung auswählen
field-comment = Bemerkung
comment-required = Bitte geben Sie an, wofür die Anwendung den Dienst braucht.
comment-optional = Freiwillig: wofür die Anwendung den Dienst braucht.
request-access = Zugang beantragen
heading-under-review = Anmeldung wird geprüft
under-review = Die Anmeldung von „{ $application }“ für „{ $service }“ wird geprüft.
under-review-mail = Sie werden per E-Mail benachrichtigt, sobald sie genehmigt ist.

# Anwendungen

heading-applications = Meine Anwendungen
new-application = Neue Anwendung
applications-empty = Sie haben noch keine Anwendungen. Über eine Anwendung erhält ein Programm von Ihnen Zugang zu Diensten.
column-name = Name
column-type = Art
column-role = Ihre Rolle
column-services = Dienste
kind-web = Web
kind-native = Nativ
kind-browser = Browser
kind-backend = Backend zu Backend
kind-other = Andere
kind-web-about = Eine Website mit einem Server, der ein Geheimnis bewahren kann.
kind-native-about = Ein Programm auf Telefonen oder Computern. Es hat kein Geheimnis.
kind-browser-about = Ein Programm, das nur im Browser läuft. Es hat kein Geheimnis.
kind-backend-about = Ein Server, der ohne Menschen arbeitet. Er braucht keine Redirect-URI.
role-primary-owner = Haupteigentümer
role-owner = Eigentümer
role-user = Nutzer
role-admin = Administrator
heading-new-application = Anwendung anlegen
field-application-name = Name der Anwendung
field-kind = Art
field-redirect-uris = Redirect-URIs
redirect-uris-hint = Eine pro Zeile. An diese Adressen kehren Menschen nach der Anmeldung zurück.
redirect-uris-hint-new = Eine pro Zeile. An diese Adressen kehren Menschen nach der Anmeldung zurück. Ein Backend braucht keine.
field-description = Beschreibung (freiwillig)
heading-edit-application = { $application } bearbeiten
edit-application = Bearbeiten oder löschen
delete-application = Anwendung löschen
delete-application-effect = Ihre Clients und deren Tokens funktionieren sofort nicht mehr, und ihre Anmeldungen für Dienste enden.
field-confirm = Geben Sie zur Bestätigung den Namen { $application } ein
heading-application = { $application }
application-details = Angaben
application-owner = Haupteigentümer
application-created = Angelegt am
application-id = Anwendungs-ID
application-services = Dienste
application-no-services = Diese Anwendung ist für keinen Dienst angemeldet.
application-available = Weitere Dienste
application-to-catalog = Alle Dienste ansehen
activate = Aktivieren
unregister = Abmelden
unregister-effect = Die Anwendung kann den Dienst nicht mehr nutzen, und ihre Tokens dafür enden.
row-actions = Aktionen für { $service }
contract-reason = Anmerkung:
contract-rejected-next = Um es erneut zu beantragen, melden Sie die Anwendung zuerst ab.
application-clients = Zugangsdaten
application-no-clients = Diese Anwendung hat keinen Client.
client-id = Client-ID
client-grants = Grant-Typen
client-method = Authentifizierung
client-secrets = Geheimnisse
client-secret = Client-Geheimnis
secret-created = Angelegt am { $date }.
secret-created-expires = Angelegt am { $date }. Endet am { $end }.
secret-actions = Aktionen für das Geheimnis, das auf { $hint } endet
secret-remove = Geheimnis entfernen
secret-remove-effect = Wer dieses Geheimnis noch verwendet, wird sofort abgelehnt.
field-secret-name = Name eines neuen Geheimnisses (freiwillig)
secret-add = Geheimnis erzeugen
secret-renew = Geheimnis erneuern
secret-renew-effect = Das bisherige Geheimnis funktioniert sofort nicht mehr. Um ohne Unterbrechung zu wechseln, erzeugen Sie zuerst ein weiteres und entfernen Sie dieses später.
client-add = Client hinzufügen
client-remove = Client entfernen
client-remove-effect = Der Client und seine Tokens funktionieren sofort nicht mehr.
more-credentials = Weitere Zugangsdaten erzeugen
more-credentials-about = Ein weiterer Client derselben Anwendung, mit eigener Client-ID.
field-client-name = Name des Clients (freiwillig)
heading-application-created = Anwendung angelegt
heading-client-created = Client hinzugefügt
heading-new-secret = Neues Client-Geheimnis
secret-shown-once = Das Client-Geheimnis wird nur dieses eine Mal angezeigt. Bitte kopieren Sie es und bewahren Sie es auf.
secret-stored = Ich habe es gespeichert

# Persönliche Tokens

heading-tokens = Persönliche Tokens
tokens-explained = Mit einem persönlichen Token handelt ein Skript in den Verwaltungs-APIs für Sie. Behandeln Sie es wie ein Passwort.
tokens-yours = Ihre Tokens
tokens-empty = Sie haben keine Tokens.
token-new = Neues Token
token-expired = Abgelaufen
token-all-scopes = Darf alles, was Sie dürfen.
token-revoke = Widerrufen
field-token-name = Wofür es ist
field-days = Wie viele Tage es gilt
field-scopes = Was es darf
scopes-hint = Wenn Sie nichts auswählen, darf es alles, was Sie dürfen.
heading-new-token = Neues persönliches Token
token-value = Token
token-shown-once = Das Token wird nur dieses eine Mal angezeigt. Bitte kopieren Sie es und bewahren Sie es sicher auf.

# Das eigene Konto

nav-agreed = Freigaben
heading-agreed = Zugelassene Anwendungen
agreed-explained = Diesen Anwendungen haben Sie erlaubt, für Sie zu handeln. Was Sie nicht mehr wollen, können Sie jederzeit zurücknehmen.
agreed-none = Es gibt keine.
agreed-since = Seit { $date }
agreed-withdraw = Zugriff entziehen
agreed-withdraw-effect = Die Anwendung wird sofort und überall von Ihrem Konto abgemeldet. Sie kann Sie wieder fragen.
done-withdrawn = Die Anwendung hat keinen Zugriff mehr.
profile-who = Wer Sie sind
profile-rename = Namen speichern
profile-sessions = Wo Sie angemeldet sind
profile-sessions-explained = Wenn Sie etwas nicht erkennen, beenden Sie es und ändern Sie Ihr Passwort.
session-device = { $browser } auf { $system }
session-device-half = { $known }
session-device-unknown = Unbekanntes Gerät
session-this = Dieser Browser
session-used = Zuletzt benutzt am { $date }
session-began = Angemeldet am { $date }
session-address = von { $address }
session-end = Beenden
sessions-end-others = Alle anderen beenden
done-sessions-ended = Beendet. Wer dort angemeldet war, ist jetzt abgemeldet.
profile-password = Passwort ändern
profile-password-effect = Sie werden überall sonst abgemeldet. Ihre persönlichen Token enden, und Anwendungen müssen Sie neu anmelden lassen.
profile-password-submit = Passwort ändern
password-present = Bisheriges Passwort
password-present-wrong = Das ist nicht Ihr bisheriges Passwort.
done-password-changed = Ihr Passwort wurde geändert. Sie sind überall sonst abgemeldet.
