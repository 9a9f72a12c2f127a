// SPDX-License-Identifier: EUPL-1.2
// One document with a correction, from ledger entries to the bytes of every form in which it leaves
// the house (document, evidence, CSV, XRechnung, letter). The entries come in any order, the
// process has any time zone and locale: the bytes must not know. For a test and the benchmark of
// 1,000 runs.
#pragma once

#include "billing/call_collector.h"
#include "billing/evidence_table.h"
#include "billing/invoice_pdf.h"
#include "billing/invoice_samples.h"
#include "billing/xrechnung.h"

#include <algorithm>
#include <array>
#include <clocale>
#include <cstdlib>
#include <ctime>
#include <locale>
#include <random>
#include <string>
#include <vector>

namespace fernamt::billing::samples {

class ReRun {
  public:
    explicit ReRun(int calls) {
        for (int i = 0; i < calls; ++i) {
            const Instant offered = at({2026, 10 + i % 2, 1 + i % 28}, 8 + i % 9, i % 60);
            const CallFact fact = call(i + 1, offered, std::chrono::seconds{i * 7 % 600});
            add(end_entry(kLangenhagen, fact, offered + std::chrono::hours{1}));
            add(work_entry(kLangenhagen, fact.call, std::chrono::seconds{i * 3 % 90},
                           offered + std::chrono::hours{1}));
        }
    }

    // Time zone and locale of one run, while it lives. POSIX zones need no files; a C locale that
    // is not installed changes nothing, so C++ streams get commas and points of our own every other
    // run.
    class Surroundings {
      public:
        explicit Surroundings(std::size_t run) {
            static constexpr std::array kZones{"UTC", "Europe/Berlin", "NZST-12NZDT", "EST5EDT"};
            static constexpr std::array kLocales{"C", "de_DE.UTF-8", "C.UTF-8"};
            ::setenv("TZ", kZones.at(run % kZones.size()), 1);
            ::tzset();
            (void)std::setlocale(LC_ALL, kLocales.at(run % kLocales.size()));
            if (run % 2 == 1) std::locale::global({std::locale::classic(), new Commas});
        }
        ~Surroundings() {
            std::locale::global(std::locale::classic());
            (void)std::setlocale(LC_ALL, "C");
            ::unsetenv("TZ");
            ::tzset();
        }
        Surroundings(const Surroundings &) = delete;
        Surroundings &operator=(const Surroundings &) = delete;

      private:
        struct Commas : std::numpunct<char> {
            [[nodiscard]] char do_decimal_point() const override { return ','; }
            [[nodiscard]] char do_thousands_sep() const override { return '.'; }
            [[nodiscard]] std::string do_grouping() const override { return "\3"; }
        };
    };

    // Shuffled, in the run's surroundings.
    std::string bytes(std::size_t run) {
        std::ranges::shuffle(entries_, random_);
        const Surroundings around{run};
        return all_forms();
    }
    [[nodiscard]] std::int64_t first_seq() const { return entries_.front().seq; }

  private:
    void add(const ledger::NewEntry &entry) {
        ledger::Entry each;
        static_cast<ledger::NewEntry &>(each) = entry;
        each.seq = static_cast<std::int64_t>(entries_.size()) + 1;
        each.hash[0] = static_cast<std::byte>(each.seq % 256);
        entries_.push_back(each);
    }

    // `known`: entries after it are not known yet.
    [[nodiscard]] EvidencePart part(const Month &month, std::int64_t known) const {
        CallCollector collector{kLangenhagen, month};
        for (const ledger::Entry &entry : entries_) {
            if (entry.seq <= known) (void)collector.add(entry).has_value();
        }
        return {agreements::prices_of(agreements::samples::agreement()), first_day(month),
                last_day(month), collector.finish().calls};
    }

    [[nodiscard]] std::string all_forms() const {
        const auto newest = static_cast<std::int64_t>(entries_.size());
        Evidence evidence{{kNovember}, {part(kNovember, newest)}, {}};
        EvidenceCorrection october{
            {2026, 10}, {part({2026, 10}, newest / 2)}, {part({2026, 10}, newest)}, {}};
        october.lines = corrected_lines(october).value();
        evidence.corrections = {october};
        Document document;
        document.number = "R2026-000001";
        document.municipality = kLangenhagen;
        document.period_from = first_day(kNovember);
        document.period_to = last_day(kNovember);
        document.issued_on = {2026, 12, 1};
        document.due_on = {2026, 12, 31};
        document.seller = centre();
        document.buyer = town();
        document.tax = {agreements::TaxCategory::standard, 19, "§ 2b UStG"};
        document.lines = compute(evidence).value().lines;
        document.evidence_root = root_of(evidence);
        document.steps.emplace();
        add_up(document);
        const auto table = evidence_table(evidence).value();
        return to_json(document) + to_json(document, evidence) + to_csv(table) +
               to_xrechnung(document).value() + to_pdf(document, table).value();
    }

    std::vector<ledger::Entry> entries_;
    std::mt19937_64 random_{20261122};
};

} // namespace fernamt::billing::samples
