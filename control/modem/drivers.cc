#include "control/modem/drivers.h"

#include <algorithm>
#include <array>

#include "control/modem/command.h"
#include "control/modem/hilink.h"
#include "control/modem/none.h"

namespace airlane {
namespace {

constexpr std::array kKinds = {
    DriverKind{"none", {}, make_none},
    DriverKind{"hilink", kHilinkOptions, make_hilink},
    DriverKind{"command", kCommandOptions, make_command},
};

template <class Rows>
std::string names_of(const Rows& rows) {
  std::string names;
  for (const auto& row : rows) {
    if (!names.empty()) names += ", ";
    names += row.name;
  }
  return names;
}

Failure unknown_option(const DriverKind& kind, const std::string& option) {
  const auto driver = "Driver \"" + std::string(kind.name) + "\" ";
  const auto known = kind.options.empty() ? driver + "takes none."
                                          : driver + "takes: " + names_of(kind.options) + ".";
  return {Failure::Kind::kInvalid, "There is no option \"" + option + "\". " + known};
}

}  // namespace

std::span<const DriverKind> driver_kinds() { return kKinds; }

MadeDriver make_driver(std::string_view name, const DriverConfig& config) {
  const auto named = [](std::string_view wanted) {
    return [wanted](const auto& row) { return row.name == wanted; };
  };
  const auto kind = std::find_if(kKinds.begin(), kKinds.end(), named(name));
  if (kind == kKinds.end()) {
    return Failure{Failure::Kind::kInvalid, "There is no driver \"" + std::string(name) +
                                                "\". Known drivers: " + names_of(kKinds) + "."};
  }
  for (const auto& [option, value] : config.options) {
    const auto& known = kind->options;
    if (std::none_of(known.begin(), known.end(), named(option))) {
      return unknown_option(*kind, option);
    }
  }
  return kind->make(config);
}

}  // namespace airlane
