// doctor: what is wrong with this host, with the server running or without.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>
#include <system_error>
#include <utility>

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

// The file that a process which serves was started with, or nothing. An upgrade keeps the words.
std::string file_of(pid_t server) {
  const auto process = "/proc/" + std::to_string(server);
  std::ifstream line(process + "/cmdline");
  std::vector<std::string> words;
  for (std::string word; std::getline(line, word, '\0');) words.push_back(word);
  const auto serve = std::find(words.begin(), words.end(), "serve");
  auto word = std::find_if(serve, words.end(), [](const auto& w) { return w.starts_with("-c"); });
  if (word == words.end()) return {};
  std::filesystem::path file = word->substr(2);
  if (file.empty() && ++word != words.end()) file = *word;
  if (file.empty() || file.is_absolute()) return file;
  std::error_code unknown;
  const auto folder = std::filesystem::read_symlink(process + "/cwd", unknown);
  return unknown ? std::string() : (folder / file).string();
}

// What the server has, if one answers here; else the defaults. `finding` says which it is.
Config configuration_of(const Seen& seen, Finding& finding) {
  const auto file = seen.server ? file_of(*seen.server) : std::string();
  finding = {Finding::State::kDoubtful, "configuration",
             std::string(seen.server ? "that of the server is not known" : "no server answers") +
                 ", so this looks at the defaults; -c FILE names one"};
  if (file.empty()) return {};
  std::ostringstream problems;
  const bool may_read = ::access(file.c_str(), R_OK) == 0;
  if (const auto config = load_or_complain(file, problems)) {
    finding = {Finding::State::kGood, "configuration", file + ", of the server"};
    return *config;
  }
  auto text = problems.str();
  while (text.ends_with('\n')) text.pop_back();
  finding.state = may_read ? Finding::State::kBad : Finding::State::kDoubtful;
  finding.text = text + "; this looks at the defaults" +
                 (may_read ? ", and the server would not start again" : "; run it as root");
  return {};
}

std::vector<Finding> examine(Invocation& here, const std::optional<Config>& config) {
  const auto seen = ask_server(here);
  if (config) return here.tools.examine(*config, seen);
  Finding first;
  const auto found = configuration_of(seen, first);
  auto findings = here.tools.examine(found, seen);
  findings.insert(findings.begin(), first);
  return findings;
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

void refuse_url(const ConnectionOptions& options) {
  for (const auto& [name, value] : {std::pair{"--url", &options.url},
                                    {"--key-file", &options.key_file},
                                    {"--cacert", &options.authorities}}) {
    if (value->empty()) continue;
    throw CLI::ValidationError(name,
                               "doctor examines the host that it runs on; run it on that one");
  }
}

}  // namespace

void add_doctor_command(CLI::App& app, Invocation& here) {
  auto& doctor = client_command(app, "doctor", "Examine this host", here);
  doctor.footer("It takes no URL: for a server elsewhere, run it there.");
  doctor.callback([&here] {
    refuse_url(here.connection);
    stay_on_this_host(here.connection);
    here.action = [&here]() -> int {
      const auto& file = here.connection.config;
      if (file.empty()) return print(here, examine(here, std::nullopt));
      const auto config = load_or_complain(file, here.streams.err);
      return config ? print(here, examine(here, config)) : kBadConfig;
    };
  });
}

}  // namespace airlane::cli
