// What the host's settings must allow for a recipe to be true.
#include <algorithm>
#include <fstream>
#include <optional>

#include "netlink/fingerprint/recipe.h"

namespace airlane {
namespace {

constexpr auto kSettings = "/proc/sys/net/";

// The `nth` number of a setting, from 0; nothing if it cannot be read.
std::optional<std::int64_t> setting(const std::string& name, int nth = 0) {
  std::ifstream file(kSettings + name);
  std::int64_t value = 0;
  for (int i = 0; i <= nth; ++i) {
    if (!(file >> value)) return std::nullopt;
  }
  return value;
}

Failure not_here(const std::string& why) {
  return {Failure::Kind::kUnavailable, "The fingerprint cannot be used on this host: " + why + "."};
}

}  // namespace

Outcome<Done> check_host(const Recipe& recipe) {
  struct Row {
    bool needed;
    const char* name;
    const char* what;
  };
  for (const auto& [needed, name, what] :
       {Row{recipe.needs_time, "ipv4/tcp_timestamps", "ts"},
        Row{recipe.needs_sack, "ipv4/tcp_sack", "sok"},
        Row{recipe.needs_scaling, "ipv4/tcp_window_scaling", "ws"}}) {
    if (needed && setting(name) == 0) {
      return not_here(std::string("it has ") + what + ", and " + kSettings + name + " is 0");
    }
  }
  // 1: ask for it; 2, the default, is to agree when asked.
  if (recipe.needs_ecn && setting("ipv4/tcp_ecn").value_or(0) != 1) {
    return not_here(std::string("it has ecn, which needs 1 in ") + kSettings + "ipv4/tcp_ecn");
  }
  const auto most =
      std::max(setting("ipv4/tcp_rmem", 2).value_or(0), setting("core/rmem_max").value_or(0));
  if (recipe.receive_memory() > most) {
    return not_here("a window scale of " + std::to_string(*recipe.scale) + " needs " +
                    std::to_string(recipe.receive_memory()) + " or more as the last number of " +
                    kSettings + "ipv4/tcp_rmem, which is " + std::to_string(most));
  }
  return Done{};
}

}  // namespace airlane
