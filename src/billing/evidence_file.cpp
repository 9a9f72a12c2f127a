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

constexpr std::string_view kFormat = "fernamt-evidence-2";
// Corrections without the calls before and after.
constexpr std::string_view kOldFormat = "fernamt-evidence-1";

json::array row_of(const CallFact &call) {
    json::array row{call.call.value, call.offered_at.us, json::string(to_string(call.kind)),
                    call.talk.count(), call.after_call_work.count()};
    if (call.price_class != 0) row.emplace_back(call.price_class); // older files have none
    return row;
}

std::int64_t seconds_of(const std::optional<agreements::Counted> &counted) {
    return counted ? counted->billed_seconds.value_or(0) : 0;
}

json::array row_of(const Month &month, const agreements::Correction &line) {
    return {json::string(to_string(month)),
            json::string(to_string(line.reason)),
            json::string(line.clause),
            line.call.value,
            json::string(to_string(line.date)),
            seconds_of(line.before),
            seconds_of(line.after),
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
    const auto write = [&](std::string_view kind, const json::value &row) {
        on_row(kind, row, chain.seal(kind, row));
    };
    const auto write_parts = [&](std::string_view kind, const std::vector<EvidencePart> &parts) {
        for (const EvidencePart &part : parts) {
            write(kind, prices_of(part));
            for (const CallFact &call : part.calls)
                write("call", row_of(call));
        }
    };
    write_parts("prices", evidence.parts);
    for (const EvidenceCorrection &each : evidence.corrections) {
        if (!each.before.empty() || !each.after.empty()) {
            write("corrected", json::string(to_string(each.month)));
        }
        write_parts("before", each.before);
        write_parts("after", each.after);
        for (const agreements::Correction &line : each.lines)
            write("correction", row_of(each.month, line));
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

// As it is stated; what it stands on is recomputed.
struct StatedCorrection {
    Month month;
    agreements::Correction line;
};

std::optional<StatedCorrection> correction_from(const json::array &row) {
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
    StatedCorrection stated{*month, {}};
    for (int i = 0; !to_string(static_cast<agreements::CorrectionReason>(i)).empty(); ++i) {
        const auto value = static_cast<agreements::CorrectionReason>(i);
        if (to_string(value) == *reason) stated.line.reason = value;
    }
    stated.line.clause = *clause;
    stated.line.call = CallId{*call};
    stated.line.date = *date;
    stated.line.before.emplace().billed_seconds = *before;
    stated.line.after.emplace().billed_seconds = *after;
    stated.line.difference = Money{*cents};
    return stated;
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

bool known_format(std::string_view format) {
    return format == kFormat || format == kOldFormat;
}

class Reader {
  public:
    explicit Reader(const json::object &file) : file_(file) {}

    // False if it is no evidence at all.
    bool read() {
        const auto *format = file_.if_contains("format");
        const auto *document = file_.if_contains("document");
        const auto *rows = file_.if_contains("rows");
        if (!format || !format->is_string() || !known_format(format->get_string()) || !document ||
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
        check_corrections();
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
        return take(*kind, row[1], place);
    }

    bool take(std::string_view kind, const json::value &content, const std::string &place) {
        if (kind == "months") return take_months(content);
        if (kind == "prices") return take_part(evidence_.parts, content);
        if (kind == "corrected") return take_corrected(content);
        const bool in_correction = kind == "before" || kind == "after";
        if (in_correction && evidence_.corrections.empty()) return false;
        if (kind == "before") return take_part(evidence_.corrections.back().before, content);
        if (kind == "after") return take_part(evidence_.corrections.back().after, content);
        if (!content.is_array()) return false;
        return kind == "call" ? take_call(content.get_array())
                              : take_correction(content.get_array(), place);
    }

    bool take_part(std::vector<EvidencePart> &parts, const json::value &content) {
        auto part = part_from(content);
        if (!part) return false;
        parts.push_back(std::move(*part));
        calls_go_to_ = &parts;
        return true;
    }

    bool take_call(const json::array &content) {
        const auto call = call_from(content);
        if (!call || calls_go_to_ == nullptr || calls_go_to_->empty()) return false;
        if (calls_go_to_ == &evidence_.parts) ++calls_;
        calls_go_to_->back().calls.push_back(*call);
        return true;
    }

    bool take_corrected(const json::value &content) {
        const auto month = parse_month(text_at({content}, 0).value_or(""));
        if (month) start_correction(*month);
        return month.has_value();
    }

    void start_correction(const Month &month) {
        evidence_.corrections.push_back({month, {}, {}, {}});
        places_.emplace_back();
        calls_go_to_ = nullptr; // the vector may have moved
    }

    bool take_correction(const json::array &content, const std::string &place) {
        const auto stated = correction_from(content);
        if (!stated) return false;
        if (evidence_.corrections.empty() || evidence_.corrections.back().month != stated->month) {
            start_correction(stated->month);
        }
        evidence_.corrections.back().lines.push_back(stated->line);
        places_.back().push_back(place);
        return true;
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

    // Row by row against what the calls before and after come to.
    void check_corrections() {
        for (std::size_t i = 0; i < evidence_.corrections.size(); ++i) {
            const EvidenceCorrection &each = evidence_.corrections[i];
            const auto computed = corrected_lines(each);
            if (!computed) {
                findings_.push_back({"rows", describe(computed.error()), ""});
                continue;
            }
            const auto row = [&](const std::vector<agreements::Correction> &lines, std::size_t at) {
                return at < lines.size() ? ledger::canonical(row_of(each.month, lines[at])) : "";
            };
            for (std::size_t at = 0; at < std::max(computed->size(), each.lines.size()); ++at) {
                const std::string stated = row(each.lines, at);
                const std::string should = row(*computed, at);
                if (stated == should) continue;
                findings_.push_back({at < places_[i].size()
                                         ? places_[i][at]
                                         : fmt::format("correction of {}", to_string(each.month)),
                                     stated, should});
            }
        }
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
    std::vector<std::vector<std::string>> places_; // of the lines of each correction
    std::vector<EvidencePart> *calls_go_to_ = nullptr;
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
