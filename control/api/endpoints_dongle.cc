#include "base/log.h"
#include "control/api/endpoints.h"
#include "control/api/job_json.h"
#include "control/api/request_options.h"

namespace airlane::api {

const ProxyRecord* named_proxy(Context& context, const Call& call) {
  const std::string* const text = call.option("id");
  if (!text) {
    call.detail(400, "The option \"id\" is required: the number of a proxy, or its host:port.");
    return nullptr;
  }
  const auto name = parse_proxy_name(*text);
  if (!name) {
    call.detail(400, "The option \"id\" must be the number of a proxy, or its host:port.");
    return nullptr;
  }
  const ProxyRecord* found = nullptr;
  if (name->id) {
    found = context.backend.proxy(*name->id);
  } else if (equal_ignoring_case(name->host, context.settings.public_host)) {
    found = context.backend.proxy_at_port(name->port);
  }
  if (found && found->user == call.user) return found;
  call.text(404, "No such proxy");
  return nullptr;
}

std::optional<bool> flag(const Call& call, std::string_view name) {
  const std::string* const text = call.option(name);
  if (!text) return false;
  const auto value = parse_bool(*text);
  if (!value) {
    call.detail(400, "The option \"" + std::string(name) + "\" must be true or false.");
  }
  return value;
}

std::optional<std::int64_t> number(const Call& call, std::string_view name, std::int64_t fallback,
                                   std::int64_t least, std::int64_t most) {
  const std::string* const text = call.option(name);
  if (!text) return fallback;
  const auto value = parse_whole(*text);
  if (value && *value >= least && *value <= most) return value;
  call.detail(400, "The option \"" + std::string(name) + "\" must be a number from " +
                       std::to_string(least) + " to " + std::to_string(most) + ".");
  return std::nullopt;
}

void ext_ip(Context& context, const Call& call) {
  const ProxyRecord* const proxy = named_proxy(context, call);
  if (!proxy) return;
  const auto from_cache = flag(call, "from_cache");
  if (!from_cache) return;
  if (call.is_head()) return call.nothing();
  context.backend.external_ip(proxy->id, *from_cache,
                              [call, id = proxy->id](const Outcome<Farm::ExternalIp>& found) {
                                Json body{{"success", true}};
                                body["ip"] = found ? text_or_null(found->ip) : Json(nullptr);
                                body["from_cache"] = found && found->from_cache;
                                body["id"] = id;
                                call.json(200, body);
                              });
}

void reboot(Context& context, const Call& call) {
  const ProxyRecord* const proxy = named_proxy(context, call);
  if (!proxy) return;
  if (call.is_head()) return call.nothing();
  const auto answer = [call, id = proxy->id](std::int64_t job, const Outcome<Done>& ordered) {
    if (ordered) {
      return call.json(200,
                       {{"success", true},
                        {"info", "Reboot initiated. It may take 20-60 seconds to complete."},
                        {"id", id}},
                       link_to_job(job));
    }
    log::info("proxy " + std::to_string(id) + ": no reboot: " + ordered.error().text);
    call.json(http_status(ordered.error().kind),
              {{"success", false}, {"error", "Failed to call reboot"}, {"id", id}},
              link_to_job(job));
  };
  context.backend.reboot(proxy->id, JobCause::kApi, answer);
}

}  // namespace airlane::api
