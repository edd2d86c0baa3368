// From one server to another: everything as one document, and such a document back, all of it or
// nothing.
//
// What the document looks like is the caller's business: it makes it from records, and records from
// it, on a thread of this class, because that takes long. One export or import at a time. An import
// brings what is new and changes nothing that is there: whatever contradicts that is a conflict,
// and all of them are told. It is one transaction; when it has committed, everybody who keeps
// records in memory is told, and the data path is told one World.
//
// Owned by the control plane, control thread only; every `then` is called on the control thread,
// never inside the call that took it.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/event/loop.h"
#include "base/event/loop_thread.h"
#include "base/result.h"
#include "control/checks.h"
#include "db/contents.h"

namespace airlane {

class Accounts;
class ApiKeys;
class Farm;
class RotationLinks;
class Store;

class Transfers {
 public:
  template <class T>
  using Then = std::function<void(Outcome<T>)>;
  using Write = std::function<std::string(const Contents&)>;  // Any thread.

  // What was made of a document. With faults the contents are worth nothing.
  struct Draft {
    bool is_readable = true;  // Else it is no document at all.
    std::vector<Fault> faults{};
    Contents contents{};
  };
  using Read = std::function<Draft()>;  // Any thread.

  // How an import went. All is well when there are no faults and no conflicts.
  struct Result {
    bool is_readable = true;
    std::vector<Fault> faults{};
    std::vector<Fault> conflicts{};
    std::size_t users = 0;
    std::size_t keys = 0;
    std::size_t dongles = 0;
    std::size_t proxies = 0;
    std::size_t credentials = 0;
  };

  Transfers(Loop& control, Store& store, Accounts& accounts, ApiKeys& keys, RotationLinks& links,
            Farm& farm);
  Transfers(Transfers&&) = delete;

  // What `write` makes of everything. kConflict while another export or import runs; likewise
  // below.
  void export_all(bool with_traffic, Write write, const Then<std::string>& then);
  // With `dry_run` it is only said how it would go.
  void import_all(Read read, bool dry_run, const Then<Result>& then);

 private:
  struct Run;

  // False, and answered, when it must not begin.
  template <class T>
  bool begin_or_answer(const Then<T>& then);
  void check(const std::shared_ptr<Run>& run);
  void end(const std::shared_ptr<Run>& run, const Outcome<Result>& result);
  [[nodiscard]] std::vector<Fault> conflicts_of(const Contents& contents) const;

  Loop& control_;
  Store& store_;
  Accounts& accounts_;
  ApiKeys& keys_;
  RotationLinks& links_;
  Farm& farm_;
  bool running_ = false;
  LoopThread thread_;  // Last: it ends before what its works were given.
};

}  // namespace airlane
