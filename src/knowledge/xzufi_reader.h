// SPDX-License-Identifier: EUPL-1.2
// Reads an XZuFi delivery (2.2.0 and 2.3.1; 2.1 leniently) as a stream: at any time one object is
// in memory. Any root element in a namespace of XZuFi is accepted. No DTD, no entities beyond XML's
// five, no network, no object above 8 MB. A file that is not well-formed or of another namespace
// is a Problem; an object that is not usable is a finding, and reading goes on.
#pragma once

#include "base/problem.h"
#include "knowledge/model.h"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace fernamt::knowledge {

// Fills the buffer; 0 at the end, negative on failure.
using ByteSource = std::function<std::ptrdiff_t(char *buffer, std::size_t size)>;

struct XzufiItem {
    bool removal = false;
    bool refused = false; // there, but of no use, as the finding before says
    ObjectKind kind = ObjectKind::service;
    ObjectKey key;
    KnowledgeObject object; // not for a removal or a refused one
    std::string xml;        // canonical; empty for a removal
    int line = 0;
};

struct XzufiFinding {
    std::string code; // "object_without_id", "html_cleaned", "area_unknown" ...
    bool refused = false;
    int line = 0;
    std::string object; // "office L100042/815"
    std::string detail;
};

struct XzufiHeader {
    std::string version; // "2_2_0", from the namespace
    std::string message_id;
    std::string sender;
};

struct XzufiSink {
    // A Problem stops the reading.
    std::function<Expected<void>(XzufiItem)> item;
    std::function<void(XzufiFinding)> finding;
};

// An operator's XSD with all that it imports, read once for many files; one thread at a time. From
// files only: an address in it is not asked.
class XzufiSchema {
  public:
    // "knowledge.schema_unreadable" (file, what: with the line); nothing for "", as no schema.
    [[nodiscard]] static Expected<std::unique_ptr<XzufiSchema>> load(const std::string &file);
    virtual ~XzufiSchema() = default;
};

// schema: every file must obey it, if there is one. Problems: "knowledge.xml_malformed" (line,
// what), "knowledge.xml_doctype", "knowledge.xzufi_namespace" (namespace),
// "knowledge.object_too_large" (line), "knowledge.schema_violated" (line, what), or item's.
[[nodiscard]] Expected<XzufiHeader> read_xzufi(const ByteSource &source, const XzufiSchema *schema,
                                               const XzufiSink &sink);

} // namespace fernamt::knowledge
