// backup: the server copies its database while it runs.
#include <CLI/CLI.hpp>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <ostream>
#include <system_error>

#include "cli/table.h"
#include "cli/verbs.h"

namespace airlane::cli {
namespace {

constexpr std::chrono::hours kPatience{6};  // A slow disk takes minutes for a gigabyte.

void show(std::ostream& out, const Json& answer) {
  out << cell(answer, "file") << ": " << cell(answer, "bytes") << " bytes\n";
}

// The server knows nothing of our folder. One elsewhere says itself that it wants a whole path.
std::string whole_path(const Invocation& here, const std::string& file) {
  if (!here.connection.url.empty() || std::getenv("AIRLANE_URL") != nullptr) return file;
  std::error_code error;
  const auto path = std::filesystem::absolute(file, error);
  return error ? file : path.string();
}

}  // namespace

void add_backup_command(CLI::App& app, Invocation& here) {
  const auto file = std::make_shared<std::string>();
  auto& command = client_command(app, "backup", "Copy the database", here);
  command.add_option("FILE", *file, "A new file on the server's machine")
      ->required()
      ->type_name("");
  command.footer(
      "The server goes on meanwhile, and it is the server that writes the file.\n"
      "docs/operating.md says how to restore it.\n\n"
      "airlane backup /var/lib/airlane/airlane-$(date +%F).db");
  command.callback([&here, file] {
    here.action = [&here, file] {
      return here.perform({.method = "POST",
                           .path = "server/backup",
                           .body = Json{{"file", whole_path(here, *file)}},
                           .show = show,
                           .patience = kPatience});
    };
  });
}

}  // namespace airlane::cli
