#include "netlink/rp_filter.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>

#include "base/unique_fd.h"

namespace airlane {
namespace {

constexpr char kStrict = '1';
constexpr char kLoose = '2';

std::string path_of(const std::string& interface) {
  return "/proc/sys/net/ipv4/conf/" + interface + "/rp_filter";
}

std::optional<char> read_filter(const std::string& interface) {
  const UniqueFd file(::open(path_of(interface).c_str(), O_RDONLY | O_CLOEXEC));
  char value = 0;
  if (!file || ::read(file.get(), &value, 1) != 1) return std::nullopt;
  return value;
}

}  // namespace

Outcome<Done> loosen_rp_filter(const std::string& interface) {
  const auto before = read_filter(interface);
  if (!before || *before == kLoose) return Done{};
  const UniqueFd file(::open(path_of(interface).c_str(), O_WRONLY | O_CLOEXEC));
  if (file && ::write(file.get(), &kLoose, 1) == 1) return Done{};
  const int error = errno;
  if (error == ENOENT || std::max(*before, read_filter("all").value_or('0')) != kStrict) {
    return Done{};
  }
  return Failure{Failure::Kind::kUnavailable,
                 path_of(interface) + " is 1, which drops every reply, and cannot be set to 2: " +
                     std::system_category().message(error) + "."};
}

std::string rp_filter_warning() {
  if (read_filter("all") != kStrict) return {};
  return path_of("all") +
         " is 1: a dongle that is plugged in loses replies for a moment; set it to"
         " 0 or 2.";
}

}  // namespace airlane
