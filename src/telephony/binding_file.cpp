// SPDX-License-Identifier: EUPL-1.2
#include "telephony/binding_file.h"

#include "base/log.h"

#include <boost/json.hpp>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

namespace fernamt::telephony {

namespace json = boost::json;

namespace {

json::value to_value(const Binding &binding) {
    return json::object{{"user", binding.user},         {"contact", binding.contact},
                        {"next_hop", binding.next_hop}, {"expires", binding.expires.us},
                        {"call_id", binding.call_id},   {"cseq", binding.cseq}};
}

Binding to_binding(const json::object &object) {
    return {.user = json::value_to<std::string>(object.at("user")),
            .contact = json::value_to<std::string>(object.at("contact")),
            .next_hop = json::value_to<std::string>(object.at("next_hop")),
            .expires = Instant{json::value_to<std::int64_t>(object.at("expires"))},
            .call_id = json::value_to<std::string>(object.at("call_id")),
            .cseq = json::value_to<std::uint32_t>(object.at("cseq"))};
}

} // namespace

BindingFile::BindingFile(const std::string &directory) : path_(directory + "/phones.json") {
    std::ifstream in(path_);
    if (!in) return;
    std::stringstream text;
    text << in.rdbuf();
    try {
        const json::value all = json::parse(text.str(), {}, {.allow_invalid_utf8 = true});
        for (const json::value &item : all.as_array()) {
            Binding binding = to_binding(item.as_object());
            const std::string user = binding.user;
            bindings_.insert_or_assign(user, std::move(binding));
        }
    } catch (const std::exception &) { // phones register again by themselves
        bindings_.clear();
        log::warning("sip.bindings_unreadable", {{"file", "phones.json"}});
    }
}

std::vector<Binding> BindingFile::load() const {
    std::vector<Binding> all;
    for (const auto &[user, binding] : bindings_)
        all.push_back(binding);
    return all;
}

void BindingFile::save(const Binding &binding) {
    bindings_.insert_or_assign(binding.user, binding);
    write();
}

void BindingFile::forget(const std::string &user) {
    if (bindings_.erase(user) > 0) write();
}

void BindingFile::write() const {
    json::array all;
    for (const auto &[user, binding] : bindings_)
        all.push_back(to_value(binding));
    const std::string fresh = path_ + ".new";
    const auto mask = ::umask(0077);
    std::ofstream out(fresh, std::ios::trunc);
    ::umask(mask);
    out << json::serialize(all);
    out.close();
    if (!out || std::rename(fresh.c_str(), path_.c_str()) != 0) {
        log::warning("sip.bindings_not_saved", {{"reason", std::strerror(errno)}});
    }
}

} // namespace fernamt::telephony
