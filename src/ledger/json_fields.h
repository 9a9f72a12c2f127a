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

class FieldWriter {
  public:
    template <class T>
    void operator()(std::string_view name, const T &value) {
        object_[name] = to_value(value);
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
    [[nodiscard]] boost::json::object take() { return std::move(object_); }

  private:
    static boost::json::value to_value(bool value) { return value; }
    static boost::json::value to_value(int value) { return value; }
    static boost::json::value to_value(std::int64_t value) { return value; }
    static boost::json::value to_value(std::string_view value) {
        return boost::json::string(value);
    }
    static boost::json::value to_value(Duration value) { return std::int64_t{value.count()}; }
    static boost::json::value to_value(Instant value) { return value.us; }
    static boost::json::value to_value(MunicipalityId id) {
        return boost::json::string(to_ars(id));
    }
    static boost::json::value to_value(const PhoneNumber &number) {
        return boost::json::string(number.e164);
    }
    template <class Tag>
    static boost::json::value to_value(Id<Tag> id) {
        return id.value;
    }
    template <NamedEnum E>
    static boost::json::value to_value(E value) {
        return boost::json::string(name_of(value));
    }
    template <OneText T>
    static boost::json::value to_value(const T &value) {
        return boost::json::string(ledger_text(value));
    }
    template <class T>
    static boost::json::value to_value(const std::vector<T> &values) {
        boost::json::array array;
        for (const T &value : values)
            array.push_back(to_value(value));
        return array;
    }
    template <class K, class T>
    static boost::json::value to_value(const std::map<K, T> &values) { // each knows its own key: id
        boost::json::array array;
        for (const auto &[key, value] : values)
            array.push_back(to_value(value));
        return array;
    }
    template <class T>
    static boost::json::value to_value(const T &value)
        requires requires(FieldWriter &f) { fields(f, value); }
    {
        FieldWriter inner;
        fields(inner, value);
        return inner.take();
    }

    boost::json::object object_;
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
