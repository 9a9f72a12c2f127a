// SPDX-License-Identifier: EUPL-1.2
// Small helpers over libxml2's tree, internal to the xzufi_*.cpp files: names are compared without
// their namespace (XZuFi's changes with every version, code and name have none), text is trimmed.
// canonical() writes an element so that equal content gives equal bytes: prefix xzufi for XZuFi's
// namespaces, attributes in order of name, no comments, no blanks between elements.
#pragma once

#include "base/problem.h"

#include <libxml/tree.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace fernamt::knowledge::xml {

inline constexpr std::string_view kFamily = "http://xoev.de/schemata/xzufi/";
inline constexpr std::string_view kInstance = "http://www.w3.org/2001/XMLSchema-instance";

[[nodiscard]] std::string_view local_name(const xmlNode *node);
[[nodiscard]] bool is(const xmlNode *node, std::string_view name); // an element of that name
[[nodiscard]] bool in_family(const xmlNs *ns);

[[nodiscard]] xmlNode *first_child(const xmlNode *node);  // element or nullptr
[[nodiscard]] xmlNode *next_element(const xmlNode *node); // element or nullptr
[[nodiscard]] xmlNode *child(const xmlNode *node, std::string_view name);
template <class Visit>
void each_child(const xmlNode *node, std::string_view name, const Visit &visit) {
    for (xmlNode *one = first_child(node); one; one = next_element(one)) {
        if (is(one, name)) visit(one);
    }
}
// The first descendant of that name, at most a few levels down.
[[nodiscard]] xmlNode *descendant(const xmlNode *node, std::string_view name, int levels = 4);

[[nodiscard]] std::string content(const xmlNode *node); // "" for nullptr
// What stands in it as HTML, when markup was written as elements instead of escaped text: tags
// without prefix, of attributes href only, text escaped. "" when there are no elements.
[[nodiscard]] std::string markup(const xmlNode *node);
[[nodiscard]] std::string attribute(const xmlNode *node, std::string_view name);
[[nodiscard]] std::string child_text(const xmlNode *node, std::string_view name);
[[nodiscard]] std::string code(const xmlNode *node); // of <code>, else the node's own text

void set_text(xmlNode *node, const std::string &text);
[[nodiscard]] std::string canonical(const xmlNode *node);

struct FreeDocument {
    void operator()(xmlDoc *document) const { xmlFreeDoc(document); }
};
using Document = std::unique_ptr<xmlDoc, FreeDocument>;
// One canonical element as a tree; root is the element. Nothing for what is not well-formed.
struct Parsed {
    Document document;
    xmlNode *root = nullptr;
};
[[nodiscard]] Parsed parse(std::string_view canonical_xml);

// Once per process: libxml2 may open no network address, for schemas either.
void initialise();

} // namespace fernamt::knowledge::xml
