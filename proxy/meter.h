// Where the bytes of one connection are counted: for its proxy, for the credential by which it came
// if it did, and, where somebody wants to know them apart, for the connection. Used like the
// pointer to the counters that it holds. Its worker's thread only.
#pragma once

#include <cstdint>
#include <memory>

#include "base/address.h"
#include "proxy/access_record.h"
#include "proxy/count.h"
#include "proxy/target_account.h"

namespace airlane {

// What one connection has moved, and for whom that is known.
struct Particulars {
  std::uint64_t incoming = 0;
  std::uint64_t outgoing = 0;
  std::unique_ptr<AccessRecord> record;    // Null without an access log.
  std::unique_ptr<TargetAccount> targets;  // Null where the proxy's targets are not told apart.
};

class Meter {
 public:
  void add_incoming(std::uint64_t bytes) noexcept {
    slot->add_incoming(bytes);
    if (credential) credential->add_incoming(bytes);
    if (own) own->incoming += bytes;
  }
  void add_outgoing(std::uint64_t bytes) noexcept {
    slot->add_outgoing(bytes);
    if (credential) credential->add_outgoing(bytes);
    if (own) own->outgoing += bytes;
  }
  // Of datagrams, of which each may be another's.
  void add_incoming_from(const Address& source, std::uint64_t bytes) {
    add_incoming(bytes);
    if (auto* const all = datagrams()) all->received(source, bytes);
  }
  Meter* operator->() noexcept { return this; }

  [[nodiscard]] AccessRecord* record() const noexcept { return own ? own->record.get() : nullptr; }
  [[nodiscard]] TargetAccount* targets() const noexcept {
    return own ? own->targets.get() : nullptr;
  }
  [[nodiscard]] DatagramTargets* datagrams() const noexcept {
    return own && own->targets ? own->targets->datagrams() : nullptr;
  }
  Particulars& particulars() {
    if (!own) own = std::make_unique<Particulars>();
    return *own;
  }

  CounterSlot* slot = nullptr;
  CounterSlot* credential = nullptr;  // Null for the proxy's own user name.
  std::unique_ptr<Particulars> own;   // Null when nobody wants to know.
};

}  // namespace airlane
