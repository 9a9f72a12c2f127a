// SPDX-License-Identifier: EUPL-1.2
// What a web page says and where it leads: title, text by heading, links, and whether its author
// wants it to be found (meta robots). Menus, headers, footers, forms and scripts are left out.
// Reads any bytes as HTML in whatever encoding the page or its server names; never loads anything.
// Also the addresses in a sitemap. libxml2 stays here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace fernamt::knowledge {

struct PageSection {
    std::string heading; // "" before the first one
    std::string text;    // paragraphs divided by \n
};

struct WebPage {
    std::string title;
    std::vector<PageSection> sections; // at most kLongestPageText bytes together
    std::vector<std::string> links;    // as written, without repetition
    std::string base;                  // of <base href>, as written
    bool index = true;                 // meta robots
    bool follow = true;
};
inline constexpr std::size_t kLongestPageText = std::size_t{100} * 1024;

// content_type: of the answer, for its charset.
[[nodiscard]] WebPage read_page(std::string_view html, std::string_view content_type);

// text/html and application/xhtml+xml, if the bytes look like text, too.
[[nodiscard]] bool is_page(std::string_view content_type, std::string_view body);

struct Sitemap {
    std::vector<std::string> pages;
    std::vector<std::string> maps; // of an index
};
[[nodiscard]] Sitemap read_sitemap(std::string_view xml);

} // namespace fernamt::knowledge
