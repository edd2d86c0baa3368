#include "control/api/proxy_json.h"

namespace airlane::api {

std::string isp_of(const Context& context, const ProxyRecord& proxy) {
  const DongleRecord* const dongle = context.backend.dongle(proxy.dongle);
  return dongle ? dongle->isp : std::string();
}

Json proxy_json(const Context& context, const ProxyRecord& proxy) {
  Json whitelist = Json::array();
  for (const Cidr& network : proxy.whitelist) whitelist.push_back(network.to_string());
  return {
      {"id", proxy.id},
      {"ip", context.settings.public_host},
      {"port", proxy.port},
      {"username", proxy.username},
      {"password", proxy.password},
      {"src_whitelist", std::move(whitelist)},
      {"isp", isp_of(context, proxy)},
      {"comment", proxy.comment},
      {"in_use_from", iso_or_null(proxy.in_use_from)},
      {"in_use_till", iso_or_null(proxy.in_use_till)},
      {"ext_ip_upd_interval", text_or_null(proxy.ext_ip_upd_interval)},
      {"ext_ip_upd_calendar", proxy.ext_ip_upd_calendar},
  };
}

}  // namespace airlane::api
