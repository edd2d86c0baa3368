#include "control/api/api.h"

#include <grp.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "base/event/http_server.h"
#include "control/api/live_backend.h"
#include "control/api/manners.h"
#include "control/api/router.h"
#include "control/certificates.h"

namespace airlane {
namespace {

constexpr std::string_view kApiProtocols[] = {"http/1.1"};

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

constexpr std::size_t kImportMost = std::size_t{64} << 20;  // Tens of thousands of proxies.

HttpServer::Limits limits_of(const Config& config) {
  HttpServer::Limits limits;
  limits.connections = config.limits.api_connections;
  // A customer may wait for many rotations at once, and still leaves room for others.
  limits.connections_per_peer = std::max(1U, config.limits.api_connections / 2);
  limits.idle_per_peer = config.limits.api_connections_per_source;
  limits.body = config.limits.api_body;
  limits.local_body = std::max(limits.body, kImportMost);
  return limits;
}

}  // namespace

class Api::Listening {
 public:
  Listening(Loop& control, const Config& config, const Parts& parts,
            std::span<const api::Section> sections)
      : backend_(config, parts),
        router_(backend_, settings_of(config), sections),
        server_(
            std::in_place, control, limits_of(config),
            [this](HttpRequest request, HttpReply reply) {
              router_.handle(std::move(request), std::move(reply));
            },
            api::manners),
        certificates_(control, config.control.certificates, kApiProtocols,
                      Callback<void()>::to<&Listening::show>(*this)) {}

  Outcome<Done> start(std::vector<Door>&& doors) {
    if (auto loaded = certificates_.load(); !loaded) return loaded;
    if (certificates_.current()) show();
    for (auto& [fd, is_tls] : doors) {
      const auto wire = is_tls ? HttpServer::Wire::kTls : HttpServer::Wire::kPlain;
      if (auto listening = server_->listen_on(std::move(fd), wire); !listening) return listening;
    }
    return Done{};
  }
  void reload_certificates() { certificates_.reload(); }
  void close() { server_.reset(); }

 private:
  void show() {
    if (server_) server_->show(certificates_.current());
  }

  api::LiveBackend backend_;
  api::Router router_;
  std::optional<HttpServer> server_;  // After these: nothing is asked once it goes. Absent: closed.
  Certificates certificates_;
};

Api::Api(Loop& control, const Config& config, const Parts& parts,
         std::span<const api::Section> sections)
    : listening_(std::make_unique<Listening>(control, config, parts, sections)) {}

Api::~Api() = default;

Outcome<Done> Api::start(std::vector<Door> doors) { return listening_->start(std::move(doors)); }

void Api::reload_certificates() { listening_->reload_certificates(); }

void Api::close() { listening_->close(); }

}  // namespace airlane
