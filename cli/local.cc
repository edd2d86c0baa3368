#include "cli/local.h"

#include <CLI/CLI.hpp>
#include <ostream>

#include "base/tls/server_context.h"
#include "conf/load.h"
#include "conf/schema.h"
#include "conf/value.h"

namespace airlane::cli {
namespace {

// As a file that is a good configuration.
int print_settings(std::ostream& out) {
  Config defaults;
  std::string_view table;
  for (const auto& setting : conf::settings()) {
    if (setting.table() != table) {
      out << (table.empty() ? "" : "\n") << '[' << setting.table() << "]\n";
      table = setting.table();
    }
    out << "# " << setting.sentence << '\n'
        << setting.name() << " = " << conf::written(setting.field(defaults)) << '\n';
  }
  return kDone;
}

std::optional<std::string> unusable(const std::vector<CertificateFiles>& certificates) {
  if (certificates.empty()) return std::nullopt;
  const auto context = TlsServerContext::load(certificates, {});
  return context ? std::nullopt : std::optional(context.error().text);
}

}  // namespace

std::optional<Config> load_or_complain(const std::string& path, std::ostream& err) {
  auto loaded = conf::load(path);
  if (!loaded) {
    for (const auto& problem : loaded.error()) err << problem.to_string() << '\n';
    return std::nullopt;
  }
  for (const auto& [key, certificates] :
       {std::pair{"tls.certificates", &loaded->tls.certificates},
        {"control.certificates", &loaded->control.certificates}}) {
    const auto wrong = unusable(*certificates);
    if (!wrong) continue;
    err << conf::Problem{path, 0, 0, key, *wrong}.to_string() << '\n';
    return std::nullopt;
  }
  return *std::move(loaded);
}

void add_local_commands(CLI::App& app, const Serve& serve, Invocation& here) {
  auto& server = *app.add_subcommand("serve", "Run the server");
  server.footer("Until SIGTERM; it drains its connections first.");
  server.fallthrough(false);  // Here and below: they ask no server, so need not be told which.
  server.add_option("-c", here.config, "The configuration")->type_name("FILE")->required();
  server.callback([&] {
    here.action = [&] {
      const auto config = load_or_complain(here.config, here.streams.err);
      return config ? serve(*config) : kBadConfig;
    };
  });

  auto& check = *app.add_subcommand("check-config", "Look for mistakes in one");
  check.fallthrough(false);
  check.add_option("FILE", here.config, "The configuration")->type_name("")->required();
  check.callback([&here] {
    here.action = [&here]() -> int {
      if (!load_or_complain(here.config, here.streams.err)) return kBadConfig;
      here.streams.out << here.config << ": ok\n";
      return kDone;
    };
  });

  auto& settings = *app.add_subcommand("settings", "Print all, with defaults");
  settings.fallthrough(false);
  settings.callback(
      [&here] { here.action = [&here] { return print_settings(here.streams.out); }; });
}

}  // namespace airlane::cli
