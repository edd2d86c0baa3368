// How both APIs tell where a proxy's bytes went. Pure data, in top.cc.
#pragma once

#include "control/api/admin/table.h"

namespace airlane::api {

extern const Shape kTopDestinations;

}  // namespace airlane::api
