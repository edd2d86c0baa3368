// What a start needs before there is a server: rights, limits, and what its failure is called.
#pragma once

#include "base/result.h"
#include "conf/config.h"
#include "proxy/engine.h"

namespace airlane {

// SIGPIPE, umask, the limit of open files; once, on the main thread.
void prepare_process();

// CAP_NET_ADMIN. Without it every dongle would be refused one by one, and later than now.
bool may_change_routes();

EngineOptions engine_options(const Config& config);

int exit_status(const Failure& failure);  // Of sysexits(3).

}  // namespace airlane
