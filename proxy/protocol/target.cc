#include "proxy/protocol/target.h"

#include <algorithm>
#include <charconv>

namespace airlane {
namespace {

constexpr std::size_t kNameMost = 253;  // RFC 1035, section 2.3.4, without the root's dot.
constexpr std::size_t kLabelMost = 63;
constexpr std::size_t kPortDigitsMost = 5;

struct HostAndPort {
  std::string_view host;
  std::string_view port;
  bool has_port = false;
  bool bracketed = false;
};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
constexpr bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Letters, digits and hyphens, and the underscore that many real names have. The hyphen may stand
// anywhere: names that start or end with one exist, and no parser takes them for anything else.
bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= kLabelMost &&
         std::all_of(label.begin(), label.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; });
}

// "Ends in a number" of the WHATWG URL standard: what inet_aton(3) might take for an address.
bool is_numeric(std::string_view label) {
  if (std::all_of(label.begin(), label.end(), is_digit)) return true;
  if (label.size() < 2 || label[0] != '0' || (label[1] != 'x' && label[1] != 'X')) return false;
  return std::all_of(label.begin() + 2, label.end(), is_hex);
}

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > kNameMost) return false;
  auto rest = name;
  for (;;) {
    const auto dot = rest.find('.');
    const auto label = rest.substr(0, dot);
    if (!is_label(label)) return false;
    if (dot == std::string_view::npos) return !is_numeric(label);
    rest.remove_prefix(dot + 1);
  }
}

std::string_view without_root(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

std::optional<HostAndPort> split(std::string_view text) {
  HostAndPort parts;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    parts.bracketed = true;
    parts.host = text.substr(1, close - 1);
    text.remove_prefix(close + 1);
    if (!text.empty() && text.front() != ':') return std::nullopt;
  } else {
    const auto colon = std::min(text.find(':'), text.size());
    parts.host = text.substr(0, colon);
    text.remove_prefix(colon);
  }
  parts.has_port = !text.empty();
  if (parts.has_port) parts.port = text.substr(1);
  return parts;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  if (text.empty() || text.size() > kPortDigitsMost) return std::nullopt;
  if (!std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  unsigned port = 0;
  std::from_chars(text.data(), text.data() + text.size(), port);
  if (port == 0 || port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

// One dot after IPv4 means the same address; IPv6 has no such form. Only the characters of literals
// are shown to the parser, which would stop at a NUL.
std::optional<Address> parse_literal(std::string_view host, std::uint16_t port) {
  const auto is_literal_char = [](char c) { return is_hex(c) || c == '.' || c == ':'; };
  if (!std::all_of(host.begin(), host.end(), is_literal_char)) return std::nullopt;
  const bool is_v6 = host.find(':') != std::string_view::npos;
  return Address::parse(is_v6 ? host : without_root(host), port);
}

// Brackets are for IPv6 alone (RFC 3986, section 3.2.2), and IPv6 for brackets, where they are
// used.
std::optional<Address> parse_literal(const HostAndPort& parts, std::uint16_t port) {
  const bool is_v6 = parts.host.find(':') != std::string_view::npos;
  if (is_v6 != parts.bracketed) return std::nullopt;
  return parse_literal(parts.host, port);
}

}  // namespace

std::string Target::to_host_header(std::uint16_t default_port) const {
  if (port != default_port) return to_string();
  return literal && !literal->is_v4() ? "[" + host + "]" : host;
}

std::string Target::to_string() const {
  if (literal) return literal->to_string();
  return host + ":" + std::to_string(port);
}

Result<Target> parse_authority(std::string_view text, std::optional<std::uint16_t> default_port) {
  const Error malformed{Errc::kMalformed, "read authority"};
  const auto parts = split(text);
  if (!parts) return malformed;
  const auto port = parts->has_port ? parse_port(parts->port) : default_port;
  if (!port) return malformed;
  if (const auto literal = parse_literal(*parts, *port)) {
    return Target{literal->ip(), literal, *port};
  }
  const auto name = without_root(parts->host);
  if (parts->bracketed || !is_name(name)) return malformed;
  return Target{std::string(name), std::nullopt, *port};
}

bool is_authority(std::string_view text) noexcept {
  const auto parts = split(text);
  if (!parts || (parts->has_port && !parse_port(parts->port))) return false;
  if (!parts->bracketed && is_name(without_root(parts->host))) return true;
  return parse_literal(*parts, 0).has_value();
}

Result<Target> make_target(std::string_view host, std::uint16_t port) {
  if (const auto literal = parse_literal(host, port)) return Target{literal->ip(), literal, port};
  const auto name = without_root(host);
  if (!is_name(name)) return Error{Errc::kMalformed, "read name"};
  return Target{std::string(name), std::nullopt, port};
}

}  // namespace airlane
