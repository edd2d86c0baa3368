#include <re2/re2.h>

#include "control/api/endpoints.h"
#include "control/api/proxy_json.h"
#include "control/api/request_options.h"

namespace airlane::api {
namespace {

constexpr std::size_t kPatternMost = 1000;

// POSIX by RE2, in linear time, with what PostgreSQL adds to it: \d, \w, \s, and a dot that takes
// line breaks too.
RE2::Options pattern_options() {
  RE2::Options options;
  options.set_posix_syntax(true);
  options.set_perl_classes(true);
  options.set_word_boundary(true);
  options.set_one_line(true);
  options.set_dot_nl(true);
  options.set_log_errors(false);
  return options;
}

struct Filter {
  std::optional<ProxyName> name;
  const std::string* host = nullptr;
  std::optional<std::uint16_t> port;
  const std::string* username = nullptr;
  const std::string* isp = nullptr;
  const std::string* comment = nullptr;
  std::unique_ptr<RE2> comment_pattern;
};

// Null when it makes no sense; then it is answered.
std::unique_ptr<RE2> read_pattern(const Call& call, const std::string& text) {
  if (text.size() > kPatternMost) {
    call.detail(400, "The option \"comment_re\" is too long.");
    return nullptr;
  }
  auto pattern = std::make_unique<RE2>(text, pattern_options());
  if (pattern->ok()) return pattern;
  call.detail(400, "The option \"comment_re\" is not a POSIX regular expression: " +
                       pattern->error() + ".");
  return nullptr;
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
  filter.comment_pattern = read_pattern(call, *pattern);
  return filter.comment_pattern != nullptr;
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
  return !filter.comment_pattern || RE2::PartialMatch(proxy.comment, *filter.comment_pattern);
}

}  // namespace

void list(Context& context, const Call& call) {
  Filter filter;
  if (!read_filter(call, filter)) return;
  Json found = Json::array();
  for (const ProxyRecord* const proxy : context.backend.proxies()) {
    if (proxy->user == call.user && fits(context, filter, *proxy)) {
      found.push_back(proxy_json(context, *proxy));
    }
  }
  const auto count = found.size();
  call.json(200, {{"proxies", std::move(found)}, {"count", count}, {"success", true}});
}

}  // namespace airlane::api
