// SPDX-License-Identifier: EUPL-1.2
#include "telephony/rtpengine_preload.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

// The library itself, as built next door (CMakeLists.txt).
asm(R"(
    .section .rodata
    .balign 16
fernamt_media_sockets_begin:
    .incbin ")" FERNAMT_MEDIA_SOCKETS R"("
fernamt_media_sockets_end:
    .previous
)");
extern "C" const char fernamt_media_sockets_begin[]; // NOLINT(*-avoid-c-arrays)
extern "C" const char fernamt_media_sockets_end[];   // NOLINT(*-avoid-c-arrays)

namespace fernamt::telephony {
namespace {

bool write_whole(int fd, const char *from, const char *end) {
    while (from < end) {
        const auto written = ::write(fd, from, static_cast<std::size_t>(end - from));
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        from += written;
    }
    return true;
}

} // namespace

RtpenginePreload::RtpenginePreload() : fd_(::memfd_create(kName, MFD_CLOEXEC)) {
    if (fd_ < 0) return;
    if (write_whole(fd_, fernamt_media_sockets_begin, fernamt_media_sockets_end)) return;
    ::close(fd_);
    fd_ = -1;
}

RtpenginePreload::~RtpenginePreload() {
    if (fd_ >= 0) ::close(fd_);
}

std::string RtpenginePreload::path() const {
    return fd_ < 0 ? "" : fmt::format("/proc/{}/fd/{}", ::getpid(), fd_);
}

} // namespace fernamt::telephony
