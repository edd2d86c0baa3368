#include "cli/resource.h"

#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

#include "cli/table.h"
#include "cli/values.h"

namespace airlane::cli {

void add_argument(CLI::App& command, const Resource& of, std::string& one) {
  command.add_option(of.argument, one, of.meaning)
      ->required()
      ->type_name("")
      ->check(objection_to_name);
}

std::string path_to(const Resource& of, const std::string& one) {
  return std::string(of.list) + "/" + escaped(one);
}

CLI::App& add_command(CLI::App& parent, const char* name, const char* sentence, const Resource& of,
                      Invocation& here, CallAbout call) {
  const auto one = std::make_shared<std::string>();
  auto& command = client_command(parent, name, sentence, here);
  add_argument(command, of, *one);
  command.callback([&here, one, call = std::move(call)] {
    here.action = [&here, one, call] { return here.perform(call(*one)); };
  });
  return command;
}

CLI::Option* add_if_match(CLI::App& command, std::string& etag) {
  return command
      .add_option("--if-match", etag, "Only if this ETag, of `show --etag`, is still good")
      ->type_name("E")
      // Of a `show` that failed; without a condition it would be overwritten.
      ->check([](const std::string& text) {
        return text.empty() ? std::string("it is empty: see why `show --etag` told none")
                            : std::string();
      });
}

void add_show_command(CLI::App& parent, const char* sentence, const Resource& of,
                      Invocation& here) {
  const auto etag = std::make_shared<bool>(false);
  auto& command = add_command(parent, "show", sentence, of, here, [of, etag](const auto& one) {
    return Call{.method = "GET", .path = path_to(of, one), .tells_etag = *etag};
  });
  command.add_flag("--etag", *etag, "Print its ETag first, on a line of its own");
}

void add_remove_command(CLI::App& parent, const char* sentence, const Resource& of,
                        Invocation& here) {
  const auto etag = std::make_shared<std::string>();
  auto& command = add_command(parent, "remove", sentence, of, here, [of, etag](const auto& one) {
    return Call{.method = "DELETE",
                .path = path_to(of, one),
                .show = cli::sentence(of.what + (" " + one) + " removed"),
                .expected = *etag};
  });
  add_if_match(command, *etag);
}

}  // namespace airlane::cli
