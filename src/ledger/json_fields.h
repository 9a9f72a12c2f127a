// SPDX-License-Identifier: EUPL-1.2
// Structs as canonical JSON through one description of their members (fields(f, value), for routing
// in routing_fields.h): FieldWriter makes an object, FieldReader reads one strictly. A member that
// is an empty optional is left out; every other member must be there, no unknown one may be.
// Canonical text: keys sorted, no blanks, whole numbers only. Internal to the ledger.
#pragma once

#include "base/calendar.h"
#include "base/id.h"
#include "base/phone_number.h"
#include "base/problem.h"
#include "base/time.h"

#include <boost/json/value.hpp>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace fernamt::ledger {

[[nodiscard]] std::string canonical(const boost::json::value &value);
// Only objects; limits depth and refuses duplicate members.
[[nodiscard]] Expected<boost::json::object> parse_object(std::string_view text);

// A text that lives as long as the process: for string_view members (routing::Refused).
[[nodiscard]] std::string_view interned(std::string_view text);

// Whether the struct stands in the ledger as one text of its own: ledger_text() and
// read_ledger_text() beside its fields.
template <class T>
concept OneText = requires(T value) {
    { ledger_text(value) } -> std::convertible_to<std::string>;
};

// Whether the enum's values have names: name_of(E) gives "" for a value that has none.
template <class E>
concept NamedEnum = std::is_enum_v<E> && requires(E e) {
    { name_of(e) } -> std::convertible_to<std::string_view>;
};

// Writes the text at once, without a tree of values in between: every event and decision of a call
// passes here. A member is written once.
class FieldWriter {
  public:
    FieldWriter() { begin(); }

    template <class T>
    void operator()(std::string_view name, const T &value) {
        if (text_.back() != '{') text_ += ',';
        members_.push_back({name, text_.size(), 0});
        write(name);
        text_ += ':';
        write(value);
        members_.back().end = text_.size();
    }
    template <class T>
    void operator()(std::string_view name, const std::optional<T> &value) {
        if (value) (*this)(name, *value);
    }
    // A member that came later: left out while it has the value it has in older entries.
    template <class T>
    void added(std::string_view name, const T &value, const T &before) {
        if (!(value == before)) (*this)(name, value);
    }
    // The object; nothing more can be added.
    [[nodiscard]] std::string take();

  private:
    struct Member {
        std::string_view name;
        std::size_t begin, end; // "name":value
    };

    void begin() {
        begins_.push_back(members_.size());
        text_ += '{';
    }
    void end(); // sorts the members of the object that was begun last

    void write(bool value) { text_ += value ? "true" : "false"; }
    void write(int value) { write(std::int64_t{value}); }
    void write(std::int64_t value);
    void write(std::string_view value); // quoted and escaped
    void write(const std::string &value) { write(std::string_view(value)); }
    void write(Duration value) { write(std::int64_t{value.count()}); }
    void write(Instant value) { write(value.us); }
    void write(MunicipalityId id) { write(to_ars(id)); }
    void write(const PhoneNumber &number) { write(number.e164); }
    template <class Tag>
    void write(Id<Tag> id) {
        write(id.value);
    }
    template <NamedEnum E>
    void write(E value) {
        write(name_of(value));
    }
    template <OneText T>
    void write(const T &value) {
        write(ledger_text(value));
    }
    template <class T>
    void write(const std::vector<T> &values) {
        text_ += '[';
        for (const T &value : values) {
            if (text_.back() != '[') text_ += ',';
            write(value);
        }
        text_ += ']';
    }
    template <class K, class T>
    void write(const std::map<K, T> &values) { // each knows its own key: id
        text_ += '[';
        for (const auto &[key, value] : values) {
            if (text_.back() != '[') text_ += ',';
            write(value);
        }
        text_ += ']';
    }
    template <class T>
    void write(const T &value)
        requires requires(FieldWriter &f) { fields(f, value); }
    {
        begin();
        fields(*this, value);
        end();
    }

    std::string text_;
    std::string sorted_;              // kept for its memory
    std::vector<Member> members_;     // of all objects that are open
    std::vector<std::size_t> begins_; // of each of them, in members_
};

class FieldReader {
  public:
    // where: names the object in problems ("call.offered", "state.calls").
    FieldReader(const boost::json::object &object, std::string where)
        : object_(object), where_(std::move(where)) {}

    template <class T>
    void operator()(std::string_view name, T &value) {
        const boost::json::value *found = find(name);
        if (found == nullptr) return missing(name);
        if (!problem_ && !from_value(*found, value, path(name))) wrong(name);
    }
    template <class T>
    void operator()(std::string_view name, std::optional<T> &value) {
        if (find(name) == nullptr) return;
        (*this)(name, value.emplace());
    }
    template <class T>
    void added(std::string_view name, T &value, const T &before) {
        if (find(name) == nullptr) {
            value = before;
        } else {
            (*this)(name, value);
        }
    }
    // A member that is no part of the value.
    void skip(std::string_view name) { (void)find(name); }
    // The first problem, an unknown member included.
    [[nodiscard]] Expected<void> finish();

  private:
    [[nodiscard]] const boost::json::value *find(std::string_view name);
    [[nodiscard]] std::string path(std::string_view name) const;
    void missing(std::string_view name);
    void wrong(std::string_view name);

    static bool from_value(const boost::json::value &json, bool &value, const std::string &);
    static bool from_value(const boost::json::value &json, int &value, const std::string &);
    static bool from_value(const boost::json::value &json, std::int64_t &value,
                           const std::string &);
    static bool from_value(const boost::json::value &json, std::string_view &value,
                           const std::string &);
    static bool from_value(const boost::json::value &json, Duration &value, const std::string &);
    static bool from_value(const boost::json::value &json, Instant &value, const std::string &);
    static bool from_value(const boost::json::value &json, MunicipalityId &id, const std::string &);
    static bool from_value(const boost::json::value &json, PhoneNumber &number,
                           const std::string &);
    template <class Tag>
    bool from_value(const boost::json::value &json, Id<Tag> &id, const std::string &where) {
        return from_value(json, id.value, where);
    }
    template <NamedEnum E>
    bool from_value(const boost::json::value &json, E &value, const std::string &) {
        if (!json.is_string()) return false;
        const std::string_view text(json.get_string().data(), json.get_string().size());
        for (int i = 0; !name_of(static_cast<E>(i)).empty(); ++i) {
            if (name_of(static_cast<E>(i)) != text) continue;
            value = static_cast<E>(i);
            return true;
        }
        return false;
    }
    template <OneText T>
    bool from_value(const boost::json::value &json, T &value, const std::string &) {
        if (!json.is_string()) return false;
        return read_ledger_text({json.get_string().data(), json.get_string().size()}, value);
    }
    template <class T>
    bool from_value(const boost::json::value &json, std::vector<T> &values,
                    const std::string &where) {
        if (!json.is_array()) return false;
        for (const auto &element : json.get_array()) {
            if (!from_value(element, values.emplace_back(), where)) return false;
        }
        return true;
    }
    template <class K, class T>
    bool from_value(const boost::json::value &json, std::map<K, T> &values,
                    const std::string &where) {
        if (!json.is_array()) return false;
        for (const auto &element : json.get_array()) {
            T value;
            if (!from_value(element, value, where)) return false;
            const K key = value.id;
            if (!values.emplace(key, std::move(value)).second) return false; // twice
        }
        return true;
    }
    template <class T>
    bool from_value(const boost::json::value &json, T &value, const std::string &where)
        requires requires(FieldReader &f) { fields(f, value); }
    {
        if (!json.is_object()) return false;
        FieldReader inner(json.get_object(), where);
        fields(inner, value);
        auto done = inner.finish();
        if (!done && !problem_) problem_ = done.error(); // names the inner member
        return true;
    }

    const boost::json::object &object_;
    std::string where_;
    std::set<std::string_view> known_;
    std::optional<Problem> problem_;
};

} // namespace fernamt::ledger
