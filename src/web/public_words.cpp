// SPDX-License-Identifier: EUPL-1.2
#include "web/public_words.h"

namespace fernamt::web {

namespace {

constexpr PublicWords kGerman{
    .skip = "Zum Inhalt",
    .site = "Auskunft Ihrer Kommune",
    .you_are_here = "Sie sind hier",
    .search_label = "Was suchen Sie in {}?",
    .search = "Suchen",
    .no_advice = "Allgemeine Auskunft, keine Rechtsberatung.",
    .questions = "Fragen? Rufen Sie an: {}.",
    .all_towns = "Alle Kommunen",
    .accessibility = "Barrierefreiheit",
    .choose_town = "Wählen Sie Ihre Kommune",
    .towns_title = "Auskunft der Kommunen",
    .towns_description = "Leistungen, Öffnungszeiten und Ansprechstellen Ihrer Kommune.",
    .town_title = "Auskunft {}",
    .town_description = "{} Leistungen in {}: Unterlagen, Gebühren, Öffnungszeiten.",
    .services_in = "Leistungen in {}",
    .rather_talk = "Lieber sprechen? Sie erreichen uns unter {}.",
    .no_services = "Noch sind keine Leistungen veröffentlicht.",
    .nothing_found = "Nichts gefunden zu „{}“",
    .hits = "{} Treffer zu „{}“",
    .building = "Die Suche wird gerade aufgebaut. Bis dahin findet sie nur die Namen der "
                "Leistungen.",
    .search_again = "Noch einmal suchen",
    .try_else = "Versuchen Sie ein anderes Wort, oder sehen Sie die {} durch.",
    .from_a_to_z = "Leistungen von A bis Z",
    .phone_helps = "Am Telefon helfen wir Ihnen gern: {}.",
    .websites = "Auf der Webseite der Kommune",
    .website_of = "Website, Stand {}",
    .offices = "Ansprechstellen mit Anschrift und Zeiten",
    .hours = "Öffnungszeiten",
    .contact = "Kontakt",
    .address = "Anschrift",
    .answers_for = "Zuständig für",
    .office_description = "{}: Anschrift, Öffnungszeiten und Leistungen in {}.",
    .checked = "Geprüft am {}",
    .check_due = ". Die nächste Prüfung steht aus: fragen Sie im Zweifel nach",
    .phone = "Telefon",
    .email = "E-Mail",
    .fax = "Fax",
    .other_contact = "Kontakt",
    .post_box = "Postfach",
    .to_all_towns = "Zu allen Kommunen",
    .gone_title = "Diese Seite gibt es nicht",
    .gone_text = "Die Leistung oder Stelle ist hier nicht (mehr) veröffentlicht.",
    .level = "Verwaltungsebene: {}",
    .federation = "Bund",
    .land = "Land",
    .district = "Kreis",
    .local = "Kommune",
    .busy_title = "Gerade nicht erreichbar",
    .busy_text = "Bitte versuchen Sie es in einem Augenblick noch einmal, oder rufen Sie an.",
    .german_only = "",
};

constexpr PublicWords kEnglish{
    .skip = "To the content",
    .site = "Your municipality’s answers",
    .you_are_here = "You are here",
    .search_label = "What are you looking for in {}?",
    .search = "Search",
    .no_advice = "General information, no legal advice.",
    .questions = "Questions? Call us: {}.",
    .all_towns = "All municipalities",
    .accessibility = "Accessibility",
    .choose_town = "Choose your municipality",
    .towns_title = "Answers of the municipalities",
    .towns_description = "Public services, opening hours and offices of your municipality.",
    .town_title = "Answers for {}",
    .town_description = "{} public services in {}: documents, fees, opening hours.",
    .services_in = "Public services in {}",
    .rather_talk = "Rather talk to somebody? Call us: {}.",
    .no_services = "No services are published yet.",
    .nothing_found = "Nothing found for “{}”",
    .hits = "{} found for “{}”",
    .building = "The search is being built. Until then it finds the names of services only.",
    .search_again = "Search again",
    .try_else = "Try another word, in German if you can, or look through the {}.",
    .from_a_to_z = "services from A to Z",
    .phone_helps = "On the telephone we are glad to help: {}.",
    .websites = "On the municipality’s website",
    .website_of = "Website, as of {}",
    .offices = "Offices with address and hours",
    .hours = "Opening hours",
    .contact = "Contact",
    .address = "Address",
    .answers_for = "Responsible for",
    .office_description = "{}: address, opening hours and services in {}.",
    .checked = "Checked on {}",
    .check_due = ". The next check is due: please ask if in doubt",
    .phone = "Telephone",
    .email = "E-mail",
    .fax = "Fax",
    .other_contact = "Contact",
    .post_box = "PO box",
    .to_all_towns = "To all municipalities",
    .gone_title = "This page does not exist",
    .gone_text = "The service or office is not published here (any more).",
    .level = "Level of administration: {}",
    .federation = "federation",
    .land = "federal state",
    .district = "district",
    .local = "municipality or district",
    .busy_title = "Not available right now",
    .busy_text = "Please try again in a moment, or call us.",
    .german_only = "The answer itself is available in German only.",
};

} // namespace

const PublicWords &public_words(Language language) {
    return language == Language::english ? kEnglish : kGerman;
}

std::string_view accessibility_text(Language language) {
    if (language == Language::english) {
        return "<h1>Accessibility</h1>"
               "<p>Everybody shall be able to use these pages, by EN 301 549 and the Web Content "
               "Accessibility Guidelines 2.2, level AA. They need no JavaScript, are used by "
               "keyboard and fit 320 pixels of width without scrolling sideways.</p>"
               "<h2>What is missing</h2><p>Answers are available in German only, and marked as "
               "German so that they are read aloud rightly. There is no easy-to-read version and "
               "no video in German Sign Language. Texts that the Land and the Federation deliver "
               "can be hard to understand.</p>"
               "<h2>Report a barrier</h2><p>Call your municipality; its number stands at the end "
               "of each of its pages. We answer and remove what we can.</p>"
               "<h2>Conciliation</h2><p>If that does not help, you can turn to the conciliation "
               "body of your Land under its law on equality for people with disabilities. It is "
               "free of charge.</p>";
    }
    return "<h1>Barrierefreiheit</h1>"
           "<p>Diese Seiten sollen für alle nutzbar sein, nach der EN 301 549 und den Web Content "
           "Accessibility Guidelines 2.2, Stufe AA. Sie brauchen kein JavaScript, lassen sich mit "
           "der Tastatur bedienen und passen auf 320 Pixel Breite ohne seitliches Rollen.</p>"
           "<h2>Was noch fehlt</h2><p>Es gibt keine Fassung in Leichter Sprache und keine Videos "
           "in Deutscher Gebärdensprache. Auf Englisch gibt es den Rahmen der Seiten, die Auskunft "
           "selbst ist deutsch. Texte, die von Land und Bund geliefert werden, können schwer "
           "verständlich sein.</p>"
           "<h2>Barriere melden</h2><p>Rufen Sie Ihre Kommune an; die Nummer steht unten auf jeder "
           "ihrer Seiten. Wir antworten und beseitigen, was wir können.</p>"
           "<h2>Schlichtung</h2><p>Hilft das nicht, können Sie sich an die Schlichtungsstelle "
           "Ihres Landes nach dessen Behindertengleichstellungsgesetz wenden. Das Verfahren ist "
           "kostenlos.</p>";
}

} // namespace fernamt::web
