// SPDX-License-Identifier: EUPL-1.2
#include "web/problem_texts.h"

#include <algorithm>
#include <array>

namespace fernamt::web {

namespace {

// One line per code, sorted. The reader is a person at the desk or in the office: what is the
// matter, and what to do. Codes that only operators meet (start-up, configuration) are here as
// well, because every code may reach an answer some day.
constexpr auto kTexts = std::to_array<ProblemText>({
    {"access.role_missing",
     "Dafür fehlt Ihnen die Rolle. Wenden Sie sich an die Verwaltung Ihres Servicecenters.",
     "Your roles do not allow this. Ask your service centre's administrator."},
    {"access.service_centre_only", "Das kann nur das Servicecenter selbst ansehen und ändern.",
     "Only the service centre itself may see and change this."},
    {"agreement.ended", "Diese Vereinbarung hat bereits ein Ende.",
     "This agreement already has an end."},
    {"agreement.invalid", "Die Vereinbarung ist so nicht möglich: {field}.",
     "The agreement is not possible: {field}."},
    {"agreement.not_found", "Diese Vereinbarung gibt es nicht.", "There is no such agreement."},
    {"agreement.price_gap",
     "Für die Tage vom {from} bis {to} gibt es Anrufe, aber keine Vereinbarung.",
     "There are calls, but no agreement for the days from {from} to {to}."},
    {"agreement.price_overlap", "Zwei Vereinbarungen gelten zugleich, vom {from} bis {to}.",
     "Two agreements apply at the same time, from {from} to {to}."},
    {"agreement.unreadable", "Eine gespeicherte Vereinbarung ist nicht lesbar.",
     "A stored agreement cannot be read."},
    {"billing.call_twice", "Ein Anruf steht doppelt im Hauptbuch.",
     "A call stands in the ledger twice."},
    {"billing.negative_duration", "Im Hauptbuch steht eine negative Dauer.",
     "The ledger contains a negative duration."},
    {"call.not_found", "Diesen Anruf gibt es nicht, oder es ist nicht Ihrer.",
     "There is no such call, or it is not yours."},
    {"call.notes_stale", "Die Notiz wurde inzwischen in einem anderen Fenster geändert.",
     "The notes have been changed in another window meanwhile."},
    {"config.file_missing", "Die Konfigurationsdatei fehlt: {file}.",
     "The configuration file is missing: {file}."},
    {"desk.answer_at_phone", "Bitte nehmen Sie am Telefon ab.", "Please answer at the telephone."},
    {"desk.command", "Dieser Befehl ist nicht bekannt.", "This command is unknown."},
    {"desk.no_agent", "Für Sie ist kein Arbeitsplatz eingerichtet.", "No desk is set up for you."},
    {"desk.not_now", "Das geht im Augenblick nicht.", "This is not possible at this moment."},
    {"desk.other_call", "Dieser Anruf ist nicht mehr an Ihrem Platz.",
     "This call is no longer at your desk."},
    {"desk.target_invalid", "Das ist keine Telefonnummer.", "This is not a telephone number."},
    {"desk.target_not_allowed", "An diese Nummer darf nicht vermittelt werden.",
     "Calls may not be transferred to this number."},
    {"http.bad_response", "Die Gegenstelle antwortet nicht verständlich.",
     "The other side's answer makes no sense."},
    {"http.body_too_large", "Die Antwort der Gegenstelle ist zu groß.",
     "The other side's answer is too large."},
    {"http.ca_unreadable", "Die Zertifikate sind nicht lesbar.",
     "The certificates cannot be read."},
    {"http.closed", "Die Verbindung wurde beendet.", "The connection was closed."},
    {"http.connect_failed", "Die Gegenstelle ist nicht erreichbar.",
     "The other side cannot be reached."},
    {"http.no_event_stream", "Die Gegenstelle sendet keine Ereignisse.",
     "The other side sends no events."},
    {"http.timeout", "Die Gegenstelle antwortet nicht rechtzeitig.",
     "The other side does not answer in time."},
    {"http.tls_failed", "Die gesicherte Verbindung kam nicht zustande.",
     "The secure connection failed."},
    {"internal.defect",
     "Hier ist uns ein Fehler unterlaufen. Er ist protokolliert (Nummer {request}).",
     "Something went wrong on our side. It has been logged (number {request})."},
    {"invoice.line_not_found", "Diese Rechnungszeile gibt es nicht.",
     "There is no such invoice line."},
    {"invoice.month_invalid", "Der Monat muss als JJJJ-MM angegeben werden.",
     "The month must be given as YYYY-MM."},
    {"knowledge.file_invalid", "Die Wissensdatei {file} ist fehlerhaft: {place}.",
     "The knowledge file {file} is wrong: {place}."},
    {"knowledge.file_unreadable", "Die Wissensdatei {file} ist nicht lesbar.",
     "The knowledge file {file} cannot be read."},
    {"knowledge.municipality_missing", "Bitte geben Sie die Kommune an.",
     "Please name the municipality."},
    {"knowledge.not_found", "Dazu gibt es für diese Kommune keine Auskunft.",
     "There is no information on this for this municipality."},
    {"media.address", "Die Adresse der Sprachvermittlung ist falsch.",
     "The address of the media server is wrong."},
    {"media.lost", "Die Sprachverbindung ist verloren gegangen.", "The media connection was lost."},
    {"media.refused", "Die Sprachvermittlung hat abgelehnt.", "The media server refused."},
    {"media.unavailable", "Die Sprachvermittlung ist gerade nicht erreichbar.",
     "The media server is not available at the moment."},
    {"municipality.not_found",
     "Diese Kommune gibt es nicht, oder sie gehört nicht zu Ihrem Bereich.",
     "There is no such municipality, or it is outside your area."},
    {"request.forgery_header_missing",
     "Die Anfrage kam nicht von dieser Anwendung (X-Fernamt fehlt).",
     "The request did not come from this application (X-Fernamt is missing)."},
    {"request.idempotency_key_at_work", "Diese Anfrage wird gerade bearbeitet.",
     "This request is being worked on."},
    {"request.idempotency_key_invalid",
     "Idempotency-Key muss aus 8 bis 100 Buchstaben, Ziffern, _ oder - bestehen.",
     "Idempotency-Key must be 8 to 100 letters, digits, _ or -."},
    {"request.idempotency_key_reused", "Dieser Idempotency-Key gehört zu einer anderen Anfrage.",
     "This Idempotency-Key belongs to another request."},
    {"request.if_match_missing", "Es fehlt, welche Fassung geändert werden soll (If-Match).",
     "It is missing which version is to be changed (If-Match)."},
    {"request.invalid", "Eine Angabe ist nicht möglich: {field} ({reason}).",
     "A value is not possible: {field} ({reason})."},
    {"request.media_type", "Der Inhalt muss {wanted} sein.", "The content must be {wanted}."},
    {"request.not_json", "Der Inhalt ist kein gültiges JSON.", "The content is not valid JSON."},
    {"request.too_large", "Das ist zu groß; höchstens {most_bytes} Bytes.",
     "This is too large; at most {most_bytes} bytes."},
    {"sdp.address", "Die Mediendaten nennen keine brauchbare Adresse.",
     "The media description names no usable address."},
    {"sdp.malformed", "Die Mediendaten sind nicht lesbar.",
     "The media description cannot be read."},
    {"sdp.no_audio", "Die Mediendaten enthalten keinen Ton.",
     "The media description contains no audio."},
    {"sdp.no_common_codec", "Es gibt kein gemeinsames Tonformat.",
     "There is no common audio format."},
    {"sdp.too_large", "Die Mediendaten sind zu groß.", "The media description is too large."},
    {"session.none", "Bitte melden Sie sich an.", "Please sign in."},
    {"session.slowed", "Zu viele Versuche. Bitte warten Sie {retry_after_seconds} Sekunden.",
     "Too many attempts. Please wait {retry_after_seconds} seconds."},
    {"session.wrong_password", "Name oder Passwort stimmt nicht.", "Name or password is wrong."},
    {"storage.constraint", "Das widerspricht vorhandenen Daten.",
     "This contradicts existing data."},
    {"storage.database_newer", "Die Datenbank ist neuer als das Programm.",
     "The database is newer than the program."},
    {"storage.full", "Der Speicherplatz ist voll.", "The disk is full."},
    {"storage.in_use", "Die Datenbank wird von einem anderen Prozess benutzt.",
     "Another process uses the database."},
    {"storage.migration_changed", "Eine angewandte Migration wurde nachträglich verändert: {file}.",
     "An applied migration has been changed afterwards: {file}."},
    {"storage.migration_missing", "Der Datenbank fehlt eine Migration: {file}.",
     "The database lacks a migration: {file}."},
    {"storage.migration_number", "Zwei Migrationen tragen dieselbe Nummer: {file}.",
     "Two migrations have the same number: {file}."},
    {"storage.nested", "Ein Schreibvorgang kann keinen zweiten enthalten.",
     "A write cannot contain another one."},
    {"storage.network_file_system", "Die Datenbank darf nicht auf einem Netzlaufwerk liegen.",
     "The database must not lie on a network drive."},
    {"storage.read_only", "Die Datenbank ist nur lesbar.", "The database is read-only."},
    {"storage.rolled_back", "Die Änderung wurde zurückgenommen.", "The change was rolled back."},
    {"storage.sql", "Die Datenbank hat eine Anfrage abgelehnt.", "The database refused a query."},
    {"storage.stopped", "Es kann gerade nichts gespeichert werden.",
     "Nothing can be stored at the moment."},
    {"storage.text_encoding", "Ein Text ist nicht gültig kodiert.",
     "A text is not validly encoded."},
    {"storage.too_large", "Das ist zu groß zum Speichern.", "This is too large to be stored."},
    {"storage.unavailable", "Die Datenbank ist gerade nicht erreichbar.",
     "The database is not available at the moment."},
    {"storage.url", "Die Adresse der Datenbank ist falsch.",
     "The address of the database is wrong."},
    {"telephony.busy",
     "Die Vermittlung antwortet gerade nicht. Bitte gleich noch einmal versuchen.",
     "The exchange does not answer right now. Please try again shortly."},
    {"telephony.journal", "Die laufenden Gespräche konnten nicht gesichert werden.",
     "The running calls could not be stored."},
});

// By ProblemKind, for a code without a line.
constexpr std::array<ProblemText, kProblemKinds> kGeneral = {{
    {"", "Die Eingabe ist so nicht möglich.", "This input is not possible."},
    {"", "Bitte melden Sie sich an.", "Please sign in."},
    {"", "Dafür fehlt Ihnen die Berechtigung.", "You are not allowed to do this."},
    {"", "Das gibt es nicht.", "There is no such thing."},
    {"", "Das geht gerade nicht.", "This is not possible now."},
    {"", "Inzwischen hat jemand anderes das geändert. Bitte neu laden.",
     "Somebody else has changed this meanwhile. Please reload."},
    {"", "Das ist zu groß.", "This is too large."},
    {"", "Zu viele Versuche. Bitte warten Sie kurz.", "Too many attempts. Please wait a moment."},
    {"", "Das ist gerade nicht erreichbar. Bitte versuchen Sie es gleich noch einmal.",
     "This is not available at the moment. Please try again shortly."},
    {"", "Hier ist uns ein Fehler unterlaufen. Er ist protokolliert.",
     "Something went wrong on our side. It has been logged."},
}};

std::string fill_in(std::string_view text, const Problem &problem) {
    std::string filled(text);
    for (const auto &[name, value] : problem.arguments) {
        const std::string place = "{" + name + "}";
        const std::size_t at = filled.find(place);
        if (at != std::string::npos) filled.replace(at, place.size(), value);
    }
    return filled;
}

} // namespace

std::span<const ProblemText> problem_texts() {
    return kTexts;
}

std::string title_of(const Problem &problem, Language language) {
    const auto *found = std::find_if(kTexts.begin(), kTexts.end(), [&](const ProblemText &text) {
        return text.code == problem.code;
    });
    const ProblemText &text =
        found != kTexts.end() ? *found : kGeneral.at(static_cast<std::size_t>(problem.kind));
    return fill_in(language == Language::german ? text.german : text.english, problem);
}

} // namespace fernamt::web
