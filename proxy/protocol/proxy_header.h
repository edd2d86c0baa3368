// The PROXY protocol, versions 1 and 2: the header by which a balancer in front of us says who the
// client is, before the client's first byte (HAProxy's proxy-protocol.txt, sections 2.1 and 2.2).
//
// A function of bytes: they go in through `feed`, and at the end there is the client's address, or
// none, when the front speaks for itself (LOCAL: a health check) or does not know (UNKNOWN,
// UNSPEC, a Unix socket). Everything else that the header may say (the address that the client
// meant, the TLVs) is skipped and not kept. Whoever may not send such a header is not asked for
// one: that decision, like the I/O and the deadline, is the caller's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/address.h"
#include "base/result.h"

namespace airlane {

class ProxyHeader {
 public:
  static constexpr std::size_t kLineMost = 107;    // Version 1, with its CRLF: section 2.1.
  static constexpr std::size_t kBlockMost = 4096;  // Version 2, what follows the first 16 bytes.

  // Consumes as much of `input` as belongs to the header: true when it is complete, and what is
  // left is the client's. Refuses anything else at the first byte that shows it. Not to be called
  // again after an Error.
  Result<bool> feed(std::span<const char>& input);

  // Whether a byte of it has come.
  [[nodiscard]] bool begun() const noexcept { return size_ > 0; }
  // With the client's port. Once complete.
  [[nodiscard]] const std::optional<Address>& source() const noexcept { return source_; }

 private:
  Status take(char byte);
  Status take_of_line(char byte);
  Status take_of_block(char byte);
  Status read_line(std::string_view line);
  Status read_block_start();
  void read_block_address();
  [[nodiscard]] std::uint8_t octet(std::size_t index) const noexcept;
  [[nodiscard]] std::uint16_t number(std::size_t index) const noexcept;

  std::array<char, kLineMost> held_{};  // A line, or the start and the addresses of a block.
  std::size_t size_ = 0;
  std::size_t address_size_ = 0;  // Of a block: what of it is held.
  std::size_t skip_ = 0;          // Of a block: what of it is not.
  bool complete_ = false;
  std::optional<Address> source_;
};

}  // namespace airlane
