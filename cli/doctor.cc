// doctor: what is wrong with this host, with the server running or without.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>

#include "cli/local.h"
#include "cli/table.h"
#include "cli/verbs.h"

namespace airlane::cli {
namespace {

std::string_view name_of(Finding::State state) {
  switch (state) {
    case Finding::State::kGood:
      return "ok";
    case Finding::State::kDoubtful:
      return "look";
    case Finding::State::kBad:
      return "WRONG";
  }
  return "";
}

// Without a server that answers, or rights to ask it: nothing.
Seen ask_server(Invocation& here) {
  Seen seen;
  const auto server = here.ask({.method = "GET", .path = "server"});
  if (!server || !server->is_object()) return seen;
  seen.server = server->value("pid", 0);
  std::string path = "proxies";
  while (!path.empty()) {
    const auto page = here.ask({.method = "GET", .path = path});
    if (!page || !page->is_object()) return seen;
    for (const auto& proxy : page->value("proxies", Json::array())) {
      const auto fp = proxy.value("fp", Json());
      if (fp.is_string() && fp != "") seen.fingerprints.emplace_back(cell(proxy, "id"), fp);
    }
    const auto next = page->value("next", Json());
    path = next.is_number() ? "proxies?after=" + next.dump() : std::string();
  }
  return seen;
}

int print(const Invocation& here, const std::vector<Finding>& findings) {
  Json rows = Json::array();
  for (const auto& [state, about, text] : findings) {
    rows.push_back({{"state", name_of(state)}, {"about", about}, {"text", text}});
  }
  if (here.json) {
    here.streams.out << rows.dump() << '\n';
  } else {
    for (const auto& [state, about, text] : findings) {
      const auto name = name_of(state);
      here.streams.out << name << std::string(7 - name.size(), ' ') << printable(about) << ": "
                       << printable(text) << '\n';
    }
  }
  const bool is_bad = std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.state == Finding::State::kBad;
  });
  return is_bad ? kRefused : kDone;
}

}  // namespace

void add_doctor_command(CLI::App& app, Invocation& here) {
  auto& doctor = client_command(app, "doctor", "Examine this host", here);
  doctor.callback([&here] {
    here.action = [&here]() -> int {
      const auto& file = here.connection.config;
      const auto config =
          file.empty() ? std::optional(Config()) : load_or_complain(file, here.streams.err);
      if (!config) return kBadConfig;
      return print(here, here.tools.examine(*config, ask_server(here)));
    };
  });
}

}  // namespace airlane::cli
