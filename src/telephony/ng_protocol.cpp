// SPDX-License-Identifier: EUPL-1.2
#include "telephony/ng_protocol.h"

#include <charconv>

namespace fernamt::telephony::ng {
namespace {

void put_text(std::string &out, std::string_view text) {
    out += std::to_string(text.size());
    out += ':';
    out += text;
}

class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    std::optional<Value> value(int depth) {
        if (rest_.empty() || depth > kMaxDepth) return std::nullopt;
        if (take('i')) return integer();
        if (take('l')) return members(depth);
        if (take('d')) return pairs(depth);
        auto text = string();
        if (!text) return std::nullopt;
        return Value(std::move(*text));
    }

    // The same grammar, nothing kept.
    bool skip(int depth) {
        if (rest_.empty() || depth > kMaxDepth) return false;
        std::int64_t number = 0;
        if (take('i')) return digits_until('e', number);
        const bool pairs = rest_.front() == 'd';
        if (!pairs && rest_.front() != 'l') return view().has_value();
        rest_.remove_prefix(1);
        while (!take('e')) {
            if (pairs && !view()) return false;
            if (!skip(depth + 1)) return false;
        }
        return true;
    }

    // A dictionary without the lists and dictionaries in it.
    std::optional<Dict> flat() {
        if (!take('d')) return std::nullopt;
        Dict result;
        while (!take('e')) {
            const auto key = view();
            if (!key || rest_.empty()) return std::nullopt;
            if (rest_.front() == 'l' || rest_.front() == 'd') {
                if (!skip(1)) return std::nullopt;
                continue;
            }
            auto member = value(1);
            if (!member) return std::nullopt;
            result.insert_or_assign(std::string(*key), std::move(*member));
        }
        return result;
    }

    [[nodiscard]] bool at_end() const { return rest_.empty(); }

  private:
    bool take(char c) {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }

    template <class Number>
    bool digits_until(char end, Number &number) {
        const auto at = rest_.find(end);
        if (at == std::string_view::npos || at == 0) return false;
        const auto [stop, error] = std::from_chars(rest_.data(), rest_.data() + at, number);
        if (error != std::errc{} || stop != rest_.data() + at) return false;
        rest_.remove_prefix(at + 1);
        return true;
    }

    std::optional<Value> integer() {
        std::int64_t number = 0;
        if (!digits_until('e', number)) return std::nullopt;
        return Value(number);
    }

    std::optional<std::string_view> view() {
        std::uint32_t size = 0;
        if (!digits_until(':', size) || size > rest_.size()) return std::nullopt;
        const auto text = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return text;
    }

    std::optional<std::string> string() {
        const auto text = view();
        return text ? std::optional<std::string>(*text) : std::nullopt;
    }

    std::optional<Value> members(int depth) {
        List result;
        while (!take('e')) {
            auto member = value(depth + 1);
            if (!member) return std::nullopt;
            result.push_back(std::move(*member));
        }
        return Value(std::move(result));
    }

    std::optional<Value> pairs(int depth) {
        Dict result;
        while (!take('e')) {
            auto key = string();
            if (!key) return std::nullopt;
            auto member = value(depth + 1);
            if (!member) return std::nullopt;
            result.insert_or_assign(std::move(*key), std::move(*member));
        }
        return Value(std::move(result));
    }

    std::string_view rest_;
};

const Value *find(const Dict &dict, std::string_view key) {
    const auto found = dict.find(key);
    return found == dict.end() ? nullptr : &found->second;
}

} // namespace

DictText &DictText::put(std::string_view key, std::string_view text) {
    put_text(members_, key);
    put_text(members_, text);
    return *this;
}

DictText &DictText::put(std::string_view key, std::int64_t number) {
    put_text(members_, key);
    members_ += 'i';
    members_ += std::to_string(number);
    members_ += 'e';
    return *this;
}

DictText &DictText::put(std::string_view key, std::initializer_list<std::string_view> list) {
    put_text(members_, key);
    members_ += 'l';
    for (const std::string_view member : list)
        put_text(members_, member);
    members_ += 'e';
    return *this;
}

DictText &DictText::put(std::string_view key, const DictText &dict) {
    put_text(members_, key);
    members_ += 'd';
    members_ += dict.members_;
    members_ += 'e';
    return *this;
}

std::optional<Dict> decode(std::string_view text) {
    if (text.size() > kMaxDatagram) return std::nullopt;
    Reader reader(text);
    auto value = reader.value(0);
    if (!value || !reader.at_end()) return std::nullopt;
    auto *dict = std::get_if<Dict>(&value->is);
    if (dict == nullptr) return std::nullopt;
    return std::move(*dict);
}

std::optional<Dict> decode_flat(std::string_view text) {
    if (text.size() > kMaxDatagram) return std::nullopt;
    Reader reader(text);
    auto dict = reader.flat();
    return reader.at_end() ? std::move(dict) : std::nullopt;
}

std::optional<Datagram> split(std::string_view datagram) {
    const auto space = datagram.find(' ');
    if (space == std::string_view::npos || space == 0) return std::nullopt;
    return Datagram{datagram.substr(0, space), datagram.substr(space + 1)};
}

const std::string *text(const Dict &dict, std::string_view key) {
    const auto *value = find(dict, key);
    return value == nullptr ? nullptr : std::get_if<std::string>(&value->is);
}

std::optional<std::int64_t> number(const Dict &dict, std::string_view key) {
    const auto *value = find(dict, key);
    if (value == nullptr) return std::nullopt;
    if (const auto *direct = std::get_if<std::int64_t>(&value->is)) return *direct;
    const auto *written = std::get_if<std::string>(&value->is);
    std::int64_t result = 0;
    if (written == nullptr) return std::nullopt;
    const auto *end = written->data() + written->size();
    const auto [stop, error] = std::from_chars(written->data(), end, result);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return result;
}

const Dict *dictionary(const Dict &dict, std::string_view key) {
    const auto *value = find(dict, key);
    return value == nullptr ? nullptr : std::get_if<Dict>(&value->is);
}

const List *list(const Dict &dict, std::string_view key) {
    const auto *value = find(dict, key);
    return value == nullptr ? nullptr : std::get_if<List>(&value->is);
}

} // namespace fernamt::telephony::ng
