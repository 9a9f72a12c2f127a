// SPDX-License-Identifier: EUPL-1.2
#include "knowledge/ldap_reader.h"

#include "base/text.h"

#include <lber.h>
#include <ldap.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>

namespace fernamt::knowledge {

namespace {

constexpr int kPage = 500;                        // entries
constexpr ber_len_t kMostBytes = 4 * 1024 * 1024; // of one message
constexpr std::size_t kMostValues = 20;           // of an attribute
constexpr std::size_t kLongestValue = 2'000;      // bytes; what is cut is too long for us anyway
constexpr Duration kConnect = 10s;
constexpr Duration kSlice = 200ms; // then it is asked whether the service stops

struct CloseLdap {
    void operator()(LDAP *handle) const { ldap_unbind_ext(handle, nullptr, nullptr); }
};
struct FreeMessage {
    void operator()(LDAPMessage *message) const { ldap_msgfree(message); }
};
struct FreeControl {
    void operator()(LDAPControl *control) const { ldap_control_free(control); }
};
struct FreeControls {
    void operator()(LDAPControl **controls) const { ldap_controls_free(controls); }
};
struct FreeValues {
    void operator()(berval **values) const { ldap_value_free_len(values); }
};
struct FreeElement {
    void operator()(BerElement *element) const { ber_free(element, 0); }
};
struct FreeText {
    void operator()(char *text) const { ldap_memfree(text); }
};
using Message = std::unique_ptr<LDAPMessage, FreeMessage>;
using Text = std::unique_ptr<char, FreeText>;

timeval to_timeval(Duration time) {
    const auto us = std::max<std::int64_t>(
        1, std::chrono::duration_cast<std::chrono::microseconds>(time).count());
    return {us / 1'000'000, us % 1'000'000};
}

// The library's own words: what the server says may name people.
tl::unexpected<Problem> unreachable(std::string_view what) {
    return fail(ProblemKind::unavailable, "directory.ldap_unreachable",
                {{"what", std::string(what)}});
}
tl::unexpected<Problem> failed(int code) {
    if (code == LDAP_SIZELIMIT_EXCEEDED || code == LDAP_TIMELIMIT_EXCEEDED ||
        code == LDAP_ADMINLIMIT_EXCEEDED) {
        return fail(ProblemKind::unavailable, "directory.ldap_limit");
    }
    return fail(ProblemKind::unavailable, "directory.ldap_failed",
                {{"what", ldap_err2string(code)}});
}

// Cuts the line when the time is over or the service stops. libldap's own limit does not hold
// during a TLS handshake: with GnuTLS and a server that says nothing it asks again without a pause,
// for ever (2.5.13, tls_g.c); so that limit is for connecting only and the rest is up to this.
class Scissors {
  public:
    Scissors(Duration longest, const std::function<bool()> &stop)
        : stop_(stop), until_(std::chrono::steady_clock::now() + longest),
          watch_([this] { watch(); }) {}
    ~Scissors() {
        {
            const std::scoped_lock lock(mutex_);
            over_ = true;
        }
        wake_.notify_all();
        watch_.join();
        if (line_ >= 0) ::close(line_);
    }
    Scissors(const Scissors &) = delete;
    Scissors &operator=(const Scissors &) = delete;

    // Another handle to the same line: the library may close its own at any time.
    void hold(int line) {
        const std::scoped_lock lock(mutex_);
        if (line_ >= 0) ::close(line_);
        line_ = ::dup(line);
    }
    [[nodiscard]] bool stops() const { return stop_ && stop_(); }
    [[nodiscard]] bool too_late() const { return std::chrono::steady_clock::now() >= until_; }

  private:
    void watch() {
        std::unique_lock lock(mutex_);
        while (!over_) {
            wake_.wait_for(lock, kSlice, [this] { return over_; });
            if (line_ >= 0 && (stops() || too_late())) ::shutdown(line_, SHUT_RDWR);
        }
    }

    const std::function<bool()> &stop_;
    std::chrono::steady_clock::time_point until_;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool over_ = false;
    int line_ = -1;
    std::thread watch_;
};

// libldap writes to lines that were hung up; not every program of ours ignores that signal.
class NoPipeSignal {
  public:
    NoPipeSignal() {
        sigemptyset(&pipe_);
        sigaddset(&pipe_, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
    }
    ~NoPipeSignal() {
        if (sigismember(&before_, SIGPIPE) == 1) return; // somebody else's matter
        const timespec at_once{};
        while (sigtimedwait(&pipe_, nullptr, &at_once) > 0) {
        }
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    NoPipeSignal(const NoPipeSignal &) = delete;
    NoPipeSignal &operator=(const NoPipeSignal &) = delete;

  private:
    sigset_t pipe_{}, before_{};
};

int on_connected(LDAP *handle, Sockbuf *buffer, LDAPURLDesc *, sockaddr *, ldap_conncb *callback) {
    int line = -1;
    ber_sockbuf_ctrl(buffer, LBER_SB_OPT_GET_FD, &line);
    static_cast<Scissors *>(callback->lc_arg)->hold(line);
    ldap_set_option(handle, LDAP_OPT_NETWORK_TIMEOUT, nullptr);
    return 0;
}
void on_closed(LDAP *, Sockbuf *, ldap_conncb *) {}

class Session {
  public:
    Session(const LdapServer &server, const std::function<bool()> &stop)
        : server_(server), scissors_(server.longest, stop) {}

    Expected<void> open() {
        LDAP *handle = nullptr;
        if (ldap_initialize(&handle, server_.url.c_str()) != LDAP_SUCCESS) {
            return fail(ProblemKind::invalid_input, "directory.ldap_address",
                        {{"url", server_.url}});
        }
        handle_.reset(handle);
        if (!set_options()) return unreachable("TLS cannot be set up");
        if (server_.starttls && server_.url.starts_with("ldap:")) {
            if (auto done = start_tls(); !done) return done;
        }
        return bind();
    }

    Expected<std::vector<LdapEntry>> search(const LdapQuestion &question) {
        std::vector<LdapEntry> entries;
        std::string cookie;
        do {
            auto next = read_page(question, cookie, entries);
            if (!next) return tl::unexpected(next.error());
            cookie = std::move(*next);
        } while (!cookie.empty());
        return entries;
    }

  private:
    [[nodiscard]] LDAP *ldap() const { return handle_.get(); }

    template <class T>
    bool set(int option, const T &value) {
        return ldap_set_option(ldap(), option, &value) == LDAP_OPT_SUCCESS;
    }

    bool set_options() {
        const timeval connect = to_timeval(std::min<Duration>(kConnect, server_.longest));
        const timeval whole = to_timeval(server_.longest);
        bool good = set(LDAP_OPT_PROTOCOL_VERSION, int{LDAP_VERSION3}) &&
                    set(LDAP_OPT_NETWORK_TIMEOUT, connect) && set(LDAP_OPT_TIMEOUT, whole) &&
                    set(LDAP_OPT_CONNECT_CB, callback_);
        good =
            good && ldap_set_option(ldap(), LDAP_OPT_REFERRALS, LDAP_OPT_OFF) == LDAP_OPT_SUCCESS;
        Sockbuf *buffer = nullptr;
        ldap_get_option(ldap(), LDAP_OPT_SOCKBUF, &buffer);
        ber_len_t most = kMostBytes;
        good = good && ber_sockbuf_ctrl(buffer, LBER_SB_OPT_SET_MAX_INCOMING, &most) >= 0;
        // Whatever a file or the environment of this machine says about certificates.
        good = good && set(LDAP_OPT_X_TLS_REQUIRE_CERT, int{LDAP_OPT_X_TLS_HARD});
        if (!server_.ca_file.empty()) {
            good = good && ldap_set_option(ldap(), LDAP_OPT_X_TLS_CACERTFILE,
                                           server_.ca_file.c_str()) == LDAP_OPT_SUCCESS;
        }
        return good && set(LDAP_OPT_X_TLS_NEWCTX, int{0}); // a client's
    }

    // One message of this request.
    Expected<Message> wait(int request) {
        for (;;) {
            if (scissors_.stops()) return unreachable("stopped");
            if (scissors_.too_late()) return unreachable("too slow");
            timeval slice = to_timeval(kSlice);
            LDAPMessage *message = nullptr;
            const int kind = ldap_result(ldap(), request, LDAP_MSG_ONE, &slice, &message);
            if (kind > 0) return Message(message);
            if (kind == 0) continue;
            int code = LDAP_SERVER_DOWN;
            ldap_get_option(ldap(), LDAP_OPT_RESULT_CODE, &code);
            return unreachable(ldap_err2string(code));
        }
    }

    // The code that ends a request; controls are the caller's.
    int end_of(const Message &message, LDAPControl ***controls = nullptr) {
        int code = LDAP_OTHER;
        const int read =
            ldap_parse_result(ldap(), message.get(), &code, nullptr, nullptr, nullptr, controls, 0);
        return read == LDAP_SUCCESS ? code : read;
    }

    Expected<void> start_tls() {
        int request = 0;
        const int asked = ldap_start_tls(ldap(), nullptr, nullptr, &request);
        if (asked != LDAP_SUCCESS) return unreachable(ldap_err2string(asked));
        const auto answer = wait(request);
        if (!answer) return tl::unexpected(answer.error());
        const int code = end_of(*answer);
        if (code != LDAP_SUCCESS) return unreachable(ldap_err2string(code));
        const int secured = ldap_install_tls(ldap());
        if (secured != LDAP_SUCCESS) return unreachable(ldap_err2string(secured));
        return {};
    }

    Expected<void> bind() {
        if (!server_.bind_dn.empty() && server_.password.empty()) {
            return fail(ProblemKind::invalid_input, "directory.ldap_password");
        }
        std::string password = server_.bind_dn.empty() ? "" : server_.password;
        berval secret{password.size(), password.data()};
        int request = 0;
        const int asked = ldap_sasl_bind(ldap(), server_.bind_dn.c_str(), LDAP_SASL_SIMPLE, &secret,
                                         nullptr, nullptr, &request);
        std::ranges::fill(password, '\0');
        if (asked != LDAP_SUCCESS) return unreachable(ldap_err2string(asked));
        const auto answer = wait(request);
        if (!answer) return tl::unexpected(answer.error());
        const int code = end_of(*answer);
        if (code == LDAP_SUCCESS) return {};
        return fail(ProblemKind::unavailable, "directory.ldap_refused",
                    {{"what", ldap_err2string(code)}});
    }

    // Where the next page begins; empty: there is none.
    Expected<std::string> read_page(const LdapQuestion &question, std::string &cookie,
                                    std::vector<LdapEntry> &entries) {
        berval cursor{cookie.size(), cookie.data()};
        LDAPControl *made = nullptr;
        const int paged =
            ldap_create_page_control(ldap(), kPage, cookie.empty() ? nullptr : &cursor, 0, &made);
        if (paged != LDAP_SUCCESS) return failed(paged);
        const std::unique_ptr<LDAPControl, FreeControl> paging(made);
        LDAPControl *controls[] = {paging.get(), nullptr};
        std::vector<std::string> names = question.attributes;
        std::vector<char *> attributes;
        for (std::string &name : names)
            attributes.push_back(name.data());
        attributes.push_back(nullptr);
        timeval limit = to_timeval(server_.longest + std::chrono::seconds(1)); // whole seconds
        int request = 0;
        const int asked = ldap_search_ext(ldap(), question.base.c_str(), LDAP_SCOPE_SUBTREE,
                                          question.filter.c_str(), attributes.data(), 0, controls,
                                          nullptr, &limit, LDAP_NO_LIMIT, &request);
        if (asked == LDAP_FILTER_ERROR) return failed(asked);
        if (asked != LDAP_SUCCESS) return unreachable(ldap_err2string(asked));
        for (;;) {
            const auto message = wait(request);
            if (!message) return tl::unexpected(message.error());
            const int kind = ldap_msgtype(message->get());
            if (kind == LDAP_RES_SEARCH_RESULT) return end_of_page(*message);
            if (kind != LDAP_RES_SEARCH_ENTRY) continue; // to other servers: left alone
            if (entries.size() >= question.most_entries) {
                return fail(ProblemKind::unavailable, "directory.ldap_limit");
            }
            entries.push_back(read_entry(message->get()));
        }
    }

    Expected<std::string> end_of_page(const Message &message) {
        LDAPControl **answered = nullptr;
        const int code = end_of(message, &answered);
        const std::unique_ptr<LDAPControl *, FreeControls> controls(answered);
        if (code != LDAP_SUCCESS) return failed(code);
        LDAPControl *paging =
            controls ? ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls.get(), nullptr)
                     : nullptr;
        if (paging == nullptr) return std::string(); // it knows no pages: that was all
        ber_int_t estimate = 0;
        berval cookie{0, nullptr};
        const int read = ldap_parse_pageresponse_control(ldap(), paging, &estimate, &cookie);
        if (read != LDAP_SUCCESS) return failed(read);
        std::string next(cookie.bv_val == nullptr ? "" : cookie.bv_val, cookie.bv_len);
        ber_memfree(cookie.bv_val);
        return next;
    }

    LdapEntry read_entry(LDAPMessage *message) {
        LdapEntry entry;
        if (const Text dn{ldap_get_dn(ldap(), message)}) entry.dn = dn.get();
        BerElement *at = nullptr;
        Text name{ldap_first_attribute(ldap(), message, &at)};
        const std::unique_ptr<BerElement, FreeElement> element(at);
        for (; name; name.reset(ldap_next_attribute(ldap(), message, at))) {
            const std::string_view whole = name.get(); // "cn;lang-de": still a cn
            auto &values = entry.values[lower_ascii(whole.substr(0, whole.find(';')))];
            const std::unique_ptr<berval *, FreeValues> read(
                ldap_get_values_len(ldap(), message, name.get()));
            for (berval **one = read.get(); one != nullptr && *one != nullptr; ++one) {
                if (values.size() >= kMostValues) break;
                values.emplace_back((*one)->bv_val,
                                    std::min<std::size_t>((*one)->bv_len, kLongestValue));
            }
        }
        return entry;
    }

    const LdapServer &server_;
    Scissors scissors_;
    ldap_conncb callback_{on_connected, on_closed, &scissors_};
    std::unique_ptr<LDAP, CloseLdap> handle_;
};

} // namespace

bool is_ldap_address(const std::string &url) {
    std::string_view rest = url;
    if (!rest.starts_with("ldap://") && !rest.starts_with("ldaps://")) return false;
    rest.remove_prefix(rest.find("//") + 2);
    if (rest.ends_with('/')) rest.remove_suffix(1);
    return !rest.empty() && rest.find_first_of("/? \t,") == std::string_view::npos;
}

Expected<std::vector<LdapEntry>> ask_ldap(const LdapServer &server, const LdapQuestion &question,
                                          const std::function<bool()> &stop) {
    if (!is_ldap_address(server.url)) {
        return fail(ProblemKind::invalid_input, "directory.ldap_address", {{"url", server.url}});
    }
    const NoPipeSignal quiet;
    Session session(server, stop);
    if (auto opened = session.open(); !opened) return tl::unexpected(opened.error());
    return session.search(question);
}

std::string same_dn(const std::string &dn) {
    LDAPDN parts = nullptr;
    if (ldap_str2dn(dn.c_str(), &parts, LDAP_DN_FORMAT_LDAPV3) != LDAP_SUCCESS ||
        parts == nullptr) {
        return {};
    }
    char *written = nullptr;
    const int done = ldap_dn2str(parts, &written, LDAP_DN_FORMAT_LDAPV3);
    ldap_dnfree(parts);
    const Text text(written);
    return done == LDAP_SUCCESS && text ? lower_ascii(std::string_view(text.get())) : std::string();
}

} // namespace fernamt::knowledge
