// SPDX-License-Identifier: EUPL-1.2
// Time to answer and time to index over generated knowledge of 35,000 and 200,000 documents: names
// put together from the words of public services, texts of the same vocabulary with the frequencies
// of language (Zipf), a tenth of the documents valid and answered in one municipality only.
// Questions are asked as callers do (keystrokes, whole phrases, compounds, typing errors) and
// answered as the desk has them answered: through the Catalogue over a database, for a
// municipality, by an agent who also gets its neighbours' services, unanswered ones and the town's
// website. Nothing is measured twice: each question is new to the engine.
#include "knowledge/areas.h"
#include "knowledge/bulk_rows.h"
#include "knowledge/search.h"
#include "storage/database.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>

namespace fernamt::knowledge {
namespace {

using Clock = std::chrono::steady_clock;
using Words = std::vector<std::string>;

Words words_of(const std::string &file) {
    std::ifstream in(std::string(FERNAMT_SOURCE_DIR) + file);
    std::set<std::string> words;
    std::string text;
    for (std::string line; std::getline(in, line);) {
        if (!line.starts_with('#')) text += line + "\n";
    }
    for (const Word &word : tokenise(text)) {
        const std::string shown = text.substr(word.from, word.to - word.from);
        if (shown.size() >= 4 && !has_digit(shown)) words.insert(shown);
    }
    return {words.begin(), words.end()};
}

class Generator {
  public:
    explicit Generator(std::uint32_t seed) : random_(seed) {
        for (const char *file : {"/data/search/words.txt", "/data/knowledge/services.json"})
            for (std::string &word : words_of(file))
                parts_.push_back(std::move(word));
        std::ranges::shuffle(parts_, random_);
        // Most words of a large collection are rare compounds.
        std::set<std::string> compounds;
        while (compounds.size() < 40'000)
            compounds.insert(any(parts_) + lower(any(parts_)));
        compounds_.assign(compounds.begin(), compounds.end());
        std::ranges::shuffle(compounds_, random_);
        vocabulary_ = parts_;
        vocabulary_.insert(vocabulary_.end(), compounds_.begin(), compounds_.end());
        double sum = 0;
        for (std::size_t rank = 1; rank <= vocabulary_.size(); ++rank)
            zipf_.push_back(sum += 1.0 / static_cast<double>(rank + 2));
    }

    SearchDocument document(std::int64_t number) {
        static constexpr std::array<std::string_view, 12> kDoings{
            "beantragen",  "anmelden", "abmelden",    "ändern", "verlängern",  "Erteilung",
            "Bewilligung", "Auskunft", "Genehmigung", "melden", "Ausstellung", "Ermäßigung"};
        SearchDocument made{.id = fmt::format("service/{}", number),
                            .subject = number,
                            .title = name(kDoings),
                            .official_title = name(kDoings),
                            .short_text = text(18),
                            .sections = {},
                            .synonyms = {any(compounds_), word(), word() + " " + word()},
                            .keywords = {fmt::format("99{:012}", number)}};
        for (const char *code : {"06", "documents", "fee", "deadline", "09"})
            made.sections.push_back({code, code, text(std::string_view(code) == "06" ? 60 : 15)});
        if (number % 10 == 0) {
            const auto &all = municipalities();
            made.areas = {all[static_cast<std::size_t>(number) % all.size()].id};
        } else if (number % 10 == 1) {
            made.areas = {MunicipalityId{32410000000}};
        }
        return made;
    }

    // What a caller says about some document.
    std::string question(const SearchDocument &about, int kind) {
        const Words names = split(about.title);
        switch (kind) {
        case 0:
            return names.front().substr(0, 3 + random_() % 5); // a keystroke
        case 1:
            return names.front();
        case 2:
            return about.title;
        case 3:
            return "ich möchte " + about.title + " was kostet das";
        case 4:
            return wrong(names.front());
        case 5:
            return wrong(names.front()) + " " + wrong(names.back());
        case 6:
            return word() + lower(word()); // a compound that nobody has seen
        default:
            return "wo kann ich " + word() + " und " + word() + " " + names.front();
        }
    }
    static constexpr int kKinds = 8;
    std::mt19937 &random() { return random_; }

  private:
    static std::string lower(std::string word) {
        if (!word.empty() && word[0] >= 'A' && word[0] <= 'Z') {
            word[0] = static_cast<char>(word[0] - 'A' + 'a');
        }
        return word;
    }
    static Words split(const std::string &text) {
        std::istringstream in(text);
        Words words;
        for (std::string each; in >> each;)
            words.push_back(each);
        return words;
    }
    const std::string &any(const Words &words) { return words[random_() % words.size()]; }
    const std::string &word() {
        const double at = std::uniform_real_distribution<double>(0, zipf_.back())(random_);
        const auto found = std::ranges::lower_bound(zipf_, at);
        return vocabulary_[static_cast<std::size_t>(found - zipf_.begin())];
    }
    template <class Doings>
    std::string name(const Doings &doings) {
        return fmt::format("{} {}", random_() % 2 == 0 ? any(compounds_) : any(parts_),
                           doings[random_() % doings.size()]);
    }
    std::string text(std::size_t words) {
        std::string result;
        for (std::size_t i = 0; i < words; ++i)
            result += word() + " ";
        return result;
    }
    // One typing error: left out, doubled, transposed or replaced.
    std::string wrong(std::string word) {
        const std::size_t at = 1 + random_() % (word.size() - 2);
        switch (random_() % 4) {
        case 0:
            word.erase(at, 1);
            break;
        case 1:
            word.insert(at, 1, word[at]);
            break;
        case 2:
            std::swap(word[at], word[at + 1]);
            break;
        default:
            word[at] = static_cast<char>('a' + random_() % 26);
        }
        return word;
    }

    std::mt19937 random_;
    Words parts_;
    Words compounds_;
    Words vocabulary_;
    std::vector<double> zipf_;
};

// What this thread alone has used: on a machine that others use too, the time on the clock says
// more about them.
double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

constexpr MunicipalityId kLangenhagen{32410010010};
constexpr std::int64_t kPages = 300; // of the town's website

// The rows of a delivery, without its XML: the import has its own benchmark.
class Rows {
  public:
    void add(const SearchDocument &from) {
        const std::int64_t id = from.subject;
        const auto kind = static_cast<std::int64_t>(1); // ObjectKind::service
        objects_.add(
            {id, kind, "bench", from.id, "", "bench", "", "2026-01-01", std::int64_t{1}, ""});
        services_.add({id, "", "", from.title, from.official_title, "2026-01-01", ""});
        keys_.add({id, "leika", from.keywords.front()});
        std::int64_t ordinal = 0;
        for (const std::string &synonym : from.synonyms)
            terms_.add({id, ordinal++, "synonym", "de", synonym});
        ordinal = 0;
        texts_.add({id, ordinal++, "05", "de", from.short_text});
        for (const DocumentSection &section : from.sections)
            texts_.add({id, ordinal++, module_of(section.code), "de", section.text});
        std::int64_t area = 0;
        if (!from.areas.empty()) {
            area = from.areas.front().value;
            areas_.add({id, area});
        }
        responsibilities_.add({id + kHolders, std::int64_t{0}, id, area, kHolders, "Amt"});
    }
    void add_page(std::int64_t id, const SearchDocument &from) {
        pages_.add({id, kLangenhagen.value, "https://example.org",
                    fmt::format("https://example.org/{}", id), from.title,
                    "[[\"\",\"" + from.short_text + "\"]]", "[]", "", "", "", "2026-01-01",
                    std::int64_t{0}, std::int64_t{1}});
    }
    Expected<void> write(storage::Connection &connection) {
        for (BulkInsert *each : {&objects_, &services_, &keys_, &terms_, &texts_, &areas_,
                                 &responsibilities_, &pages_}) {
            if (auto done = each->write(connection); !done) return done;
        }
        return {};
    }

  private:
    static std::string module_of(const std::string &code) {
        return code == "documents" ? "08" : code;
    }
    static constexpr std::int64_t kHolders = 1'000'000;
    BulkInsert objects_{"knowledge_object", "id, kind, agency, local_id, scheme, source, hash, "
                                            "changed_at, generation, xml"};
    BulkInsert services_{"knowledge_public_service",
                         "id, type, typification, name, official_name, approved_on, "
                         "approved_by"};
    BulkInsert keys_{"knowledge_key", "owner, scheme, value"};
    BulkInsert terms_{"knowledge_term", "owner, ordinal, role, language, term"};
    BulkInsert texts_{"knowledge_text", "owner, ordinal, module, language, html"};
    BulkInsert areas_{"knowledge_area", "owner, area"};
    BulkInsert responsibilities_{"knowledge_responsibility",
                                 "object, ordinal, service, area, holder, role"};
    BulkInsert pages_{"knowledge_website_page",
                      "id, municipality, site, url, title, sections, links, etag, "
                      "last_modified, hash, fetched_on, gone, generation"};
};

template <class T>
T expect(Expected<T> value) {
    if (!value) throw std::runtime_error(describe(value.error()));
    return std::move(*value);
}

struct Collection {
    std::unique_ptr<storage::Database> database;
    std::unique_ptr<Catalogue> catalogue;
    double index_seconds = 0;
    double index_cpu_seconds = 0;
    std::string directory;
    ~Collection() {
        catalogue.reset();
        database.reset();
        std::filesystem::remove_all(directory);
    }
};

void fill(storage::Database &database, std::int64_t size) {
    Generator generator(1);
    Rows rows;
    constexpr std::int64_t kBatch = 5'000;
    for (std::int64_t i = 1; i <= size;) {
        for (const std::int64_t end = std::min(i + kBatch, size + 1); i < end; ++i)
            rows.add(generator.document(i));
        const auto done =
            database.write([&](storage::Connection &connection) { return rows.write(connection); });
        if (!done) throw std::runtime_error(describe(done.error()));
    }
    Generator pages(4);
    for (std::int64_t i = 1; i <= kPages; ++i)
        rows.add_page(i, pages.document(i));
    const auto done = database.write([&](storage::Connection &connection) -> Expected<void> {
        if (auto written = rows.write(connection); !written) return written;
        return run(connection, "UPDATE knowledge_state SET generation = 1 WHERE id = 1");
    });
    if (!done) throw std::runtime_error(describe(done.error()));
}

Collection &collection(std::int64_t size) {
    static std::map<std::int64_t, Collection> all;
    Collection &made = all[size];
    if (made.catalogue) return made;
    made.directory = (std::filesystem::temp_directory_path() /
                      fmt::format("fernamt-search-bench-{}-{}", getpid(), size))
                         .string();
    std::filesystem::create_directories(made.directory);
    made.database = expect(storage::Database::open("sqlite://" + made.directory + "/bench.db"));
    fill(*made.database, size);
    const auto begin = Clock::now();
    const double begin_cpu = cpu_seconds();
    made.catalogue = expect(Catalogue::load(*made.database, made.directory + "/search"));
    made.index_seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    made.index_cpu_seconds = cpu_seconds() - begin_cpu;
    return made;
}

double percentile(std::vector<double> &times, double part) {
    const auto at = static_cast<std::size_t>(part * static_cast<double>(times.size() - 1));
    std::ranges::nth_element(times, times.begin() + static_cast<std::ptrdiff_t>(at));
    return times[at];
}

// Arguments: documents, kind of question (-1: all of them).
void BM_Search(benchmark::State &state) {
    Collection &from = collection(state.range(0));
    Generator documents(1); // the same ones again
    std::vector<SearchDocument> some;
    for (std::int64_t i = 1; i <= std::min<std::int64_t>(state.range(0), 2'000); ++i)
        some.push_back(documents.document(i));
    Generator generator(2);
    std::vector<double> times;
    std::vector<double> cpu_times;
    std::int64_t found = 0;
    for ([[maybe_unused]] auto _ : state) {
        const SearchDocument &about = some[generator.random()() % some.size()];
        const int kind = state.range(1) >= 0
                             ? static_cast<int>(state.range(1))
                             : static_cast<int>(generator.random()() % Generator::kKinds);
        const std::string question = generator.question(about, kind);
        const auto begin = Clock::now();
        const double begin_cpu = cpu_seconds();
        const auto result = from.catalogue->search({.text = question,
                                                    .municipality = kLangenhagen,
                                                    .today = LocalDate{2026, 6, 1},
                                                    .limit = 10,
                                                    .reader = {.centre = true},
                                                    .neighbours = true,
                                                    .unanswered = true});
        times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
        cpu_times.push_back((cpu_seconds() - begin_cpu) * 1000);
        found += result ? static_cast<std::int64_t>(result->items.size()) : 0;
    }
    state.counters["p50_ms"] = percentile(times, 0.50);
    state.counters["p95_ms"] = percentile(times, 0.95);
    state.counters["p99_ms"] = percentile(times, 0.99);
    state.counters["cpu_p50_ms"] = percentile(cpu_times, 0.50);
    state.counters["cpu_p95_ms"] = percentile(cpu_times, 0.95);
    state.counters["cpu_p99_ms"] = percentile(cpu_times, 0.99);
    state.counters["hits"] = static_cast<double>(found) / static_cast<double>(times.size());
    state.counters["index_s"] = from.index_seconds;
    state.counters["index_cpu_s"] = from.index_cpu_seconds;
}
BENCHMARK(BM_Search)->Args({35'000, -1})->Args({200'000, -1})->Iterations(4'000);
BENCHMARK(BM_Search)->ArgsProduct({{35'000, 200'000}, {0, 1, 2, 3, 4, 5, 6, 7}})->Iterations(500);

void BM_Analyse(benchmark::State &state) {
    Generator generator(3);
    const SearchDocument document = generator.document(1);
    const auto words = tokenise(document.sections.front().text);
    for ([[maybe_unused]] auto _ : state) {
        for (const Word &word : words)
            benchmark::DoNotOptimize(Analyser::german().analyse(word));
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(words.size()));
}
BENCHMARK(BM_Analyse);

} // namespace
} // namespace fernamt::knowledge
