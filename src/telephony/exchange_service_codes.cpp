// SPDX-License-Identifier: EUPL-1.2
// The town hall's own operator says by the phone's keys who answers (R-16): *21 from the office's
// own phone, and the centre answers at once; #21, and the office rings first again; ##21, and its
// timetable decides. Which phone that is must be proven, as a From header can say anything: the
// office's number that the trunk's operator vouches for, or a phone registered with us whose owner
// may switch that office.
#include "base/log.h"
#include "telephony/exchange_core.h"

#include <utility>

namespace fernamt::telephony {

namespace {

struct ServiceCode {
    std::string_view keys;
    std::optional<bool> absent;
    std::string_view confirmation; // Announcements::words
};

constexpr ServiceCode kCodes[] = {
    {"*21", true, "office_absent"},
    {"#21", false, "office_there"},
    {"##21", std::nullopt, "office_timetable"},
};

// "*21", "*21#", "%2321" (a '#' must be escaped in a SIP URI, RFC 3261 25.1)
std::string keys_of(std::string user) {
    for (std::size_t at = user.find("%23"); at != std::string::npos; at = user.find("%23"))
        user.replace(at, 3, "#");
    if (user.size() > 1 && user.ends_with('#')) user.pop_back();
    return user;
}

const ServiceCode *code_of(const IncomingCall &incoming) {
    if (incoming.dialled.empty()) return nullptr;
    const std::string keys = keys_of(incoming.dialled.front().user);
    for (const ServiceCode &code : kCodes) {
        if (code.keys == keys) return &code;
    }
    return nullptr;
}

} // namespace

std::optional<MunicipalityId> ExchangeCore::office_that_calls(const IncomingCall &incoming) const {
    constexpr std::string_view kPhone = "phone:";
    std::optional<MunicipalityId> own; // of a phone registered with us
    if (incoming.source.starts_with(kPhone) && parts_.office_of_phone)
        own = parts_.office_of_phone(incoming.source.substr(kPhone.size()));
    const auto caller = incoming.caller_asserted ? parse_phone_number(incoming.caller.reveal())
                                                 : std::optional<PhoneNumber>{};
    for (const routing::Number &number : machine_.state().rules.numbers) {
        if (!number.office) continue; // nobody rings first: nothing to switch
        if (number.municipality == own || number.office->office == caller)
            return number.municipality;
    }
    return std::nullopt;
}

bool ExchangeCore::switch_office_by_phone(const IncomingCall &incoming) {
    const ServiceCode *code = code_of(incoming);
    if (code == nullptr) return false;
    const auto municipality = office_that_calls(incoming);
    if (!municipality || incoming.offer.empty()) {
        log::warning("office.switch_refused", {{"source", incoming.source}});
        parts_.legs.reject(incoming.leg, 403, reason_header(403, "Not an office's own number"));
        return true;
    }
    const LegId leg = incoming.leg;
    parts_.legs.ring(leg);
    submit(routing::OfficeSwitched{*municipality, code->absent, {}},
           [this, leg, code, town = *municipality, offer = incoming.offer](Expected<void> done) {
               if (!done) {
                   parts_.legs.reject(leg, 480, reason_header(480, "Not switched"));
                   return;
               }
               confirm(leg, offer, parts_.announcements.words(town, code->confirmation));
           });
    return true;
}

// Heard means done: it stands in the ledger and is in force. The call belongs to no caller and no
// agent, so routing does not know it; whoever hangs up first, the sound ends with the words.
void ExchangeCore::confirm(LegId leg, const std::string &offer, const std::string &path) {
    const CallId id = new_call_id();
    const auto end = [this, id, leg] {
        parts_.legs.hang_up(leg);
        parts_.media.end(id);
    };
    parts_.legs.listen(leg, this);
    parts_.media.leg_in(id, kCallerTag, LegKind::plain, offer,
                        [this, id, leg, path, end](Expected<std::string> answer) {
                            if (!answer) {
                                parts_.legs.reject(leg, 488, reason_header(488, "No usable audio"));
                                parts_.media.end(id);
                                return;
                            }
                            parts_.legs.answer(leg, *answer);
                            parts_.media.play(
                                id, kCallerTag, path, 1, [this, end](Expected<Duration> length) {
                                    parts_.loop.after(length.value_or(Duration{}), end);
                                });
                        });
}

} // namespace fernamt::telephony
