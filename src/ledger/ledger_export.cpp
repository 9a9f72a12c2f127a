// SPDX-License-Identifier: EUPL-1.2
#include "ledger/ledger_export.h"

#include "ledger/entry_hash.h"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <ostream>

namespace fernamt::ledger {

namespace {

// A tampered payload must not break the file it is exported to.
std::string payload_of(const Entry &entry) {
    boost::json::error_code error;
    const auto value = boost::json::parse(entry.payload, error);
    if (!error && value.is_object() && entry.payload.find('\n') == std::string::npos) {
        return entry.payload;
    }
    return boost::json::serialize(boost::json::string(entry.payload));
}

std::string explain(const VerifyReport &report) {
    if (report.what == "gap") return "gap: there is no entry with this number where it belongs";
    if (report.what == "previous") return "previous: it does not continue the entry before it";
    return "hash: its content is not what was appended";
}

} // namespace

std::string to_json(const Entry &entry) {
    std::string text = fmt::format("{{\"seq\":{},\"at\":\"{}\",\"at_us\":{},\"type\":{}", entry.seq,
                                   to_iso8601(entry.at), entry.at.us,
                                   boost::json::serialize(boost::json::string(entry.type)));
    if (entry.call) text += fmt::format(",\"call\":{}", entry.call->value);
    if (entry.municipality) {
        text += fmt::format(",\"municipality\":\"{}\"", to_ars(*entry.municipality));
    }
    text += fmt::format(",\"payload\":{},\"previous\":\"{}\",\"hash\":\"{}\"}}", payload_of(entry),
                        to_hex(entry.previous), to_hex(entry.hash));
    return text;
}

Expected<std::int64_t> export_entries(Ledger &ledger, std::int64_t from_seq, ExportForm form,
                                      std::ostream &out) {
    const bool array = form == ExportForm::array;
    std::int64_t count = 0;
    if (array) out << "[";
    auto done = ledger.each(from_seq, [&](const Entry &entry) {
        if (array) out << (count == 0 ? "\n" : ",\n");
        out << to_json(entry);
        if (!array) out << "\n";
        ++count;
        return out.good();
    });
    if (!done) return tl::unexpected(done.error());
    if (array) out << "\n]\n";
    out.flush();
    if (!out) return fail(ProblemKind::unavailable, "ledger.export_write");
    return count;
}

std::string describe(const VerifyReport &report) {
    if (!report.first_broken) {
        return fmt::format("ok: {} entries, root {}", report.entries, to_hex(report.root));
    }
    return fmt::format("broken: entry {}: {}; entries before it that are intact: {}",
                       *report.first_broken, explain(report), report.entries);
}

} // namespace fernamt::ledger
