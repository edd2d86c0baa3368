#include "base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/unique_fd.h"

namespace airlane {
namespace {

std::error_code last_error() { return {errno, std::system_category()}; }

std::error_code rename_to_new(const char* from, const char* to) {
  if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0) return {};
  if (errno != EINVAL && errno != ENOSYS) return last_error();
  if (link(from, to) != 0) return last_error();  // NFS knows no flags of renameat2().
  unlink(from);
  return {};
}

std::error_code fill(int fd, std::string_view text) {
  if (const auto error = write_all(fd, text)) return error;
  return fsync(fd) == 0 ? std::error_code() : last_error();
}

}  // namespace

std::error_code write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto size = ::write(fd, text.data(), text.size());
    if (size < 0 && errno != EINTR) return last_error();
    if (size > 0) text.remove_prefix(static_cast<std::size_t>(size));
  }
  return {};
}

std::error_code sync_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path().string();
  const UniqueFd fd(
      open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || fsync(fd.get()) != 0) return last_error();
  return {};
}

std::error_code publish_file(const std::string& unfinished, const std::string& path) {
  if (const auto error = rename_to_new(unfinished.c_str(), path.c_str())) return error;
  const auto error = sync_folder_of(path);
  // Who hears that there is none shall not find one.
  if (error) (void)rename(path.c_str(), unfinished.c_str());
  return error;
}

std::error_code write_new_file(const std::string& path, std::string_view text) {
  auto unfinished = path + std::string(kUnfinishedMark) + "XXXXXX";
  const UniqueFd fd(mkostemp(unfinished.data(), O_CLOEXEC));  // With mode 0600.
  if (!fd) return last_error();
  auto error = fill(fd.get(), text);
  if (!error) error = publish_file(unfinished, path);
  if (error) unlink(unfinished.c_str());
  return error;
}

}  // namespace airlane
