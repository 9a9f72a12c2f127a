// SPDX-License-Identifier: EUPL-1.2
// What all public routes share: whether the installation has public pages at all, which towns it
// serves, what of a service or an office everybody may read, and how an answer is kept by caches.
// At most kMostInside of their requests run at once, so that agents on the telephone always find a
// free worker. Thread-safe.
#pragma once

#include "people/municipalities.h"
#include "web/api.h"
#include "web/gate.h"
#include "web/public_html.h"

#include <atomic>
#include <string>
#include <vector>

namespace fernamt::web {

class PublicSite {
  public:
    static constexpr int kMostInside = 3; // of net::ServerOptions::worker_threads
    static constexpr int kKeptSeconds = 300;

    PublicSite(const ApiParts &parts, people::Municipalities &municipalities)
        : parts_(parts), municipalities_(municipalities) {}

    [[nodiscard]] bool on() const { return parts_.public_pages; }
    // As configured, else as the request says; without a slash at the end.
    [[nodiscard]] std::string address(const net::Request &request) const;

    // Runs the handler. "public.off", "public.busy".
    [[nodiscard]] Expected<Reply> run(const Incoming &incoming, const RouteHandler &handler);

    // Those served now, by name.
    [[nodiscard]] Expected<std::vector<PublicTown>> towns(Instant now) const;
    // Of the path's {ars}: "municipality.not_found".
    [[nodiscard]] Expected<PublicTown> town(const Incoming &incoming) const;
    [[nodiscard]] Expected<PublicTown> town(MunicipalityId id, Instant now) const;
    [[nodiscard]] Expected<PublicArticle> article(MunicipalityId town, std::int64_t service,
                                                  Instant now) const;
    [[nodiscard]] Expected<knowledge::PublicOffice> office(MunicipalityId town,
                                                           std::int64_t office) const;
    [[nodiscard]] Expected<std::vector<knowledge::Reference>> offices(MunicipalityId town) const;
    [[nodiscard]] const knowledge::Catalogue &catalogue() const { return parts_.catalogue; }
    [[nodiscard]] storage::Database &database() const { return parts_.database; }

    // With a weak entity tag and public caching; 304 when the reader has it already.
    [[nodiscard]] static Reply kept(const Incoming &incoming, std::string body,
                                    std::string content_type, int seconds = kKeptSeconds);
    // What will be better in a moment: nobody keeps it.
    [[nodiscard]] static Reply not_kept(std::string body, std::string content_type);

  private:
    const ApiParts &parts_;
    people::Municipalities &municipalities_;
    std::atomic<int> inside_ = 0;
};

} // namespace fernamt::web
