#include "cli/help.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <string_view>
#include <vector>

namespace airlane::cli {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kTerm = 24;    // Of an option with its value, and two blanks before it.
constexpr std::size_t kName = 15;    // Of a command, and two blanks before it.
constexpr std::size_t kColumn = 40;  // Of two commands in a line.
constexpr const char* kServer =
    "--socket, -c, --url and --key-file say which server: `airlane --help`.\n";

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(width, text.size() + 1), ' ');
  return text;
}

std::string value_of(const CLI::Option& option) {
  auto type = option.get_type_size() == 0 ? std::string() : option.get_type_name();
  type = type.substr(0, type.find(":{"));  // The set of what is taken is in the description.
  return type.empty() ? type : " " + type;
}

// As it is typed: "-c FILE", "--admin"; a positional by its name.
std::string typed(const CLI::Option& option) {
  return option.get_name(option.get_positional(), true) + value_of(option);
}

// But for --help of a command: who reads it knows it.
std::vector<const CLI::Option*> options_of(const CLI::App& app) {
  return app.get_options([&app](const CLI::Option* option) {
    return app.get_parent() == nullptr || option != app.get_help_ptr();
  });
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* command) { return !command->get_group().empty(); });
}

std::string usage(const CLI::App& app) {
  std::vector<std::string> words;
  bool more = false;
  for (const auto* option : options_of(app)) {
    if (option->get_positional()) continue;
    if (option->get_required()) words.push_back(typed(*option));
    more = more || !option->get_required();
  }
  if (more) words.emplace_back("[OPTIONS]");
  for (const auto* option : options_of(app)) {
    if (!option->get_positional()) continue;
    const auto name = option->get_name(true);
    words.push_back(option->get_required() ? name : "[" + name + "]");
  }
  if (!commands_of(app).empty()) words.emplace_back("COMMAND");

  std::string name = app.get_name();
  for (const auto* parent = app.get_parent(); parent != nullptr; parent = parent->get_parent()) {
    name.insert(0, parent->get_name() + " ");
  }
  std::string text;
  std::string line = "Usage: " + name;
  for (const auto& word : words) {
    if (line.size() + 1 + word.size() > kWidth) {
      text += std::exchange(line, std::string(7, ' ')) + "\n";
    }
    line += " " + word;
  }
  return text + line + "\n";
}

// Arguments by their place, then what must be said, then the rest.
std::string described(const CLI::App& app) {
  auto options = options_of(app);
  const auto rank = [](const CLI::Option* option) {
    return option->get_positional() ? 0 : option->get_required() ? 1 : 2;
  };
  std::stable_sort(options.begin(), options.end(),
                   [&](const auto* a, const auto* b) { return rank(a) < rank(b); });
  std::string text;
  for (const auto* option : options) {
    const auto term = option->get_positional() ? option->get_name(true) : typed(*option);
    text += "  " + padded(term, kTerm) + option->get_description() + "\n";
  }
  return text;
}

// Of the program: the first half on the left, the second on the right.
std::string in_two_columns(const std::vector<const CLI::App*>& commands) {
  const auto cell = [](const CLI::App& command) {
    return "  " + padded(command.get_name(), kName - 2) + command.get_description();
  };
  std::string text;
  const auto rows = (commands.size() + 1) / 2;
  for (std::size_t row = 0; row < rows; ++row) {
    auto left = cell(*commands[row]);
    const bool alone = row + rows >= commands.size();
    text += alone ? left : padded(std::move(left), kColumn) + cell(*commands[row + rows]);
    text += "\n";
  }
  return text;
}

std::string below_each_other(const std::vector<const CLI::App*>& commands) {
  std::string text;
  for (const auto* command : commands) {
    text += "  " + padded(command->get_name(), kName) + command->get_description() + "\n";
  }
  return text;
}

std::string help_of(const CLI::App* app, const std::string&, CLI::AppFormatMode) {
  const auto commands = commands_of(*app);
  auto text = app->get_description() + ".\n" + usage(*app);
  if (!commands.empty()) {
    text += "\n" +
            (app->get_parent() == nullptr ? in_two_columns(commands) : below_each_other(commands));
  }
  if (const auto options = described(*app); !options.empty()) text += "\n" + options;
  if (!app->get_footer().empty()) text += "\n" + app->get_footer() + "\n";
  if (app->get_parent() != nullptr && app->get_fallthrough()) text += std::string("\n") + kServer;
  return text;
}

}  // namespace

void set_help(CLI::App& app) {
  app.set_help_flag("-h,--help", "Print this");
  app.formatter_fn(help_of);
}

}  // namespace airlane::cli
