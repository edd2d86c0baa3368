#include "control/api/api.h"

#include <grp.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "base/event/http_server.h"
#include "control/api/live_backend.h"
#include "control/api/router.h"

namespace airlane {
namespace {

constexpr const char* kAdminGroup = "airlane";

std::optional<gid_t> admin_group() {
  std::string buffer(std::size_t{16} * 1024, '\0');
  group entry{};
  group* found = nullptr;
  getgrnam_r(kAdminGroup, &entry, buffer.data(), buffer.size(), &found);
  return found ? std::optional(found->gr_gid) : std::nullopt;
}

// What customers put before the port of their proxy.
std::string public_host(const Config::Proxy& proxy) {
  if (!proxy.public_host.empty()) return proxy.public_host;
  const auto* const bytes = proxy.listen.bytes();
  for (std::size_t i = 0; i < proxy.listen.size(); ++i) {
    if (bytes[i] != 0) return proxy.listen.ip();
  }
  char name[256] = "";
  gethostname(name, sizeof(name) - 1);
  return name;
}

api::Settings settings_of(const Config& config) {
  api::Settings settings;
  settings.public_host = public_host(config.proxy);
  settings.rotation_limit = config.rotation.limit;
  settings.admin_group = admin_group();
  return settings;
}

HttpServer::Limits limits_of(const Config& config) {
  HttpServer::Limits limits;
  limits.connections = config.limits.api_connections;
  // A customer may wait for many rotations at once, and still leaves room for others.
  limits.connections_per_peer = std::max(1U, config.limits.api_connections / 2);
  limits.body = config.limits.api_body;
  return limits;
}

}  // namespace

class Api::Listening {
 public:
  Listening(Loop& control, const Config& config, Accounts& accounts, Farm& farm, Usage& usage,
            const Metrics& metrics)
      : config_(config.control),
        backend_(accounts, farm, usage, metrics),
        router_(backend_, settings_of(config)),
        server_(control, limits_of(config), [this](HttpRequest request, HttpReply reply) {
          router_.handle(std::move(request), std::move(reply));
        }) {}

  Outcome<Done> start() {
    for (const Address& address : config_.listen) {
      auto bound = server_.listen(address);
      if (!bound) return bound.error();
      addresses_.push_back(*bound);
    }
    if (config_.socket.empty()) return Done{};
    return server_.listen_unix(config_.socket, kAdminGroup);
  }
  [[nodiscard]] const std::vector<Address>& addresses() const { return addresses_; }

 private:
  const Config::Control config_;
  std::vector<Address> addresses_;
  api::LiveBackend backend_;
  api::Router router_;
  HttpServer server_;  // Last: nothing is asked or answered once the rest goes.
};

Api::Api(Loop& control, const Config& config, Accounts& accounts, Farm& farm, Usage& usage,
         const Metrics& metrics)
    : listening_(std::make_unique<Listening>(control, config, accounts, farm, usage, metrics)) {}

Api::~Api() = default;

Outcome<Done> Api::start() { return listening_->start(); }

const std::vector<Address>& Api::addresses() const { return listening_->addresses(); }

}  // namespace airlane
