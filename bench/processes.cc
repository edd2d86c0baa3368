#include "bench/processes.h"

#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace airlane::bench {
namespace {

struct Stat {
  pid_t parent = 0;
  double children_seconds = 0;  // Of children that have ended and were waited for.
};

// Field 2, the name, may hold spaces and parentheses: count from the last one.
Stat read_stat(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string line;
  std::getline(file, line);
  const auto name_end = line.rfind(')');
  if (name_end == line.npos) return {};
  std::istringstream fields(line.substr(name_end + 1));
  Stat stat;
  std::string field;
  for (int number = 3; number <= 17 && fields >> field; ++number) {
    if (number == 4) stat.parent = std::stoi(field);
    if (number == 16 || number == 17) {  // cutime, cstime
      stat.children_seconds += std::stod(field) / static_cast<double>(::sysconf(_SC_CLK_TCK));
    }
  }
  return stat;
}

double clock_seconds(pid_t pid) {
  clockid_t clock = 0;
  timespec time{};
  if (::clock_getcpuclockid(pid, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// The number behind "NAME:" in files like /proc/meminfo; their kB are KiB.
double number_of(const std::string& file, const std::string& name) {
  std::ifstream lines(file);
  std::string line;
  double sum = 0;
  while (std::getline(lines, line)) {
    if (line.starts_with(name + ":")) sum += std::stod(line.substr(name.size() + 1));
  }
  return sum;
}

long count_files(const std::string& folder) {
  std::error_code error;
  const std::filesystem::directory_iterator files(folder, error);
  return error ? 0 : std::distance(begin(files), end(files));
}

double tcp_memory_kib() {
  std::ifstream lines("/proc/net/sockstat");
  std::string line;
  while (std::getline(lines, line)) {
    const auto at = line.find(" mem ");
    if (line.starts_with("TCP:") && at != line.npos) {
      return std::stod(line.substr(at + 5)) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024;
    }
  }
  return 0;
}

}  // namespace

std::vector<pid_t> Processes::tree() const {
  std::vector<pid_t> found;
  if (root_ == 0) return found;
  found.push_back(root_);
  std::vector<std::pair<pid_t, pid_t>> all;  // Process and parent.
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const auto name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != name.npos) continue;
    const auto pid = static_cast<pid_t>(std::stol(name));
    all.emplace_back(pid, read_stat(pid).parent);
  }
  for (std::size_t next = 0; next < found.size(); ++next) {
    for (const auto& [pid, parent] : all) {
      if (parent == found[next]) found.push_back(pid);
    }
  }
  return found;
}

double Processes::cpu_seconds() const {
  double sum = 0;
  for (const auto pid : tree()) sum += clock_seconds(pid) + read_stat(pid).children_seconds;
  return sum;
}

Processes::Memory Processes::memory() const {
  Memory memory;
  for (const auto pid : tree()) {
    const auto folder = "/proc/" + std::to_string(pid) + "/";
    const auto rollup = folder + "smaps_rollup";
    memory.rss_kib += number_of(rollup, "Rss");
    memory.pss_kib += number_of(rollup, "Pss");
    memory.private_kib += number_of(rollup, "Private_Clean") + number_of(rollup, "Private_Dirty");
    memory.descriptors += count_files(folder + "fd");
  }
  return memory;
}

KernelMemory kernel_memory() {
  KernelMemory memory;
  memory.tcp_kib = tcp_memory_kib();
  memory.slab_kib = number_of("/proc/meminfo", "Slab");
  memory.available_kib = number_of("/proc/meminfo", "MemAvailable");
  return memory;
}

}  // namespace airlane::bench
