// SPDX-License-Identifier: EUPL-1.2
#include "telephony/leg_journal.h"

#include "base/json_text.h"
#include "base/log.h"

#include <boost/json.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

namespace fernamt::telephony {

namespace json = boost::json;

namespace {

// Lines are written many times per call: at once, without objects in between.
std::string line_of(CallId call) {
    std::string line = "{\"call\":";
    line += std::to_string(call.value);
    return line;
}

void add(std::string &line, std::string_view key, std::string_view value) {
    line += ",\"";
    line += key;
    line += "\":";
    append_json_text(line, value);
}

std::string leg_line(CallId call, const LegJournal::Leg &leg) {
    std::string line = line_of(call);
    add(line, "leg", leg.tag);
    add(line, "role", leg.role);
    line += leg.browser ? ",\"browser\":true" : ",\"browser\":false";
    line += ",\"agent\":" + std::to_string(leg.agent.value);
    add(line, "dialog", leg.dialog);
    line += leg.holds ? ",\"holds\":true}" : "}";
    return line;
}

std::string value_line(CallId call, std::string_view key, std::string_view value) {
    std::string line = line_of(call);
    add(line, key, value);
    line += '}';
    return line;
}

void add(std::string &line, std::string_view key, const std::vector<std::string> &values) {
    line += ",\"";
    line += key;
    line += "\":[";
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) line += ',';
        append_json_text(line, values[i]);
    }
    line += ']';
}

std::string way_line(CallId call, const WayHere &way) {
    std::string line = line_of(call);
    line += ",\"max_forwards\":" + std::to_string(way.max_forwards);
    add(line, "history_info", way.history_info);
    add(line, "diversion", way.diversion);
    line += way.hides_history ? ",\"hides_history\":true}" : "}";
    return line;
}

std::string text_of(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

std::int64_t number_of(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

std::vector<std::string> texts_of(const json::object &object, std::string_view key) {
    std::vector<std::string> texts;
    const json::value *value = object.if_contains(key);
    if (value == nullptr || !value->is_array()) return texts;
    for (const json::value &one : value->get_array()) {
        if (one.is_string()) texts.emplace_back(one.get_string());
    }
    return texts;
}

bool is_true(const json::object &object, std::string_view key) {
    const json::value *value = object.if_contains(key);
    return value != nullptr && value->is_bool() && value->get_bool();
}

} // namespace

Expected<LegJournal> LegJournal::open(const std::string &directory) {
    const std::string path = directory + "/legs.journal";
    const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        return fail(ProblemKind::unavailable, "telephony.journal",
                    {{"file", "legs.journal"}, {"reason", std::strerror(errno)}});
    }
    LegJournal journal(path, fd, JournalSeal::open(directory));
    std::ifstream in(path);
    for (std::string line; std::getline(in, line);)
        journal.apply(line);
    journal.compact();
    return journal;
}

LegJournal::LegJournal(std::string path, int fd, JournalSeal seal)
    : path_(std::move(path)), fd_(fd), seal_(std::move(seal)) {}

LegJournal::LegJournal(LegJournal &&other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)),
      seal_(std::move(other.seal_)), live_bytes_(other.live_bytes_), dead_bytes_(other.dead_bytes_),
      dead_since_(other.dead_since_), longest_dead_(other.longest_dead_),
      live_(std::move(other.live_)), collected_(std::move(other.collected_)),
      pending_(std::move(other.pending_)) {}

LegJournal::~LegJournal() {
    if (fd_ < 0) return;
    flush();
    ::close(fd_);
    if (live_.empty()) seal_.forget();
}

std::string LegJournal::sealed(const std::string &lines) {
    return seal_.seal(lines) + '\n';
}

// With nonce and tag, in base64, and the end of the line.
std::size_t LegJournal::sealed_size(const std::string &line) {
    constexpr std::size_t kNonceAndTag = 28;
    return (line.size() + kNonceAndTag + 2) / 3 * 4 + 1;
}

void LegJournal::collect(const std::string &line) {
    const bool first = pending_.empty();
    pending_ += line;
    pending_ += '\n';
    if (!collected_) return flush();
    if (first) collected_();
}

// Several lines may be sealed as one.
void LegJournal::flush() {
    if (pending_.empty()) return;
    write(sealed(pending_));
    pending_.clear();
}

void LegJournal::put_leg(CallId call, Leg leg) {
    auto &legs = live_[call].legs;
    const auto known = legs.find(leg.tag);
    if (known != legs.end() && known->second == leg) return;
    const std::string line = leg_line(call, leg);
    const std::string tag = leg.tag;
    legs.insert_or_assign(tag, std::move(leg));
    append(call, line);
}

void LegJournal::remove_leg(CallId call, const std::string &tag) {
    const auto found = live_.find(call);
    if (found == live_.end() || found->second.legs.erase(tag) == 0) return;
    append(call, value_line(call, "gone", tag));
}

void LegJournal::put_media(CallId call, std::string record) {
    LiveCall &live = live_[call];
    if (live.media == record) return;
    live.media = std::move(record);
    append(call, value_line(call, "media", live.media));
}

void LegJournal::put_caller(CallId call, std::string commitment) {
    live_[call].caller = std::move(commitment);
    append(call, value_line(call, "caller", live_[call].caller));
}

void LegJournal::put_way(CallId call, WayHere way) {
    if (way == WayHere{}) return;
    live_[call].way = std::move(way);
    append(call, way_line(call, live_[call].way));
}

void LegJournal::end(CallId call) {
    const auto found = live_.find(call);
    if (found == live_.end()) return;
    const std::size_t lines = found->second.bytes;
    live_bytes_ -= lines;
    live_.erase(found);
    const std::string last = value_line(call, "end", "");
    collect(last);
    bury(lines + sealed_size(last));
}

// What the line says is in live_ before: a rewriting that comes due here writes it from there.
void LegJournal::append(CallId call, const std::string &line) {
    const std::size_t size = sealed_size(line);
    live_[call].bytes += size;
    live_bytes_ += size;
    collect(line);
    if (dead_bytes_ > 0) bury(0);
}

// Rewriting costs as much as lives: done when four times as much is dead, it adds a quarter to the
// writing at most, however many calls there are.
void LegJournal::bury(std::size_t bytes) {
    const auto now = std::chrono::steady_clock::now();
    if (dead_bytes_ == 0) dead_since_ = now;
    dead_bytes_ += bytes;
    const bool mostly_dead = dead_bytes_ > std::max(kMostDeadBytes, 4 * live_bytes_);
    if (live_.empty() || mostly_dead || now - dead_since_ > longest_dead_) compact();
}

void LegJournal::write(const std::string &text) {
    if (::write(fd_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
        log::error("journal.write_failed", {{"reason", std::strerror(errno)}});
    }
}

// A torn last line (killed in mid-write) cannot be opened and is left out. Lines in clear are of a
// program that did not seal yet: taken up, and sealed by the first compact().
void LegJournal::apply(const std::string &sealed_text) {
    const auto lines = sealed_text.starts_with('{') ? sealed_text : seal_.unseal(sealed_text);
    if (!lines) return;
    std::istringstream in(*lines);
    for (std::string line; std::getline(in, line);)
        apply_line(line);
}

void LegJournal::apply_line(const std::string &line) {
    boost::system::error_code error;
    // Headers are kept as they came, and not every switchboard writes its names in UTF-8.
    const json::value value = json::parse(line, error, {}, {.allow_invalid_utf8 = true});
    if (error || !value.is_object()) return;
    const json::object &object = value.get_object();
    const CallId call{number_of(object, "call")};
    if (!call) return;
    if (object.contains("end")) {
        live_.erase(call);
    } else if (object.contains("gone")) {
        live_[call].legs.erase(text_of(object, "gone"));
    } else if (object.contains("media")) {
        live_[call].media = text_of(object, "media");
    } else if (object.contains("caller")) {
        live_[call].caller = text_of(object, "caller");
    } else if (object.contains("max_forwards")) {
        live_[call].way = {texts_of(object, "history_info"), texts_of(object, "diversion"),
                           is_true(object, "hides_history"),
                           static_cast<int>(number_of(object, "max_forwards"))};
    } else if (object.contains("leg")) {
        Leg leg{text_of(object, "leg"),     text_of(object, "role"),
                is_true(object, "browser"), AgentId{number_of(object, "agent")},
                text_of(object, "dialog"),  is_true(object, "holds")};
        const std::string tag = leg.tag;
        live_[call].legs.insert_or_assign(tag, std::move(leg));
    }
}

// Rewrites the file with what lives; by rename, so that a kill in between leaves one of the two.
void LegJournal::compact() {
    const std::string fresh = path_ + ".new";
    const int fd = ::open(fresh.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        log::error("journal.compact_failed", {{"reason", std::strerror(errno)}});
        return;
    }
    ::close(std::exchange(fd_, fd));
    dead_bytes_ = 0;
    pending_.clear(); // all that lives is written now
    std::string text;
    for (auto &[call, live] : live_) {
        const std::size_t before = text.size();
        if (!live.caller.empty()) text += sealed(value_line(call, "caller", live.caller));
        if (!live.media.empty()) text += sealed(value_line(call, "media", live.media));
        if (live.way != WayHere{}) text += sealed(way_line(call, live.way));
        for (const auto &[tag, leg] : live.legs)
            text += sealed(leg_line(call, leg));
        live.bytes = text.size() - before;
    }
    live_bytes_ = text.size();
    if (!text.empty()) write(text);
    if (::rename(fresh.c_str(), path_.c_str()) != 0) {
        log::error("journal.compact_failed", {{"reason", std::strerror(errno)}});
    }
}

} // namespace fernamt::telephony
