// SPDX-License-Identifier: EUPL-1.2
// For tests: a website in memory, really served on a free port of this machine, which may be
// silent, dripping, endless or lying about its type. Says which pages were asked for, how often
// whether one is new, and how many bytes have dripped.
#pragma once

#include "knowledge/testing/tcp_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace fernamt::knowledge::testing {

class Website {
  public:
    static constexpr const char *kHost = "127.0.0.1"; // for PrivateHosts
    struct Page {
        std::string body;
        std::string type = "text/html; charset=utf-8";
        int status = 200;
        std::string more; // header lines
        bool endless = false;
        bool silent = false;
        // One byte now and then, for ever: always something, never enough.
        enum class Drips { no, head, body } drips = Drips::no;
        std::function<void()> meanwhile = {}; // happens between the request and its answer
    };
    std::string at(const std::string &path = "/", const std::string &host = kHost) const {
        return fmt::format("http://{}:{}{}", host, server_.port(), path);
    }
    void put(const std::string &path, Page page) {
        const std::scoped_lock lock(mutex_);
        pages_[path] = std::move(page);
    }
    void put(const std::string &path, const std::string &main) {
        put(path, Page{.body = "<title>" + path + "</title><main>" + main + "</main>"});
    }
    void remove(const std::string &path) {
        const std::scoped_lock lock(mutex_);
        pages_.erase(path);
    }
    std::vector<std::string> asked() {
        const std::scoped_lock lock(mutex_);
        return std::exchange(asked_, {});
    }
    int conditional() {
        const std::scoped_lock lock(mutex_);
        return std::exchange(conditional_, 0);
    }
    [[nodiscard]] int dripped() const { return dripped_; }

  private:
    void drip(TcpServer::Peer &peer, const std::string &after) {
        for (bool more = peer.write(after); more; more = peer.write("x")) {
            ++dripped_;
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }
    void serve(TcpServer::Peer &peer) {
        std::string line;
        while (peer.line(line)) {
            std::string path = line.substr(std::min(line.find(' ') + 1, line.size()));
            path = path.substr(0, path.find(' '));
            std::string tag;
            while (peer.line(line) && !line.empty()) {
                if (line.starts_with("If-None-Match: ")) tag = line.substr(15);
            }
            if (!answer(peer, path, tag)) return;
        }
    }
    bool answer(TcpServer::Peer &peer, const std::string &path, const std::string &tag) {
        Page page{.body = "nichts", .status = 404};
        {
            const std::scoped_lock lock(mutex_);
            asked_.push_back(path);
            const auto found = pages_.find(path);
            if (found != pages_.end()) page = found->second;
            if (!tag.empty()) ++conditional_;
        }
        if (page.meanwhile) page.meanwhile();
        if (page.silent) {
            peer.be_silent();
            return false;
        }
        const std::string own = fmt::format("\"{:x}\"", std::hash<std::string>{}(page.body));
        if (page.status == 200 && tag == own) {
            return peer.write("HTTP/1.1 304 Not Modified\r\nContent-Length: 0\r\n\r\n");
        }
        std::string head = fmt::format("HTTP/1.1 {} x\r\nContent-Type: {}\r\nETag: {}\r\n{}",
                                       page.status, page.type, own, page.more);
        if (page.drips == Page::Drips::head) {
            drip(peer, head + "X-Drip: ");
            return false;
        }
        if (page.drips == Page::Drips::body) {
            drip(peer, head + "\r\n<main>");
            return false;
        }
        if (page.endless) {
            if (!peer.write(head + "\r\n<main>")) return false;
            while (peer.write(std::string(8192, 'x'))) {
            }
            return false;
        }
        return peer.write(head + fmt::format("Content-Length: {}\r\n\r\n", page.body.size()) +
                          page.body);
    }

    std::mutex mutex_;
    std::map<std::string, Page> pages_;
    std::vector<std::string> asked_;
    int conditional_ = 0;
    std::atomic<int> dripped_ = 0;
    TcpServer server_{[this](TcpServer::Peer &peer) { serve(peer); }};
};

} // namespace fernamt::knowledge::testing
