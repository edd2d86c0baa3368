#include "control/secret_key.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

#include "base/file.h"
#include "base/log.h"
#include "base/unique_fd.h"

namespace airlane {
namespace {

constexpr const char* kCredential = "airlane.key";

std::string path_of(const Config::Server& server) {
  if (!server.secret_key.empty()) return server.secret_key;
  if (const char* const credentials = std::getenv("CREDENTIALS_DIRECTORY")) {
    const auto path = std::filesystem::path(credentials) / kCredential;
    if (access(path.c_str(), F_OK) == 0) return path;
  }
  auto state = std::filesystem::path(server.state).lexically_normal().string();
  while (state.size() > 1 && state.ends_with('/')) state.pop_back();
  return state + "-secret/key";
}

Failure cannot(const char* verb, const std::string& path, int error) {
  return {Failure::Kind::kUnavailable, std::string("Cannot ") + verb + " the key file " + path +
                                           ": " + std::system_category().message(error) + "."};
}

Failure missing(const std::string& path) {
  return {Failure::Kind::kInvalid,
          "The passwords in the database are sealed with a key, and its file " + path +
              " is not there; put it back from your copy, or name its place in [server] "
              "secret_key. Nothing was changed."};
}

Outcome<SealingKey> make(const std::string& path) {
  const auto folder = std::filesystem::path(path).parent_path().string();
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return cannot("make", path, errno);
  const auto key = SealingKey::random();
  if (const auto error = write_new_file(path, key.hex() + "\n")) {
    return cannot("make", path, error.value());
  }
  log::info("made the key " + path + " for the passwords in the database: keep a copy elsewhere");
  return key;
}

Outcome<SealingKey> read_from(int fd, const std::string& path) {
  const auto unfit = [&](const char* why) {
    return Failure{Failure::Kind::kInvalid, "The key file " + path + " " + why};
  };
  struct stat file {};
  if (fstat(fd, &file) != 0) return cannot("read", path, errno);
  if ((file.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return unfit("may be read by others; take that away with chmod 600.");
  }
  std::array<char, 256> text{};
  const auto size = read(fd, text.data(), text.size());
  if (size < 0) return cannot("read", path, errno);
  std::string_view digits(text.data(), static_cast<std::size_t>(size));
  while (digits.ends_with('\n') || digits.ends_with('\r')) digits.remove_suffix(1);
  const auto key = SealingKey::from_hex(digits);
  if (!key) return unfit("holds no key: that is 64 hex digits, as `openssl rand -hex 32` makes.");
  return *key;
}

}  // namespace

Outcome<SealingKey> secret_key(const Config::Server& server, bool sealed) {
  const auto path = path_of(server);
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd) return read_from(fd.get(), path);
  if (errno != ENOENT) return cannot("read", path, errno);
  if (sealed) return missing(path);
  return make(path);
}

}  // namespace airlane
