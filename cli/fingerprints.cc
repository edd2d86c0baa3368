// fp check, fp presets: without a server. fp see: asks it.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <ostream>

#include "cli/resource.h"
#include "cli/table.h"
#include "cli/verbs.h"

namespace airlane::cli {
namespace {

Json json_of(const Explanation& explanation) {
  Json fields = Json::array();
  for (const auto& [name, written, meaning] : explanation.fields) {
    fields.push_back({{"field", name}, {"written", written}, {"meaning", meaning}});
  }
  return {{"signature", explanation.canonical},
          {"fields", std::move(fields)},
          {"warnings", explanation.warnings},
          {"trouble", explanation.trouble.empty() ? Json() : Json(explanation.trouble)}};
}

void show(std::ostream& out, const Explanation& explanation) {
  std::size_t width = 0;
  for (const auto& field : explanation.fields) width = std::max(width, field.written.size());
  constexpr std::size_t kName = 9;
  out << explanation.canonical << "\n\n";
  for (const auto& [name, written, meaning] : explanation.fields) {
    out << name << std::string(kName - name.size(), ' ') << written
        << std::string(width + 2 - written.size(), ' ') << meaning << '\n';
  }
  if (!explanation.warnings.empty()) out << '\n';
  for (const auto& warning : explanation.warnings) out << warning << '\n';
  if (!explanation.trouble.empty()) out << '\n' << explanation.trouble << '\n';
}

int check(Invocation& here, const std::string& text) {
  const auto explanation = here.tools.explain_fingerprint(text);
  if (!explanation) return here.fail(kRefused, explanation.error().text);
  if (here.json) {
    here.streams.out << json_of(*explanation).dump() << '\n';
  } else {
    show(here.streams.out, *explanation);
  }
  return explanation->trouble.empty() ? kDone : kUnchecked;
}

int list_presets(const Invocation& here) {
  Json rows = Json::array();
  for (const auto& [name, signature] : here.tools.presets) {
    rows.push_back({{"name", name}, {"signature", signature}});
  }
  if (here.json) {
    here.streams.out << rows.dump() << '\n';
    return kDone;
  }
  constexpr std::array<Column, 2> kColumns{{{"NAME", "name"}, {"SIGNATURE", "signature"}}};
  print_table(here.streams.out, rows, kColumns);
  return kDone;
}

struct SeeOptions {
  std::string proxy;
  std::optional<std::string> to;
};

int see(Invocation& here, const SeeOptions& options) {
  Json body = Json::object();
  if (options.to) body["to"] = *options.to;
  const auto show_seen = [&here](std::ostream& out, const Json& answer) {
    out << cell(answer, "seen") << '\n';
    if (answer.value("fits", Json()) != Json(true)) return;
    here.streams.err << "airlane: that is the fingerprint of the proxy, " << cell(answer, "fp")
                     << '\n';
  };
  const auto lacks = [](const Json& answer) -> std::string {
    if (answer.value("fits", Json()) != Json(false)) return {};
    return "That is not the fingerprint of the proxy: " + cell(answer, "fp");
  };
  return here.perform({.method = "POST",
                       .path = path_to(kProxy, options.proxy) + "/see",
                       .body = std::move(body),
                       .show = show_seen,
                       .lacks = lacks});
}

}  // namespace

void add_fingerprint_commands(CLI::App& app, Invocation& here) {
  auto& fp = *app.add_subcommand("fp", "Looks from outside");
  fp.require_subcommand(1);

  const auto text = std::make_shared<std::string>();
  auto& check_command = *fp.add_subcommand("check", "Explain one; offline");
  check_command.add_option("FINGERPRINT", *text, "In the form of p0f, or a preset's name")
      ->type_name("")
      ->required();
  check_command.fallthrough(false);  // Here and below: they ask no server.
  check_command.add_flag("--json", here.json, "Print it as JSON");
  check_command.callback(
      [&here, text] { here.action = [&here, text] { return check(here, *text); }; });

  auto& presets = *fp.add_subcommand("presets", "List those with names; offline");
  presets.fallthrough(false);
  presets.add_flag("--json", here.json, "Print them as JSON");
  presets.callback([&here] { here.action = [&here] { return list_presets(here); }; });

  const auto options = std::make_shared<SeeOptions>();
  auto& see_command =
      client_command(fp, "see", "Print what a proxy's SYN is on the wire now", here);
  add_argument(see_command, kProxy, options->proxy);
  see_command.add_option("--to", options->to, "Where the SYN goes; else the dongle's name server")
      ->type_name("ADDRESS:PORT");
  see_command.callback(
      [&here, options] { here.action = [&here, options] { return see(here, *options); }; });
}

}  // namespace airlane::cli
