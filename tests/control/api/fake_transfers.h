// The part of the FakeBackend that copies and moves everything at once.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "control/api/backend.h"

namespace airlane::test {

class FakeTransfers : public api::Backend {
 public:
  void back_up(const std::string& path, Then<Backups::Made> then) override {
    log.push_back("back_up " + path);
    later(then, backup_answer);
  }
  void export_all(bool with_traffic, Transfers::Write write, Then<std::string> then) override {
    log.push_back(with_traffic ? "export" : "export without traffic");
    later(then, Outcome<std::string>(write(contents)));
  }
  void import_all(Transfers::Read read, bool dry_run, Then<Transfers::Result> then) override {
    log.push_back(dry_run ? "import dry" : "import");
    const auto draft = read();
    contents = draft.contents;
    later(then,
          Outcome<Transfers::Result>(Transfers::Result{.is_readable = draft.is_readable,
                                                       .faults = draft.faults,
                                                       .conflicts = conflicts,
                                                       .users = draft.contents.users.size(),
                                                       .proxies = draft.contents.proxies.size()}));
  }
  Contents contents;  // What is exported, and what was imported.
  std::vector<Fault> conflicts;
  Outcome<Backups::Made> backup_answer = Backups::Made{"/srv/a.db", 4096};
  std::vector<std::string> log;  // What was done.

 protected:
  explicit FakeTransfers(Loop& loop) : loop_(loop) {}
  template <class T>
  void later(Then<T> then, Outcome<T> answer) {
    loop_.post([then, answer] { then(answer); });
  }

  Loop& loop_;
};

}  // namespace airlane::test
