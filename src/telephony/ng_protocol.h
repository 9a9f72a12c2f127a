// SPDX-License-Identifier: EUPL-1.2
// The text of rtpengine's ng protocol: one datagram "COOKIE SP DICTIONARY", the dictionary in
// bencode (i42e, 5:hello, l…e, d…e). Decoding has limits on size and depth and never throws.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace fernamt::telephony::ng {

inline constexpr std::size_t kMaxDatagram = 65507; // UDP over IPv4
inline constexpr int kMaxDepth = 24;

struct Value;
using List = std::vector<Value>;
using Dict = std::map<std::string, Value, std::less<>>;

struct Value {
    std::variant<std::int64_t, std::string, List, Dict> is;

    Value() : is(std::int64_t{0}) {}
    template <std::integral T>
    Value(T number) : is(static_cast<std::int64_t>(number)) {} // NOLINT: literals in a dictionary
    Value(std::string text) : is(std::move(text)) {}           // NOLINT
    Value(std::string_view text) : is(std::string(text)) {}    // NOLINT
    Value(const char *text) : is(std::string(text)) {}         // NOLINT
    Value(List list) : is(std::move(list)) {}                  // NOLINT
    Value(Dict dict) : is(std::move(dict)) {}                  // NOLINT
    friend bool operator==(const Value &, const Value &) = default;
};

// A dictionary as text, written member after member: nine times per call, so without values in
// between. rtpengine and decode() take members in any order.
class DictText {
  public:
    DictText &put(std::string_view key, std::string_view text);
    DictText &put(std::string_view key, std::int64_t number);
    DictText &put(std::string_view key, std::initializer_list<std::string_view> list);
    DictText &put(std::string_view key, const DictText &dict);
    [[nodiscard]] std::string text() const { return 'd' + members_ + 'e'; }

  private:
    std::string members_;
};

struct Command {
    explicit Command(std::string_view its_name) : name(its_name) { fields.put("command", name); }
    std::string name;
    DictText fields;
};

[[nodiscard]] std::optional<Dict> decode(std::string_view text);
// The same without the lists and dictionaries in it, which are only checked: the reply to a delete
// holds all of the call's counters, 2 kB that nobody asks for.
[[nodiscard]] std::optional<Dict> decode_flat(std::string_view text);

// What a datagram from rtpengine says: its cookie and the dictionary.
struct Datagram {
    std::string_view cookie;
    std::string_view dictionary;
};
[[nodiscard]] std::optional<Datagram> split(std::string_view datagram);

// A member of a dictionary if it is there and of this kind.
[[nodiscard]] const std::string *text(const Dict &dict, std::string_view key);
[[nodiscard]] std::optional<std::int64_t> number(const Dict &dict,
                                                 std::string_view key); // "7" counts
[[nodiscard]] const Dict *dictionary(const Dict &dict, std::string_view key);
[[nodiscard]] const List *list(const Dict &dict, std::string_view key);

} // namespace fernamt::telephony::ng
