#include "control/limits.h"

#include <algorithm>
#include <utility>

#include "proxy/destination.h"

namespace airlane {
namespace {

constexpr std::size_t kRuleMost = 300;  // A name, two words and two ports.

Failure no_rule(std::string_view text, const char* why) {
  return {Failure::Kind::kInvalid,
          "The rule \"" + std::string(text.substr(0, kRuleMost)) + "\" " + why + "."};
}

// Up to the next blank, which is taken away, too.
std::string_view take_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  const auto word = text.substr(0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

bool read_what(std::string_view what, DestinationRule& rule) {
  if (what == "*") return true;
  if ((rule.network = Cidr::parse(what))) return true;
  const auto suffix = read_suffix(what);
  if (suffix) rule.suffix = *suffix;
  return suffix.has_value();
}

template <class T>
void override_by(const LimitsRecord::Number& own, T& limit) {
  if (own) limit = static_cast<T>(*own);
}

}  // namespace

Outcome<DestinationRule> parse_destination_rule(std::string_view text) {
  if (text.size() > kRuleMost) return no_rule(text, "is too long");
  auto rest = text;
  DestinationRule rule;
  const auto action = take_word(rest);
  if (action != "allow" && action != "deny") return no_rule(text, "must begin with allow or deny");
  rule.allow = action == "allow";
  if (!read_what(take_word(rest), rule)) {
    return no_rule(text,
                   "must go on with *, an address, a network such as 192.0.2.0/24 or a name such "
                   "as example.com, which all names below it belong to (international ones as "
                   "xn--...)");
  }
  if (const auto ports = take_word(rest); !ports.empty()) {
    const auto range = PortRange::parse(ports);
    if (!range) return no_rule(text, "may only end with a port or ports such as 80 or 1-1023");
    rule.ports = *range;
  }
  if (!take_word(rest).empty()) return no_rule(text, "has a word too many");
  return rule;
}

std::string to_string(const DestinationRule& rule) {
  std::string text = rule.allow ? "allow " : "deny ";
  if (rule.network) {
    text += rule.network->to_string();
  } else {
    text += rule.suffix.empty() ? "*" : rule.suffix;
  }
  if (rule.ports != PortRange()) text += " " + rule.ports.to_string();
  return text;
}

Limits limits_of(const LimitsRecord& record, Limits all) {
  override_by(record.connections, all.connections);
  override_by(record.connections_per_source, all.connections_per_source);
  override_by(record.new_per_second, all.new_per_second);
  override_by(record.upload, all.upload_bytes_per_second);
  override_by(record.download, all.download_bytes_per_second);
  for (const auto& text : record.destinations) {
    // What was stored has been understood; should it not be any more, nothing is open by it.
    const auto rule = parse_destination_rule(text);
    all.destinations.push_back(rule ? *rule : DestinationRule{});
  }
  return all;
}

}  // namespace airlane
