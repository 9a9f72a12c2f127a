// SPDX-License-Identifier: EUPL-1.2
#include "web/public_html.h"

#include "knowledge/html.h"
#include "web/public_schema.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::web {

namespace {

using knowledge::escape_html;

struct Crumb {
    std::string title, path;
};

struct Frame {
    std::string title; // of the window, first words what this page is
    std::string description;
    std::string path; // without the installation's address
    const PublicTown *town = nullptr;
    std::string query;
    std::vector<Crumb> crumbs; // above this page
    std::string main;          // HTML
    std::string linked_data;   // JSON, already safe within a script element
    bool indexed = true;
};

std::string german_date(const LocalDate &date) {
    return fmt::format("{:02}.{:02}.{}", date.day, date.month, date.year);
}

// Addresses within a line of plain text become links.
std::string linked(std::string_view text) {
    std::string html;
    while (!text.empty()) {
        const auto at = std::min(text.find("https://"), text.find("http://"));
        html += escape_html(text.substr(0, at));
        if (at == std::string_view::npos) break;
        text.remove_prefix(at);
        auto end = std::min(text.find_first_of(" \t\"<>"), text.size());
        while (end > 0 && std::string_view(".,;)").find(text[end - 1]) != std::string_view::npos)
            --end;
        const std::string address = escape_html(text.substr(0, end));
        html += fmt::format("<a href=\"{0}\">{0}</a>", address);
        text.remove_prefix(end);
    }
    return html;
}

// Headings within delivered texts stand below the page's own.
std::string below_headings(std::string html) {
    for (const char level : {'1', '2', '3', '4', '5', '6'}) {
        for (const char *form : {"<h", "</h"}) {
            const std::string from = std::string(form) + level + ">";
            const std::string to = std::string(form) + "3>";
            if (from == to) continue;
            for (auto at = html.find(from); at != std::string::npos; at = html.find(from, at + 1))
                html.replace(at, from.size(), to);
        }
    }
    return html;
}

std::string telephone_link(const PhoneNumber &number) {
    return fmt::format("<a href=\"tel:{}\">{}</a>", escape_html(number.e164),
                       escape_html(to_din5008(number)));
}

std::string search_form(const PublicTown &town, const std::string &query) {
    return fmt::format("<form class=\"suche\" role=\"search\" action=\"{}\" method=\"get\">"
                       "<label for=\"q\">Was suchen Sie in {}?</label><div>"
                       "<input id=\"q\" name=\"q\" type=\"search\" maxlength=\"200\" "
                       "autocomplete=\"off\" value=\"{}\">"
                       "<button type=\"submit\">Suchen</button></div></form>",
                       home_of(town.id), escape_html(town.name), escape_html(query));
}

std::string crumbs_html(const Frame &frame) {
    if (frame.crumbs.empty()) return "";
    std::string html = "<nav aria-label=\"Sie sind hier\"><ol class=\"weg\">";
    for (const Crumb &crumb : frame.crumbs) {
        html += fmt::format("<li><a href=\"{}\">{}</a></li>", crumb.path, escape_html(crumb.title));
    }
    return html + "</ol></nav>";
}

std::string footer_html(const PublicTown *town) {
    std::string html = "<footer><p>Allgemeine Auskunft, keine Rechtsberatung. ";
    if (town && !town->numbers.empty()) {
        html += fmt::format("Fragen? Rufen Sie an: {}. ", telephone_link(town->numbers.front()));
    }
    return html + fmt::format("</p><p><a href=\"{}\">Alle Kommunen</a> · "
                              "<a href=\"{}/barrierefreiheit\">Barrierefreiheit</a></p></footer>",
                              kPublicHome, kPublicHome);
}

std::string render(const std::string &address, const Frame &frame) {
    std::string html =
        fmt::format("<!doctype html>\n<html lang=\"de\"><head><meta charset=\"utf-8\">"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                    "<meta name=\"color-scheme\" content=\"light dark\"><title>{}</title>"
                    "<link rel=\"stylesheet\" href=\"{}/stil.css\">",
                    escape_html(frame.title), kPublicHome);
    if (!frame.description.empty()) {
        html += fmt::format("<meta name=\"description\" content=\"{}\">",
                            escape_html(frame.description));
    }
    if (!frame.indexed) html += "<meta name=\"robots\" content=\"noindex\">";
    if (frame.indexed && !frame.path.empty()) {
        html +=
            fmt::format("<link rel=\"canonical\" href=\"{}{}\">", escape_html(address), frame.path);
    }
    if (!frame.linked_data.empty()) {
        html += "<script type=\"application/ld+json\">" + frame.linked_data + "</script>";
    }
    html += "</head><body><a class=\"sprung\" href=\"#inhalt\">Zum Inhalt</a><header>";
    if (frame.town) {
        html += fmt::format("<p class=\"ort\"><a href=\"{}\">{}</a></p>", home_of(frame.town->id),
                            escape_html(frame.town->name));
        html += search_form(*frame.town, frame.query);
    } else {
        html += "<p class=\"ort\">Auskunft Ihrer Kommune</p>";
    }
    html += "</header>" + crumbs_html(frame);
    html += "<main id=\"inhalt\" tabindex=\"-1\">" + frame.main + "</main>";
    return html + footer_html(frame.town) + "</body></html>\n";
}

std::string lines_html(const knowledge::Section &section) {
    const bool list = section.key == knowledge::SectionKey::documents && section.lines.size() > 1;
    std::string html = list ? "<ul>" : "";
    for (const std::string &line : section.lines)
        html += (list ? "<li>" : "<p>") + linked(line) + (list ? "</li>" : "</p>");
    return html + (list ? "</ul>" : "");
}

std::string section_html(std::string_view id, std::string_view heading, const std::string &body) {
    return fmt::format("<section aria-labelledby=\"{0}\"><h2 id=\"{0}\" tabindex=\"-1\">{1}</h2>"
                       "{2}</section>",
                       id, escape_html(heading), body);
}

std::string list_of(const std::vector<knowledge::Reference> &all, const auto &path) {
    std::string html = "<ul>";
    for (const knowledge::Reference &one : all) {
        html += fmt::format("<li><a href=\"{}\">{}</a></li>", escape_html(path(one)),
                            escape_html(one.name));
    }
    return html + "</ul>";
}

std::string checked_html(const knowledge::Article &article) {
    if (article.service.checked_on == LocalDate{}) return "";
    std::string html = fmt::format("<p class=\"stand\">Geprüft am <time datetime=\"{}\">{}</time>",
                                   fernamt::to_string(article.service.checked_on),
                                   german_date(article.service.checked_on));
    if (article.state == knowledge::Freshness::due) {
        html += ". Die nächste Prüfung steht aus: fragen Sie im Zweifel nach";
    }
    return html + ".</p>";
}

std::string initial_of(const std::string &name) {
    const std::string plain = knowledge::normalise(name);
    const char first = plain.empty() ? '#' : plain.front();
    if (first < 'a' || first > 'z') return "0–9";
    return std::string(1, static_cast<char>(first - 'a' + 'A'));
}

std::string address_html(const knowledge::Address &address) {
    std::string html = "<p>";
    const auto line = [&](const std::string &text) {
        if (text.find_first_not_of(' ') == std::string::npos) return;
        html += (html.size() > 3 ? "<br>" : "") + escape_html(text);
    };
    std::string_view addition = address.addition;
    line(std::string(addition.substr(0, addition.find('\n'))));
    line(address.street + (address.house_number.empty() ? "" : " " + address.house_number));
    if (!address.post_box.empty()) line("Postfach " + address.post_box);
    line(address.postcode + (address.place.empty() ? "" : " " + address.place));
    while (addition.find('\n') != std::string_view::npos) { // the lines below
        addition.remove_prefix(addition.find('\n') + 1);
        line(std::string(addition.substr(0, addition.find('\n'))));
    }
    return html + "</p>";
}

std::string contact_html(const knowledge::Contact &contact) {
    const std::string shown = escape_html(contact.value);
    if (contact.channel == "02" || contact.channel == "03") {
        const auto number = parse_phone_number(contact.value);
        if (!number) return fmt::format("<li>Telefon: {}</li>", shown);
        return fmt::format("<li>Telefon: <a href=\"tel:{}\">{}</a></li>", number->e164, shown);
    }
    if (contact.channel == "01" && shown.find('@') != std::string::npos) {
        return fmt::format("<li>E-Mail: <a href=\"mailto:{0}\">{0}</a></li>", shown);
    }
    if (contact.channel == "09") return fmt::format("<li>{}</li>", linked(contact.value));
    return fmt::format("<li>{}: {}</li>", contact.channel == "04" ? "Fax" : "Kontakt", shown);
}

std::string websites_html(const std::vector<knowledge::WebsiteHit> &pages) {
    std::string html = "<h2>Auf der Webseite der Kommune</h2><ul class=\"treffer\">";
    for (const knowledge::WebsiteHit &page : pages) {
        html += fmt::format("<li><a href=\"{}\">{}</a><p>{}</p><p class=\"stand\">Website, Stand "
                            "<time datetime=\"{}\">{}</time></p></li>",
                            escape_html(page.url),
                            escape_html(page.title.empty() ? page.url : page.title),
                            escape_html(page.excerpt), fernamt::to_string(page.fetched_on),
                            german_date(page.fetched_on));
    }
    return html + "</ul>";
}

} // namespace

std::string home_of(MunicipalityId town) {
    return fmt::format("{}/{}", kPublicHome, to_ars(town));
}
std::string path_of_service(MunicipalityId town, std::int64_t service) {
    return fmt::format("{}/leistung/{}", home_of(town), service);
}
std::string path_of_office(MunicipalityId town, std::int64_t office) {
    return fmt::format("{}/stelle/{}", home_of(town), office);
}

std::string towns_page(const std::string &address, const std::vector<PublicTown> &towns) {
    Frame frame{.title = "Auskunft der Kommunen",
                .description = "Leistungen, Öffnungszeiten und Ansprechstellen Ihrer Kommune.",
                .path = std::string(kPublicHome)};
    frame.main = "<h1>Wählen Sie Ihre Kommune</h1><ul class=\"spalten\">";
    for (const PublicTown &town : towns) {
        frame.main +=
            fmt::format("<li><a href=\"{}\">{}</a></li>", home_of(town.id), escape_html(town.name));
    }
    frame.main += "</ul>";
    return render(address, frame);
}

std::string town_page(const std::string &address, const PublicTown &town,
                      const std::vector<knowledge::Service> &services) {
    Frame frame{.title = "Auskunft " + town.name,
                .description =
                    fmt::format("{} Leistungen in {}: Unterlagen, Gebühren, Öffnungszeiten.",
                                services.size(), town.name),
                .path = home_of(town.id),
                .town = &town};
    frame.main = fmt::format("<h1>Leistungen in {}</h1>", escape_html(town.name));
    if (!town.numbers.empty()) {
        frame.main += fmt::format("<p class=\"ruf\">Lieber sprechen? Sie erreichen uns unter {}."
                                  "</p>",
                                  telephone_link(town.numbers.front()));
    }
    std::string initial;
    for (const knowledge::Service &service : services) {
        const std::string own = initial_of(service.colloquial);
        if (own != initial) {
            if (!initial.empty()) frame.main += "</ul>";
            frame.main += fmt::format("<h2>{}</h2><ul class=\"spalten\">", own);
            initial = own;
        }
        frame.main += fmt::format("<li><a href=\"{}\">{}</a></li>",
                                  path_of_service(town.id, service.id.value),
                                  escape_html(service.colloquial));
    }
    frame.main += initial.empty() ? "<p>Noch sind keine Leistungen veröffentlicht.</p>" : "</ul>";
    return render(address, frame);
}

std::string search_page(const std::string &address, const PublicTown &town,
                        const std::string &query, const knowledge::SearchResult &found) {
    const std::string heading = found.total == 0
                                    ? fmt::format("Nichts gefunden zu „{}“", query)
                                    : fmt::format("{} Treffer zu „{}“", found.total, query);
    Frame frame{.title = heading + " – " + town.name,
                .town = &town,
                .query = query,
                .crumbs = {{town.name, home_of(town.id)}},
                .indexed = false};
    frame.main = fmt::format("<h1>{}</h1>", escape_html(heading));
    if (found.total == 0 && found.websites.empty()) {
        frame.main += "<p>Versuchen Sie ein anderes Wort, oder sehen Sie die "
                      "<a href=\"" +
                      home_of(town.id) + "\">Leistungen von A bis Z</a> durch.</p>";
        if (!town.numbers.empty()) {
            frame.main += fmt::format("<p>Am Telefon helfen wir Ihnen gern: {}.</p>",
                                      telephone_link(town.numbers.front()));
        }
        return render(address, frame);
    }
    if (!found.items.empty()) frame.main += "<ol class=\"treffer\">";
    for (const knowledge::SearchHit &hit : found.items) {
        const std::string jump =
            hit.section ? "#" + std::string(knowledge::to_string(*hit.section)) : "";
        frame.main +=
            fmt::format("<li><a href=\"{}{}\">{}</a><p>{}</p></li>",
                        path_of_service(town.id, hit.service.id.value), jump,
                        escape_html(hit.service.colloquial), escape_html(hit.service.short_answer));
    }
    if (!found.items.empty()) frame.main += "</ol>";
    if (!found.websites.empty()) frame.main += websites_html(found.websites);
    return render(address, frame);
}

std::string service_page(const std::string &address, const PublicTown &town,
                         const PublicArticle &shown) {
    const knowledge::Article &article = shown.article;
    Frame frame{.title = fmt::format("{} – {}", article.service.colloquial, town.name),
                .description = article.read_aloud,
                .path = path_of_service(town.id, article.service.id.value),
                .town = &town,
                .crumbs = {{town.name, home_of(town.id)}},
                .linked_data = linked_data_of_service(address, town, shown)};
    frame.main = fmt::format("<h1>{}</h1>", escape_html(article.service.colloquial));
    if (article.service.name != article.service.colloquial) {
        frame.main += fmt::format("<p class=\"amtlich\">{}</p>", escape_html(article.service.name));
    }
    if (!article.read_aloud.empty()) {
        frame.main += fmt::format("<p class=\"kurz\">{}</p>", escape_html(article.read_aloud));
    }
    for (const knowledge::Section &section : article.sections) {
        frame.main += section_html(knowledge::to_string(section.key),
                                   knowledge::heading_de(section.key), lines_html(section));
    }
    if (!shown.offices.empty()) {
        frame.main += section_html("stellen", "Ansprechstellen mit Anschrift und Zeiten",
                                   list_of(shown.offices, [&](const knowledge::Reference &one) {
                                       return path_of_office(town.id, one.id);
                                   }));
    }
    for (const knowledge::PublicText &text : shown.texts) {
        frame.main += section_html("text-" + text.module, text.title, below_headings(text.html));
    }
    frame.main += checked_html(article);
    return render(address, frame);
}

std::string office_page(const std::string &address, const PublicTown &town,
                        const knowledge::PublicOffice &office) {
    Frame frame{.title = fmt::format("{} – {}", office.name, town.name),
                .description = fmt::format("{}: Anschrift, Öffnungszeiten und Leistungen in {}.",
                                           office.name, town.name),
                .path = path_of_office(town.id, office.id),
                .town = &town,
                .crumbs = {{town.name, home_of(town.id)}},
                .linked_data = linked_data_of_office(address, town, office)};
    frame.main = fmt::format("<h1>{}</h1>", escape_html(office.name));
    frame.main += below_headings(office.description);
    if (!office.hours_lines.empty()) {
        std::string lines;
        for (const std::string &line : office.hours_lines)
            lines += "<p>" + escape_html(line) + "</p>";
        frame.main += section_html("zeiten", "Öffnungszeiten", lines);
    }
    if (!office.contacts.empty()) {
        std::string lines = "<ul>";
        for (const knowledge::Contact &contact : office.contacts)
            lines += contact_html(contact);
        frame.main += section_html("kontakt", "Kontakt", lines + "</ul>");
    }
    if (!office.addresses.empty()) {
        std::string lines;
        for (const knowledge::Address &one : office.addresses)
            lines += address_html(one);
        frame.main += section_html("anschrift", "Anschrift", lines);
    }
    frame.main += section_html("leistungen", "Zuständig für",
                               list_of(office.services, [&](const knowledge::Reference &one) {
                                   return path_of_service(town.id, one.id);
                               }));
    return render(address, frame);
}

std::string accessibility_page(const std::string &address) {
    Frame frame{.title = "Barrierefreiheit der Auskunft",
                .path = fmt::format("{}/barrierefreiheit", kPublicHome),
                .crumbs = {{"Alle Kommunen", std::string(kPublicHome)}}};
    frame.main =
        "<h1>Barrierefreiheit</h1>"
        "<p>Diese Seiten sollen für alle nutzbar sein, nach der EN 301 549 und den Web Content "
        "Accessibility Guidelines 2.2, Stufe AA. Sie brauchen kein JavaScript, lassen sich mit der "
        "Tastatur bedienen und passen auf 320 Pixel Breite ohne seitliches Rollen.</p>"
        "<h2>Was noch fehlt</h2><p>Es gibt keine Fassung in Leichter Sprache und keine Videos in "
        "Deutscher Gebärdensprache. Texte, die von Land und Bund geliefert werden, können "
        "schwer verständlich sein.</p>"
        "<h2>Barriere melden</h2><p>Rufen Sie Ihre Kommune an; die Nummer steht unten auf jeder "
        "ihrer Seiten. Wir antworten und beseitigen, was wir können.</p>"
        "<h2>Schlichtung</h2><p>Hilft das nicht, können Sie sich an die Schlichtungsstelle Ihres "
        "Landes nach dessen Behindertengleichstellungsgesetz wenden. Das Verfahren ist "
        "kostenlos.</p>";
    return render(address, frame);
}

std::string problem_page(const std::string &title, const std::string &text) {
    Frame frame{.title = title, .indexed = false};
    frame.main = fmt::format("<h1>{}</h1><p>{}</p><p><a href=\"{}\">Zu allen Kommunen</a></p>",
                             escape_html(title), escape_html(text), kPublicHome);
    return render("", frame);
}

// Colours with a contrast of at least 4.5 : 1 in both schemes; sizes follow the reader's own.
std::string_view public_style() {
    return R"(:root{color-scheme:light dark;--text:#171a2b;--grund:#fff;--leise:#4a4f63;--rand:#767c93;
--flaeche:#f2f3f8;--tun:#1f3fa8;--auf:#fff}
@media (prefers-color-scheme:dark){:root{--text:#eceef7;--grund:#14172a;--leise:#b9bfd6;
--rand:#8a91ab;--flaeche:#20243c;--tun:#a9bcff;--auf:#14172a}}
*{box-sizing:border-box}
html{font-size:112.5%}
body{margin:0 auto;max-width:46rem;padding:0 1rem 2rem;background:var(--grund);color:var(--text);
font-family:system-ui,"Fira Sans","Liberation Sans",sans-serif;line-height:1.55;
overflow-wrap:break-word;hyphens:auto}
a{color:var(--tun);text-underline-offset:.2em}
a:focus-visible,input:focus-visible,button:focus-visible,h2:focus-visible,main:focus-visible{
outline:3px solid var(--tun);outline-offset:3px}
main:focus{outline:none}
.sprung{position:absolute;left:-99rem;padding:.5rem 1rem;background:var(--grund)}
.sprung:focus{left:1rem;top:.5rem}
header{padding:1rem 0;border-bottom:1px solid var(--rand)}
.ort{margin:0 0 .75rem;font-size:1.25rem;font-weight:600}
.ort a{text-decoration:none}
.suche label{display:block;margin-bottom:.25rem}
.suche div{display:flex;flex-wrap:wrap;gap:.5rem}
.suche input{flex:1 1 12rem;min-width:0;min-height:2.75rem;padding:.25rem .75rem;font:inherit;
color:inherit;background:var(--grund);border:1px solid var(--rand);border-radius:.5rem}
.suche button{min-height:2.75rem;padding:.25rem 1.25rem;font:inherit;font-weight:600;
color:var(--auf);background:var(--tun);border:1px solid var(--tun);border-radius:.5rem}
.weg{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:1rem 0 0;padding:0;list-style:none}
h1{margin:1.5rem 0 .5rem;font-size:1.75rem;line-height:1.2}
h2{margin:1.75rem 0 .25rem;font-size:1.25rem;line-height:1.3}
h3{margin:1rem 0 .25rem;font-size:1.05rem}
p{margin:.35rem 0}
ul,ol{margin:.35rem 0;padding-left:1.25rem}
li{padding:.15rem 0}
.amtlich,.stand{color:var(--leise)}
main>.stand{margin-top:2rem}
.kurz{margin:1rem 0;padding:.75rem 1rem;background:var(--flaeche);border-radius:.5rem;
font-size:1.1rem}
.spalten{columns:16rem;column-gap:2rem}
.treffer>li{padding:.5rem 0}
.treffer>li>a{font-weight:600}
footer{margin-top:3rem;padding-top:1rem;border-top:1px solid var(--rand);color:var(--leise)}
@media print{header form,nav,.sprung,footer{display:none}body{max-width:none}}
)";
}

} // namespace fernamt::web
