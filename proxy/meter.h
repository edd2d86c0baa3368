// Where the bytes of one connection are counted: for its proxy, for the credential by which it came
// if it did, and, with an access log, for its line there. Used like the pointer to the counters
// that it holds. Its worker's thread only.
#pragma once

#include <cstdint>
#include <memory>

#include "proxy/access_record.h"
#include "proxy/count.h"

namespace airlane {

class Meter {
 public:
  void add_incoming(std::uint64_t bytes) noexcept {
    slot->add_incoming(bytes);
    if (credential) credential->add_incoming(bytes);
    if (record) record->incoming += bytes;
  }
  void add_outgoing(std::uint64_t bytes) noexcept {
    slot->add_outgoing(bytes);
    if (credential) credential->add_outgoing(bytes);
    if (record) record->outgoing += bytes;
  }
  Meter* operator->() noexcept { return this; }

  CounterSlot* slot = nullptr;
  CounterSlot* credential = nullptr;     // Null for the proxy's own user name.
  std::unique_ptr<AccessRecord> record;  // Null without an access log.
};

}  // namespace airlane
