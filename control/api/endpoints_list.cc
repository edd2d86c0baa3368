#include "control/api/endpoints.h"
#include "control/api/pattern.h"
#include "control/api/proxy_json.h"
#include "control/api/request_options.h"

namespace airlane::api {
namespace {

struct Filter {
  std::optional<ProxyName> name;
  const std::string* host = nullptr;
  std::optional<std::uint16_t> port;
  const std::string* username = nullptr;
  const std::string* isp = nullptr;
  const std::string* comment = nullptr;
  std::optional<Pattern> comment_pattern;
};

// False when it makes no sense; then it is answered.
bool read_pattern(const Call& call, const std::string& text, Filter& filter) {
  auto pattern = Pattern::parse(text);
  if (!pattern) {
    call.detail(400, "The option \"comment_re\" is not a POSIX regular expression: " +
                         pattern.error().text + ".");
    return false;
  }
  filter.comment_pattern = *std::move(pattern);
  return true;
}

// False when it makes no sense; then it is answered.
bool read_filter(const Call& call, Filter& filter) {
  if (const std::string* const text = call.option("id")) {
    filter.name = parse_proxy_name(*text);
    if (!filter.name) {
      call.detail(400, "The option \"id\" must be the number of a proxy, or its host:port.");
      return false;
    }
  }
  if (const std::string* const text = call.option("port")) {
    filter.port = parse_port(*text);
    if (!filter.port) {
      call.detail(400, "The option \"port\" must be a number from 1 to 65535.");
      return false;
    }
  }
  filter.host = call.option("ip");
  filter.username = call.option("username");
  filter.isp = call.option("isp");
  filter.comment = call.option("comment");
  const std::string* const pattern = call.option("comment_re");
  if (filter.comment || !pattern) return true;
  return read_pattern(call, *pattern, filter);
}

bool is_named(const ProxyRecord& proxy, const ProxyName& name, const std::string& public_host) {
  if (name.id) return proxy.id == *name.id;
  return proxy.port == name.port && equal_ignoring_case(name.host, public_host);
}

bool fits(const Context& context, const Filter& filter, const ProxyRecord& proxy) {
  const std::string& host = context.settings.public_host;
  if (filter.name && !is_named(proxy, *filter.name, host)) return false;
  if (filter.host && !equal_ignoring_case(*filter.host, host)) return false;
  if (filter.port && proxy.port != *filter.port) return false;
  if (filter.username && proxy.username != *filter.username) return false;
  if (filter.isp && isp_of(context, proxy) != *filter.isp) return false;
  if (filter.comment && proxy.comment != *filter.comment) return false;
  return !filter.comment_pattern || filter.comment_pattern->is_found_in(proxy.comment);
}

}  // namespace

void list(Context& context, const Call& call) {
  Filter filter;
  if (!read_filter(call, filter)) return;
  JsonText answer;
  answer.open('{');
  answer.name("proxies");
  answer.open('[');
  std::int64_t count = 0;
  for (const ProxyRecord* const proxy : context.backend.proxies()) {
    if (proxy->user != call.user || !fits(context, filter, *proxy)) continue;
    write_proxy(answer, context, *proxy);
    ++count;
  }
  answer.close(']');
  answer.name("count");
  answer.value(count);
  answer.name("success");
  answer.value(true);
  answer.close('}');
  call.json_text(200, answer.take());
}

}  // namespace airlane::api
