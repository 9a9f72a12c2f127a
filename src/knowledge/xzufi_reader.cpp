// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/xzufi_reader.h"

#include "knowledge/xzufi_mapping.h"
#include "knowledge/xzufi_xml.h"

#include <fmt/format.h>
#include <libxml/xmlreader.h>
#include <libxml/xmlschemas.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace fernamt::knowledge {

namespace {

constexpr std::size_t kLargestObject = 8U << 20;

std::string_view view(const xmlChar *text) {
    return text ? std::string_view(reinterpret_cast<const char *>(text)) : std::string_view{};
}

struct FreeReader {
    void operator()(xmlTextReader *reader) const { xmlFreeTextReader(reader); }
};

struct FirstError {
    std::string what, file;
    int line = 0;
};

// What libxml2 calls back into; the C callbacks never throw.
struct Input {
    const ByteSource &source;
    std::size_t since_step = 0; // bytes read since the reader last came back to us
    bool too_large = false;
    FirstError error;
};

int read_bytes(void *context, char *buffer, int size) {
    auto &input = *static_cast<Input *>(context);
    if (input.since_step > kLargestObject) {
        input.too_large = true;
        return -1;
    }
    try {
        const auto got = input.source(buffer, static_cast<std::size_t>(size));
        if (got > 0) input.since_step += static_cast<std::size_t>(got);
        return static_cast<int>(got);
    } catch (...) {
        return -1;
    }
}
int close_nothing(void *) {
    return 0;
}
// libxml2 quotes what does not obey a schema: perhaps somebody's telephone number. The element,
// what was asked of it and the line say where to look; the message goes to logs and stays.
std::string_view without_values(std::string_view message) {
    for (const std::string_view quotes : {" The value '", ": '", " key-sequence ["})
        message = message.substr(0, message.find(quotes));
    return message;
}

std::string_view cut_to(std::string_view text, std::size_t most) {
    if (text.size() <= most) return text;
    while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0U) == 0x80U)
        --most; // not within a character
    return text.substr(0, most);
}

// A part that the schema imports and that is not there is only a warning to libxml2; whoever
// supplied the schema meant it.
bool is_fault(const xmlError &error) {
    return error.level >= XML_ERR_ERROR || error.code == XML_SCHEMAP_WARN_UNLOCATED_SCHEMA;
}

void keep_error(void *context, xmlErrorPtr error) {
    auto &first = *static_cast<FirstError *>(context);
    if (!error || !is_fault(*error) || !first.what.empty()) return;
    std::string_view message = error->message ? error->message : "";
    while (!message.empty() && (message.back() == '\n' || message.back() == '.'))
        message.remove_suffix(1); // what is made of it ends the sentence
    if (error->domain == XML_FROM_SCHEMASV) message = without_values(message);
    first.what = cut_to(message, 200);
    first.line = error->line;
    first.file = error->file ? error->file : "";
}

struct FreeSchema {
    void operator()(xmlSchema *schema) const { xmlSchemaFree(schema); }
};
struct LoadedSchema final : XzufiSchema {
    explicit LoadedSchema(xmlSchema *read) : schema(read) {}
    std::unique_ptr<xmlSchema, FreeSchema> schema;
};

class Reading {
  public:
    Reading(const ByteSource &source, const XzufiSchema *schema, const XzufiSink &sink)
        : schema_(static_cast<const LoadedSchema *>(schema)), sink_(sink),
          input_{source, 0, false, {}} {}

    Expected<XzufiHeader> run() {
        xml::initialise();
        reader_.reset(xmlReaderForIO(read_bytes, close_nothing, &input_, nullptr, nullptr,
                                     XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_COMPACT));
        if (!reader_) return fail(ProblemKind::internal, "knowledge.xml_malformed");
        xmlTextReaderSetStructuredErrorHandler(reader_.get(), keep_error, &input_.error);
        if (schema_ && xmlTextReaderSetSchema(reader_.get(), schema_->schema.get()) != 0) {
            return fail(ProblemKind::internal, "knowledge.schema_unreadable");
        }
        int more = step();
        while (more == 1) {
            const auto next = visit();
            if (!next) return tl::unexpected(next.error());
            if (auto valid = check_schema(); !valid) return tl::unexpected(valid.error());
            more = *next;
        }
        if (more < 0) return malformed();
        if (!seen_root_) return malformed();
        return header_;
    }

  private:
    int step() {
        input_.since_step = 0;
        return xmlTextReaderRead(reader_.get());
    }
    int skip() { // the element and all that is in it
        input_.since_step = 0;
        return xmlTextReaderNext(reader_.get());
    }
    [[nodiscard]] int line() const { return xmlTextReaderGetParserLineNumber(reader_.get()); }

    [[nodiscard]] tl::unexpected<Problem> malformed() const {
        if (input_.too_large) {
            return fail(ProblemKind::too_large, "knowledge.object_too_large",
                        {{"line", fmt::format("{}", line())}});
        }
        return fail(
            ProblemKind::invalid_input, "knowledge.xml_malformed",
            {{"line", fmt::format("{}", input_.error.line > 0 ? input_.error.line : line())},
             {"what", input_.error.what.empty() ? "the text ends too early" : input_.error.what}});
    }

    [[nodiscard]] Expected<void> check_schema() const {
        if (!schema_ || xmlTextReaderIsValid(reader_.get()) == 1) return {};
        return fail(ProblemKind::invalid_input, "knowledge.schema_violated",
                    {{"line", fmt::format("{}", input_.error.line)}, {"what", input_.error.what}});
    }

    Expected<int> visit() {
        switch (xmlTextReaderNodeType(reader_.get())) {
        case XML_READER_TYPE_DOCUMENT_TYPE:
            // Deliveries have none; with none there are no entities to expand or to fetch.
            return fail(ProblemKind::invalid_input, "knowledge.xml_doctype");
        case XML_READER_TYPE_ELEMENT:
            return element();
        default:
            return step();
        }
    }

    Expected<int> element() {
        const std::string_view name = view(xmlTextReaderConstLocalName(reader_.get()));
        if (!seen_root_) {
            const std::string_view address = view(xmlTextReaderConstNamespaceUri(reader_.get()));
            if (!address.starts_with(xml::kFamily)) {
                return fail(ProblemKind::invalid_input, "knowledge.xzufi_namespace",
                            {{"namespace", std::string(address.substr(0, 200))}});
            }
            seen_root_ = true;
            header_.version = address.substr(xml::kFamily.size());
            return step();
        }
        const bool answer = name.starts_with("ergebnis"); // 2.1: ergebnisLeistung
        if (name == "schreibe" || name == "loesche" || name == "nachrichtenkopf" || answer) {
            const int at = line();
            const bool removal = name == "loesche";
            const bool head = name == "nachrichtenkopf";
            xmlNode *node = xmlTextReaderExpand(reader_.get());
            if (!node) return malformed();
            if (head) {
                header_.message_id = xml::child_text(node, "nachrichtUUID");
                header_.sender = xml::child_text(node, "sender");
            } else {
                const auto done = removal ? remove(node, at) : write(node, at);
                if (!done) return tl::unexpected(done.error());
            }
            return skip();
        }
        return step();
    }

    void report(std::string code, bool refused, int at, std::string object, std::string detail) {
        sink_.finding({std::move(code), refused, at, std::move(object), std::move(detail)});
    }

    static std::string describe(ObjectKind kind, const ObjectKey &key) {
        return fmt::format("{} {}/{}", to_string(kind), key.agency, key.local_id);
    }

    Expected<void> remove(const xmlNode *node, int at) {
        const std::string klasse = xml::attribute(node, "klasse");
        const auto kind = kind_of_class(klasse);
        if (!kind) {
            report("class_unknown", true, at, "", klasse.substr(0, 80));
            return {};
        }
        XzufiItem item{.removal = true, .kind = *kind, .key = key_of(xml::child(node, "id"))};
        item.line = at;
        if (item.key.local_id.empty()) {
            report("object_without_id", true, at, "", "loesche");
            return {};
        }
        return sink_.item(std::move(item));
    }

    Expected<void> write(xmlNode *node, int at) {
        xmlNode *inner = xml::first_child(node);
        if (!inner) {
            report("object_missing", true, at, "", "schreibe");
            return {};
        }
        const auto kind = kind_of_element(inner);
        if (!kind) {
            report("object_unknown", true, at, "", std::string(xml::local_name(inner)));
            return {};
        }
        const int cleaned = clean_texts(inner);
        Mapped mapped = map_object(*kind, inner);
        const std::string object = describe(*kind, mapped.object.key);
        for (auto &[code, detail] : mapped.notes)
            report(std::move(code), false, at, object, std::move(detail));
        if (cleaned > 0) report("html_cleaned", false, at, object, fmt::format("{}", cleaned));
        if (!mapped.refusal.empty()) {
            report(mapped.refusal, true, at, object, "");
            if (mapped.object.key.local_id.empty()) return {};
            XzufiItem item{.refused = true, .kind = *kind, .key = mapped.object.key};
            item.xml = xml::canonical(inner);
            item.line = at;
            return sink_.item(std::move(item));
        }
        XzufiItem item{.kind = *kind, .key = mapped.object.key, .object = std::move(mapped.object)};
        item.xml = xml::canonical(inner);
        item.line = at;
        return sink_.item(std::move(item));
    }

    const LoadedSchema *schema_;
    const XzufiSink &sink_;
    Input input_;
    std::unique_ptr<xmlTextReader, FreeReader> reader_;
    XzufiHeader header_;
    bool seen_root_ = false;
};

} // namespace

Expected<std::unique_ptr<XzufiSchema>> XzufiSchema::load(const std::string &file) {
    if (file.empty()) return nullptr;
    xml::initialise();
    const std::unique_ptr<xmlSchemaParserCtxt, void (*)(xmlSchemaParserCtxt *)> parser(
        xmlSchemaNewParserCtxt(file.c_str()), xmlSchemaFreeParserCtxt);
    FirstError error;
    xmlSchema *read = nullptr;
    if (parser) {
        xmlSchemaSetParserStructuredErrors(parser.get(), keep_error, &error);
        read = xmlSchemaParse(parser.get());
    }
    auto schema = read ? std::make_unique<LoadedSchema>(read) : nullptr;
    if (schema && error.what.empty()) return schema;
    std::string what = error.what.empty() ? "no schema" : error.what;
    // It may lie in one that it imports.
    if (error.line > 0) what = fmt::format("{}, line {}: {}", error.file, error.line, what);
    return fail(ProblemKind::invalid_input, "knowledge.schema_unreadable",
                {{"file", file}, {"what", what}});
}

Expected<XzufiHeader> read_xzufi(const ByteSource &source, const XzufiSchema *schema,
                                 const XzufiSink &sink) {
    return Reading(source, schema, sink).run();
}

} // namespace fernamt::knowledge
