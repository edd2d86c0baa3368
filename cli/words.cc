#include "cli/words.h"

#include <CLI/CLI.hpp>

#include "cli/table.h"

namespace airlane::cli {
namespace {

// A zone may be behind UTC, "-01:00", and "-" alone is the standard input.
bool looks_like_option(const std::string& word) {
  return word.size() > 1 && word.front() == '-' && (word[1] < '0' || word[1] > '9');
}

// The word that follows may be a password, so it is not repeated.
Failure lacking(const std::string& option, bool is_followed) {
  auto text = printable(option) + " lacks its value";
  if (is_followed) {
    const auto* const glue = option.starts_with("--") ? "=" : "";
    text += "; one that begins with - is joined to it, as in " + printable(option) + glue + "-x";
  }
  return {Failure::Kind::kInvalid, std::move(text)};
}

}  // namespace

const CLI::Option* find_option(const CLI::App* command, const std::string& name) {
  for (; command != nullptr; command = command->get_parent()) {
    if (const auto* option = command->get_option_no_throw(name)) return option;
    if (!command->get_fallthrough()) return nullptr;
  }
  return nullptr;
}

const CLI::App* find_command(const CLI::App& parent, const std::string& name) {
  const auto found =
      parent.get_subcommands([&](const CLI::App* app) { return app->get_name() == name; });
  return found.empty() ? nullptr : found.front();
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() != 0; }

Outcome<std::vector<std::string>> with_values(const CLI::App& program,
                                              const std::vector<std::string>& words) {
  std::vector<std::string> read;
  const auto* command = &program;
  auto word = words.begin();
  for (; word != words.end() && *word != "--"; ++word) {
    read.push_back(*word);
    if (const auto* next = find_command(*command, *word)) command = next;
    if (!looks_like_option(*word)) continue;
    const auto equals = word->starts_with("--") ? word->find('=') : std::string::npos;
    const auto* option = find_option(command, word->substr(0, equals));
    if (option == nullptr || !takes_value(*option)) continue;
    if (equals == std::string::npos) {
      const bool is_followed = word + 1 != words.end();
      if (!is_followed || looks_like_option(word[1])) return lacking(*word, is_followed);
      read.push_back(*++word);
    } else if (equals + 1 == word->size()) {
      read.back().pop_back();
      read.emplace_back();
    }
  }
  read.insert(read.end(), word, words.end());
  return read;
}

}  // namespace airlane::cli
