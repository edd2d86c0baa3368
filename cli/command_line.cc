#include "cli/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <csignal>
#include <iostream>
#include <optional>

#include "cli/completion.h"
#include "cli/program.h"
#include "cli/table.h"
#include "cli/words.h"

namespace airlane::cli {
namespace {

constexpr const char* kSeeHelp = "\n`--help` says what there is.";

// Those that name a server, before a command that asks none.
void refuse_idle_options(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  if (chosen.empty() || chosen.front()->get_fallthrough()) return;
  for (const auto* option : app.get_options()) {
    if (option->count() != 0) throw CLI::ExtrasError(app.get_name(), {option->get_name()});
  }
}

// The last command that was named, or the program.
const CLI::App& chosen_of(const CLI::App& app) {
  const auto* at = &app;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return *at;
}

// A word in the place of a command, with those before it: "proxy bogus". Help would hide it: it is
// asked for, and given, before what was not understood is looked at.
std::optional<std::string> unknown_command(const CLI::App& app) {
  std::string words;
  const auto* at = &app;
  while (!at->get_subcommands().empty()) {
    at = at->get_subcommands().front();
    words += at->get_name() + " ";
  }
  if (at->get_subcommands([](const CLI::App*) { return true; }).empty()) return std::nullopt;
  const auto left = app.remaining(true);
  if (left.empty() || left.front().starts_with('-')) return std::nullopt;
  return words + left.front();
}

}  // namespace

int run(int argc, const char* const* argv, const Serve& serve, const Tools& tools) {
  // OpenSSL writes without MSG_NOSIGNAL: a server that hangs up meanwhile is to be told of.
  std::signal(SIGPIPE, SIG_IGN);
  return run(std::vector<std::string>(argv + std::min(argc, 1), argv + argc), serve,
             {std::cin, std::cout, std::cerr}, tools);
}

int run(const std::vector<std::string>& words, const Serve& serve, Streams streams,
        const Tools& tools) {
  Invocation here{streams};
  here.tools = tools;
  const auto app = make_program(serve, here);
  if (words.size() == 2 && words.front() == kComplete) {
    complete(*app, here, words.back());
    return kDone;
  }
  auto read = with_values(*app, words);
  if (!read) return here.fail(kUsage, read.error().text + kSeeHelp);
  try {
    app->parse(std::vector<std::string>(read->rbegin(), read->rend()));
    refuse_idle_options(*app);
    here.command = &chosen_of(*app);
  } catch (const CLI::ParseError& error) {  // A request for help is one too.
    if (const auto unknown = unknown_command(*app)) {
      return here.fail(kUsage, "there is no command " + printable(*unknown) + kSeeHelp);
    }
    return app->exit(error, streams.out, streams.err) == 0 ? kDone : kUsage;
  }
  if (here.action) return here.action();
  streams.err << app->help();  // Of the last command that was named.
  return kUsage;
}

}  // namespace airlane::cli
