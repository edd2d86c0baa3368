#include "server/doctor.h"

#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include "base/unique_fd.h"
#include "control/fingerprint.h"
#include "netlink/fingerprint/fingerprints.h"
#include "netlink/fingerprint/recipe.h"
#include "netlink/rp_filter.h"

namespace airlane {
namespace {

using State = Finding::State;

Finding good(std::string about, std::string text) {
  return {State::kGood, std::move(about), std::move(text)};
}
Finding doubtful(std::string about, std::string text) {
  return {State::kDoubtful, std::move(about), std::move(text)};
}
Finding bad(std::string about, std::string text) {
  return {State::kBad, std::move(about), std::move(text)};
}

std::string process_file(const Patient& patient, const char* name) {
  const auto process = patient.server ? std::to_string(*patient.server) : std::string("self");
  return "/proc/" + process + "/" + name;
}

// The line of a file that begins so, without that; empty if there is none.
std::string line_of(const std::string& path, const std::string& beginning) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(beginning)) return line.substr(beginning.size());
  }
  return {};
}

Finding examine_rights(const Patient& patient) {
  constexpr auto kAbout = "rights";
  struct Right {
    int number;
    const char* name;
    const char* what_for;
  };
  static constexpr std::array<Right, 4> kRights{
      {{CAP_NET_ADMIN, "CAP_NET_ADMIN", "routes per dongle"},
       {CAP_NET_RAW, "CAP_NET_RAW", "`airlane fp see`"},
       {CAP_BPF, "CAP_BPF", "fingerprints"},
       {CAP_PERFMON, "CAP_PERFMON", "fingerprints"}}};
  const auto line = line_of(process_file(patient, "status"), "CapEff:");
  const auto rights = std::strtoull(line.c_str(), nullptr, 16);
  std::string missing;
  for (const auto& [number, name, what_for] : kRights) {
    if ((rights >> number & 1U) != 0) continue;
    missing += (missing.empty() ? "" : ", ") + std::string(name) + " for " + what_for;
  }
  const std::string who = patient.server ? "the server" : "this command";
  if (missing.empty()) return good(kAbout, who + " has all that it needs");
  const auto sentence = who + " lacks " + missing + "; ";
  if (!patient.server) return doubtful(kAbout, sentence + "run it as root to know more");
  return bad(kAbout, sentence + "use conf/airlane.service, or add them to its unit");
}

// Attaches the program where nobody else is; what went wrong, or nothing.
std::string try_program() {
  const auto fingerprints = Fingerprints::load({});
  if (!fingerprints) return fingerprints.error().text;
  if (unshare(CLONE_NEWNET) != 0) {
    return "The kernel loads the program; that it attaches it cannot be tried without a network "
           "namespace: " +
           std::system_category().message(errno) + ".";
  }
  const auto attached = (*fingerprints)->attach(static_cast<int>(if_nametoindex("lo")));
  return attached ? std::string() : attached.error().text;
}

Finding examine_program() {
  constexpr auto kAbout = "fingerprints";
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) return doubtful(kAbout, "cannot be tried: no pipe");
  const UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  const pid_t child = fork();
  if (child == 0) {
    const auto trouble = try_program();
    const auto written = write(writer.get(), trouble.data(), trouble.size());
    _exit(written == static_cast<ssize_t>(trouble.size()) ? 0 : 1);
  }
  writer.reset();
  std::string trouble;
  std::array<char, 512> part{};
  for (ssize_t size = 0; (size = read(reader.get(), part.data(), part.size())) > 0;) {
    trouble.append(part.data(), static_cast<std::size_t>(size));
  }
  int status = 1;
  if (child < 0 || waitpid(child, &status, 0) < 0 || status != 0) {
    return doubtful(kAbout, "cannot be tried: no process for it");
  }
  if (trouble.empty()) return good(kAbout, "the kernel loads and attaches the program");
  const auto text = trouble + " Proxies without a fingerprint need none of it.";
  return geteuid() == 0 ? bad(kAbout, text) : doubtful(kAbout, text);
}

void examine_fingerprints(const Patient& patient, std::vector<Finding>& findings) {
  std::size_t fine = 0;
  for (const auto& [proxy, text] : patient.fingerprints) {
    const auto recipe = recipe_of(text);
    const auto about = "fingerprint of proxy " + proxy;
    if (!recipe) {
      findings.push_back(bad(about, recipe.error().text));
    } else if (const auto possible = check_host(*recipe); !possible) {
      findings.push_back(bad(about, possible.error().text));
    } else {
      ++fine;
    }
  }
  if (fine == 0) return;
  findings.push_back(good(
      "fingerprints in use",
      std::to_string(fine) + (fine == 1 ? " is" : " are") + " possible with this host's settings"));
}

// The largest scale that the kernel would choose: what fingerprints may have.
Finding examine_scale() {
  constexpr auto kAbout = "tcp_rmem";
  constexpr int kOfPresets = 9;
  int most = -1;
  for (int scale = 0; scale <= 14; ++scale) {
    Recipe recipe;
    recipe.scale = static_cast<std::uint8_t>(scale);
    if (!check_host(recipe)) break;
    most = scale;
  }
  const auto text = "window scales up to " + std::to_string(most) + " are possible";
  if (most >= kOfPresets) return good(kAbout, text);
  return doubtful(kAbout, text +
                              ", and the preset android has 9: set the last number of "
                              "net.ipv4.tcp_rmem to 16777216 or more");
}

Finding examine_options() {
  constexpr auto kAbout = "TCP options";
  Recipe recipe;
  recipe.needs_time = recipe.needs_sack = recipe.needs_scaling = true;
  const auto possible = check_host(recipe);
  if (possible) return good(kAbout, "timestamps, SACK and window scaling are on");
  return doubtful(kAbout, possible.error().text);
}

Finding examine_rp_filter() {
  constexpr auto kAbout = "rp_filter";
  const auto warning = rp_filter_warning();
  if (warning.empty()) return good(kAbout, "replies to dongles are not dropped");
  return doubtful(kAbout, warning);
}

// The server raises its limit to the hard one.
Finding examine_files(const Config& config, const Patient& patient) {
  constexpr auto kAbout = "open files";
  constexpr unsigned long kFew = 65'536;
  std::istringstream line(line_of(process_file(patient, "limits"), "Max open files"));
  std::string soft;
  std::string hard;
  line >> soft >> hard;
  if (hard == "unlimited") return good(kAbout, "no limit");
  const auto limit = std::strtoul(hard.c_str(), nullptr, 10);
  const auto text = "at most " + std::to_string(limit) + ", which is enough for " +
                    std::to_string(limit / 8) + " connections";
  if (config.proxy.connections > limit / 8) {
    return bad(kAbout, text + ", and proxy.connections is " +
                           std::to_string(config.proxy.connections) + "; raise LimitNOFILE");
  }
  if (limit < kFew) return doubtful(kAbout, text + "; raise LimitNOFILE if that is too few");
  return good(kAbout, text);
}

Finding examine_state(const Config& config) {
  const auto about = "state folder " + config.server.state;
  constexpr unsigned long kLittle = 256UL << 20;
  struct stat found {};
  if (stat(config.server.state.c_str(), &found) != 0) {
    if (errno == ENOENT) return doubtful(about, "is not there; the first start makes it");
    return bad(about, std::system_category().message(errno) + "; run this as root to know more");
  }
  if (!S_ISDIR(found.st_mode)) return bad(about, "is no folder; set server.state to another path");
  if ((found.st_mode & S_IRWXO) != 0) {
    return bad(about, "is open to everybody on this host, and has passwords in it; chmod o= it");
  }
  struct statvfs space {};
  if (statvfs(config.server.state.c_str(), &space) != 0) {
    return doubtful(about, "its free space is not known: " + std::system_category().message(errno));
  }
  if ((space.f_flag & ST_RDONLY) != 0) return bad(about, "is read-only; mount it otherwise");
  const auto free = space.f_bavail * space.f_frsize;
  const auto text = std::to_string(free >> 20) + " MiB are free";
  return free < kLittle ? bad(about, text + ", which is little: make room") : good(about, text);
}

Finding examine_server(const Patient& patient) {
  if (patient.server) return good("server", "process " + std::to_string(*patient.server));
  return doubtful("server", "none answers; what only it knows is not looked at");
}

}  // namespace

std::vector<Finding> examine(const Config& config, const Patient& patient) {
  std::vector<Finding> findings{examine_server(patient), examine_rights(patient),
                                examine_state(config),   examine_files(config, patient),
                                examine_rp_filter(),     examine_options(),
                                examine_scale(),         examine_program()};
  examine_fingerprints(patient, findings);
  return findings;
}

}  // namespace airlane
