#include "proxy/engine.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include "proxy/accept.h"
#include "proxy/worker.h"

namespace airlane {

Engine::Engine(const EngineOptions& options, CounterFile& counters) : options_(options) {
  for (std::uint32_t index = 0; index < options_.workers; ++index) {
    workers_.push_back(std::make_unique<Worker>(index, options_, counters, connections_));
  }
  for (auto& worker : workers_) worker->start();
}

Engine::~Engine() = default;

Outcome<Done> Engine::probe(std::uint16_t port) const {
  auto where = options_.listen;
  where.set_port(port);
  // Not shared: so it also collides with a listener that would share the port with us.
  const auto socket = open_listener(where, {.shared = false});
  if (socket) return Done{};
  const int error = socket.error().os_error;
  const auto reason = error == EADDRINUSE ? std::string("another program is listening there")
                                          : std::system_category().message(error);
  return Failure{Failure::Kind::kConflict, "cannot listen on " + where.to_string() + ": " + reason};
}

void Engine::publish(const std::shared_ptr<const World>& world) {
  for (auto& worker : workers_) worker->publish(world);
}

}  // namespace airlane
