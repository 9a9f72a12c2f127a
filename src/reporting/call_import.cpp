// SPDX-License-Identifier: EUPL-1.2
#include "reporting/call_import.h"

#include "ledger/imported_call.h"
#include "ledger/routing_codec.h"
#include "reporting/pbx_legs.h"
#include "routing/decision.h"

#include <charconv>
#include <unordered_map>
#include <unordered_set>

namespace fernamt::reporting {

namespace {

constexpr std::int64_t kProgressEvery = 10'000;

routing::EndReason reason_of(PbxResult result) {
    using routing::EndReason;
    switch (result) {
    case PbxResult::answered:
    case PbxResult::ignored:
        return EndReason::completed;
    case PbxResult::abandoned:
        return EndReason::abandoned;
    case PbxResult::closed:
        return EndReason::closed;
    case PbxResult::nobody_available:
        return EndReason::nobody_available;
    case PbxResult::failed:
        return EndReason::failed;
    }
    return EndReason::failed;
}

class Import {
  public:
    Import(const PbxMapping &mapping, const routing::Rules &rules, ledger::Ledger &ledger,
           const ImportOptions &options)
        : mapping_(mapping), rules_(rules), ledger_(ledger), options_(options) {}

    Expected<void> learn(storage::Database &database) {
        return ledger::each_imported(database, [&](const std::string &record, CallId call) {
            known_.insert(record);
            ids_.insert(call);
        });
    }

    Expected<ImportReport> run(PbxReader &reader) {
        PbxLegs legs;
        while (auto row = reader.next()) {
            ++report_.rows;
            if (options_.progress && report_.rows % kProgressEvery == 0)
                options_.progress(report_.rows);
            if (mapping_.by_legs()) {
                legs.add(std::move(*row));
            } else if (auto taken = take(*row); !taken) {
                return tl::unexpected(taken.error());
            }
        }
        const auto is_ours = [this](const PhoneNumber &number) {
            return routing::find_number(rules_, number) != nullptr;
        };
        for (const PbxReader::Row &row : legs.join(is_ours)) {
            if (auto taken = take(row); !taken) return tl::unexpected(taken.error());
        }
        if (auto stored = store(); !stored) return tl::unexpected(stored.error());
        return std::move(report_);
    }

  private:
    Expected<void> take(const PbxReader::Row &row) {
        if (row.call) {
            take(*row.call);
        } else {
            report_.refused.push_back({row.line, std::string(row.refused), row.word});
        }
        return calls_ >= options_.piece ? store() : Expected<void>{};
    }

    void take(const PbxCall &call) {
        if (call.result == PbxResult::ignored) {
            ++report_.ignored;
            return;
        }
        const auto refuse = [&](const char *why) {
            report_.refused.push_back({call.line, why, {}});
        };
        if (call.end > options_.now) return refuse("in_the_future");
        if (routing::find_number(rules_, call.dialled) == nullptr) return refuse("number_not_ours");
        const auto *number = routing::find_number(rules_, call.dialled, call.begin);
        if (number == nullptr) return refuse("number_not_valid_then");
        const auto *town = routing::find_municipality(rules_, number->municipality);
        if (town == nullptr || !routing::is_served(*town, call.begin))
            return refuse("municipality_not_served_then");
        const std::string record = ledger::record_hash(mapping_.source, identity_of(call));
        if (!known_.insert(record).second) {
            ++report_.already_there;
            return;
        }
        add(call, *number, record);
    }

    // Without numbers of their own, the second of two equal rows in one file is another call, and
    // the same two rows in another file are the same two calls.
    std::string identity_of(const PbxCall &call) {
        if (!mapping_.record.empty() || mapping_.by_legs()) return call.identity;
        return call.identity + std::to_string(++seen_[call.identity]);
    }

    // From the record, so that a run that was cut off gives the same ids; the next free one where
    // 52 bits of two records are equal.
    CallId id_of(const std::string &record) {
        std::int64_t bits = 0;
        std::from_chars(record.data(), record.data() + 13, bits, 16);
        CallId id{kFirstImportedCall + bits};
        while (!ids_.insert(id).second)
            id.value = kFirstImportedCall + (id.value + 1) % kFirstImportedCall;
        return id;
    }

    void add(const PbxCall &call, const routing::Number &number, const std::string &record) {
        const CallId id = id_of(record);
        routing::End end;
        end.call = id;
        end.reason = reason_of(call.result);
        end.municipality = number.municipality;
        end.number = number.number;
        end.offered_at = call.begin;
        end.answered_at = call.answered;
        end.talk = call.talk;
        end.transferred = call.passed_on;
        end.transfers = call.transfers;
        end.queue = number.queue;
        end.scope = number.scope;
        using routing::Rule;
        entries_.push_back(
            ledger::imported_entry(id, number.municipality, call.end, mapping_.source, record));
        entries_.push_back(ledger::to_entry(routing::Decision{end, Rule::imported}, call.end));
        if (call.after_call_work > 0s) {
            const routing::WrapUpDone done{{}, id, number.municipality, call.after_call_work};
            entries_.push_back(ledger::to_entry(routing::Decision{done, Rule::imported},
                                                call.end + call.after_call_work));
        }
        ++calls_;
        ++report_.imported;
        ++report_.municipalities[number.municipality];
        if (!report_.first || call.begin < *report_.first) report_.first = call.begin;
        if (!report_.last || call.begin > *report_.last) report_.last = call.begin;
    }

    Expected<void> store() {
        calls_ = 0;
        auto entries = std::exchange(entries_, {});
        if (entries.empty() || options_.dry_run) return {};
        const auto stored = ledger_.append_and_wait(std::move(entries));
        if (!stored) return tl::unexpected(stored.error());
        return options_.after_piece ? options_.after_piece() : Expected<void>{};
    }

    const PbxMapping &mapping_;
    const routing::Rules &rules_;
    ledger::Ledger &ledger_;
    const ImportOptions &options_;
    ImportReport report_;
    std::unordered_set<std::string> known_;
    std::set<CallId> ids_;
    std::unordered_map<std::string, int> seen_;
    std::vector<ledger::NewEntry> entries_;
    std::size_t calls_ = 0; // in entries_
};

} // namespace

Expected<ImportReport> import_calls(std::istream &in, const PbxMapping &mapping,
                                    const routing::Rules &rules, ledger::Ledger &ledger,
                                    storage::Database &database, const ImportOptions &options) {
    auto reader = PbxReader::open(in, mapping);
    if (!reader) return tl::unexpected(reader.error());
    Import import(mapping, rules, ledger, options);
    if (auto learnt = import.learn(database); !learnt) return tl::unexpected(learnt.error());
    return import.run(*reader);
}

} // namespace fernamt::reporting
