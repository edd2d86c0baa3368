#include "cli/completion.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <optional>
#include <ostream>
#include <set>
#include <sstream>
#include <utility>

#include "cli/table.h"
#include "cli/words.h"

namespace airlane::cli {
namespace {

constexpr std::chrono::seconds kPatience{1};  // Somebody waits with a finger on TAB.

// Where the values of an argument are to be had: the first row that fits. An empty command means
// all of them.
struct Source {
  std::string_view command, argument, list, field;
};
constexpr std::array<Source, 12> kSources{{{"", "--user", "users", "name"},
                                           {"", "USER", "users", "name"},
                                           {"", "--dongle", "dongles", "name"},
                                           {"", "--proxy", "proxies", "id"},
                                           {"", "PROXY", "proxies", "id"},
                                           {"user", "NAME", "users", "name"},
                                           {"dongle", "NAME", "dongles", "name"},
                                           {"credential", "ID", "credentials", "id"},
                                           {"key", "ID", "keys", "id"},
                                           {"job", "--before", "jobs", "id"},
                                           {"job", "ID", "jobs", "id"},
                                           {"", "ID", "proxies", "id"}}};

constexpr const char* kBash = R"(# Completion of airlane for bash. To be sourced, or to be put into
# /usr/share/bash-completion/completions/airlane. It asks the program itself.
_airlane() {
  local LC_ALL=C candidate
  COMPREPLY=()
  while IFS= read -r candidate; do
    if [ "$candidate" = $'\tfiles' ]; then
      compopt -o default
      return
    fi
    COMPREPLY+=("$candidate")
  done < <("$1" __complete "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}
complete -F _airlane airlane
)";

// What has been typed before the word that is being typed.
struct Typed {
  const CLI::App* command = nullptr;
  const CLI::Option* awaits = nullptr;  // The option whose value comes next.
  std::size_t positionals = 0;
  bool options_ended = false;  // By "--".
  std::set<const CLI::Option*> seen{};
  std::vector<std::string> of_program{};  // Its own options with their values: --socket and such.

  void add(const std::string& word) {
    const auto* next = options_ended ? nullptr : find_command(*command, word);
    if (awaits != nullptr) {
      add_value(*std::exchange(awaits, nullptr), word);
    } else if (word == "--" && !options_ended) {
      options_ended = true;
    } else if (word.starts_with('-') && !options_ended) {
      add_option(word);
    } else if (next != nullptr) {
      command = next;
    } else {
      ++positionals;
    }
  }

 private:
  void add_option(const std::string& word) {
    const auto equals = word.find('=');
    const auto* option = find_option(command, word.substr(0, equals));
    if (option == nullptr) return;
    seen.insert(option);
    if (!takes_value(*option)) return;
    if (equals == std::string::npos) {
      awaits = option;
    } else {
      add_value(*option, word.substr(equals + 1));
    }
  }

  void add_value(const CLI::Option& option, const std::string& value) {
    const auto* program = command;
    while (program->get_parent() != nullptr) program = program->get_parent();
    if (program->get_option_no_throw(option.get_name()) != &option) return;
    of_program.insert(of_program.end(), {option.get_name(), value});
  }
};

using Candidates = std::vector<std::string>;

// The words in braces that follow the type of an option which takes one of a set.
Candidates words_of_set(const std::string& type) {
  const auto from = type.find('{');
  const auto till = type.find('}', from);
  Candidates words;
  if (till == std::string::npos) return words;
  std::istringstream set(type.substr(from + 1, till - from - 1));
  for (std::string word; std::getline(set, word, ',');) words.push_back(word);
  return words;
}

Candidates ask(Invocation& here, const Source& source) {
  Candidates found;
  const auto answer =
      here.ask({.method = "GET", .path = std::string(source.list), .patience = kPatience});
  if (!answer || !answer->is_object()) return found;
  for (const auto& object : answer->value(std::string(source.list), Json::array())) {
    if (object.is_object()) found.push_back(cell(object, source.field));
  }
  return found;
}

bool is_of(const CLI::App* command, std::string_view name) {
  for (; command != nullptr; command = command->get_parent()) {
    if (name.empty() || command->get_name() == name) return true;
  }
  return false;
}

// Lets the options of the program that were typed say which server it is.
void connect_as_typed(CLI::App& app, const Typed& typed) {
  auto words = typed.of_program;
  std::reverse(words.begin(), words.end());
  try {
    app.parse(std::move(words));
  } catch (const CLI::ParseError&) {
    return;  // Two servers, say. Then there is nobody to ask, and ask() finds nothing.
  }
}

Candidates values_of(CLI::App& app, Invocation& here, const Typed& typed,
                     const CLI::Option& option) {
  const auto type = option.get_type_name();
  if (type == "FILE" || type == "PATH" || option.get_name() == "FILE") return {"\tfiles"};
  if (auto words = words_of_set(type); !words.empty()) return words;
  const auto name = option.get_name();
  const bool fresh = typed.command->get_name() == "add" && name == "NAME";
  for (const auto& source : kSources) {
    if (fresh || source.argument != name || !is_of(typed.command, source.command)) continue;
    connect_as_typed(app, typed);
    return ask(here, source);
  }
  return {};
}

void add_options(Candidates& to, const Typed& typed) {
  for (const auto* app = typed.command; app != nullptr; app = app->get_parent()) {
    for (const auto* option : app->get_options()) {
      const bool again = typed.seen.contains(option) && option->get_expected_max() <= 1;
      if (option->get_positional() || option->get_group().empty() || again) continue;
      for (const auto& name : option->get_lnames()) to.push_back("--" + name);
      if (!option->get_lnames().empty()) continue;
      for (const auto& name : option->get_snames()) to.push_back("-" + name);
    }
    if (!app->get_fallthrough()) return;
  }
}

Candidates candidates(CLI::App& app, Invocation& here, const Typed& typed, std::string& word) {
  if (typed.awaits != nullptr) return values_of(app, here, typed, *typed.awaits);
  const auto equals = word.find('=');
  if (!typed.options_ended && word.starts_with("--") && equals != std::string::npos) {
    const auto* option = find_option(typed.command, word.substr(0, equals));
    word.erase(0, equals + 1);
    if (option == nullptr || !takes_value(*option)) return {};
    return values_of(app, here, typed, *option);
  }
  Candidates found;
  if (typed.options_ended || !word.starts_with('-')) {
    const auto commands =
        typed.command->get_subcommands([](const auto* next) { return !next->get_group().empty(); });
    for (const auto* next : commands) found.push_back(next->get_name());
    const auto places = typed.command->get_options(
        [](const CLI::Option* option) { return option->get_positional(); });
    if (typed.positionals < places.size()) {
      const auto values = values_of(app, here, typed, *places[typed.positionals]);
      found.insert(found.end(), values.begin(), values.end());
    }
  }
  if (found.empty() && !typed.options_ended) add_options(found, typed);
  return found;
}

// A shell replaces what follows the last of these in a word.
std::size_t kept_by_shell(std::string_view word) {
  const auto last = word.find_last_of(":=");
  return last == std::string_view::npos ? 0 : last + 1;
}

}  // namespace

std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> words(1);
  char quote = 0;
  bool empty = true;  // Nothing of the last word is there yet, not even a quote.
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\\' && quote != '\'') {
      if (++i < line.size()) words.back() += line[i];
    } else if (quote != 0 ? c == quote : c == '"' || c == '\'') {
      quote = quote != 0 ? '\0' : c;
    } else if (quote == 0 && (c == ' ' || c == '\t')) {
      if (!empty) words.emplace_back();
      empty = true;
      continue;
    } else {
      words.back() += c;
    }
    empty = false;
  }
  return words;
}

void complete(CLI::App& app, Invocation& here, const std::string& line) {
  auto words = split(line);
  auto word = std::move(words.back());
  words.pop_back();
  Typed typed{&app};
  for (std::size_t i = 1; i < words.size(); ++i) typed.add(words[i]);
  for (const auto& candidate : candidates(app, here, typed, word)) {
    if (candidate.starts_with('\t')) {
      here.streams.out << candidate << '\n';
    } else if (candidate.starts_with(word)) {
      here.streams.out << candidate.substr(kept_by_shell(word)) << '\n';
    }
  }
}

void suggest(CLI::Option& option, const std::vector<std::string>& words) {
  option.check(CLI::Validator([](std::string&) { return std::string(); },
                              "{" + CLI::detail::join(words, ",") + "}"));
}

void add_completion_command(CLI::App& app, Invocation& here) {
  auto& command = *app.add_subcommand("completion", "For the TAB of a shell");
  command.fallthrough(false);
  command.footer(
      "source <(airlane completion bash)\n"
      "airlane completion bash > /usr/share/bash-completion/completions/airlane");
  command.add_option("SHELL")->required()->check(CLI::IsMember({"bash"}))->description("bash");
  command.callback([&here] {
    here.action = [&here]() -> int {
      here.streams.out << kBash;
      return kDone;
    };
  });
}

}  // namespace airlane::cli
