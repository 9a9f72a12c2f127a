// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/xzufi_xml.h"

#include "base/text.h"
#include "knowledge/html.h"

#include <libxml/parser.h>
#include <libxml/xmlIO.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace fernamt::knowledge::xml {

namespace {

std::string_view view(const xmlChar *text) {
    return text ? std::string_view(reinterpret_cast<const char *>(text)) : std::string_view{};
}
const xmlChar *chars(const std::string &text) {
    return reinterpret_cast<const xmlChar *>(text.c_str());
}

void append_text(std::string &out, std::string_view text) {
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '\r':
            out += "&#13;";
            break;
        default:
            out += c;
        }
    }
}
void append_attribute(std::string &out, std::string_view text) {
    for (const char c : text) {
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\t':
            out += "&#9;";
            break;
        case '\n':
            out += "&#10;";
            break;
        case '\r':
            out += "&#13;";
            break;
        default:
            out += c;
        }
    }
}

// The namespaces of others that stand declared at this point: prefix -> address.
using Scope = std::map<std::string, std::string, std::less<>>;

class Writer {
  public:
    explicit Writer(std::string &out) : out_(out) {}

    void write(const xmlNode *node, const Scope &outer) {
        Scope scope = outer;
        std::string declared;
        const std::string name = qualified(node->ns, view(node->name), scope, declared);
        std::vector<std::pair<std::string, std::string>> attributes;
        for (const xmlAttr *each = node->properties; each; each = each->next) {
            xmlChar *value = xmlNodeListGetString(node->doc, each->children, 1);
            attributes.emplace_back(qualified(each->ns, view(each->name), scope, declared),
                                    type_value(node, each, view(value)));
            xmlFree(value);
        }
        std::ranges::sort(attributes);
        out_ += '<';
        out_ += name;
        out_ += declared;
        for (const auto &[key, value] : attributes) {
            out_ += ' ';
            out_ += key;
            out_ += "=\"";
            append_attribute(out_, value);
            out_ += '"';
        }
        const auto before = out_.size();
        out_ += '>';
        write_children(node, scope);
        if (out_.size() == before + 1) {
            out_ += "";
            out_.insert(before, "/");
            return;
        }
        out_ += "</";
        out_ += name;
        out_ += '>';
    }

  private:
    void write_children(const xmlNode *node, const Scope &scope) {
        const bool elements = first_child(node) != nullptr;
        for (const xmlNode *each = node->children; each; each = each->next) {
            if (each->type == XML_ELEMENT_NODE) {
                write(each, scope);
            } else if (each->type == XML_TEXT_NODE || each->type == XML_CDATA_SECTION_NODE) {
                const std::string_view text = view(each->content);
                if (!elements || !trimmed(text).empty()) append_text(out_, text);
            }
        }
    }

    // "xzufi:name", "xsi:type", "name", "p:name"; what is not in scope yet is declared.
    static std::string qualified(const xmlNs *ns, std::string_view name, Scope &scope,
                                 std::string &declared) {
        if (!ns || view(ns->href).empty()) return std::string(name);
        if (in_family(ns)) return "xzufi:" + std::string(name);
        if (view(ns->href) == kInstance) return "xsi:" + std::string(name);
        if (view(ns->prefix) == "xml") return "xml:" + std::string(name);
        std::string prefix{view(ns->prefix)};
        if (prefix.empty() || prefix == "xzufi" || prefix == "xsi") prefix = "n" + prefix;
        const std::string address{view(ns->href)};
        while (scope.contains(prefix) && scope[prefix] != address)
            prefix += '_';
        if (scope.emplace(prefix, address).second) {
            declared += " xmlns:" + prefix + "=\"";
            append_attribute(declared, address);
            declared += '"';
        }
        return prefix + ":" + std::string(name);
    }

    // xsi:type holds a qualified name: its prefix is ours as well.
    static std::string type_value(const xmlNode *node, const xmlAttr *attr,
                                  std::string_view value) {
        const auto colon = value.find(':');
        if (!attr->ns || view(attr->ns->href) != kInstance || view(attr->name) != "type" ||
            colon == std::string_view::npos) {
            return std::string(value);
        }
        const std::string prefix{value.substr(0, colon)};
        const xmlNs *ns = xmlSearchNs(node->doc, const_cast<xmlNode *>(node), chars(prefix));
        if (!in_family(ns)) return std::string(value);
        return "xzufi:" + std::string(value.substr(colon + 1));
    }

    std::string &out_;
};

void say_nothing(void *, const char *, ...) {}

} // namespace

std::string_view local_name(const xmlNode *node) {
    return view(node->name);
}
bool is(const xmlNode *node, std::string_view name) {
    return node && node->type == XML_ELEMENT_NODE && view(node->name) == name;
}
bool in_family(const xmlNs *ns) {
    return ns && view(ns->href).starts_with(kFamily);
}

xmlNode *next_element(const xmlNode *node) {
    xmlNode *next = node->next;
    while (next && next->type != XML_ELEMENT_NODE)
        next = next->next;
    return next;
}
xmlNode *first_child(const xmlNode *node) {
    if (!node || !node->children) return nullptr;
    if (node->children->type == XML_ELEMENT_NODE) return node->children;
    return next_element(node->children);
}
xmlNode *child(const xmlNode *node, std::string_view name) {
    xmlNode *one = first_child(node);
    while (one && !is(one, name))
        one = next_element(one);
    return one;
}
xmlNode *descendant(const xmlNode *node, std::string_view name, int levels) {
    if (levels == 0) return nullptr;
    for (xmlNode *one = first_child(node); one; one = next_element(one)) {
        if (is(one, name)) return one;
        if (xmlNode *deeper = descendant(one, name, levels - 1)) return deeper;
    }
    return nullptr;
}

std::string content(const xmlNode *node) {
    if (!node) return {};
    // Nearly always one text node: no copy by libxml2.
    const xmlNode *only = node->children;
    if (only && !only->next &&
        (only->type == XML_TEXT_NODE || only->type == XML_CDATA_SECTION_NODE)) {
        return std::string(trimmed(view(only->content)));
    }
    std::string text;
    for (const xmlNode *each = only; each; each = each->next) {
        if (each->type == XML_TEXT_NODE || each->type == XML_CDATA_SECTION_NODE) {
            text += view(each->content);
        }
    }
    return std::string(trimmed(text));
}

namespace {

// Deeper than the reader lets anything in; it refuses before.
void write_markup(const xmlNode *node, std::string &out) {
    for (const xmlNode *each = node->children; each; each = each->next) {
        if (each->type == XML_TEXT_NODE || each->type == XML_CDATA_SECTION_NODE) {
            out += escape_html(view(each->content));
        }
        if (each->type != XML_ELEMENT_NODE) continue;
        const std::string name(local_name(each));
        const std::string href = attribute(each, "href");
        out += '<' + name;
        if (!href.empty()) out += " href=\"" + escape_html(href) + '"';
        out += '>';
        write_markup(each, out);
        if (name != "br") out += "</" + name + '>';
    }
}

} // namespace

std::string markup(const xmlNode *node) {
    std::string html;
    if (node && first_child(node)) write_markup(node, html);
    return html;
}

std::string attribute(const xmlNode *node, std::string_view name) {
    if (!node) return {};
    for (const xmlAttr *each = node->properties; each; each = each->next) {
        if (view(each->name) != name) continue;
        const xmlNode *value = each->children;
        if (value && !value->next && value->type == XML_TEXT_NODE) {
            return std::string(trimmed(view(value->content)));
        }
    }
    return {};
}

std::string child_text(const xmlNode *node, std::string_view name) {
    return content(child(node, name));
}

std::string code(const xmlNode *node) {
    if (!node) return {};
    if (const xmlNode *inner = child(node, "code")) return content(inner);
    return content(node);
}

void set_text(xmlNode *node, const std::string &text) {
    std::string escaped;
    append_text(escaped, text); // xmlNodeSetContent reads entities
    xmlNodeSetContent(node, chars(escaped));
}

std::string canonical(const xmlNode *node) {
    std::string out;
    Writer(out).write(node, {});
    return out;
}

Parsed parse(std::string_view canonical_xml) {
    std::string text = "<x xmlns:xzufi=\"";
    text += kFamily;
    text += "2_2_0\" xmlns:xsi=\"";
    text += kInstance;
    text += "\">";
    text += canonical_xml;
    text += "</x>";
    Parsed parsed;
    parsed.document.reset(xmlReadMemory(
        text.data(), static_cast<int>(text.size()), nullptr, "UTF-8",
        XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_COMPACT));
    if (parsed.document) parsed.root = first_child(xmlDocGetRootElement(parsed.document.get()));
    return parsed;
}

void initialise() {
    // Per thread: what is wrong is said in Problems, never on standard error.
    xmlSetGenericErrorFunc(nullptr, say_nothing);
    static std::once_flag once;
    std::call_once(once, [] {
        xmlInitParser();
        xmlSetExternalEntityLoader(xmlNoNetExternalEntityLoader);
    });
}

} // namespace fernamt::knowledge::xml
