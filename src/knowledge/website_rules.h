// SPDX-License-Identifier: EUPL-1.2
// Which websites are read, as editors decide: of their own town, the centre's of every town. Enter,
// change, stop, remove, take the removal back, have one read now. Beside them stand the sites of
// the configuration, which nobody changes here and which come first where both name the same host.
// Foreign sites look like none. Does not read anything: website_office.h.
#pragma once

#include "knowledge/text_editing.h"
#include "knowledge/website.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace fernamt::knowledge {

inline constexpr int kMostSitesOfATown = 10;
inline constexpr int kMostPagesOfASite = 5'000;
inline constexpr int kLongestPauseSeconds = 60;
inline constexpr std::size_t kLongestSiteAddress = 300;

// What the operator allows. The fetcher refuses private addresses once more when it connects, after
// the name was resolved.
struct SiteGuard {
    PrivateHosts private_hosts;     // may be of the own network, bare addresses, at any port
    std::vector<std::string> hosts; // "langenhagen.de" and everything below; none: any public host
};

// The address as it is stored. "website.address" (url), "website.not_public", "website.host".
[[nodiscard]] Expected<WebAddress> checked_site_address(const std::string &text,
                                                        const SiteGuard &guard);

struct SiteRule {
    std::int64_t id = 0;
    MunicipalityId municipality;
    std::string start;
    int most_pages = 500;
    int pause_seconds = 1;
    bool stopped = false; // not read any more; what was read stays in the search
    bool removed = false; // not read, not in the search
    Instant changed_at;
    std::int64_t version = 1;
    friend bool operator==(const SiteRule &, const SiteRule &) = default;
};

// Written beside a change, in its transaction (people/audit.h, which this room does not know).
using SiteAudit =
    std::function<Expected<void>(storage::Connection &, std::string_view action,
                                 std::int64_t subject, const std::vector<std::string> &fields)>;

// Problems: "website.not_found" (also a foreign one), "website.stale" (version), "website.taken"
// (its host is read already, for whomever), "website.too_many" (most), "website.limits" (field),
// "website.removed", "website.read_lately" (retry_after_seconds), those of an address, and
// "municipality.not_found".
class WebsiteRules {
  public:
    WebsiteRules(storage::Database &database, const Clock &clock, SiteGuard guard)
        : database_(database), clock_(clock), guard_(std::move(guard)) {}

    // By municipality and address; of one municipality, or of all. With the removed ones.
    [[nodiscard]] Expected<std::vector<SiteRule>>
    all(std::optional<MunicipalityId> only = std::nullopt) const;

    // Of `wanted`: municipality, start, most_pages, pause_seconds.
    [[nodiscard]] Expected<SiteRule> add(const Editor &editor, const SiteRule &wanted,
                                         const SiteAudit &audit);
    // Of `wanted`: id, version, start, most_pages, pause_seconds, stopped. Pages of an address that
    // is not read any more leave the search at once.
    [[nodiscard]] Expected<SiteRule> change(const Editor &editor, const SiteRule &wanted,
                                            const SiteAudit &audit);
    [[nodiscard]] Expected<SiteRule> remove(const Editor &editor, std::int64_t id,
                                            std::int64_t version, const SiteAudit &audit);
    // It is read again as if it were new.
    [[nodiscard]] Expected<SiteRule> restore(const Editor &editor, std::int64_t id,
                                             std::int64_t version, const SiteAudit &audit);
    // Also one of the configuration. losses_meant: what looked like an outage is none (Visit). One
    // that stands but is not read answers why: "website.taken", or the guard's problem.
    [[nodiscard]] Expected<void> ask_now(const Editor &editor, const std::string &start,
                                         bool losses_meant, const SiteAudit &audit);

  private:
    storage::Database &database_;
    const Clock &clock_;
    const SiteGuard guard_;
};

// Everything that stands: the configuration's, then the editors' unless the configuration reads the
// same host or the guard forbids them now. Their pages are in the search.
struct StandingSite {
    WebsiteSite site;
    bool stopped = false;
    std::int64_t version = 0; // of the rule; the configuration's do not change
};
[[nodiscard]] Expected<std::vector<StandingSite>>
standing_sites(storage::Database &database, const std::vector<WebsiteSite> &configured,
               const SiteGuard &guard);
[[nodiscard]] std::vector<WebsiteSite> sites_of(const std::vector<StandingSite> &standing);

// What has become of a site since it was chosen to be read. Changed is also what was removed and
// taken back meanwhile, and so has lost its pages.
enum class SiteFate { same, changed, stopped, gone };
[[nodiscard]] SiteFate fate_of(const StandingSite &chosen,
                               const std::vector<StandingSite> &standing);

} // namespace fernamt::knowledge
