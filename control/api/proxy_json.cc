#include "control/api/proxy_json.h"

namespace airlane::api {
namespace {

void write_time(JsonText& to, std::string_view name, const std::optional<WallSeconds>& time) {
  to.name(name);
  if (time) return to.value(to_iso(*time));
  to.value(nullptr);
}

void write_text(JsonText& to, std::string_view name, std::string_view text) {
  to.name(name);
  to.value(text);
}

void write_number(JsonText& to, std::string_view name, std::int64_t number) {
  to.name(name);
  to.value(number);
}

}  // namespace

const std::string& isp_of(const Context& context, const ProxyRecord& proxy) {
  static const std::string kNone;
  const DongleRecord* const dongle = context.backend.dongle(proxy.dongle);
  return dongle ? dongle->isp : kNone;
}

void write_proxy(JsonText& to, const Context& context, const ProxyRecord& proxy) {
  to.open('{');
  write_number(to, "id", proxy.id);
  write_text(to, "ip", context.settings.public_host);
  write_number(to, "port", proxy.port);
  write_text(to, "username", proxy.username);
  write_text(to, "password", proxy.password);
  to.name("src_whitelist");
  to.open('[');
  for (const Cidr& network : proxy.whitelist) to.value(network.to_string());
  to.close(']');
  write_text(to, "isp", isp_of(context, proxy));
  write_text(to, "comment", proxy.comment);
  write_time(to, "in_use_from", proxy.in_use_from);
  write_time(to, "in_use_till", proxy.in_use_till);
  if (proxy.ext_ip_upd_interval) {
    write_text(to, "ext_ip_upd_interval", *proxy.ext_ip_upd_interval);
  } else {
    to.name("ext_ip_upd_interval");
    to.value(nullptr);
  }
  write_text(to, "ext_ip_upd_calendar", proxy.ext_ip_upd_calendar);
  to.close('}');
}

Json proxy_json(const Context& context, const ProxyRecord& proxy) {
  JsonText text;
  write_proxy(text, context, proxy);
  return *parse_json(text.take());
}

}  // namespace airlane::api
