// The list of modem drivers. To add one: a file pair, one row in drivers.cc, one line in
// CMakeLists.txt.
#pragma once

#include <span>
#include <string_view>

#include "control/modem/driver.h"

namespace airlane {

struct DriverKind {
  std::string_view name;
  std::span<const OptionKind> options;
  MadeDriver (*make)(const DriverConfig& config);
};

std::span<const DriverKind> driver_kinds();

// kInvalid for an unknown driver, an unknown option or a bad value, naming what is known. Does no
// I/O, so it also serves to check what an operator typed.
MadeDriver make_driver(std::string_view name, const DriverConfig& config);

}  // namespace airlane
