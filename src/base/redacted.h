// SPDX-License-Identifier: EUPL-1.2
// Redacted<T> carries personal data (a caller's number, a note) through code that must not log it:
// it converts to nothing, formats to nothing and compares only with itself. reveal() is the one,
// greppable way out.
#pragma once

#include <utility>

namespace fernamt {

template <class T>
class Redacted {
  public:
    Redacted() = default;
    explicit Redacted(T value) : value_(std::move(value)) {}
    [[nodiscard]] const T &reveal() const { return value_; }
    friend bool operator==(const Redacted &, const Redacted &) = default;

  private:
    T value_{};
};

} // namespace fernamt
