#include "control/target_file.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "base/file.h"
#include "base/log.h"
#include "base/tls/crypto.h"
#include "db/targets.h"

namespace airlane::target_files {
namespace {

constexpr std::string_view kPrefix = "targets-";
constexpr std::string_view kDamaged = ".damaged";
constexpr const char* kMagic = "airlane-targets-1";
constexpr std::size_t kNameBytes = 16;

std::string line_of(const TargetSum& sum) {
  return std::to_string(sum.incoming) + ' ' + std::to_string(sum.outgoing) + ' ' +
         std::to_string(sum.connections);
}

std::string text_of(std::span<const TargetPage> pages) {
  std::string text = std::string(kMagic) + '\n';
  for (const auto& page : pages) {
    text += "page " + std::to_string(page.proxy) + ' ' + std::to_string(page.day) + ' ' +
            std::to_string(page.kept) + ' ' + std::to_string(page.summary.floor()) + ' ' +
            line_of(page.summary.other()) + '\n';
    for (const auto& [name, entry] : page.summary.entries()) {
      text += "target " + name.host + ' ' + std::to_string(name.port) + ' ' + line_of(entry.sum) +
              ' ' + std::to_string(entry.weight) + '\n';
    }
  }
  return text + "end\n";
}

Failure failure(const std::string& path, const char* during, int error) {
  return {Failure::Kind::kUnavailable, "cannot " + std::string(during) + " " + path + ": " +
                                           std::system_category().message(error)};
}

Failure damaged(const std::string& path) {
  return {Failure::Kind::kInvalid, path + " is not a file of targets, or it is damaged"};
}

// A page while it is read.
struct Draft {
  TargetPage page;
  TargetSummary::Entries entries;
  TargetSum other;
  std::uint64_t floor = 0;
};

std::istream& operator>>(std::istream& in, TargetSum& sum) {
  return in >> sum.incoming >> sum.outgoing >> sum.connections;
}

bool read_line(std::istringstream line, std::vector<Draft>& drafts) {
  std::string word;
  line >> word;
  if (word == "page") {
    auto& draft = drafts.emplace_back();
    line >> draft.page.proxy >> draft.page.day >> draft.page.kept >> draft.floor >> draft.other;
    return !line.fail() && draft.page.kept > 0 && draft.page.kept <= targets::kKeptMost;
  }
  TargetName name;
  TargetSummary::Entry entry;
  line >> name.host >> name.port >> entry.sum >> entry.weight;
  if (word != "target" || line.fail() || drafts.empty()) return false;
  return drafts.back().entries.emplace(std::move(name), entry).second;
}

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
    const auto name = entry.path().filename().string();
    const bool is_whole =
        name.find(kUnfinishedMark) == std::string::npos && !name.ends_with(kDamaged);
    if (name.starts_with(kPrefix) && is_whole) names.push_back(name);
  }
  return names;
}

std::string path_in(const std::string& folder, const std::string& name) {
  return folder + "/" + name;
}

Outcome<Done> remove_added(Database& database, const std::string& folder) {
  const auto added = targets::files(database);
  if (!added) return added.error();
  for (const auto& name : *added) {
    const auto path = path_in(folder, name);
    // Its name goes when it is gone for good, or it would be added again.
    if (unlink(path.c_str()) != 0 && errno != ENOENT) return failure(path, "remove", errno);
    if (const auto error = sync_folder_of(path)) return failure(path, "remove", error.value());
    if (auto done = targets::forget_file(database, name); !done) return done;
  }
  return Done{};
}

}  // namespace

Outcome<Done> write(const std::string& folder, std::span<const TargetPage> pages) {
  const auto path = path_in(folder, std::string(kPrefix) + random_hex(kNameBytes));
  if (const auto error = write_new_file(path, text_of(pages))) {
    return failure(path, "write", error.value());
  }
  return Done{};
}

Outcome<std::vector<TargetPage>> read(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || line != kMagic) return damaged(path);
  std::vector<Draft> drafts;
  while (std::getline(file, line) && line != "end") {
    if (!read_line(std::istringstream(line), drafts)) return damaged(path);
  }
  if (line != "end") return damaged(path);
  std::vector<TargetPage> pages;
  for (auto& draft : drafts) {
    draft.page.summary = TargetSummary(std::move(draft.entries), draft.other, draft.floor);
    pages.push_back(std::move(draft.page));
  }
  return pages;
}

Outcome<bool> fold(Database& database, const std::string& folder) {
  if (auto removed = remove_added(database, folder); !removed) return removed.error();
  for (const auto& name : names_in(folder)) {
    const auto path = path_in(folder, name);
    const auto pages = read(path);
    if (!pages) {
      log::error("The targets of a process before this one are not known: " + pages.error().text);
      const auto aside = path + std::string(kDamaged);
      if (rename(path.c_str(), aside.c_str()) != 0) return failure(path, "set aside", errno);
      continue;
    }
    for (const auto& page : *pages) {
      auto added = targets::add(database, page.proxy, page.day, page.summary, page.kept);
      if (!added) return added.error();
    }
    if (auto added = targets::add_file(database, name); !added) return added.error();
    return true;
  }
  return false;
}

}  // namespace airlane::target_files
