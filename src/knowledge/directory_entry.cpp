// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/directory_entry.h"

#include "base/text.h"
#include "base/utf8.h"

#include <algorithm>

namespace fernamt::knowledge {

namespace {

constexpr std::size_t kLongestField = 500; // bytes

bool is_clean(const std::string &text) {
    return text.size() <= kLongestField && is_utf8(text) && std::ranges::none_of(text, [](char c) {
               return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f;
           });
}

bool is_wrong(DirectoryField field, const std::string &value) {
    if (!is_clean(value)) return true;
    if (field == DirectoryField::office) return value.empty();
    if (value.empty()) return false;
    if (field == DirectoryField::telephone) return !parse_phone_number(value);
    return field == DirectoryField::email && value.find('@') == std::string::npos;
}

} // namespace

std::string_view to_string(DirectoryField field) {
    constexpr std::array<std::string_view, kDirectoryFields> kNames{
        "office", "name", "position", "telephone", "email", "room", "substitute", "hours"};
    return kNames.at(static_cast<std::size_t>(field));
}

CheckedEntry check_entry(DirectoryValues values) {
    CheckedEntry checked;
    for (std::size_t i = 0; i < kDirectoryFields; ++i) {
        const auto field = static_cast<DirectoryField>(i);
        values.at(i) = std::string(trimmed(values.at(i)));
        if (!is_wrong(field, values.at(i))) continue;
        checked.wrong.push_back(field);
        values.at(i).clear();
    }
    const auto take = [&](DirectoryField field) {
        return std::move(values.at(static_cast<std::size_t>(field)));
    };
    checked.entry = {.office = take(DirectoryField::office),
                     .name = take(DirectoryField::name),
                     .position = take(DirectoryField::position),
                     .telephone = parse_phone_number(take(DirectoryField::telephone)),
                     .email = take(DirectoryField::email),
                     .room = take(DirectoryField::room),
                     .substitute = take(DirectoryField::substitute),
                     .hours = take(DirectoryField::hours)};
    return checked;
}

} // namespace fernamt::knowledge
