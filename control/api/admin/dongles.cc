#include "control/api/admin/body.h"
#include "control/api/admin/resources.h"

namespace airlane::api {
namespace {

using Kind = Field::Kind;

constexpr std::uint16_t kDnsPort = 53;

constexpr std::string_view kStates[] = {"up", "down", "absent", "rotating", "rebooting"};

constexpr Field kDongleFields[] = {
    {.name = "name",
     .use = Field::kOnce,
     .required = true,
     .meaning = "1 to 64 of the characters `A-Z a-z 0-9 _ . @ -`."},
    {.name = "interface", .required = true, .meaning = "The network interface: `wwan0`."},
    {.name = "driver",
     .required = true,
     .meaning = "How to talk to the modem: `hilink`, `command`, `none`."},
    {.name = "gateway",
     .nullable = true,
     .fallback = "null",
     .meaning = "The address of the modem; null when it is to be found out."},
    {.name = "dns",
     .kind = Kind::kTexts,
     .fallback = "[]",
     .meaning = "At most 8 name servers, with a port or without; none means those of the link."},
    {.name = "isp",
     .fallback = "\"\"",
     .meaning = "The carrier of the SIM card, as customers see it."},
    {.name = "options",
     .kind = Kind::kTextMap,
     .fallback = "{}",
     .meaning = "Of the driver, such as a password."},
    {.name = "up",
     .kind = Kind::kFlag,
     .use = Field::kTold,
     .meaning = "Whether connections can leave by it, which they can also in the last part of a "
                "rotation or reboot, when its new address is asked for."},
    {.name = "state", .use = Field::kTold, .meaning = "What it is doing.", .choices = kStates},
    {.name = "rotated_at",
     .kind = Kind::kTime,
     .use = Field::kTold,
     .nullable = true,
     .meaning = "The end of its last rotation."},
};
constexpr Shape kDongle{"Dongle", kDongleFields};

constexpr Field kFilters[] = {
    {.name = "driver", .meaning = "The driver, exactly."},
    {.name = "isp", .meaning = "The carrier, exactly."},
    {.name = "state", .meaning = "What it is doing.", .choices = kStates},
};

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

// Null when there is none; then it is answered.
const DongleRecord* named_dongle(const Context& context, const AdminCall& call) {
  const DongleRecord* const dongle = context.backend.dongle_by_name(call.value());
  if (!dongle) admin_not_found(call, "There is no dongle " + call.value() + ".");
  return dongle;
}

void list_dongles(Context& context, const AdminCall& call) {
  Page page(call);
  for (const DongleRecord* const dongle : context.backend.dongles()) {
    if (!call.lets("driver", dongle->driver) || !call.lets("isp", dongle->isp)) continue;
    if (!call.lets("state", to_string(context.backend.state_of(dongle->id)))) continue;
    if (page.takes(dongle->id)) page.add(dongle_json(context, *dongle));
  }
  page.answer();
}

void get_dongle(Context& context, const AdminCall& call) {
  const DongleRecord* const dongle = named_dongle(context, call);
  if (dongle) answer_one(call, dongle_json(context, *dongle));
}

// "192.0.2.1", "192.0.2.1:5353".
std::optional<Address> dns_server(const std::string& text) {
  const auto plain = Address::parse(text, kDnsPort);
  return plain ? plain : Address::parse_with_port(text);
}

void read_gateway(AdminBody& body, DongleRecord& dongle) {
  const Json* const given = body.value("gateway");
  if (!given) return;
  if (given->is_null()) return dongle.gateway.reset();
  dongle.gateway = Address::parse(given->get<std::string>());
  if (!dongle.gateway) body.wrong("gateway", "an IP address or null");
}

// What POST and PATCH have in common.
void read_dongle(AdminBody& body, DongleRecord& dongle) {
  body.text("interface", dongle.interface);
  body.text("driver", dongle.driver);
  body.text("isp", dongle.isp);
  read_gateway(body, dongle);
  body.list(
      "dns", "an IP address, with a port or without", [&] { dongle.dns.clear(); },
      [&](const std::string& text) {
        const auto server = dns_server(text);
        if (server) dongle.dns.push_back(*server);
        return server.has_value();
      });
  body.map("options", dongle.options);
  body.refuse(faults(dongle));
}

void add_dongle(Context& context, const AdminCall& call) {
  AdminBody body(call);
  DongleRecord dongle;
  body.text("name", dongle.name);
  read_dongle(body, dongle);
  if (!body.is_good_or_answered()) return;
  context.backend.add_dongle(std::move(dongle),
                             [&context, call](const Outcome<DongleRecord>& added) {
                               if (!added) return admin_failure(call, added.error());
                               answer_one(call, dongle_json(context, *added));
                             });
}

void change_dongle(Context& context, const AdminCall& call) {
  if (!named_dongle(context, call)) return;
  const auto edit = [&context, call, body = AdminBody(call)](DongleRecord& dongle) mutable {
    if (!is_expected_or_answered(call, kDongle, dongle_json(context, dongle))) return false;
    read_dongle(body, dongle);
    return body.is_good_or_answered();
  };
  context.backend.change_dongle(call.value(), edit,
                                [&context, call](const Outcome<DongleRecord>& changed) {
                                  if (!changed) return admin_failure(call, changed.error());
                                  answer_one(call, dongle_json(context, *changed));
                                });
}

void remove_dongle(Context& context, const AdminCall& call) {
  if (!named_dongle(context, call)) return;
  const auto may = [&context, call](const DongleRecord& dongle) {
    return is_expected_or_answered(call, kDongle, dongle_json(context, dongle));
  };
  context.backend.remove_dongle(call.value(), may, [call](const Outcome<Done>& removed) {
    if (!removed) return admin_failure(call, removed.error());
    answer_success(call);
  });
}

constexpr Endpoint kEndpoints[] = {
    {.method = "GET",
     .path = "/dongles",
     .handle = list_dongles,
     .name = "List the dongles",
     .summary = "With what each of them is doing.",
     .query = kFilters,
     .answer = &kDongle,
     .rows = "dongles"},
    {.method = "POST",
     .path = "/dongles",
     .handle = add_dongle,
     .name = "Add a dongle",
     .summary = "Its name and its interface must be new; another one's is a 409.",
     .body = &kDongle,
     .status = 201,
     .answer = &kDongle},
    {.method = "GET",
     .path = "/dongles/{name}",
     .handle = get_dongle,
     .name = "Show a dongle",
     .summary = "One of them.",
     .answer = &kDongle},
    {.method = "PATCH",
     .path = "/dongles/{name}",
     .handle = change_dongle,
     .name = "Change a dongle",
     .summary =
         "What is given is changed, the rest stays. Nothing of another dongle notices. With "
         "another `interface`, `gateway` or `dns` the connections by this one end. 409 while "
         "it is rotating or rebooting, unless only its `isp` changes.",
     .body = &kDongle,
     .answer = &kDongle},
    {.method = "DELETE",
     .path = "/dongles/{name}",
     .handle = remove_dongle,
     .name = "Remove a dongle",
     .summary = "409 while proxies use it, or while it is rotating or rebooting."},
};

}  // namespace

std::span<const Endpoint> dongle_endpoints() { return kEndpoints; }

}  // namespace airlane::api
