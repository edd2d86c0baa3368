// How both APIs tell of the addresses that a dongle had. Pure data, in jobs.cc.
#pragma once

#include "control/api/admin/table.h"

namespace airlane::api {

extern const Shape kAddressPeriod;    // One of them, and how long it lasted.
extern const Shape kUniqueAddresses;  // How many were different.

}  // namespace airlane::api
