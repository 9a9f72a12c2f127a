// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/website_page.h"

#include "base/text.h"
#include "knowledge/xzufi_xml.h"

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>

namespace fernamt::knowledge {

namespace {

constexpr std::size_t kMostLinks = 2000;
constexpr std::size_t kMostInSitemap = 50'000; // sitemaps.org
constexpr int kDeepest = 200;

constexpr std::array<std::string_view, 15> kLeftOut{
    "script", "style", "noscript", "template", "nav",    "header", "footer", "aside",
    "form",   "svg",   "iframe",   "button",   "select", "object", "head"};
constexpr std::array<std::string_view, 17> kBlocks{
    "p",  "div", "li", "tr", "br",   "section", "article",    "table", "ul",
    "ol", "dl",  "dt", "dd", "main", "address", "blockquote", "td"};

template <std::size_t N>
bool in(const std::array<std::string_view, N> &names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

std::string name_of(const xmlNode *node) {
    return node->name ? lower_ascii(reinterpret_cast<const char *>(node->name)) : "";
}

std::string text_of(const xmlChar *text) {
    return text ? reinterpret_cast<const char *>(text) : "";
}

std::string attribute_of(const xmlNode *node, const char *name) {
    xmlChar *value = xmlGetNoNsProp(node, reinterpret_cast<const xmlChar *>(name));
    std::string copy = text_of(value);
    xmlFree(value);
    return std::string(trimmed(copy));
}

bool is_heading(std::string_view name) {
    return name.size() == 2 && name[0] == 'h' && name[1] >= '1' && name[1] <= '6';
}

// Runs of blanks become one; the no-break space (C2 A0) is a blank.
void append_words(std::string &out, std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '\xc2' && i + 1 < text.size() && text[i + 1] == '\xa0') {
            c = ' ';
            ++i;
        }
        const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
        if (!blank) {
            out += c;
        } else if (!out.empty() && out.back() != ' ' && out.back() != '\n') {
            out += ' ';
        }
    }
}

void end_line(std::string &out) {
    while (!out.empty() && out.back() == ' ')
        out.pop_back();
    if (!out.empty() && out.back() != '\n') out += '\n';
}

std::string all_text(const xmlNode *node) {
    xmlChar *content = xmlNodeGetContent(node);
    std::string text;
    append_words(text, text_of(content));
    xmlFree(content);
    return std::string(trimmed(text));
}

class Reader {
  public:
    explicit Reader(WebPage &page) : page_(page) { page_.sections.push_back({}); }

    void head(const xmlNode *node, int depth = 0) {
        if (depth > kDeepest) return;
        for (const xmlNode *one = node->children; one; one = one->next) {
            if (one->type != XML_ELEMENT_NODE) continue;
            const std::string name = name_of(one);
            if (name == "title" && page_.title.empty()) page_.title = all_text(one);
            if (name == "base" && page_.base.empty()) page_.base = attribute_of(one, "href");
            if (name == "meta") meta(one);
            if (name == "a" || name == "area") link(one);
            head(one, depth + 1);
        }
    }

    void body(const xmlNode *node, int depth = 0) {
        if (depth > kDeepest) return;
        for (const xmlNode *one = node->children; one; one = one->next) {
            if (one->type == XML_TEXT_NODE || one->type == XML_CDATA_SECTION_NODE) {
                add(text_of(one->content));
                continue;
            }
            if (one->type != XML_ELEMENT_NODE) continue;
            const std::string name = name_of(one);
            if (in(kLeftOut, name) || attribute_of(one, "hidden") == "hidden") continue;
            if (is_heading(name)) {
                page_.sections.push_back({all_text(one), ""});
                continue;
            }
            const bool block = in(kBlocks, name);
            if (block) end_line(page_.sections.back().text);
            body(one, depth + 1);
            if (block) end_line(page_.sections.back().text);
        }
    }

    void finish() {
        for (PageSection &section : page_.sections)
            section.text = std::string(trimmed(section.text));
        std::erase_if(page_.sections, [](const PageSection &section) {
            return section.text.empty() && section.heading.empty();
        });
    }

  private:
    void add(const std::string &text) {
        if (size_ >= kLongestPageText) return;
        size_ += text.size();
        append_words(page_.sections.back().text, text);
    }
    void meta(const xmlNode *node) {
        const std::string name = lower_ascii(attribute_of(node, "name"));
        if (name != "robots" && name != "fernamt") return;
        const std::string content = lower_ascii(attribute_of(node, "content"));
        const bool none = content.find("none") != std::string::npos;
        if (none || content.find("noindex") != std::string::npos) page_.index = false;
        if (none || content.find("nofollow") != std::string::npos) page_.follow = false;
    }
    void link(const xmlNode *node) {
        const std::string address = attribute_of(node, "href");
        const bool no =
            lower_ascii(attribute_of(node, "rel")).find("nofollow") != std::string::npos;
        if (no || address.empty() || address.front() == '#') return;
        if (page_.links.size() < kMostLinks && seen_.insert(address).second) {
            page_.links.push_back(address);
        }
    }

    WebPage &page_;
    std::set<std::string> seen_;
    std::size_t size_ = 0;
};

const xmlNode *find_element(const xmlNode *node, std::string_view name, int depth = 0) {
    for (const xmlNode *one = node ? node->children : nullptr; one; one = one->next) {
        if (one->type != XML_ELEMENT_NODE) continue;
        if (name_of(one) == name) return one;
        if (depth > kDeepest) continue;
        if (const xmlNode *found = find_element(one, name, depth + 1)) return found;
    }
    return nullptr;
}

// "text/html; charset=iso-8859-1"; nothing: the page says it, or libxml2 finds out.
std::string charset_of(std::string_view content_type) {
    const auto at = content_type.find("charset=");
    if (at == std::string_view::npos) return "";
    std::string_view rest = content_type.substr(at + 8);
    rest = rest.substr(0, rest.find(';'));
    return std::string(trimmed(rest, " \t\"'"));
}

bool is_utf8_start(std::string_view text) {
    return text.starts_with("\xef\xbb\xbf");
}

} // namespace

WebPage read_page(std::string_view html, std::string_view content_type) {
    xml::initialise();
    WebPage page;
    std::string charset = charset_of(content_type);
    if (is_utf8_start(html)) charset = "utf-8";
    // Without a word from anybody UTF-8 is the web's habit; libxml2's would be Latin 1.
    const std::string beginning = lower_ascii(html.substr(0, 2048));
    if (charset.empty() && beginning.find("charset") == std::string::npos) charset = "utf-8";
    constexpr int kOptions = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
                             HTML_PARSE_NONET | HTML_PARSE_COMPACT;
    const xml::Document document(htmlReadMemory(html.data(), static_cast<int>(html.size()), nullptr,
                                                charset.empty() ? nullptr : charset.c_str(),
                                                kOptions));
    const xmlNode *root = document ? xmlDocGetRootElement(document.get()) : nullptr;
    if (!root) return page;
    Reader reader(page);
    reader.head(root);
    const xmlNode *content = find_element(root, "main");
    if (!content) content = find_element(root, "article");
    if (!content) content = find_element(root, "body");
    if (content) reader.body(content);
    reader.finish();
    if (page.title.empty() && !page.sections.empty()) page.title = page.sections.front().heading;
    return page;
}

bool is_page(std::string_view content_type, std::string_view body) {
    const std::string_view type = trimmed(content_type.substr(0, content_type.find(';')));
    if (type != "text/html" && type != "application/xhtml+xml") return false;
    // Whoever calls a picture, a PDF or an archive HTML is not believed.
    const std::string_view begin = body.substr(0, 4096);
    return begin.find('\0') == std::string_view::npos && !begin.starts_with("%PDF-") &&
           begin.find('<') != std::string_view::npos;
}

Sitemap read_sitemap(std::string_view text) {
    xml::initialise();
    Sitemap found;
    constexpr int kOptions =
        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT;
    const xml::Document document(
        xmlReadMemory(text.data(), static_cast<int>(text.size()), nullptr, nullptr, kOptions));
    const xmlNode *root = document ? xmlDocGetRootElement(document.get()) : nullptr;
    if (!root || (document->intSubset && document->intSubset->entities)) return found;
    const bool index = name_of(root) == "sitemapindex";
    for (const xmlNode *one = root->children; one; one = one->next) {
        if (one->type != XML_ELEMENT_NODE) continue;
        const xmlNode *location = find_element(one, "loc");
        if (!location) continue;
        auto &list = index ? found.maps : found.pages;
        if (list.size() < kMostInSitemap) list.push_back(all_text(location));
    }
    return found;
}

} // namespace fernamt::knowledge
