// SPDX-License-Identifier: EUPL-1.2
#include "app/operator_door.h"

#include "base/log.h"

#include <boost/json.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <list>
#include <memory>
#include <stdexcept>
#include <streambuf>
#include <system_error>
#include <thread>

namespace fernamt::app {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

constexpr std::size_t kLongestLine = std::size_t{4} << 20; // a folder of many files
constexpr std::size_t kAnyLength = std::numeric_limits<std::size_t>::max(); // a long report
constexpr std::size_t kChunk = std::size_t{256} << 10;
constexpr std::size_t kMostVisitors = 8;

class Socket {
  public:
    explicit Socket(int descriptor = -1) : descriptor_(descriptor) {}
    ~Socket() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    Socket(Socket &&other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Socket &operator=(Socket &&) = delete;
    Socket(const Socket &) = delete;
    Socket &operator=(const Socket &) = delete;
    [[nodiscard]] int get() const { return descriptor_; }
    [[nodiscard]] explicit operator bool() const { return descriptor_ >= 0; }

  private:
    int descriptor_;
};

// A socket's name has room for 107 characters only, so it is reached through its folder.
struct SocketName {
    explicit SocketName(const std::string &path)
        : folder(::open(fs::path(path).parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
        const std::string name =
            fmt::format("/proc/self/fd/{}/{}", folder.get(), fs::path(path).filename().string());
        address.sun_family = AF_UNIX;
        fits = static_cast<bool>(folder) && name.size() < sizeof address.sun_path;
        if (fits) std::memcpy(address.sun_path, name.c_str(), name.size() + 1);
    }
    [[nodiscard]] const sockaddr *get() const {
        return reinterpret_cast<const sockaddr *>(&address); // NOLINT: the sockets' own way
    }
    Socket folder;
    sockaddr_un address{};
    bool fits = false;
};

bool send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

// Bytes come in lumps that end anywhere; what follows the line belongs to the files.
class Incoming {
  public:
    // longest: of a line. Whoever asks has no word of us yet, so the door sets a bound.
    explicit Incoming(int socket, std::size_t longest = kLongestLine)
        : socket_(socket), longest_(longest) {}
    std::optional<std::string> line() {
        while (true) {
            if (const auto end = buffer_.find('\n'); end != std::string::npos) {
                std::string found = buffer_.substr(0, end);
                buffer_.erase(0, end + 1);
                return found;
            }
            if (buffer_.size() > longest_ || !more()) return std::nullopt;
        }
    }

    // At most so many of the bytes that come next; 0: nobody sends any more.
    std::size_t some(char *to, std::size_t most) {
        if (buffer_.empty() && !more()) return 0;
        const std::size_t now = std::min(buffer_.size(), most);
        buffer_.copy(to, now);
        buffer_.erase(0, now);
        return now;
    }

  private:
    bool more() {
        const std::size_t before = buffer_.size();
        buffer_.resize(before + kChunk);
        ssize_t got = 0;
        do {
            got = ::recv(socket_, buffer_.data() + before, kChunk, 0);
        } while (got < 0 && errno == EINTR);
        buffer_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
        return got > 0;
    }
    int socket_;
    std::size_t longest_;
    std::string buffer_;
};

struct FellSilent : std::runtime_error {
    FellSilent() : std::runtime_error("the other side fell silent") {}
};

// A file that is on its way. Whoever falls silent before its end is no end of the file.
class ArrivingFile final : public std::streambuf {
  public:
    ArrivingFile(Incoming &incoming, std::uint64_t bytes)
        : incoming_(incoming), left_(bytes), chunk_(kChunk, '\0') {}

  protected:
    int_type underflow() override {
        if (left_ == 0) return traits_type::eof();
        const auto most = std::min<std::uint64_t>(left_, chunk_.size());
        const std::size_t now = incoming_.some(chunk_.data(), static_cast<std::size_t>(most));
        if (now == 0) throw FellSilent();
        left_ -= now;
        setg(chunk_.data(), chunk_.data(), chunk_.data() + now);
        return traits_type::to_int_type(chunk_.front());
    }

  private:
    Incoming &incoming_;
    std::uint64_t left_;
    std::string chunk_;
};

std::string text_at(const json::object &object, std::string_view name) {
    const json::value *value = object.if_contains(json::string_view(name.data(), name.size()));
    return value && value->is_string() ? std::string(value->as_string()) : "";
}
std::int64_t number_at(const json::object &object, std::string_view name) {
    const json::value *value = object.if_contains(json::string_view(name.data(), name.size()));
    return value && value->is_int64() ? value->as_int64() : 0;
}
bool flag_at(const json::object &object, std::string_view name) {
    const json::value *value = object.if_contains(json::string_view(name.data(), name.size()));
    return value && value->is_bool() && value->as_bool();
}

// The line that ends every answer: a member that says what came of it, or the problem.
std::string line_of(const char *name, const Expected<json::value> &done) {
    json::object line;
    if (done) {
        line[name] = *done;
        return json::serialize(line) + "\n";
    }
    json::object arguments;
    for (const auto &[argument, value] : done.error().arguments)
        arguments[argument] = value;
    line["kind"] = static_cast<std::int64_t>(done.error().kind);
    line["code"] = done.error().code;
    line["arguments"] = std::move(arguments);
    return json::serialize(line) + "\n";
}

template <class T>
Expected<json::value> to_value(const Expected<T> &done) {
    if (!done) return tl::unexpected(done.error());
    return json::value(*done);
}

// Its member of that name, or the problem that the line says.
Expected<json::value> read_line(const std::string &text, const char *name) {
    boost::system::error_code error;
    const json::value parsed = json::parse(text, error);
    if (error || !parsed.is_object()) return fail(ProblemKind::unavailable, "operator.no_answer");
    const json::object &line = parsed.as_object();
    if (const json::value *there = line.if_contains(name)) return *there;
    const std::int64_t kind = number_at(line, "kind");
    Problem problem{kind >= 0 && kind < kProblemKinds ? static_cast<ProblemKind>(kind)
                                                      : ProblemKind::internal,
                    text_at(line, "code"),
                    {}};
    if (const json::value *all = line.if_contains("arguments"); all && all->is_object()) {
        for (const auto &[argument, value] : all->as_object()) {
            if (!value.is_string()) continue;
            problem.arguments.emplace_back(std::string(argument), std::string(value.as_string()));
        }
    }
    return tl::unexpected(std::move(problem));
}

bool leads_out(const fs::path &name) {
    return name.empty() || name.is_absolute() ||
           std::ranges::any_of(name, [](const fs::path &part) { return part == ".."; });
}

// Whoever comes beside those that are served already, and cannot be.
Problem busy(const char *doing) {
    return {ProblemKind::unavailable,
            "operator.busy",
            {{"doing", doing}, {"remedy", "wait until that has ended, then try again"}}};
}

// One visitor does not wait for another: deliveries wait in line at their office, each in its own
// record; of imports there is one at a time, because two would not see each other's calls.
class Door final : public OperatorDoor {
  public:
    Door(Socket listener, std::string path, knowledge::DeliveryOffice &office,
         storage::Database &database, TakeCalls take_calls)
        : listener_(std::move(listener)), path_(std::move(path)), office_(office),
          database_(database), take_calls_(std::move(take_calls)), thread_([this] { run(); }) {}
    ~Door() override {
        stops_ = true;
        ::shutdown(listener_.get(), SHUT_RDWR); // wakes accept
        thread_.join();
        for (const Visit &visit : visits_)
            ::shutdown(visit.socket.get(), SHUT_RDWR);
        for (Visit &visit : visits_)
            visit.thread.join();
        ::unlink(path_.c_str());
    }

  private:
    struct Visit {
        explicit Visit(Socket visitor) : socket(std::move(visitor)) {}
        Socket socket; // open until its thread has been joined: no other gets its number
        std::atomic<bool> over = false;
        std::thread thread;
    };

    void run() {
        while (!stops_) {
            Socket visitor(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
            if (!visitor) {
                if (errno == EINTR || stops_) continue;
                // No descriptor left, as a rule: it will pass, and nobody should wait for ever.
                log::warning("operator.not_let_in", {{"reason", std::strerror(errno)}});
                std::this_thread::sleep_for(std::chrono::seconds(1));
                continue;
            }
            if (!may_enter(visitor.get())) continue;
            see_off();
            if (visits_.size() >= kMostVisitors) {
                (void)send_all(visitor.get(),
                               line_of("", tl::unexpected(busy("other commands of operators"))));
                continue;
            }
            let_in(std::move(visitor));
        }
    }

    void let_in(Socket visitor) {
        Visit &visit = visits_.emplace_back(std::move(visitor));
        try {
            visit.thread = std::thread([this, &visit] { attend(visit); });
        } catch (const std::system_error &error) { // no more threads on this machine
            log::error("operator.not_served", {{"reason", error.what()}});
            visits_.pop_back();
        }
    }

    void attend(Visit &visit) {
        try {
            serve(visit.socket.get());
        } catch (const std::exception &error) { // nothing of it ends the calls' process
            log::error("operator.not_served", {{"reason", error.what()}});
        }
        ::shutdown(visit.socket.get(), SHUT_RDWR); // nothing more comes
        visit.over = true;
    }

    // Those whose visit is over.
    void see_off() {
        for (auto visit = visits_.begin(); visit != visits_.end();) {
            if (!visit->over) {
                ++visit;
                continue;
            }
            visit->thread.join();
            visit = visits_.erase(visit);
        }
    }

    static bool may_enter(int socket) {
        ucred who{};
        socklen_t size = sizeof who;
        return ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0 &&
               (who.uid == 0 || who.uid == ::geteuid());
    }

    void serve(int socket) {
        // Whoever falls silent while sending a file keeps nobody else out.
        const timeval patience{30, 0};
        ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        Incoming incoming(socket);
        const auto line = incoming.line();
        if (!line) return;
        boost::system::error_code error;
        const json::value parsed = json::parse(*line, error);
        if (error || !parsed.is_object()) return;
        const json::object &asked = parsed.as_object();
        const bool calls = text_at(asked, "do") == "import_calls";
        const std::string last =
            calls ? line_of("report", to_value(import_calls(asked, incoming, socket)))
                  : line_of("delivery", to_value(answer(asked, incoming)));
        (void)send_all(socket, last);
    }

    Expected<std::string> import_calls(const json::object &asked, Incoming &incoming, int socket) {
        ArrivingFile arriving(incoming, static_cast<std::uint64_t>(number_at(asked, "bytes")));
        std::istream records(&arriving);
        records.exceptions(std::ios::badbit); // with what the streambuf has thrown
        const OperatorTalk talk{.tell =
                                    [socket](std::int64_t rows) {
                                        json::object line;
                                        line["rows"] = rows;
                                        (void)send_all(socket, json::serialize(line) + "\n");
                                    },
                                .check = [this]() -> Expected<void> {
                                    if (!stops_) return {};
                                    return fail(ProblemKind::unavailable,
                                                "calls.import_interrupted");
                                }};
        if (imports_.exchange(true)) return tl::unexpected(busy("calls import"));
        const std::unique_ptr<std::atomic<bool>, void (*)(std::atomic<bool> *)> until_the_end(
            &imports_, [](std::atomic<bool> *imports) { *imports = false; });
        try {
            return take_calls_(text_at(asked, "mapping"), records, talk);
        } catch (const FellSilent &) {
            return fail(ProblemKind::unavailable, "calls.import_interrupted");
        } catch (const std::exception &error) { // nothing of it ends the calls' process
            log::error("calls.import_failed", {{"reason", error.what()}});
            return fail(ProblemKind::internal, "calls.import_failed", {{"reason", error.what()}});
        }
    }

    Expected<std::int64_t> answer(const json::object &asked, Incoming &incoming) {
        const std::string what = text_at(asked, "do");
        if (what == "read") return read(asked, incoming);
        const std::int64_t id = number_at(asked, "delivery");
        const knowledge::DeliveryOptions options{
            .most_vanishing_percent = static_cast<int>(number_at(asked, "most_vanishing")),
            .allow_mass_deletion = flag_at(asked, "allow_mass_deletion")};
        Expected<void> begun = fail(ProblemKind::invalid_input, "operator.no_answer");
        if (what == "apply") begun = office_.apply(id, options);
        if (what == "undo") begun = office_.undo(id);
        if (what == "discard") begun = office_.discard(id);
        if (!begun) return tl::unexpected(begun.error());
        if (what == "discard") return id;
        return ended(id);
    }

    // When the step is over; what went wrong in it stands in the record.
    Expected<std::int64_t> ended(std::int64_t id) {
        office_.wait_for(id);
        const auto record = knowledge::find_delivery(database_, id);
        if (!record) return tl::unexpected(record.error());
        if (record->problem) return tl::unexpected(*record->problem);
        const std::string &state = record->state;
        if (state != "staging" && state != "applying" && state != "undoing") return id;
        return fail(ProblemKind::unavailable, "knowledge.delivery_interrupted",
                    {{"delivery", fmt::format("{}", id)}});
    }

    Expected<std::int64_t> read(const json::object &asked, Incoming &incoming) {
        const auto folder = office_.uploads().make_folder();
        if (!folder) return tl::unexpected(folder.error());
        const auto taken = take_files(asked, incoming, *folder);
        if (!taken) {
            std::error_code ignored;
            fs::remove_all(*folder, ignored);
            return tl::unexpected(taken.error());
        }
        auto id = office_.read(UserId{},
                               {.path = *taken,
                                .source = text_at(asked, "source"),
                                .complete = flag_at(asked, "complete"),
                                .schema_file = text_at(asked, "schema"),
                                .converted = flag_at(asked, "converted")},
                               *folder);
        if (!id) return id;
        return ended(*id);
    }

    // What to read: the one file, or the folder.
    Expected<fs::path> take_files(const json::object &asked, Incoming &incoming,
                                  const fs::path &folder) {
        const json::value *files = asked.if_contains("files");
        if (!files || !files->is_array() || files->as_array().empty()) {
            return fail(ProblemKind::invalid_input, "knowledge.delivery_empty",
                        {{"file", text_at(asked, "path")}});
        }
        fs::path last;
        for (const json::value &each : files->as_array()) {
            if (!each.is_object()) return fail(ProblemKind::invalid_input, "operator.no_answer");
            const fs::path name = text_at(each.as_object(), "name");
            const std::int64_t bytes = number_at(each.as_object(), "bytes");
            if (leads_out(name) || bytes < 0) {
                return fail(ProblemKind::invalid_input, "knowledge.delivery_name",
                            {{"file", name.string()}});
            }
            const auto room = office_.uploads().check_disk(static_cast<std::uint64_t>(bytes));
            if (!room) return tl::unexpected(room.error());
            last = folder / name;
            std::error_code error;
            fs::create_directories(last.parent_path(), error);
            std::ofstream out(last, std::ios::binary);
            if (!out) return fail(ProblemKind::unavailable, "knowledge.upload_unwritable");
            const auto written = take_file(incoming, static_cast<std::uint64_t>(bytes), out);
            if (!written) return tl::unexpected(written.error());
        }
        return flag_at(asked, "folder") ? folder : last;
    }

    // Chunk by chunk: there may be less room by then than when the file began.
    Expected<void> take_file(Incoming &incoming, std::uint64_t bytes, std::ostream &out) {
        std::string chunk(kChunk, '\0');
        while (bytes > 0) {
            const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, kChunk));
            const std::size_t now = incoming.some(chunk.data(), most);
            if (now == 0) return fail(ProblemKind::unavailable, "knowledge.upload_unwritable");
            const std::string_view come(chunk.data(), now);
            if (auto written = office_.uploads().write(out, come); !written) return written;
            bytes -= now;
        }
        return {};
    }

    Socket listener_;
    std::string path_;
    knowledge::DeliveryOffice &office_;
    storage::Database &database_;
    TakeCalls take_calls_;
    std::atomic<bool> stops_ = false;
    std::atomic<bool> imports_ = false;
    std::list<Visit> visits_; // of the thread below, and of nobody when it has ended
    std::thread thread_;
};

} // namespace

std::string operator_socket(const Config &config) {
    constexpr std::string_view kFile = "sqlite://";
    const std::string &url = config.database_url;
    if (url.starts_with(kFile) && url.size() > kFile.size()) {
        return url.substr(kFile.size()) + "-operator";
    }
    return config.state_directory + (url.empty() ? "/fernamt.db-operator" : "/operator");
}

std::unique_ptr<OperatorDoor> OperatorDoor::open(const std::string &path,
                                                 knowledge::DeliveryOffice &office,
                                                 storage::Database &database,
                                                 TakeCalls take_calls) {
    ::unlink(path.c_str()); // of a process that was killed; the database's lock is ours
    const SocketName name(path);
    Socket listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!name.fits || !listener || ::bind(listener.get(), name.get(), sizeof name.address) != 0 ||
        ::chmod(path.c_str(), 0600) != 0 || ::listen(listener.get(), 8) != 0) {
        log::warning("operator.no_door", {{"path", path}, {"reason", std::strerror(errno)}});
        return nullptr;
    }
    return std::make_unique<Door>(std::move(listener), path, office, database,
                                  std::move(take_calls));
}

namespace {

Expected<Socket> reach(const std::string &path) {
    const SocketName name(path);
    Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!name.fits || !socket || ::connect(socket.get(), name.get(), sizeof name.address) != 0) {
        return fail(ProblemKind::unavailable, "operator.no_answer", {{"socket", path}});
    }
    return socket;
}

Expected<std::int64_t> hear(int socket) {
    const auto line = Incoming(socket).line();
    if (line) {
        const auto delivery = read_line(*line, "delivery");
        if (!delivery) return tl::unexpected(delivery.error());
        if (delivery->is_int64()) return delivery->as_int64();
    }
    return fail(ProblemKind::unavailable, "operator.no_answer",
                {{"remedy", "the service stopped meanwhile; `fernamt knowledge deliveries` "
                            "shows how far it came"}});
}

Expected<void> ask(const std::string &path, const json::object &request) {
    auto socket = reach(path);
    if (!socket) return tl::unexpected(socket.error());
    // Whoever is not let in is told so before the request is read.
    (void)send_all(socket->get(), json::serialize(request) + "\n");
    const auto done = hear(socket->get());
    if (!done) return tl::unexpected(done.error());
    return {};
}

struct Sent {
    fs::path file;
    std::string name;
    std::uint64_t bytes = 0;
};

std::vector<Sent> files_below(const fs::path &path) {
    std::vector<Sent> files;
    std::error_code error;
    if (!fs::is_directory(path, error)) {
        files.push_back({path, path.filename().string(), fs::file_size(path, error)});
        if (error) files.clear();
        return files;
    }
    for (fs::recursive_directory_iterator at(path, error), end; !error && at != end;
         at.increment(error)) {
        if (!at->is_regular_file(error)) continue;
        files.push_back(
            {at->path(), fs::relative(at->path(), path, error).string(), at->file_size(error)});
    }
    std::ranges::sort(files, {}, &Sent::name);
    return files;
}

// between: whatever else is to be done after each chunk.
bool send_file(int socket, const Sent &file, const std::function<void()> &between = [] {}) {
    std::ifstream in(file.file, std::ios::binary);
    std::string chunk(kChunk, '\0');
    for (std::uint64_t left = file.bytes; left > 0;) {
        const auto now = static_cast<std::size_t>(std::min<std::uint64_t>(left, kChunk));
        in.read(chunk.data(), static_cast<std::streamsize>(now));
        if (!in || !send_all(socket, std::string_view(chunk).substr(0, now))) return false;
        left -= now;
        between();
    }
    return true;
}

} // namespace

Expected<std::int64_t> OperatorClient::read(const knowledge::DeliveryOptions &options) {
    const std::vector<Sent> files = files_below(options.path);
    if (files.empty()) {
        return fail(ProblemKind::invalid_input, "knowledge.delivery_unreadable",
                    {{"file", options.path}});
    }
    std::error_code error;
    json::array names;
    for (const Sent &each : files) {
        json::object one;
        one["name"] = each.name;
        one["bytes"] = static_cast<std::int64_t>(each.bytes);
        names.push_back(std::move(one));
    }
    json::object request;
    request["do"] = "read";
    request["source"] = options.source;
    request["complete"] = options.complete;
    request["schema"] = options.schema_file.empty()
                            ? std::string()
                            : fs::absolute(options.schema_file, error).string();
    request["converted"] = options.converted;
    request["folder"] = fs::is_directory(options.path, error);
    request["files"] = std::move(names);
    auto socket = reach(path_);
    if (!socket) return tl::unexpected(socket.error());
    bool sent = send_all(socket->get(), json::serialize(request) + "\n");
    for (std::size_t i = 0; sent && i < files.size(); ++i)
        sent = send_file(socket->get(), files[i]);
    // Also when it was not taken whole: the other side says why.
    return hear(socket->get());
}

Expected<void> OperatorClient::apply(std::int64_t id, const knowledge::DeliveryOptions &options) {
    json::object request;
    request["do"] = "apply";
    request["delivery"] = id;
    request["most_vanishing"] = options.most_vanishing_percent;
    request["allow_mass_deletion"] = options.allow_mass_deletion;
    return ask(path_, request);
}

Expected<void> OperatorClient::undo(std::int64_t id) {
    json::object request;
    request["do"] = "undo";
    request["delivery"] = id;
    return ask(path_, request);
}

Expected<void> OperatorClient::discard(std::int64_t id) {
    json::object request;
    request["do"] = "discard";
    request["delivery"] = id;
    return ask(path_, request);
}

namespace {

// What comes back while a file is still being sent, and after it.
class Answers {
  public:
    Answers(int socket, const std::function<void(std::int64_t rows)> &progress)
        : socket_(socket), incoming_(socket, kAnyLength), progress_(progress) {}
    void hear_what_is_there() {
        pollfd wait{socket_, POLLIN, 0};
        while (!last_ && ::poll(&wait, 1, 0) == 1 && next()) {
        }
    }
    // The last line; nothing: the other side has gone.
    std::optional<std::string> hear_to_the_end() {
        while (!last_ && next()) {
        }
        return last_;
    }

  private:
    bool next() {
        const auto line = incoming_.line();
        if (!line) return false;
        const auto rows = read_line(*line, "rows");
        if (rows && rows->is_int64()) {
            progress_(rows->as_int64());
        } else {
            last_ = *line;
        }
        return true;
    }
    int socket_;
    Incoming incoming_;
    const std::function<void(std::int64_t rows)> &progress_;
    std::optional<std::string> last_;
};

} // namespace

Expected<std::string>
OperatorClient::import_calls(const std::string &file, const std::string &mapping,
                             const std::function<void(std::int64_t rows)> &progress) {
    const std::vector<Sent> files = files_below(file);
    if (files.size() != 1)
        return fail(ProblemKind::not_found, "calls.file_not_readable", {{"file", file}});
    json::object request;
    request["do"] = "import_calls";
    request["mapping"] = mapping;
    request["bytes"] = static_cast<std::int64_t>(files.front().bytes);
    auto socket = reach(path_);
    if (!socket) return tl::unexpected(socket.error());
    Answers answers(socket->get(), progress);
    if (send_all(socket->get(), json::serialize(request) + "\n"))
        (void)send_file(socket->get(), files.front(), [&] { answers.hear_what_is_there(); });
    // Also when it was not taken whole: the other side says why.
    const auto line = answers.hear_to_the_end();
    if (!line) {
        return fail(ProblemKind::unavailable, "operator.no_answer",
                    {{"remedy", "the service stopped meanwhile; the same command goes on from "
                                "there"}});
    }
    const auto report = read_line(*line, "report");
    if (!report) return tl::unexpected(report.error());
    if (!report->is_string()) return fail(ProblemKind::unavailable, "operator.no_answer");
    return std::string(report->as_string());
}

} // namespace fernamt::app
