// SPDX-License-Identifier: EUPL-1.2
// The evidence as a file, its seals, and what a reader finds in it. Each row carries the hash of
// the chain up to it, so that the first changed row is named and not only the file.
#include "billing/document_fields.h"
#include "billing/evidence.h"
#include "billing/invoice_fields.h"
#include "ledger/entry_hash.h"
#include "ledger/json_fields.h"

#include <fmt/format.h>

#include <algorithm>

namespace fernamt::billing {

namespace {

constexpr std::string_view kFormat = "fernamt-evidence-1";

json::array row_of(const CallFact &call) {
    json::array row{call.call.value, call.offered_at.us, json::string(to_string(call.kind)),
                    call.talk.count(), call.after_call_work.count()};
    if (call.price_class != 0) row.emplace_back(call.price_class); // older files have none
    return row;
}

json::array row_of(const EvidenceCorrection &each) {
    const agreements::Correction &line = each.line;
    return {json::string(to_string(each.month)),
            json::string(to_string(line.reason)),
            json::string(line.clause),
            line.call.value,
            json::string(to_string(line.date)),
            line.seconds_before,
            line.seconds_after,
            line.difference.cents};
}

// A chain of rows: each row's seal is the hash over the one before and its own text.
class Chain {
  public:
    std::string seal(std::string_view type, const json::value &row) {
        ledger::NewEntry entry;
        entry.type = type;
        entry.payload = ledger::canonical(row);
        last_ = hasher_(last_, ++count_, entry);
        return ledger::to_hex(last_);
    }
    [[nodiscard]] std::string root() const { return ledger::to_hex(last_); }

  private:
    ledger::EntryHasher hasher_;
    ledger::Hash last_{};
    std::int64_t count_ = 0;
};

json::value prices_of(const EvidencePart &part) {
    DocumentWriter writer;
    fields(writer, part.prices);
    return json::object{{"prices", writer.take()},
                        {"first", json::string(to_string(part.first))},
                        {"last", json::string(to_string(part.last))}};
}

// Calls `on_row` with the kind of row, its content and its seal, in the order of the chain.
template <class OnRow>
std::string walk(const Evidence &evidence, OnRow on_row) {
    Chain chain;
    json::array months;
    for (const Month &month : evidence.months)
        months.push_back(json::string(to_string(month)));
    on_row("months", json::value(months), chain.seal("months", months));
    for (const EvidencePart &part : evidence.parts) {
        const json::value prices = prices_of(part);
        on_row("prices", prices, chain.seal("prices", prices));
        for (const CallFact &call : part.calls) {
            const json::value row = row_of(call);
            on_row("call", row, chain.seal("call", row));
        }
    }
    for (const EvidenceCorrection &each : evidence.corrections) {
        const json::value row = row_of(each);
        on_row("correction", row, chain.seal("correction", row));
    }
    return chain.root();
}

// The document's own seals: one per member, so that a changed one is named.
json::object seals_of(const json::object &document) {
    json::object seals;
    for (const auto &member : document) {
        Chain chain;
        seals[member.key()] = json::string(chain.seal(member.key(), member.value()));
    }
    return seals;
}

json::object object_of(const Document &document) {
    DocumentWriter writer;
    fields(writer, document);
    return writer.take();
}

// ---- reading -----------------------------------------------------------------------------------

std::optional<std::string> text_at(const json::array &row, std::size_t at) {
    if (at >= row.size() || !row[at].is_string()) return std::nullopt;
    return std::string{row[at].get_string().data(), row[at].get_string().size()};
}
std::optional<std::int64_t> number_at(const json::array &row, std::size_t at) {
    if (at >= row.size() || !row[at].is_int64()) return std::nullopt;
    return row[at].get_int64();
}

std::optional<CallFact> call_from(const json::array &row) {
    const auto id = number_at(row, 0);
    const auto at = number_at(row, 1);
    const auto kind = text_at(row, 2);
    const auto talk = number_at(row, 3);
    const auto work = number_at(row, 4);
    const auto price_class = row.size() == 6 ? number_at(row, 5) : std::int64_t{0};
    if (row.size() < 5 || row.size() > 6 || !id || !at || !kind || !talk || !work || !price_class) {
        return std::nullopt;
    }
    const auto parsed = agreements::parse_call_kind(*kind);
    if (!parsed) return std::nullopt;
    return CallFact{CallId{*id},     Instant{*at},    *parsed,
                    Duration{*talk}, Duration{*work}, *price_class};
}

std::optional<EvidenceCorrection> correction_from(const json::array &row) {
    const auto month = parse_month(text_at(row, 0).value_or(""));
    const auto reason = text_at(row, 1);
    const auto clause = text_at(row, 2);
    const auto call = number_at(row, 3);
    const auto date = parse_date(text_at(row, 4).value_or(""));
    const auto before = number_at(row, 5);
    const auto after = number_at(row, 6);
    const auto cents = number_at(row, 7);
    if (row.size() != 8 || !month || !reason || !clause || !call || !date || !before || !after ||
        !cents) {
        return std::nullopt;
    }
    EvidenceCorrection each{*month, {}};
    for (int i = 0; !to_string(static_cast<agreements::CorrectionReason>(i)).empty(); ++i) {
        const auto value = static_cast<agreements::CorrectionReason>(i);
        if (to_string(value) == *reason) each.line.reason = value;
    }
    each.line.clause = *clause;
    each.line.call = CallId{*call};
    each.line.date = *date;
    each.line.seconds_before = *before;
    each.line.seconds_after = *after;
    each.line.difference = Money{*cents};
    return each;
}

std::optional<EvidencePart> part_from(const json::value &value) {
    if (!value.is_object()) return std::nullopt;
    const auto *prices = value.get_object().if_contains("prices");
    const auto *first = value.get_object().if_contains("first");
    const auto *last = value.get_object().if_contains("last");
    if (!prices || !prices->is_object() || !first || !last) return std::nullopt;
    const auto from = parse_date(text_at({*first}, 0).value_or(""));
    const auto to = parse_date(text_at({*last}, 0).value_or(""));
    EvidencePart part;
    DocumentReader reader(prices->get_object());
    fields(reader, part.prices);
    if (!reader.finish() || !from || !to || *to < *from) return std::nullopt;
    part.first = *from;
    part.last = *to;
    return part;
}

struct Row {
    std::string kind;
    json::value content;
    std::string seal;
};

class Reader {
  public:
    explicit Reader(const json::object &file) : file_(file) {}

    // False if it is no evidence at all.
    bool read() {
        const auto *format = file_.if_contains("format");
        const auto *document = file_.if_contains("document");
        const auto *rows = file_.if_contains("rows");
        if (!format || !format->is_string() || format->get_string() != kFormat || !document ||
            !document->is_object() || !rows || !rows->is_array()) {
            return false;
        }
        stated_ = document->get_object();
        DocumentReader reader(stated_);
        fields(reader, document_);
        if (!reader.finish()) return false;
        for (std::size_t i = 0; i < rows->get_array().size(); ++i) {
            if (!read_row(rows->get_array()[i], i)) return false;
        }
        return true;
    }

    Verdict judge() {
        check_document();
        check_root();
        check_amounts();
        return {document_.number, calls_, document_.payable, chain_.root(), findings_};
    }

  private:
    bool read_row(const json::value &value, std::size_t index) {
        if (!value.is_array() || value.get_array().size() != 3) return false;
        const json::array &row = value.get_array();
        const auto kind = text_at(row, 0);
        const auto seal = text_at(row, 2);
        if (!kind || !seal) return false;
        const std::string place = fmt::format("rows[{}] ({})", index, *kind);
        if (!broken_ && chain_.seal(*kind, row[1]) != *seal) {
            broken_ = true; // everything after it differs as well
            findings_.push_back({place, ledger::canonical(row[1]), ""});
        }
        return take(*kind, row[1]);
    }

    bool take(std::string_view kind, const json::value &content) {
        if (kind == "months") return take_months(content);
        if (kind == "prices") {
            const auto part = part_from(content);
            if (part) evidence_.parts.push_back(*part);
            return part.has_value();
        }
        if (!content.is_array()) return false;
        if (kind == "call") {
            const auto call = call_from(content.get_array());
            if (!call || evidence_.parts.empty()) return false;
            ++calls_;
            evidence_.parts.back().calls.push_back(*call);
            return true;
        }
        const auto correction = correction_from(content.get_array());
        if (correction) evidence_.corrections.push_back(*correction);
        return correction.has_value();
    }

    bool take_months(const json::value &content) {
        if (!content.is_array()) return false;
        for (std::size_t i = 0; i < content.get_array().size(); ++i) {
            const auto month = parse_month(text_at(content.get_array(), i).value_or(""));
            if (!month) return false;
            evidence_.months.push_back(*month);
        }
        return true;
    }

    void check_document() {
        const auto *seals = file_.if_contains("seals");
        if (!seals || !seals->is_object()) {
            findings_.push_back({"seals", "", ""});
            return;
        }
        for (const auto &member : seals_of(stated_)) {
            const auto *seal = seals->get_object().if_contains(member.key());
            if (seal && *seal == member.value()) continue;
            findings_.push_back({fmt::format("document.{}", std::string{member.key()}),
                                 ledger::canonical(stated_.at(member.key())), ""});
        }
    }

    void check_root() {
        if (broken_ || chain_.root() == document_.evidence_root) return;
        findings_.push_back({"document.evidence_root", document_.evidence_root, chain_.root()});
    }

    void differ(std::string place, Money stated, Money computed) {
        if (stated == computed) return;
        findings_.push_back({std::move(place), to_decimal(stated), to_decimal(computed)});
    }

    void check_amounts() {
        if (document_.kind == DocumentKind::invoice || document_.kind == DocumentKind::settlement) {
            check_lines();
        }
        Document computed = document_;
        add_up(computed);
        differ("document.net_cents", document_.net, computed.net);
        differ("document.vat_cents", document_.vat, computed.vat);
        differ("document.gross_cents", document_.gross, computed.gross);
        differ("document.payable_cents", document_.payable, computed.payable);
    }

    void check_lines() {
        const auto computed = compute(evidence_);
        if (!computed) {
            findings_.push_back({"rows", describe(computed.error()), ""});
            return;
        }
        const std::size_t count = std::max(computed->lines.size(), document_.lines.size());
        for (std::size_t i = 0; i < count; ++i) {
            const std::string place = fmt::format("document.lines[{}]", i);
            if (i >= computed->lines.size() || i >= document_.lines.size()) {
                findings_.push_back({place, i < document_.lines.size() ? "there" : "missing", ""});
                continue;
            }
            const DocumentLine &stated = document_.lines[i];
            const DocumentLine &should = computed->lines[i];
            differ(place + ".amount_cents", stated.amount, should.amount);
            if (stated.detail != should.detail) {
                findings_.push_back({place + ".detail", stated.detail, should.detail});
            }
        }
    }

    const json::object &file_;
    json::object stated_;
    Document document_;
    Evidence evidence_;
    Chain chain_;
    bool broken_ = false;
    std::int64_t calls_ = 0;
    std::vector<Finding> findings_;
};

} // namespace

std::string root_of(const Evidence &evidence) {
    return walk(evidence, [](auto &&...) {});
}

std::string to_json(const Document &document, const Evidence &evidence) {
    const json::object object = object_of(document);
    // One row per line: a person can look at it, and a difference shows.
    std::string out =
        fmt::format("{{\"format\":\"{}\",\n\"document\":{},\n\"seals\":{},\n\"rows\":[", kFormat,
                    ledger::canonical(object), ledger::canonical(seals_of(object)));
    bool first = true;
    walk(evidence, [&](std::string_view kind, const json::value &row, const std::string &seal) {
        out += fmt::format("{}\n[\"{}\",{},\"{}\"]", first ? "" : ",", kind, ledger::canonical(row),
                           seal);
        first = false;
    });
    return out + "\n]}\n";
}

Expected<Verdict> verify_invoice(std::string_view file) {
    const auto object = ledger::parse_object(file);
    if (!object) return fail(ProblemKind::invalid_input, "evidence.not_readable");
    Reader reader(*object);
    if (!reader.read()) return fail(ProblemKind::invalid_input, "evidence.not_readable");
    return reader.judge();
}

std::string describe(const Verdict &verdict) {
    if (verdict.findings.empty()) {
        return fmt::format("ok: {}, {} calls, {} EUR payable, evidence root {}\n", verdict.number,
                           verdict.calls, to_decimal(verdict.payable), verdict.root);
    }
    std::string text = fmt::format("broken: {}\n", verdict.number);
    for (const Finding &finding : verdict.findings) {
        text += finding.computed.empty()
                    ? fmt::format("  {} was changed: {}\n", finding.place, finding.stated)
                    : fmt::format("  {}: stated {}, computed {}\n", finding.place, finding.stated,
                                  finding.computed);
    }
    return text;
}

} // namespace fernamt::billing
