// SPDX-License-Identifier: EUPL-1.2
// Which documents a question may find, as one bit each: made once from the filter terms per reader,
// place and snapshot of the index, then asked millions of times. Part of the question itself, so a
// document without its bit is never a candidate. Internal to the engine; throws what Xapian throws.
#pragma once

#include <xapian.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace fernamt::knowledge {

class DocumentBits {
  public:
    explicit DocumentBits(Xapian::docid last) : words_(last / 64 + 1) {}
    void set(Xapian::docid id) {
        if (id / 64 < words_.size()) words_[id / 64] |= std::uint64_t{1} << (id % 64);
    }
    void remove(const DocumentBits &others);
    [[nodiscard]] bool has(Xapian::docid id) const {
        return id / 64 < words_.size() && (words_[id / 64] >> (id % 64) & 1) != 0;
    }
    // The first one from id on, 0 if there is none.
    [[nodiscard]] Xapian::docid next(Xapian::docid id) const;
    [[nodiscard]] Xapian::doccount count() const;

  private:
    std::vector<std::uint64_t> words_;
};

// Documents with one of the terms, but none of the others.
struct FilterTerms {
    std::vector<std::string> any;
    std::vector<std::string> none;
    friend auto operator<=>(const FilterTerms &, const FilterTerms &) = default;
};

// For any number of threads.
class FilterCache {
  public:
    [[nodiscard]] std::shared_ptr<const DocumentBits> bits(const Xapian::Database &index,
                                                           const FilterTerms &terms) const;

  private:
    static constexpr std::size_t kMost = 256; // 25 kB each for 200,000 documents
    mutable std::mutex mutex_;
    mutable std::map<FilterTerms, std::shared_ptr<const DocumentBits>> known_;
};

// The bits as a part of a query; must outlive its search.
class FilterSource : public Xapian::PostingSource {
  public:
    explicit FilterSource(std::shared_ptr<const DocumentBits> bits)
        : bits_(std::move(bits)), count_(bits_->count()) {}
    [[nodiscard]] Xapian::doccount get_termfreq_min() const override { return count_; }
    [[nodiscard]] Xapian::doccount get_termfreq_est() const override { return count_; }
    [[nodiscard]] Xapian::doccount get_termfreq_max() const override { return count_; }
    void init(const Xapian::Database &index) override;
    void next(double least) override;
    void skip_to(Xapian::docid id, double least) override;
    bool check(Xapian::docid id, double least) override;
    [[nodiscard]] bool at_end() const override { return begun_ && at_ == 0; }
    [[nodiscard]] Xapian::docid get_docid() const override { return at_; }
    [[nodiscard]] std::string get_description() const override { return "FilterSource"; }

  private:
    std::shared_ptr<const DocumentBits> bits_;
    Xapian::doccount count_;
    Xapian::docid at_ = 0;
    bool begun_ = false;
};

} // namespace fernamt::knowledge
