// SPDX-License-Identifier: EUPL-1.2
// Agreements and invoices as canonical JSON through one description of their members (fields(f, v)
// in agreement_fields.h and invoice_fields.h): DocumentWriter makes the object, DocumentReader
// reads one strictly. Money and prices are whole numbers, days "2026-11-22", enums their words. An
// empty optional is left out; every other member must be there. Internal to billing.
#pragma once

#include "agreements/agreement.h"
#include "agreements/month.h"
#include "base/calendar.h"
#include "base/id.h"
#include "base/money.h"
#include "base/phone_number.h"
#include "base/problem.h"
#include "base/time.h"
#include "ledger/json_fields.h"

#include <boost/json.hpp>

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace fernamt::billing {

namespace json = boost::json;
using agreements::to_string; // Rounding's words stand in that room, its type in base

template <class E>
concept WordedEnum = std::is_enum_v<E> && requires(E e) {
    { to_string(e) } -> std::convertible_to<std::string_view>;
};

class DocumentWriter {
  public:
    template <class T>
    void operator()(std::string_view name, const T &value) {
        object_[name] = to_value(value);
    }
    template <class T>
    void operator()(std::string_view name, const std::optional<T> &value) {
        if (value) (*this)(name, *value);
    }
    // One member per alternative; the one that is held is there.
    template <class T, class Variant>
    void alternative(std::string_view name, const Variant &held) {
        if (const T *value = std::get_if<T>(&held)) (*this)(name, *value);
    }
    [[nodiscard]] json::object take() { return std::move(object_); }

  private:
    static json::value to_value(bool value) { return value; }
    static json::value to_value(int value) { return value; }
    static json::value to_value(std::int64_t value) { return value; }
    static json::value to_value(std::uint32_t value) { return std::int64_t{value}; }
    static json::value to_value(std::size_t value) { return static_cast<std::int64_t>(value); }
    static json::value to_value(const std::string &value) { return json::string(value); }
    static json::value to_value(Money value) { return value.cents; }
    static json::value to_value(Price value) { return value.micro_euro; }
    static json::value to_value(Duration value) { return std::int64_t{value.count()}; }
    static json::value to_value(Instant value) { return value.us; }
    static json::value to_value(const LocalDate &value) { return json::string(to_string(value)); }
    static json::value to_value(const agreements::Month &month) {
        return json::string(agreements::to_string(month));
    }
    static json::value to_value(MunicipalityId id) { return json::string(to_ars(id)); }
    static json::value to_value(const PhoneNumber &number) { return json::string(number.e164); }
    template <class Tag>
    static json::value to_value(Id<Tag> id) {
        return id.value;
    }
    template <WordedEnum E>
    static json::value to_value(E value) {
        return json::string(to_string(value));
    }
    template <class T>
    static json::value to_value(const std::vector<T> &values) {
        json::array array;
        for (const T &value : values)
            array.push_back(to_value(value));
        return array;
    }
    template <class T>
    static json::value to_value(const T &value)
        requires requires(DocumentWriter &f) { fields(f, value); }
    {
        DocumentWriter inner;
        fields(inner, value);
        return inner.take();
    }

    json::object object_;
};

class DocumentReader {
  public:
    explicit DocumentReader(const json::object &object, std::string where = {})
        : object_(object), where_(std::move(where)) {}

    template <class T>
    void operator()(std::string_view name, T &value) {
        const json::value *found = find(name);
        if (found == nullptr || !from_value(*found, value, where_ + std::string{name} + ".")) {
            wrong(name);
        }
    }
    template <class T>
    void operator()(std::string_view name, std::optional<T> &value) {
        if (find(name) != nullptr) (*this)(name, value.emplace());
    }
    template <class T, class Variant>
    void alternative(std::string_view name, Variant &held) {
        if (find(name) == nullptr) return;
        T value;
        (*this)(name, value);
        held = std::move(value);
    }
    // "document.wrong_value" (place) for a member that is missing, unknown or of another kind.
    [[nodiscard]] Expected<void> finish() {
        for (const auto &member : object_) {
            if (!known_.contains(std::string{member.key()})) wrong(member.key());
        }
        if (!wrong_) return {};
        return fail(ProblemKind::invalid_input, "document.wrong_value", {{"place", *wrong_}});
    }

  private:
    const json::value *find(std::string_view name) {
        known_.insert(std::string{name});
        return object_.if_contains(name);
    }
    void wrong(std::string_view name) {
        if (!wrong_) wrong_ = where_ + std::string{name};
    }
    static bool text_of(const json::value &value, std::string &text) {
        if (!value.is_string()) return false;
        text.assign(value.get_string().data(), value.get_string().size());
        return true;
    }
    static bool from_value(const json::value &value, bool &into, const std::string &) {
        if (value.is_bool()) into = value.get_bool();
        return value.is_bool();
    }
    static bool from_value(const json::value &value, std::int64_t &into, const std::string &) {
        if (value.is_int64()) into = value.get_int64();
        return value.is_int64();
    }
    template <class Whole>
    static bool narrow(const json::value &value, Whole &into) {
        if (!value.is_int64()) return false;
        into = static_cast<Whole>(value.get_int64());
        return static_cast<std::int64_t>(into) == value.get_int64();
    }
    static bool from_value(const json::value &value, int &into, const std::string &) {
        return narrow(value, into);
    }
    static bool from_value(const json::value &value, std::uint32_t &into, const std::string &) {
        return narrow(value, into);
    }
    static bool from_value(const json::value &value, std::size_t &into, const std::string &) {
        return narrow(value, into);
    }
    static bool from_value(const json::value &value, std::string &into, const std::string &) {
        return text_of(value, into);
    }
    static bool from_value(const json::value &value, Money &into, const std::string &where) {
        return from_value(value, into.cents, where);
    }
    static bool from_value(const json::value &value, Price &into, const std::string &where) {
        return from_value(value, into.micro_euro, where);
    }
    static bool from_value(const json::value &value, Instant &into, const std::string &where) {
        return from_value(value, into.us, where);
    }
    static bool from_value(const json::value &value, Duration &into, const std::string &) {
        if (value.is_int64()) into = Duration{value.get_int64()};
        return value.is_int64();
    }
    static bool from_value(const json::value &value, LocalDate &into, const std::string &) {
        std::string text;
        if (!text_of(value, text)) return false;
        const auto date = parse_date(text);
        if (date) into = *date;
        return date.has_value();
    }
    static bool from_value(const json::value &value, agreements::Month &into, const std::string &) {
        std::string text;
        if (!text_of(value, text)) return false;
        const auto month = agreements::parse_month(text);
        if (month) into = *month;
        return month.has_value();
    }
    static bool from_value(const json::value &value, MunicipalityId &into, const std::string &) {
        std::string text;
        if (!text_of(value, text)) return false;
        const auto id = parse_ars(text);
        if (id) into = *id;
        return id.has_value();
    }
    static bool from_value(const json::value &value, PhoneNumber &into, const std::string &) {
        return text_of(value, into.e164);
    }
    template <class Tag>
    static bool from_value(const json::value &value, Id<Tag> &into, const std::string &where) {
        return from_value(value, into.value, where);
    }
    static bool from_value(const json::value &value, Land &into, const std::string &) {
        std::string text;
        if (!text_of(value, text)) return false;
        const auto land = parse_land(text);
        if (land) into = *land;
        return land.has_value();
    }
    template <WordedEnum E>
    static bool from_value(const json::value &value, E &into, const std::string &) {
        std::string text;
        if (!text_of(value, text) || text.empty()) return false;
        for (int i = 0; i < 64 && !to_string(static_cast<E>(i)).empty(); ++i) {
            if (to_string(static_cast<E>(i)) != text) continue;
            into = static_cast<E>(i);
            return true;
        }
        return false;
    }
    template <class T>
    bool from_value(const json::value &value, std::vector<T> &into, const std::string &where) {
        if (!value.is_array()) return false;
        into.clear();
        for (const auto &element : value.get_array()) {
            if (!from_value(element, into.emplace_back(), where)) return false;
        }
        return true;
    }
    template <class T>
    bool from_value(const json::value &value, T &into, const std::string &where)
        requires requires(DocumentReader &f) { fields(f, into); }
    {
        if (!value.is_object()) return false;
        DocumentReader inner(value.get_object(), where);
        fields(inner, into);
        (void)inner.finish();
        if (inner.wrong_ && !wrong_) wrong_ = inner.wrong_;
        return true;
    }

    const json::object &object_;
    std::string where_;
    std::set<std::string> known_;
    std::optional<std::string> wrong_;
};

// The whole of a document: one description of its members, both ways.
template <class T>
std::string write_document(const T &value) {
    DocumentWriter writer;
    fields(writer, value);
    return ledger::canonical(writer.take());
}

template <class T>
Expected<T> read_document(std::string_view text) {
    const auto object = ledger::parse_object(text);
    if (!object) return tl::unexpected(object.error());
    T value;
    DocumentReader reader(*object);
    fields(reader, value);
    if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
    return value;
}

} // namespace fernamt::billing
