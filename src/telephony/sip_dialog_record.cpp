// SPDX-License-Identifier: EUPL-1.2
#include "telephony/sip_dialog_record.h"

#include <boost/json.hpp>

namespace fernamt::telephony {

namespace json = boost::json;

std::string to_text(const DialogRecord &record) {
    json::array route;
    for (const auto &hop : record.route)
        route.emplace_back(hop);
    const json::object object{
        {"call_id", record.call_id},
        {"local", record.local},
        {"remote", record.remote},
        {"local_cseq", record.local_cseq},
        {"remote_cseq", record.remote_cseq},
        {"route", std::move(route)},
        {"target", record.target},
        {"contact", record.contact},
        {"next_hop", record.next_hop},
        {"trunk", record.trunk},
        {"outgoing", record.session.outgoing},
        {"expires", record.session.expires},
        {"we_refresh", record.session.we_refresh},
        {"peer_update", record.session.peer_update},
        {"local_sdp", record.session.local_sdp},
    };
    return json::serialize(object);
}

std::optional<DialogRecord> parse_dialog_record(const std::string &text) {
    boost::system::error_code error;
    const json::value value = json::parse(text, error);
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
