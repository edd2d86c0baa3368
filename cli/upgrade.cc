// upgrade: begins it, and waits until another process answers at the same socket.
#include <CLI/CLI.hpp>
#include <ostream>
#include <thread>
#include <utility>

#include "base/clock.h"
#include "cli/table.h"
#include "cli/verbs.h"

namespace airlane::cli {
namespace {

constexpr std::chrono::milliseconds kPace{100};
constexpr std::chrono::seconds kPatience{120};  // More than the server has.

// The one who ordered it may be told nothing afterwards: of a key that has ended meanwhile, say.
constexpr const char* kOrdered =
    "\nThe upgrade was ordered, and how it went is not known; the server's log says more.";

void show(std::ostream& out, const Json& state) {
  out << "process " << state.value("pid", 0) << " serves, version "
      << printable(state.value("version", ""));
  if (const auto old = state.value("draining", Json()); old.is_number()) {
    out << "; process " << old.get<int>() << " drains its connections";
  }
  out << '\n';
}

// Meanwhile nobody may answer, or one that is about to let go.
int wait_for_another(Invocation& here, int pid) {
  const auto until = Monotonic::now() + kPatience;
  while (Monotonic::now() < until) {
    const auto [state, refusal] = here.hear({.method = "GET", .path = "server"});
    if (!refusal.empty()) return here.fail(kUnchecked, refusal + kOrdered);
    if (state && state->is_object()) {
      if (state->value("pid", pid) != pid) {
        if (here.json) {
          here.streams.out << state->dump() << '\n';
        } else {
          show(here.streams.out, *state);
        }
        return kDone;
      }
      if (state->value("upgrade", "") == "failed") {
        const auto reason = state->value("reason", Json());
        return here.fail(kRefused, "the new process did not take over: " +
                                       printable(reason.is_string() ? reason.get<std::string>()
                                                                    : "it did not say why"));
      }
    }
    std::this_thread::sleep_for(kPace);
  }
  return here.fail(kUnreachable, "nobody has answered for two minutes; the server's log says more");
}

int upgrade(Invocation& here) {
  int pid = 0;
  const auto began = [&pid](std::ostream&, const Json& state) { pid = state.value("pid", 0); };
  const bool json = std::exchange(here.json, false);
  const int status = here.perform({"POST", "server/upgrade", {}, began});
  here.json = json;
  return status == kDone ? wait_for_another(here, pid) : status;
}

}  // namespace

void add_upgrade_command(CLI::App& app, Invocation& here) {
  client_command(app, "upgrade", "Switch to a new program", here).callback([&here] {
    here.action = [&here] { return upgrade(here); };
  });
}

}  // namespace airlane::cli
