// SPDX-License-Identifier: EUPL-1.2
#include "web/public_html.h"

#include "knowledge/html.h"
#include "web/public_schema.h"
#include "web/public_words.h"

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
    std::string path; // without the installation's address and the language
    const PublicTown *town = nullptr;
    std::string query;
    std::vector<Crumb> crumbs; // above this page
    std::string main;          // HTML
    std::string linked_data;   // JSON, already safe within a script element
    bool indexed = true;
};

using Words = PublicWords;

template <class... Arguments>
std::string say(std::string_view pattern, const Arguments &...arguments) {
    return fmt::format(fmt::runtime(pattern), arguments...);
}

bool is_english(const PublicReader &reader) {
    return reader.language == Language::english;
}

// An address of ours in the reader's language; "#fee" stays at its end.
std::string to(const PublicReader &reader, const std::string &path) {
    if (!is_english(reader)) return path;
    const auto at = std::min(path.find('#'), path.size());
    return path.substr(0, at) + "?lang=en" + path.substr(at);
}

// What was written in German, within a page that is not: for screen readers (WCAG 3.1.2).
std::string_view german(const PublicReader &reader) {
    return is_english(reader) ? " lang=\"de\"" : "";
}

// RFC 3986, section 2.3: everything but the unreserved is escaped.
std::string escaped_query(std::string_view text) {
    std::string made;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
        if (plain) {
            made += c;
        } else {
            made += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
        }
    }
    return made;
}

// A town's page, asked for words, within HTML.
std::string with_query(const PublicReader &reader, const std::string &path,
                       const std::string &query) {
    return to(reader, path) + (is_english(reader) ? "&amp;q=" : "?q=") + escaped_query(query);
}

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

std::string search_form(const PublicReader &reader, const PublicTown &town,
                        const std::string &query) {
    return fmt::format(
        "<form class=\"suche\" role=\"search\" action=\"{}\" method=\"get\">"
        "<label for=\"q\">{}</label><div>{}"
        "<input id=\"q\" name=\"q\" type=\"search\" maxlength=\"200\" "
        "autocomplete=\"off\" value=\"{}\">"
        "<button type=\"submit\">{}</button></div></form>",
        home_of(town.id), say(public_words(reader.language).search_label, escape_html(town.name)),
        is_english(reader) ? "<input type=\"hidden\" name=\"lang\" value=\"en\">" : "",
        escape_html(query), public_words(reader.language).search);
}

std::string crumbs_html(const PublicReader &reader, const Frame &frame) {
    if (frame.crumbs.empty()) return "";
    std::string html = fmt::format("<nav aria-label=\"{}\"><ol class=\"weg\">",
                                   public_words(reader.language).you_are_here);
    for (const Crumb &crumb : frame.crumbs) {
        html += fmt::format("<li><a href=\"{}\">{}</a></li>", to(reader, crumb.path),
                            escape_html(crumb.title));
    }
    return html + "</ol></nav>";
}

std::string footer_html(const PublicReader &reader, const PublicTown *town) {
    const Words &words = public_words(reader.language);
    std::string html = fmt::format("<footer><p>{} ", words.no_advice);
    if (town && !town->numbers.empty()) {
        html += say(words.questions, telephone_link(town->numbers.front())) + " ";
    }
    const std::string home(kPublicHome);
    return html + fmt::format("</p><p><a href=\"{}\">{}</a> · <a href=\"{}\">{}</a></p></footer>",
                              to(reader, home), words.all_towns,
                              to(reader, home + "/barrierefreiheit"), words.accessibility);
}

// The same page in the other language, named in that language.
std::string switch_html(const PublicReader &reader, const Frame &frame) {
    if (frame.path.empty()) return "";
    const PublicReader other{reader.address,
                             is_english(reader) ? Language::german : Language::english};
    const std::string path =
        frame.query.empty() ? to(other, frame.path) : with_query(other, frame.path, frame.query);
    const auto code = to_string(other.language);
    return fmt::format("<p class=\"sprache\"><a href=\"{}\" lang=\"{}\" hreflang=\"{}\">{}</a></p>",
                       path, code, code, is_english(other) ? "English" : "Deutsch");
}

// For search engines: which page this is, and where it is in each language.
std::string languages_html(const PublicReader &reader, const Frame &frame) {
    if (!frame.indexed || frame.path.empty()) return "";
    const std::string address = escape_html(reader.address);
    return fmt::format("<link rel=\"canonical\" href=\"{0}{1}\">"
                       "<link rel=\"alternate\" hreflang=\"de\" href=\"{0}{2}\">"
                       "<link rel=\"alternate\" hreflang=\"en\" href=\"{0}{2}?lang=en\">"
                       "<link rel=\"alternate\" hreflang=\"x-default\" href=\"{0}{2}\">",
                       address, to(reader, frame.path), frame.path);
}

std::string render(const PublicReader &reader, const Frame &frame) {
    const Words &words = public_words(reader.language);
    std::string html =
        fmt::format("<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                    "<meta name=\"color-scheme\" content=\"light dark\"><title>{}</title>"
                    "<link rel=\"stylesheet\" href=\"{}/stil.css\">",
                    to_string(reader.language), escape_html(frame.title), kPublicHome);
    if (!frame.description.empty()) {
        html += fmt::format("<meta name=\"description\" content=\"{}\">",
                            escape_html(frame.description));
    }
    if (!frame.indexed) html += "<meta name=\"robots\" content=\"noindex\">";
    html += languages_html(reader, frame);
    if (!frame.linked_data.empty()) {
        html += "<script type=\"application/ld+json\">" + frame.linked_data + "</script>";
    }
    html +=
        fmt::format("</head><body><a class=\"sprung\" href=\"#inhalt\">{}</a><header>", words.skip);
    html += switch_html(reader, frame);
    if (frame.town) {
        html += fmt::format("<p class=\"ort\"><a href=\"{}\">{}</a></p>",
                            to(reader, home_of(frame.town->id)), escape_html(frame.town->name));
        html += search_form(reader, *frame.town, frame.query);
    } else {
        html += fmt::format("<p class=\"ort\">{}</p>", words.site);
    }
    html += "</header>" + crumbs_html(reader, frame);
    html += "<main id=\"inhalt\" tabindex=\"-1\">" + frame.main + "</main>";
    return html + footer_html(reader, frame.town) + "</body></html>\n";
}

std::string lines_html(const knowledge::Section &section) {
    const bool list = section.key == knowledge::SectionKey::documents && section.lines.size() > 1;
    std::string html = list ? "<ul>" : "";
    for (const std::string &line : section.lines)
        html += (list ? "<li>" : "<p>") + linked(line) + (list ? "</li>" : "</p>");
    return html + (list ? "</ul>" : "");
}

// `heading_attributes`, `attributes`: the language, where it is not the page's.
std::string section_html(std::string_view id, std::string_view heading, const std::string &body,
                         std::string_view attributes = "",
                         std::string_view heading_attributes = "") {
    const std::string text =
        attributes.empty() ? body : fmt::format("<div{}>{}</div>", attributes, body);
    return fmt::format("<section aria-labelledby=\"{0}\"><h2 id=\"{0}\" tabindex=\"-1\"{1}>{2}</h2>"
                       "{3}</section>",
                       id, heading_attributes, escape_html(heading), text);
}

std::string list_of(const PublicReader &reader, const std::vector<knowledge::Reference> &all,
                    const auto &path) {
    std::string html = "<ul>";
    for (const knowledge::Reference &one : all) {
        html += fmt::format("<li><a href=\"{}\">{}</a></li>", escape_html(to(reader, path(one))),
                            escape_html(one.name));
    }
    return html + "</ul>";
}

std::string time_html(const LocalDate &date) {
    return fmt::format("<time datetime=\"{}\">{}</time>", fernamt::to_string(date),
                       german_date(date));
}

std::string checked_html(const PublicReader &reader, const knowledge::Article &article) {
    const auto &checked = article.service.check.on;
    if (!checked) return "";
    const Words &words = public_words(reader.language);
    std::string html = "<p class=\"stand\">";
    html += say(words.checked, time_html(*checked));
    if (article.state == knowledge::Freshness::due) html += words.check_due;
    return html + ".</p>";
}

std::string level_html(const PublicReader &reader, const knowledge::Article &article) {
    using enum knowledge::Administration;
    if (!article.level) return "";
    const Words &words = public_words(reader.language);
    const std::string_view word = *article.level == federation ? words.federation
                                  : *article.level == land     ? words.land
                                  : *article.level == district ? words.district
                                                               : words.local;
    return fmt::format("<p class=\"amtlich\">{}</p>", say(words.level, word));
}

std::string initial_of(const std::string &name) {
    const std::string plain = knowledge::normalise(name);
    const char first = plain.empty() ? '#' : plain.front();
    if (first < 'a' || first > 'z') return "0–9";
    return std::string(1, static_cast<char>(first - 'a' + 'A'));
}

std::string address_html(const PublicReader &reader, const knowledge::Address &address) {
    std::string html = "<p>";
    const auto line = [&](const std::string &text) {
        if (text.find_first_not_of(' ') == std::string::npos) return;
        html += (html.size() > 3 ? "<br>" : "") + escape_html(text);
    };
    std::string_view addition = address.addition;
    line(std::string(addition.substr(0, addition.find('\n'))));
    line(address.street + (address.house_number.empty() ? "" : " " + address.house_number));
    if (!address.post_box.empty())
        line(fmt::format("{} {}", public_words(reader.language).post_box, address.post_box));
    line(address.postcode + (address.place.empty() ? "" : " " + address.place));
    while (addition.find('\n') != std::string_view::npos) { // the lines below
        addition.remove_prefix(addition.find('\n') + 1);
        line(std::string(addition.substr(0, addition.find('\n'))));
    }
    return html + "</p>";
}

std::string contact_html(const PublicReader &reader, const knowledge::Contact &contact) {
    const Words &words = public_words(reader.language);
    const std::string shown = escape_html(contact.value);
    if (contact.channel == "02" || contact.channel == "03") {
        const auto number = parse_phone_number(contact.value);
        if (!number) return fmt::format("<li>{}: {}</li>", words.phone, shown);
        return fmt::format("<li>{}: <a href=\"tel:{}\">{}</a></li>", words.phone, number->e164,
                           shown);
    }
    if (contact.channel == "01" && shown.find('@') != std::string::npos) {
        return fmt::format("<li>{1}: <a href=\"mailto:{0}\">{0}</a></li>", shown, words.email);
    }
    if (contact.channel == "09") return fmt::format("<li>{}</li>", linked(contact.value));
    return fmt::format("<li>{}: {}</li>", contact.channel == "04" ? words.fax : words.other_contact,
                       shown);
}

std::string websites_html(const PublicReader &reader,
                          const std::vector<knowledge::WebsiteHit> &pages) {
    const Words &words = public_words(reader.language);
    std::string html = fmt::format("<h2>{}</h2><ul class=\"treffer\">", words.websites);
    for (const knowledge::WebsiteHit &page : pages) {
        html += fmt::format("<li><a href=\"{0}\"{1}>{2}</a><p{1}>{3}</p><p class=\"stand\">{4}</p>"
                            "</li>",
                            escape_html(page.url), german(reader),
                            escape_html(page.title.empty() ? page.url : page.title),
                            escape_html(page.excerpt),
                            say(words.website_of, time_html(page.fetched_on)));
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

std::string towns_page(const PublicReader &reader, const std::vector<PublicTown> &towns) {
    const Words &words = public_words(reader.language);
    Frame frame{.title = std::string(words.towns_title),
                .description = std::string(words.towns_description),
                .path = std::string(kPublicHome)};
    frame.main = fmt::format("<h1>{}</h1><ul class=\"spalten\">", words.choose_town);
    for (const PublicTown &town : towns) {
        frame.main += fmt::format("<li><a href=\"{}\">{}</a></li>", to(reader, home_of(town.id)),
                                  escape_html(town.name));
    }
    frame.main += "</ul>";
    return render(reader, frame);
}

std::string town_page(const PublicReader &reader, const PublicTown &town,
                      const std::vector<knowledge::Service> &services) {
    const Words &words = public_words(reader.language);
    Frame frame{.title = say(words.town_title, town.name),
                .description = say(words.town_description, services.size(), town.name),
                .path = home_of(town.id),
                .town = &town};
    frame.main = fmt::format("<h1>{}</h1>", say(words.services_in, escape_html(town.name)));
    if (!town.numbers.empty()) {
        frame.main += fmt::format("<p class=\"ruf\">{}</p>",
                                  say(words.rather_talk, telephone_link(town.numbers.front())));
    }
    std::string initial;
    for (const knowledge::Service &service : services) {
        const std::string own = initial_of(service.colloquial);
        if (own != initial) {
            if (!initial.empty()) frame.main += "</ul>";
            frame.main += fmt::format("<h2>{}</h2><ul class=\"spalten\"{}>", own, german(reader));
            initial = own;
        }
        frame.main += fmt::format("<li><a href=\"{}\">{}</a></li>",
                                  to(reader, path_of_service(town.id, service.id.value)),
                                  escape_html(service.colloquial));
    }
    frame.main += initial.empty() ? fmt::format("<p>{}</p>", words.no_services) : "</ul>";
    return render(reader, frame);
}

std::string search_page(const PublicReader &reader, const PublicTown &town,
                        const std::string &query, const knowledge::SearchResult &found) {
    const Words &words = public_words(reader.language);
    const std::string heading =
        found.total == 0 ? say(words.nothing_found, query) : say(words.hits, found.total, query);
    Frame frame{.title = heading + " – " + town.name,
                .path = home_of(town.id),
                .town = &town,
                .query = query,
                .crumbs = {{town.name, home_of(town.id)}},
                .indexed = false};
    frame.main = fmt::format("<h1>{}</h1>", escape_html(heading));
    if (found.building) { // the page does not load itself again: WCAG 2.2, failure F41
        frame.main += fmt::format("<p>{} <a href=\"{}\">{}</a></p>", words.building,
                                  with_query(reader, home_of(town.id), query), words.search_again);
    }
    if (found.total == 0 && found.websites.empty()) {
        const std::string all =
            fmt::format("<a href=\"{}\">{}</a>", to(reader, home_of(town.id)), words.from_a_to_z);
        frame.main += fmt::format("<p>{}</p>", say(words.try_else, all));
        if (!town.numbers.empty()) {
            frame.main += fmt::format("<p>{}</p>",
                                      say(words.phone_helps, telephone_link(town.numbers.front())));
        }
        return render(reader, frame);
    }
    if (!found.items.empty()) {
        frame.main += fmt::format("<ol class=\"treffer\"{}>", german(reader));
    }
    for (const knowledge::SearchHit &hit : found.items) {
        const std::string jump =
            hit.section ? "#" + std::string(knowledge::to_string(*hit.section)) : "";
        frame.main +=
            fmt::format("<li><a href=\"{}\">{}</a><p>{}</p></li>",
                        to(reader, path_of_service(town.id, hit.service.id.value) + jump),
                        escape_html(hit.service.colloquial), escape_html(hit.service.short_answer));
    }
    if (!found.items.empty()) frame.main += "</ol>";
    if (!found.websites.empty()) frame.main += websites_html(reader, found.websites);
    return render(reader, frame);
}

std::string service_page(const PublicReader &reader, const PublicTown &town,
                         const PublicArticle &shown) {
    const Words &words = public_words(reader.language);
    const knowledge::Article &article = shown.article;
    Frame frame{.title = fmt::format("{} – {}", article.service.colloquial, town.name),
                .description = article.read_aloud,
                .path = path_of_service(town.id, article.service.id.value),
                .town = &town,
                .crumbs = {{town.name, home_of(town.id)}},
                .linked_data = linked_data_of_service(reader.address, town, shown)};
    const std::string_view de = german(reader);
    frame.main = fmt::format("<h1{}>{}</h1>", de, escape_html(article.service.colloquial));
    if (article.service.name != article.service.colloquial) {
        frame.main +=
            fmt::format("<p class=\"amtlich\"{}>{}</p>", de, escape_html(article.service.name));
    }
    if (is_english(reader)) frame.main += fmt::format("<p>{}</p>", words.german_only);
    if (!article.read_aloud.empty()) {
        frame.main +=
            fmt::format("<p class=\"kurz\"{}>{}</p>", de, escape_html(article.read_aloud));
    }
    frame.main += level_html(reader, article);
    for (const knowledge::Section &section : article.sections) {
        frame.main += section_html(knowledge::to_string(section.key),
                                   is_english(reader) ? knowledge::heading_en(section.key)
                                                      : knowledge::heading_de(section.key),
                                   lines_html(section), de);
    }
    if (!shown.offices.empty()) {
        frame.main += section_html("stellen", words.offices,
                                   list_of(reader, shown.offices,
                                           [&](const knowledge::Reference &one) {
                                               return path_of_office(town.id, one.id);
                                           }),
                                   de);
    }
    for (const knowledge::PublicText &text : shown.texts) {
        frame.main +=
            section_html("text-" + text.module, text.title, below_headings(text.html), de, de);
    }
    frame.main += checked_html(reader, article);
    return render(reader, frame);
}

std::string office_page(const PublicReader &reader, const PublicTown &town,
                        const knowledge::PublicOffice &office) {
    const Words &words = public_words(reader.language);
    Frame frame{.title = fmt::format("{} – {}", office.name, town.name),
                .description = say(words.office_description, office.name, town.name),
                .path = path_of_office(town.id, office.id),
                .town = &town,
                .crumbs = {{town.name, home_of(town.id)}},
                .linked_data = linked_data_of_office(reader.address, town, office)};
    const std::string_view de = german(reader);
    frame.main = fmt::format("<h1{}>{}</h1>", de, escape_html(office.name));
    if (!office.description.empty()) {
        frame.main += fmt::format("<div{}>{}</div>", de, below_headings(office.description));
    }
    if (!office.hours_lines.empty()) {
        std::string lines;
        for (const std::string &line : office.hours_lines)
            lines += "<p>" + escape_html(line) + "</p>";
        frame.main += section_html("zeiten", words.hours, lines, de);
    }
    if (!office.contacts.empty()) {
        std::string lines = "<ul>";
        for (const knowledge::Contact &contact : office.contacts)
            lines += contact_html(reader, contact);
        frame.main += section_html("kontakt", words.contact, lines + "</ul>");
    }
    if (!office.addresses.empty()) {
        std::string lines;
        for (const knowledge::Address &one : office.addresses)
            lines += address_html(reader, one);
        frame.main += section_html("anschrift", words.address, lines);
    }
    frame.main += section_html(
        "leistungen", words.answers_for,
        list_of(reader, office.services,
                [&](const knowledge::Reference &one) { return path_of_service(town.id, one.id); }),
        de);
    return render(reader, frame);
}

std::string accessibility_page(const PublicReader &reader) {
    const Words &words = public_words(reader.language);
    Frame frame{.title = std::string(words.accessibility),
                .path = fmt::format("{}/barrierefreiheit", kPublicHome),
                .crumbs = {{std::string(words.all_towns), std::string(kPublicHome)}}};
    frame.main = accessibility_text(reader.language);
    return render(reader, frame);
}

std::string problem_page(Language language, bool gone) {
    const PublicReader reader{"", language};
    const Words &words = public_words(language);
    Frame frame{.title = std::string(gone ? words.gone_title : words.busy_title), .indexed = false};
    frame.main = fmt::format("<h1>{}</h1><p>{}</p><p><a href=\"{}\">{}</a></p>", frame.title,
                             gone ? words.gone_text : words.busy_text,
                             to(reader, std::string(kPublicHome)), words.to_all_towns);
    return render(reader, frame);
}

} // namespace fernamt::web
