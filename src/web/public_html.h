// SPDX-License-Identifier: EUPL-1.2
// The citizens' pages as HTML 5 text: frame, article, office, lists. In German and English, without
// script, usable by keyboard, screen reader and at 320 px; every value is escaped here. Pure: what
// may be shown is decided by who calls. The style sheet is a file of its own, because the security
// headers allow no other.
#pragma once

#include "base/phone_number.h"
#include "knowledge/public_view.h"
#include "knowledge/search.h"
#include "web/language.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::web {

inline constexpr std::string_view kPublicHome = "/buerger";

struct PublicTown {
    MunicipalityId id;
    std::string name;
    std::vector<PhoneNumber> numbers;
};
[[nodiscard]] std::string home_of(MunicipalityId town); // "/buerger/032410010010"
[[nodiscard]] std::string path_of_service(MunicipalityId town, std::int64_t service);
[[nodiscard]] std::string path_of_office(MunicipalityId town, std::int64_t office);

struct PublicArticle {
    knowledge::Article article;
    std::vector<knowledge::PublicText> texts;
    std::vector<knowledge::Reference> offices;
    std::vector<knowledge::Reference> online; // role: the address
    std::optional<knowledge::PublicOffice> first_office;
};

// Who reads: the installation's address, "https://auskunft.example.de", for what must be absolute,
// and the language of everything but the answers, which are German and marked as such. English
// pages have the same address with ?lang=en, and lead to English ones.
struct PublicReader {
    std::string address;
    Language language = Language::german;
};
[[nodiscard]] std::string towns_page(const PublicReader &reader,
                                     const std::vector<PublicTown> &towns);
[[nodiscard]] std::string town_page(const PublicReader &reader, const PublicTown &town,
                                    const std::vector<knowledge::Service> &services);
[[nodiscard]] std::string search_page(const PublicReader &reader, const PublicTown &town,
                                      const std::string &query,
                                      const knowledge::SearchResult &found);
[[nodiscard]] std::string service_page(const PublicReader &reader, const PublicTown &town,
                                       const PublicArticle &article);
[[nodiscard]] std::string office_page(const PublicReader &reader, const PublicTown &town,
                                      const knowledge::PublicOffice &office);
[[nodiscard]] std::string accessibility_page(const PublicReader &reader);
// What could not be shown (it is not there, or not now), in a sentence; the way back is on it.
[[nodiscard]] std::string problem_page(Language language, bool gone);

[[nodiscard]] std::string_view public_style();

} // namespace fernamt::web
