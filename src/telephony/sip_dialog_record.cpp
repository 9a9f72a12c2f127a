// SPDX-License-Identifier: EUPL-1.2
#include "telephony/sip_dialog_record.h"

#include "base/json_text.h"

#include <boost/json.hpp>

namespace fernamt::telephony {

namespace json = boost::json;

std::string to_text(const DialogRecord &record) {
    std::string text;
    text.reserve(1024); // an SDP and some addresses
    const auto name = [&](std::string_view key) {
        text += text.empty() ? "{\"" : ",\"";
        text += key;
        text += "\":";
    };
    const auto string = [&](std::string_view key, std::string_view value) {
        name(key);
        append_json_text(text, value);
    };
    const auto number = [&](std::string_view key, std::int64_t value) {
        name(key);
        text += std::to_string(value);
    };
    const auto boolean = [&](std::string_view key, bool value) {
        name(key);
        text += value ? "true" : "false";
    };
    string("call_id", record.call_id);
    string("local", record.local);
    string("remote", record.remote);
    number("local_cseq", record.local_cseq);
    number("remote_cseq", record.remote_cseq);
    name("route");
    text += '[';
    for (const auto &hop : record.route) {
        if (text.back() != '[') text += ',';
        append_json_text(text, hop);
    }
    text += ']';
    string("target", record.target);
    string("contact", record.contact);
    string("next_hop", record.next_hop);
    string("trunk", record.trunk);
    if (!record.phone.empty()) string("phone", record.phone);
    boolean("outgoing", record.session.outgoing);
    number("expires", record.session.expires);
    boolean("we_refresh", record.session.we_refresh);
    boolean("peer_update", record.session.peer_update);
    string("local_sdp", record.session.local_sdp);
    text += '}';
    return text;
}

std::optional<DialogRecord> parse_dialog_record(const std::string &text) {
    boost::system::error_code error;
    // The far end's names are kept as they came, also those that are not UTF-8.
    const json::value value = json::parse(text, error, {}, {.allow_invalid_utf8 = true});
    if (error || !value.is_object()) return std::nullopt;
    try {
        const auto &object = value.get_object();
        const auto string = [&](const char *name) {
            return std::string(object.at(name).as_string());
        };
        DialogRecord record;
        record.call_id = string("call_id");
        record.local = string("local");
        record.remote = string("remote");
        record.local_cseq = object.at("local_cseq").to_number<std::uint32_t>();
        record.remote_cseq = object.at("remote_cseq").to_number<std::uint32_t>();
        for (const auto &hop : object.at("route").as_array())
            record.route.emplace_back(hop.as_string());
        record.target = string("target");
        record.contact = string("contact");
        record.next_hop = string("next_hop");
        record.trunk = string("trunk");
        if (object.contains("phone")) record.phone = string("phone"); // not of an older program
        record.session.outgoing = object.at("outgoing").as_bool();
        record.session.expires = object.at("expires").to_number<int>();
        record.session.we_refresh = object.at("we_refresh").as_bool();
        record.session.peer_update = object.at("peer_update").as_bool();
        record.session.local_sdp = string("local_sdp");
        return record;
    } catch (const std::exception &) { // a field is missing or of another type
        return std::nullopt;
    }
}

} // namespace fernamt::telephony
