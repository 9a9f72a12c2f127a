// SPDX-License-Identifier: EUPL-1.2
// robots.txt by RFC 9309: the groups of our product token, else those of "*"; the longest matching
// rule holds and Allow wins a tie; "*" and "$" in paths. Besides the Sitemap lines and Crawl-delay,
// which the RFC leaves to others. Pure; any bytes in, at most 500 KiB are read (section 2.5).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

class Robots {
  public:
    // agent: the product token, "fernamt". No text at all allows everything.
    Robots(std::string_view text, std::string_view agent);
    [[nodiscard]] static Robots nothing(); // what cannot be asked for may not be crawled (2.3.1.4)

    // path: percent-encoded, with its query. /robots.txt itself is always allowed.
    [[nodiscard]] bool allows(std::string_view path) const;
    [[nodiscard]] const std::vector<std::string> &sitemaps() const { return sitemaps_; }
    [[nodiscard]] int delay_seconds() const { return delay_; } // 0: none wished; at most 60

  private:
    struct Rule {
        std::string path;
        bool allow = false;
    };
    std::vector<Rule> rules_;
    std::vector<std::string> sitemaps_;
    int delay_ = 0;
};

} // namespace fernamt::knowledge
