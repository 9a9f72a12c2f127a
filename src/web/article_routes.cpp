// SPDX-License-Identifier: EUPL-1.2
// Beyond an article's fixed sections: what citizens can read about the service, for those who
// answer them. Released and public texts only, as plain lines with their links. And the forms and
// online services for it, at which a guide may end.
#include "knowledge/html.h"
#include "knowledge/public_view.h"
#include "web/api.h"
#include "web/knowledge_values.h"
#include "web/request_values.h"
#include "web/routes.h"

namespace fernamt::web {

namespace json = boost::json;

namespace {

// The links of HTML that went through the white list: <a href="...">text</a>, nothing else.
json::array links_json(std::string_view html) {
    constexpr std::string_view kBegin = "<a href=\"";
    constexpr std::string_view kEnd = "</a>";
    json::array links;
    for (auto at = html.find(kBegin); at != html.npos; at = html.find(kBegin, at)) {
        const auto address = at + kBegin.size();
        const auto quote = html.find('"', address);
        const auto text = html.find('>', quote);
        const auto end = html.find(kEnd, text);
        if (quote == html.npos || text == html.npos || end == html.npos) break;
        const std::string to = knowledge::plain_text(html.substr(address, quote - address));
        std::string shown = knowledge::plain_text(html.substr(text + 1, end - text - 1));
        if (shown.empty()) shown = to;
        if (knowledge::is_safe_address(to))
            links.push_back(json::object{{"text", std::move(shown)}, {"address", to}});
        at = end;
    }
    return links;
}

Expected<Reply> more(const ApiParts &parts, const Incoming &incoming) {
    auto id = path_id(incoming.request, "knowledge.not_found");
    if (!id) return tl::unexpected(id.error());
    const auto municipality = readable_municipality(incoming);
    if (!municipality) return tl::unexpected(municipality.error());
    if (!*municipality) return fail(ProblemKind::invalid_input, "knowledge.municipality_missing");
    std::vector<knowledge::PublicText> texts;
    const auto done = parts.database.read([&](storage::Connection &connection) -> Expected<void> {
        auto read = knowledge::public_texts(connection, knowledge::ServiceId{*id}, **municipality);
        if (!read) return tl::unexpected(read.error());
        texts = std::move(*read);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    json::array modules;
    for (const knowledge::PublicText &text : texts) {
        json::array lines;
        for (const std::string &line : knowledge::plain_lines(text.html))
            lines.emplace_back(line);
        if (lines.empty()) continue;
        modules.push_back(json::object{{"module", text.module},
                                       {"title", text.title},
                                       {"lines", std::move(lines)},
                                       {"links", links_json(text.html)}});
    }
    return json_reply(json::object{{"modules", std::move(modules)}});
}

// Where callers of a municipality ask for it in writing; for editors of all, everywhere.
Expected<Reply> offers(const ApiParts &parts, const Incoming &incoming) {
    const auto id = path_id(incoming.request, "knowledge.not_found");
    if (!id) return tl::unexpected(id.error());
    const auto municipality = readable_municipality(incoming);
    if (!municipality) return tl::unexpected(municipality.error());
    json::array items;
    const auto done = parts.database.read([&](storage::Connection &connection) -> Expected<void> {
        const auto read =
            knowledge::offers_for(connection, knowledge::ServiceId{*id}, *municipality);
        if (!read) return tl::unexpected(read.error());
        items.clear();
        for (const knowledge::Offer &one : *read) {
            items.push_back(json::object{
                {"id", one.id}, {"form", one.form}, {"name", one.name}, {"address", one.address}});
        }
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return json_reply(json::object{{"items", std::move(items)}});
}

} // namespace

void add_article_routes(net::Router &router, Gate &gate, const ApiParts &parts) {
    gate.add(router, "GET", "/api/v1/knowledge/services/{id}/more",
             [&](const Incoming &incoming) { return more(parts, incoming); });
    gate.add(router, "GET", "/api/v1/knowledge/services/{id}/offers",
             [&](const Incoming &incoming) { return offers(parts, incoming); });
}

} // namespace fernamt::web
