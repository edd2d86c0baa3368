// Huawei's HiLink sticks (E3372h, E8372h and their kin): routers of their own, with an XML API.
#pragma once

#include <array>

#include "control/modem/driver.h"

namespace airlane {

inline constexpr std::array kHilinkOptions = {
    OptionKind{"url", "where the modem's API is, by address: http://GATEWAY"},
    OptionKind{"method", "how to rotate: dataswitch (mobile data off and on), or net-mode"},
    OptionKind{"hold", "how long to stay off the network while rotating: 2s"},
    OptionKind{"username", "who logs in when the modem wants a password: admin"},
    OptionKind{"password", "the modem's password; without it nobody logs in", true},
};

MadeDriver make_hilink(const DriverConfig& config);

}  // namespace airlane
