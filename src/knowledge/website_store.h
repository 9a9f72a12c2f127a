// SPDX-License-Identifier: EUPL-1.2
// The crawler's pages in the database: what is known of an address, what was read, what is gone.
// A page whose text is the same keeps its generation, so that the index has nothing to do; one with
// a new text waits beside the others until the visit is accepted.
#pragma once

#include "knowledge/website.h"
#include "knowledge/website_page.h"

#include <map>
#include <optional>

namespace fernamt::knowledge {

struct KnownPage {
    std::int64_t id = 0;
    std::string etag, last_modified, hash;
    std::vector<std::string> links;
    bool gone = false;
};

struct StoredPage {
    std::string url;
    WebPage page;
    std::vector<std::string> links; // absolute, to the same site
    std::string etag, last_modified;
};

class WebsiteStore {
  public:
    WebsiteStore(storage::Database &database, const Clock &clock, const WebsiteSite &site)
        : database_(database), clock_(clock), site_(site) {}

    [[nodiscard]] static std::int64_t id_of(const std::string &url); // 52 bits, of the address
    [[nodiscard]] Expected<std::map<std::string, KnownPage>> known() const; // by address
    [[nodiscard]] Expected<void> begin(); // forgets what a visit before this one left behind
    // The text's hash if it is new: staged. Nothing if it is the same.
    [[nodiscard]] Expected<std::optional<std::string>> put(const StoredPage &page);
    [[nodiscard]] Expected<void> accept();                           // what is staged, in pieces
    [[nodiscard]] Expected<void> seen_again(const std::string &url); // unchanged today
    [[nodiscard]] Expected<void> remove(const std::vector<std::string> &urls);
    [[nodiscard]] Expected<void> note_visit(const Visit &visit);

  private:
    storage::Database &database_;
    const Clock &clock_;
    const WebsiteSite &site_;
};

[[nodiscard]] std::vector<PageSection> parse_sections(const std::string &json);

} // namespace fernamt::knowledge
