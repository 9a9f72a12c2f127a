// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/search_engine_filter.h"

#include <algorithm>
#include <bit>

namespace fernamt::knowledge {

void DocumentBits::remove(const DocumentBits &others) {
    for (std::size_t i = 0; i < std::min(words_.size(), others.words_.size()); ++i)
        words_[i] &= ~others.words_[i];
}

Xapian::docid DocumentBits::next(Xapian::docid id) const {
    std::size_t word = id / 64;
    if (word >= words_.size()) return 0;
    std::uint64_t rest = words_[word] & (~std::uint64_t{0} << (id % 64));
    while (rest == 0) {
        if (++word == words_.size()) return 0;
        rest = words_[word];
    }
    return static_cast<Xapian::docid>(word * 64 + static_cast<std::size_t>(std::countr_zero(rest)));
}

Xapian::doccount DocumentBits::count() const {
    Xapian::doccount sum = 0;
    for (const std::uint64_t word : words_)
        sum += static_cast<Xapian::doccount>(std::popcount(word));
    return sum;
}

namespace {

DocumentBits read_bits(const Xapian::Database &index, const std::vector<std::string> &terms) {
    DocumentBits bits(index.get_lastdocid());
    for (const std::string &term : terms) {
        for (auto at = index.postlist_begin(term); at != index.postlist_end(term); ++at)
            bits.set(*at);
    }
    return bits;
}

} // namespace

std::shared_ptr<const DocumentBits> FilterCache::bits(const Xapian::Database &index,
                                                      const FilterTerms &terms) const {
    {
        const std::scoped_lock lock(mutex_);
        if (const auto found = known_.find(terms); found != known_.end()) return found->second;
    }
    auto made = std::make_shared<DocumentBits>(read_bits(index, terms.any));
    if (!terms.none.empty()) made->remove(read_bits(index, terms.none));
    const std::scoped_lock lock(mutex_);
    if (known_.size() >= kMost) known_.clear();
    known_.insert_or_assign(terms, made);
    return made;
}

void FilterSource::init(const Xapian::Database &) {
    at_ = 0;
    begun_ = false;
}
void FilterSource::next(double) {
    at_ = bits_->next(at_ + 1);
    begun_ = true;
}
void FilterSource::skip_to(Xapian::docid id, double) {
    if (!begun_ || at_ < id) at_ = bits_->next(std::max<Xapian::docid>(id, 1));
    begun_ = true;
}
bool FilterSource::check(Xapian::docid id, double) {
    begun_ = true;
    at_ = id; // where the bit is not set, "not here" is enough: next() goes on behind it
    return bits_->has(id);
}

} // namespace fernamt::knowledge
