// SPDX-License-Identifier: EUPL-1.2
#include "web/public_site.h"

#include "knowledge/areas.h"
#include "knowledge/xzufi_object.h"
#include "net/message.h"
#include "web/request_values.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::web {

namespace {

class Inside {
  public:
    explicit Inside(std::atomic<int> &count) : count_(count), place_(++count) {}
    ~Inside() { --count_; }
    Inside(const Inside &) = delete;
    Inside &operator=(const Inside &) = delete;
    [[nodiscard]] bool allowed() const { return place_ <= PublicSite::kMostInside; }

  private:
    std::atomic<int> &count_;
    int place_;
};

// A host with a port, or what stands for none: it goes into addresses.
bool is_host(std::string_view text) {
    return !text.empty() && text.size() < 260 &&
           std::ranges::all_of(
               text,
               [](char c) {
                   return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') ||
                          std::string_view(".-:[]").find(c) != std::string_view::npos;
               });
}

bool is_served(const people::Municipality &town, Instant now) {
    return (!town.joins || *town.joins <= now) && (!town.leaves || now < *town.leaves);
}

} // namespace

std::string PublicSite::address(const net::Request &request) const {
    std::string configured = parts_.public_address;
    while (configured.ends_with('/'))
        configured.pop_back();
    if (!configured.empty()) return configured;
    const std::string host = header_of(request, "host");
    return is_host(host) ? (parts_.tls ? "https://" : "http://") + host : "";
}

Expected<Reply> PublicSite::run(const Incoming &incoming, const RouteHandler &handler) {
    if (!on()) return fail(ProblemKind::not_found, "public.off");
    const Inside inside(inside_);
    if (!inside.allowed()) {
        return fail(ProblemKind::unavailable, "public.busy", {{"retry_after_seconds", "2"}});
    }
    return handler(incoming);
}

Expected<std::vector<PublicTown>> PublicSite::towns(Instant now) const {
    auto all = municipalities_.all();
    if (!all) return tl::unexpected(all.error());
    std::vector<PublicTown> towns;
    for (people::Municipality &one : *all) {
        if (!is_served(one, now)) continue;
        towns.push_back({one.id, knowledge::area_name(one.id), std::move(one.numbers)});
    }
    std::ranges::stable_sort(
        towns, {}, [](const PublicTown &town) { return knowledge::normalise(town.name); });
    return towns;
}

Expected<PublicTown> PublicSite::town(MunicipalityId id, Instant now) const {
    auto found = municipalities_.find(id);
    if (!found) return tl::unexpected(found.error());
    if (!is_served(*found, now)) return fail(ProblemKind::not_found, "municipality.not_found");
    // "Langenhagen", not "Stadt Langenhagen": it stands within sentences.
    return PublicTown{found->id, knowledge::area_name(found->id), std::move(found->numbers)};
}

Expected<PublicTown> PublicSite::town(const Incoming &incoming) const {
    const auto id = parse_ars(path_text(incoming.request, "ars"));
    if (!id) return fail(ProblemKind::not_found, "municipality.not_found");
    return town(*id, incoming.now);
}

Expected<PublicArticle> PublicSite::article(MunicipalityId town, std::int64_t service,
                                            Instant now) const {
    const knowledge::ServiceId id{service};
    auto article = parts_.catalogue.article(id, town, to_local(now).date);
    if (!article) return tl::unexpected(article.error());
    PublicArticle made;
    made.article = std::move(*article);
    const auto done = parts_.database.read([&](storage::Connection &connection) -> Expected<void> {
        auto texts = knowledge::public_texts(connection, id, town);
        if (!texts) return tl::unexpected(texts.error());
        auto offices = knowledge::offices_for(connection, id, town);
        if (!offices) return tl::unexpected(offices.error());
        auto online = knowledge::online_services_for(connection, id, town);
        if (!online) return tl::unexpected(online.error());
        made.texts = std::move(*texts);
        made.offices = std::move(*offices);
        made.online = std::move(*online);
        if (made.offices.empty()) return {};
        auto first = knowledge::read_public_office(connection, made.offices.front().id, town);
        if (!first) return tl::unexpected(first.error());
        made.first_office = std::move(*first);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return made;
}

Expected<knowledge::PublicOffice> PublicSite::office(MunicipalityId town,
                                                     std::int64_t office) const {
    std::optional<knowledge::PublicOffice> found;
    const auto done = parts_.database.read([&](storage::Connection &connection) -> Expected<void> {
        auto read = knowledge::read_public_office(connection, office, town);
        if (!read) return tl::unexpected(read.error());
        found = std::move(*read);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    if (!found) return fail(ProblemKind::not_found, "knowledge.not_found");
    return std::move(*found);
}

Expected<std::vector<knowledge::Reference>> PublicSite::offices(MunicipalityId town) const {
    std::vector<knowledge::Reference> all;
    const auto done = parts_.database.read([&](storage::Connection &connection) -> Expected<void> {
        auto read = knowledge::offices_in(connection, town);
        if (!read) return tl::unexpected(read.error());
        all = std::move(*read);
        return {};
    });
    if (!done) return tl::unexpected(done.error());
    return all;
}

Reply PublicSite::kept(const Incoming &incoming, std::string body, std::string content_type,
                       int seconds) {
    Reply reply{200, std::move(body), std::move(content_type), {}};
    const std::string tag = fmt::format("\"{}\"", knowledge::text_hash(reply.body));
    reply.headers.emplace_back("ETag", "W/" + tag);
    reply.headers.emplace_back("Cache-Control", fmt::format("public, max-age={}", seconds));
    if (net::matches_etag(header_of(incoming.request, "if-none-match"), tag)) {
        reply.status = 304;
        reply.body.clear();
    }
    return reply;
}

Reply PublicSite::not_kept(std::string body, std::string content_type) {
    return {200, std::move(body), std::move(content_type), {{"Cache-Control", "no-store"}}};
}

} // namespace fernamt::web
