// A modem that the operator's own programs know how to handle: one per action, exit code 0 for
// success. They learn the dongle from AIRLANE_DONGLE, AIRLANE_INTERFACE and AIRLANE_GATEWAY.
#pragma once

#include <array>

#include "control/modem/driver.h"

namespace airlane {

inline constexpr std::array kCommandOptions = {
    OptionKind{"rotate", "program and arguments that make the carrier hand out another address"},
    OptionKind{"reboot", "program and arguments that restart the modem"},
    OptionKind{"status", "program and arguments that succeed while the modem is connected"},
    OptionKind{"timeout", "how long each may take before it is killed: 60s"},
};

MadeDriver make_command(const DriverConfig& config);

}  // namespace airlane
