// export, import: everything of a server, as one document.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <fstream>
#include <iterator>
#include <memory>
#include <ostream>
#include <sstream>
#include <string>

#include "base/file.h"
#include "cli/table.h"
#include "cli/verbs.h"

namespace airlane::cli {
namespace {

constexpr std::chrono::seconds kPatience{600};

struct Options {
  std::string file;
  bool no_traffic = false;
  bool dry_run = false;
};

int export_all(Invocation& here, const Options& options) {
  Call call{.method = "GET", .path = "export", .patience = kPatience, .text = true};
  if (options.no_traffic) call.path += "?traffic=false";
  if (options.file.empty() || options.file == "-") return here.perform(call);
  std::ostringstream document;
  const int status = here.perform_to(document, call);
  if (status != kDone) return status;
  const auto error = write_new_file(options.file, document.str());
  if (!error) return kDone;
  return here.fail(kRefused, printable("cannot create " + options.file + ": " + error.message()));
}

std::string counted(const Json& answer, const char* name) {
  return cell(answer, name) + " " + name;
}

void show(std::ostream& out, const Json& answer) {
  out << (answer.value("dry_run", false) ? "would import " : "imported ")
      << counted(answer, "users") << ", " << counted(answer, "keys") << ", "
      << counted(answer, "dongles") << ", " << counted(answer, "proxies") << ", "
      << counted(answer, "credentials") << '\n';
}

// "line 3, column 5", of a byte that the parser counts from 1.
std::string place_of(std::string_view text, std::size_t byte) {
  const auto before = text.substr(0, byte == 0 ? 0 : byte - 1);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const auto column = before.size() - (before.rfind('\n') + 1) + 1;  // Without one: from 0 on.
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

// Found here, as the server knows no file. What is wrong with it, or nothing.
std::string objection_to(std::string_view document) {
  bool is_object = false;
  const auto keep_nothing = [&](int depth, Json::parse_event_t event, const Json&) {
    is_object = is_object || (depth == 0 && event == Json::parse_event_t::object_start);
    return false;
  };
  try {
    [[maybe_unused]] const auto nothing = Json::parse(document, keep_nothing);
  } catch (const Json::parse_error& error) {
    return "is not JSON: see " + place_of(document, error.byte);
  }
  return is_object ? "" : "is not what export has written: it is no JSON object";
}

int import_all(Invocation& here, const Options& options) {
  Call call{.method = "POST", .path = "import", .show = show, .patience = kPatience};
  if (options.dry_run) call.path += "?dry_run=true";
  if (options.file == "-") {
    call.raw.assign(std::istreambuf_iterator<char>(here.streams.in), {});
  } else {
    std::ifstream file(options.file, std::ios::binary);
    call.raw.assign(std::istreambuf_iterator<char>(file), {});
    if (!file.is_open() || file.bad()) {
      return here.fail(kUsage, "cannot read " + printable(options.file));
    }
  }
  const auto name = options.file == "-" ? "the input" : printable(options.file);
  if (call.raw.empty()) return here.fail(kUsage, name + " is empty");
  const auto objection = objection_to(call.raw);
  if (!objection.empty()) return here.fail(kUsage, name + " " + objection);
  return here.perform(call);
}

}  // namespace

void add_transfer_commands(CLI::App& app, Invocation& here) {
  const auto options = std::make_shared<Options>();
  auto& from = *app.add_subcommand("export", "All as one document");
  from.add_option("FILE", options->file, "A new file, of mode 0600; else the output")
      ->type_name("");
  from.add_flag("--no-traffic", options->no_traffic, "Without the counted bytes");
  from.footer("It has passwords and keys in the clear. See docs/operating.md.");
  from.callback(
      [&here, options] { here.action = [&here, options] { return export_all(here, *options); }; });
  auto& to = client_command(app, "import", "Bring such a document in", here);
  to.add_option("FILE", options->file, "What export has written; - for the input")
      ->required()
      ->type_name("");
  to.add_flag("--dry-run", options->dry_run, "Only say how it would go");
  to.footer("All of it or nothing; what is there stays as it is. See docs/operating.md.");
  to.callback(
      [&here, options] { here.action = [&here, options] { return import_all(here, *options); }; });
}

}  // namespace airlane::cli
