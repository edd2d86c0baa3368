#include "cli/wording.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>

namespace airlane::cli {
namespace {

struct Wording {
  std::string_view field;
  std::string_view option;
  std::string_view null;  // The word for it; empty: there is none.
};

constexpr std::array<Wording, 22> kWordings{
    {{"src_whitelist", "--whitelist", ""},
     {"src_whitelist_mode", "--whitelist-mode", ""},
     {"in_use_from", "--from", "none"},
     {"in_use_till", "--till", "none"},
     {"expires_at", "--expires", "none"},
     {"scopes", "--scope", ""},
     {"gateway", "--gateway", "none"},
     {"options", "--option", ""},
     {"ext_ip_upd_interval", "--interval", "none"},
     {"ext_ip_upd_calendar", "--calendar", ""},
     {"top_destinations", "--keep", "default"},
     {"quota", "The quota", "none"},
     {"quota.bytes", "BYTES", "none"},
     {"quota.period", "--period", ""},
     {"quota.time_zone", "--zone", ""},
     {"quota.rate", "--throttle", ""},
     {"limits.connections", "--connections", "default"},
     {"limits.connections_per_source", "--per-source", "default"},
     {"limits.new_per_second", "--new-per-second", "default"},
     {"limits.upload", "--upload", "default"},
     {"limits.download", "--download", "default"},
     {"limits.destinations", "--rule", ""}}};

bool drop(std::string_view& text, std::string_view beginning) {
  if (!text.starts_with(beginning)) return false;
  text.remove_prefix(beginning.size());
  return true;
}

// Whether the message is a sentence about the field, whose beginning is gone then.
bool drop_subject(std::string_view& message, std::string_view field) {
  const std::string name(field);
  return drop(message, "The field \"" + name + "\" ") || drop(message, "The field " + name + " ") ||
         drop(message, "The option \"" + name + "\" ");
}

std::string without_null(std::string_view message, std::string_view word) {
  constexpr std::string_view kNull = " or null.";
  std::string text(message);
  if (!message.ends_with(kNull)) return text;
  text.resize(text.size() - kNull.size());
  if (!word.empty()) return text + " or " + std::string(word) + ".";
  if (text.ends_with(',')) text.pop_back();
  return text + ".";
}

std::string in_capitals(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

// Of the command's own: "--hours" of "hours", "NAME" of "name"; if there are several, the one that
// was typed. Empty: there is none.
std::string name_in(const CLI::App& command, const std::string& field) {
  auto option = "--" + field;
  std::replace(option.begin(), option.end(), '_', '-');
  const CLI::Option* found = nullptr;
  for (const auto& name : {option, option + "-stdin", in_capitals(field)}) {
    const auto* const one = command.get_option_no_throw(name);
    if (one != nullptr && (found == nullptr || one->count() > found->count())) found = one;
  }
  return found == nullptr ? std::string() : found->get_name();
}

}  // namespace

std::string in_words_of_options(const CLI::App* command, std::string_view field,
                                std::string_view message) {
  const auto* known = std::find_if(kWordings.begin(), kWordings.end(),
                                   [&](const Wording& one) { return one.field == field; });
  const bool is_known = known != kWordings.end();
  std::string name(is_known ? known->option : "");
  if (!is_known && command != nullptr) name = name_in(*command, std::string(field));
  if (name.empty()) return std::string(field) + ": " + std::string(message);
  const bool is_subject = drop_subject(message, field);
  return name + (is_subject ? " " : ": ") + without_null(message, is_known ? known->null : "");
}

}  // namespace airlane::cli
