#include "control/api/admin/admin.h"
#include "control/api/admin/body.h"

namespace airlane::api {
namespace {

constexpr std::uint16_t kDnsPort = 53;

Json dongle_json(const Context& context, const DongleRecord& dongle) {
  Json dns = Json::array();
  for (const Address& server : dongle.dns) {
    dns.push_back(server.port() == kDnsPort ? server.ip() : server.to_string());
  }
  Json options = Json::object();
  for (const auto& [name, value] : dongle.options) options[name] = value;
  return {
      {"name", dongle.name},
      {"interface", dongle.interface},
      {"driver", dongle.driver},
      {"gateway", dongle.gateway ? Json(dongle.gateway->ip()) : Json(nullptr)},
      {"dns", std::move(dns)},
      {"isp", dongle.isp},
      {"options", std::move(options)},
      {"up", context.backend.is_up(dongle.id)},
      {"state", to_string(context.backend.state_of(dongle.id))},
      {"rotated_at", iso_or_null(context.backend.last_rotation(dongle.id))},
  };
}

void list_dongles(const Context& context, const Call& call) {
  Json rows = Json::array();
  for (const DongleRecord* const dongle : context.backend.dongles()) {
    rows.push_back(dongle_json(context, *dongle));
  }
  const auto count = rows.size();
  call.json(200, {{"dongles", std::move(rows)}, {"count", count}});
}

// "192.0.2.1", "192.0.2.1:5353".
std::optional<Address> dns_server(const std::string& text) {
  const auto plain = Address::parse(text, kDnsPort);
  return plain ? plain : Address::parse_with_port(text);
}

DongleRecord read_dongle(AdminBody& body) {
  DongleRecord dongle;
  for (const std::string_view name : {"name", "interface", "driver"}) body.require(name);
  body.text("name", dongle.name);
  body.text("interface", dongle.interface);
  body.text("driver", dongle.driver);
  body.text("isp", dongle.isp);
  std::optional<std::string> gateway;
  body.text_or_null("gateway", gateway);
  if (gateway) {
    dongle.gateway = Address::parse(*gateway);
    if (!dongle.gateway) body.wrong("gateway", "an IP address or null");
  }
  body.list(
      "dns", [&] { dongle.dns.clear(); },
      [&](const std::string& text) {
        const auto server = dns_server(text);
        if (server) dongle.dns.push_back(*server);
        return server.has_value();
      });
  body.map("options", dongle.options);
  return dongle;
}

void add_dongle(Context& context, const Call& call) {
  AdminBody body(call);
  DongleRecord dongle = read_dongle(body);
  if (!body.is_good_or_answered()) return;
  context.backend.add_dongle(std::move(dongle),
                             [&context, call](const Outcome<DongleRecord>& added) {
                               if (!added) return admin_failure(call, added.error());
                               call.json(201, dongle_json(context, *added));
                             });
}

void remove_dongle(Context& context, const Call& call, const std::string& name) {
  if (!context.backend.dongle_by_name(name)) {
    return admin_error(call, 404, "not_found", "There is no dongle " + name + ".");
  }
  context.backend.remove_dongle(name, [call](const Outcome<Done>& removed) {
    if (!removed) return admin_failure(call, removed.error());
    call.json(200, {{"success", true}});
  });
}

}  // namespace

void admin_dongles(Context& context, const Call& call, std::string_view rest) {
  const std::string& method = call.request().method;
  if (rest.empty()) {
    if (method == "GET" || method == "HEAD") return list_dongles(context, call);
    if (method == "POST") return add_dongle(context, call);
    return admin_wrong_method(call, "GET, HEAD, POST");
  }
  rest.remove_prefix(1);
  if (rest.find('/') != rest.npos) return admin_not_found(call);
  if (method != "DELETE") return admin_wrong_method(call, "DELETE");
  remove_dongle(context, call, percent_decode(rest));
}

}  // namespace airlane::api
