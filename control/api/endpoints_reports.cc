#include <algorithm>

#include "base/log.h"
#include "control/api/endpoints.h"
#include "control/api/request_options.h"
#include "control/api/routes.h"

namespace airlane::api {
namespace {

constexpr std::chrono::seconds kDefaultDelta = std::chrono::days(30);

struct Span {
  WallSeconds from;
  WallSeconds till;
};

// Absent when it makes no sense; then it is answered.
std::optional<WallSeconds> time_option(const Call& call, std::string_view name,
                                       WallSeconds fallback) {
  const std::string* const text = call.option(name);
  if (!text || (name == "till" && *text == "now")) return fallback;  // As the documentation has it.
  const auto time = parse_time(*text);
  if (!time) {
    call.detail(400, "The option \"" + std::string(name) + "\" must be Unix time or ISO 8601.");
  }
  return time;
}

std::optional<Span> read_span(const Context& context, const Call& call) {
  const auto till = time_option(call, "till", context.settings.wall());
  if (!till) return std::nullopt;
  if (call.option("from")) {
    const auto from = time_option(call, "from", *till);
    if (!from) return std::nullopt;
    if (*from <= *till) return Span{*from, *till};
    call.detail(400, "The option \"from\" must not be later than \"till\".");
    return std::nullopt;
  }
  const std::string* const text = call.option("delta");
  const auto delta = text ? parse_delta(*text) : kDefaultDelta;
  if (!delta) {
    call.detail(400, "The option \"delta\" must be a number with s, m, h, d, w or no suffix.");
    return std::nullopt;
  }
  // There is nothing before 1970, and nothing that could show it.
  return Span{std::max(*till - *delta, WallSeconds{}), *till};
}

// Whose traffic: the proxy's, or that of one of its credentials. Absent when there is no such one;
// then it is answered.
std::optional<std::int64_t> owner_option(const Context& context, const Call& call,
                                         const ProxyRecord& proxy) {
  const std::string* const name = call.option("credential");
  if (!name) return proxy.id;
  for (const auto& [id, credential] : context.backend.credentials()) {
    if (credential.proxy == proxy.id && credential.name == *name) return credential.owner();
  }
  call.detail(404, "The proxy has no such credential.");
  return std::nullopt;
}

using FindUnit = const Unit* (*)(std::string_view);

// Null when there is no such unit; then it is answered.
const Unit* unit_option(const Call& call, std::string_view name, std::string_view fallback,
                        FindUnit find) {
  const std::string* const text = call.option(name);
  const Unit* const unit = find(text ? *text : fallback);
  if (unit) return unit;
  std::string must = "The option \"" + std::string(name) + "\" must be one of ";
  for (const Option& option : call.route->options) {
    if (option.name != name) continue;
    for (const auto choice : option.choices) must.append(choice).append(", ");
  }
  call.detail(400, must + "in these capitals.");
  return nullptr;
}

// `bits`: how many of them make one of what is reported. Divided by once, so that round numbers
// stay round.
Json amounts(const Unit& unit, const Usage::Sum& bytes, double bits) {
  const auto in_units = [&](std::uint64_t count) {
    return bits > 0 ? static_cast<double>(count) * 8 / bits : 0.0;
  };
  return {
      {"unit", unit.name},
      {"incoming", in_units(bytes.incoming)},
      {"outgoing", in_units(bytes.outgoing)},
      {"total", in_units(bytes.incoming + bytes.outgoing)},
  };
}

Json report(const Span& span, const Unit& speed, const Unit& data, const Usage::Sum& bytes) {
  const auto seconds = static_cast<double>((span.till - span.from).count());
  return {
      {"success", true},
      {"from", to_iso(span.from)},
      {"till", to_iso(span.till)},
      {"speed_avg", amounts(speed, bytes, speed.bits * seconds)},
      {"data", amounts(data, bytes, data.bits)},
  };
}

}  // namespace

void traffic(Context& context, const Call& call) {
  const ProxyRecord* const proxy = named_proxy(context, call);
  if (!proxy) return;
  const auto owner = owner_option(context, call, *proxy);
  if (!owner) return;
  const auto span = read_span(context, call);
  if (!span) return;
  const Unit* const speed = unit_option(call, "speed_unit", "bps", speed_unit);
  if (!speed) return;
  const Unit* const data = unit_option(call, "data_unit", "b", data_unit);
  if (!data) return;
  context.backend.report(
      *owner, span->from, span->till,
      [call, id = proxy->id, span = *span, speed, data](const Outcome<Usage::Sum>& sum) {
        if (!sum) {
          log::warning("proxy " + std::to_string(id) + ": no traffic: " + sum.error().text);
          return call.json(
              503, {{"success", false}, {"error", "Failed to get traffic usage"}, {"id", id}});
        }
        Json body = report(span, *speed, *data, *sum);
        body["id"] = id;
        call.json(200, body);
      });
}

void get_key(Context& context, const Call& call) {
  const UserRecord* const user = context.backend.by_id(call.user);
  if (!call.has_session || !user) {
    return call.json(403, {{"success", false}, {"error", "You are not allowed to use API."}});
  }
  call.json(200, {{"success", true}, {"key", user->api_key}});
}

void index(Context&, const Call& call) {
  Json rows = Json::array();
  for (const Route& route : routes()) {
    if (!route.in_index) continue;
    rows.push_back(
        {{"name", route.name}, {"description", description(route)}, {"url", route.path}});
  }
  call.json(200, rows);
}

}  // namespace airlane::api
