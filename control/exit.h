// The way out by one dongle: what the kernel shows of it, whether it may be used, and its
// generation.
//
//   absent     there is no interface of that name
//   down       there is one, but no link, address or route; or something of it was lost just now
//   up         customers may leave by it
//   rotating   a rotation or reboot holds it, whatever the kernel shows
//
// The generation rises whenever connections that leave by it must end: in lose(), in hold(), and in
// see() when something that was there is not any more. Pure: no kernel, no clock. A member of
// Egresses, control thread only.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.h"
#include "netlink/egress_table.h"
#include "proxy/world.h"

namespace airlane {

enum class DongleState : std::uint8_t { kUp, kDown, kAbsent, kRotating, kRebooting };

class Exit {
 public:
  // `dns` with ports; when it is empty the gateway is asked.
  Exit(std::int64_t dongle, std::string interface, std::optional<Address> gateway,
       std::vector<Address> dns, std::uint64_t generation = 1);

  // Each answers whether egress() or forbidden() is another one now.
  bool see(EgressState seen);  // What install() found and made.
  bool lose();  // The link, an address or the route went away; the next see() says what is left.
  bool hold(DongleState why);
  bool release();

  [[nodiscard]] const EgressState& seen() const { return seen_; }
  [[nodiscard]] const std::shared_ptr<const Egress>& egress() const { return egress_; }
  [[nodiscard]] DongleState state() const;
  [[nodiscard]] bool present() const { return seen_.present; }
  // Why it is not up though its interface could be used: a sentence that says what to do; or empty.
  [[nodiscard]] std::string_view lacks() const;
  // The gateways and its own addresses, of now and of before: customers stay away from them also
  // while the dongle is absent.
  [[nodiscard]] std::vector<Address> forbidden() const;

 private:
  static constexpr std::size_t kForbiddenMost = 16;  // Unless it has more than that at once.

  bool update();
  bool forbid(const Address& address);
  [[nodiscard]] std::vector<Address> dns_servers() const;

  std::optional<Address> gateway_;
  std::vector<Address> dns_;
  EgressState seen_;
  std::optional<DongleState> held_;
  std::vector<Address> forbidden_;  // Without gateway_; the oldest first.
  std::shared_ptr<const Egress> egress_;
  std::uint64_t generation_;
};

}  // namespace airlane
