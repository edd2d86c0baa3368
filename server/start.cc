#include "server/start.h"

#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sysexits.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <thread>

#include "base/log.h"
#include "base/spawn.h"

namespace airlane {

int exit_status(const Failure& failure) {
  switch (failure.kind) {
    case Failure::Kind::kInvalid:
      return EX_CONFIG;
    case Failure::Kind::kNotFound:
      return EX_NOINPUT;
    case Failure::Kind::kConflict:
      return EX_TEMPFAIL;  // Somebody else has what we need, and may give it back.
    case Failure::Kind::kUnavailable:
      return EX_UNAVAILABLE;
    case Failure::Kind::kInternal:
      return EX_SOFTWARE;
  }
  return EX_SOFTWARE;
}

bool may_change_routes() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> data{};
  if (syscall(SYS_capget, &header, data.data()) != 0) return true;  // Then the kernel will say.
  return (data[CAP_TO_INDEX(CAP_NET_ADMIN)].effective & CAP_TO_MASK(CAP_NET_ADMIN)) != 0;
}

void prepare_process() {
  std::signal(SIGPIPE, SIG_IGN);
  umask(0077);
  reserve_spawn_slot();
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) log::warning("The limit of open files stays low.");
}

EngineOptions engine_options(const Config& config) {
  const auto& stages = config.timeouts;
  // A tunnel has two sockets, and two pipes while it is busy both ways. What is left over is for
  // the control plane, names and the store.
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  const std::size_t bearable = std::max<rlim_t>(files.rlim_cur / 8, 1);
  return {.workers = config.server.workers != 0 ? config.server.workers
                                                : std::max(1U, std::thread::hardware_concurrency()),
          .listen = config.proxy.listen,
          .timeouts = {.detect = stages.detect,
                       .authenticate = stages.authenticate,
                       .resolve = stages.resolve,
                       .connect = stages.connect,
                       .bind = stages.bind,
                       .relay = stages.relay,
                       .associate = stages.associate},
          .socket_buffers = config.proxy.socket_buffers,
          .busy_poll = config.proxy.busy_poll,
          .via = config.proxy.via,
          .names_most = config.limits.names,
          .associations_most = config.limits.associations,
          .guard = {.failures = config.limits.wrong_passwords,
                    .block = std::chrono::ceil<std::chrono::seconds>(
                        config.limits.wrong_password_block)},
          .connections_most = config.proxy.connections != 0 ? config.proxy.connections : bearable,
          .fronts = config.proxy.fronts};
}

}  // namespace airlane
