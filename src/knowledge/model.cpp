// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/model.h"

#include <array>
#include <charconv>

namespace fernamt::knowledge {

namespace {

constexpr std::array<std::string_view, kObjectKinds> kKinds{
    "service", "specialisation", "office", "online_service", "form", "responsibility"};

// FNV-1a over 64 bits with the finish of MurmurHash3, whose high bits depend on every input bit.
struct Hash {
    std::uint64_t state = 0xcbf29ce484222325;
    void add(std::string_view text) {
        for (const char c : text)
            state = (state ^ static_cast<unsigned char>(c)) * 0x100000001b3;
        state = (state ^ 0xff) * 0x100000001b3; // a byte that UTF-8 never has divides the parts
    }
    [[nodiscard]] std::uint64_t finished() const {
        std::uint64_t value = state;
        value = (value ^ (value >> 33)) * 0xff51afd7ed558ccd;
        value = (value ^ (value >> 33)) * 0xc4ceb9fe1a85ec53;
        return value ^ (value >> 33);
    }
};

} // namespace

std::string_view to_string(ObjectKind kind) {
    return kKinds[static_cast<std::size_t>(kind) - 1];
}

std::optional<ObjectKind> object_kind(std::int64_t number) {
    if (number < 1 || number > kObjectKinds) return std::nullopt;
    return static_cast<ObjectKind>(number);
}

std::int64_t object_id(ObjectKind kind, std::string_view agency, std::string_view local_id) {
    if (kind == ObjectKind::service && agency == kDemoAgency) {
        std::int64_t number = 0;
        const auto *end = local_id.data() + local_id.size();
        const auto read = std::from_chars(local_id.data(), end, number);
        if (read.ec == std::errc{} && read.ptr == end && number > 0 && number < kFreeIds) {
            return number;
        }
    }
    Hash hash;
    hash.add(to_string(kind));
    hash.add(agency);
    hash.add(local_id);
    const int bits = kind == ObjectKind::responsibility ? 62 : 52;
    const std::int64_t id = static_cast<std::int64_t>(hash.finished() >> (64 - bits));
    return id < kFreeIds ? id + kFreeIds : id;
}

std::string_view to_string(AmountKind kind) {
    switch (kind) {
    case AmountKind::fee:
        return "fee";
    case AmountKind::deadline:
        return "deadline";
    case AmountKind::duration:
        return "duration";
    }
    return "fee";
}

std::optional<Administration> level_of_typification(std::string_view typification) {
    using enum Administration;
    const auto slash = typification.find('/');
    if (slash != std::string_view::npos) typification.remove_prefix(slash + 1); // "2/3a" is both's
    if (typification == "1") return federation;
    if (typification == "2a" || typification == "3a" || typification == "4a") return land;
    if (typification == "2b" || typification == "3b" || typification == "4b" ||
        typification == "5") {
        return local;
    }
    return std::nullopt;
}

std::optional<Administration> level_there(std::string_view typification,
                                          std::optional<AreaLevel> area) {
    using enum Administration;
    const auto said = level_of_typification(typification);
    if (area == AreaLevel::district && said == local) return district;
    const bool land_or_local = !said && typification.find_first_of("234") == 0;
    if (area == AreaLevel::land && land_or_local) return land;
    return said;
}

} // namespace fernamt::knowledge
