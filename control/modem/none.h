// An interface without a modem that we could talk to: it carries traffic and refuses the rest.
#pragma once

#include "control/modem/driver.h"

namespace airlane {

MadeDriver make_none(const DriverConfig& config);

}  // namespace airlane
