#include "proxy/access_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

namespace airlane {
namespace {

// The size of the whole lines among the first `size` bytes.
std::size_t whole_lines(std::string_view lines, std::size_t size) {
  const auto end = lines.substr(0, size).rfind('\n');
  return end == std::string_view::npos ? 0 : end + 1;
}

}  // namespace

Status AccessFile::open() {
  if (fd_ && !was_moved()) return Done{};
  // Without waiting: a FIFO that nobody reads is an error now (ENXIO), and may be none later.
  constexpr int kFlags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  fd_.reset(::open(path_.c_str(), kFlags, 0640));
  if (!fd_) return Error{Errc::kSystem, "open", errno};
  struct stat status {};
  regular_ = fstat(fd_.get(), &status) == 0 && S_ISREG(status.st_mode);
  return Done{};
}

Result<std::size_t> AccessFile::append(std::string_view lines) {
  if (const auto opened = open(); !opened) return opened.error();
  std::size_t written = 0;
  while (written < lines.size()) {
    auto part = lines.substr(written);
    // So much a pipe takes whole or not at all (POSIX, write()).
    if (!regular_)
      part = part.substr(0, std::max(whole_lines(part, PIPE_BUF), part.find('\n') + 1));
    const auto size = write(fd_.get(), part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) {
      const Error error{Errc::kSystem, "write", errno};
      const auto kept = whole_lines(lines, written);
      if (kept < written) take_back(written - kept);
      if (kept == 0) return error;
      return kept;
    }
    written += static_cast<std::size_t>(size);
  }
  return written;
}

bool AccessFile::was_moved() const {
  struct stat open {};
  struct stat there {};
  if (fstat(fd_.get(), &open) != 0 || stat(path_.c_str(), &there) != 0) return true;
  return open.st_dev != there.st_dev || open.st_ino != there.st_ino;
}

void AccessFile::take_back(std::size_t bytes) {
  const auto end = lseek(fd_.get(), 0, SEEK_END);
  const auto torn = static_cast<off_t>(bytes);
  // If even that fails, a half line stays; somebody who empties the file meanwhile has done it.
  if (regular_ && end >= torn && ftruncate(fd_.get(), end - torn) != 0) fd_.reset();
}

}  // namespace airlane
