#include "proxy/protocol/proxy_header.h"

#include <algorithm>
#include <charconv>

namespace airlane {
namespace {

constexpr std::string_view kLineStart = "PROXY ";
constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kBlockStart = 16;  // Signature, version and command, family, length.
constexpr const char* kDuring = "read PROXY header";

Error malformed() { return {Errc::kMalformed, kDuring}; }

// Section 2.1: decimal, without leading zeros, in one way only.
std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  const bool canonical = text == "0" || !text.starts_with('0');
  return whole && canonical ? std::optional(port) : std::nullopt;
}

// Cuts the next word off: words are separated by exactly one blank, so an empty one is malformed.
std::string_view next_word(std::string_view& rest) {
  const auto end = std::min(rest.find(' '), rest.size());
  const auto word = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return word;
}

// By how it is written: an IPv4 address in IPv6 clothes is an IPv6 address here.
std::optional<Address> parse_address(std::string_view text, bool v6) {
  const bool has_colon = text.find(':') != std::string_view::npos;
  return has_colon == v6 ? Address::parse(text) : std::nullopt;
}

}  // namespace

Result<bool> ProxyHeader::feed(std::span<const char>& input) {
  while (!complete_) {
    if (input.empty()) return false;
    if (size_ > 0 && size_ == kBlockStart + address_size_ && skip_ > 0) {
      const auto skipped = std::min(skip_, input.size());
      input = input.subspan(skipped);
      skip_ -= skipped;
      complete_ = skip_ == 0;
      continue;
    }
    const char byte = input.front();
    input = input.subspan(1);
    if (const auto taken = take(byte); !taken) return taken.error();
  }
  return true;
}

Status ProxyHeader::take(char byte) {
  const bool line = size_ == 0 ? byte == kLineStart.front() : held_.front() == kLineStart.front();
  held_[size_++] = byte;
  return line ? take_of_line(byte) : take_of_block(byte);
}

Status ProxyHeader::take_of_line(char byte) {
  const std::size_t at = size_ - 1;
  if (at < kLineStart.size()) return byte == kLineStart[at] ? Status(Done{}) : malformed();
  const bool after_cr = held_[at - 1] == '\r';
  if (after_cr != (byte == '\n')) return malformed();
  if (after_cr) return read_line({held_.data(), size_ - 2});
  if (size_ == kLineMost) return Error{Errc::kTooLarge, kDuring};
  return Done{};
}

Status ProxyHeader::read_line(std::string_view line) {
  complete_ = true;
  line.remove_prefix(kLineStart.size());
  const auto family = next_word(line);
  if (family == "UNKNOWN") return Done{};  // Whatever follows it.
  if (family != "TCP4" && family != "TCP6") return malformed();
  const bool v6 = family == "TCP6";
  auto source = parse_address(next_word(line), v6);
  const auto target = parse_address(next_word(line), v6);
  const auto source_port = parse_port(next_word(line));
  const auto target_port = parse_port(line);
  if (!source || !target || !source_port || !target_port) return malformed();
  source->set_port(*source_port);
  source_ = source;
  return Done{};
}

Status ProxyHeader::take_of_block(char byte) {
  const std::size_t at = size_ - 1;
  if (at < kSignature.size()) return byte == kSignature[at] ? Status(Done{}) : malformed();
  if (size_ == kBlockStart) return read_block_start();
  if (size_ < kBlockStart || size_ < kBlockStart + address_size_) return Done{};
  read_block_address();
  complete_ = skip_ == 0;
  return Done{};
}

Status ProxyHeader::read_block_start() {
  const auto version = octet(12) >> 4;
  const auto command = octet(12) & 15;
  const std::size_t length = number(14);
  if (version != 2 || command > 1) return malformed();
  if (length > kBlockMost) return Error{Errc::kTooLarge, kDuring};
  if (command == 1) {
    switch (octet(13)) {
      case 0x00:  // Unspecified
        break;
      case 0x11:  // TCP over IPv4
        address_size_ = 12;
        break;
      case 0x21:  // TCP over IPv6
        address_size_ = 36;
        break;
      case 0x31:  // A Unix stream socket
        if (length < 216) return malformed();
        break;
      case 0x12:  // Datagrams, which do not come by TCP
      case 0x22:
      case 0x32:
        return Error{Errc::kUnsupported, kDuring};
      default:
        return malformed();
    }
  }
  if (length < address_size_) return malformed();
  skip_ = length - address_size_;
  complete_ = length == 0;
  return Done{};
}

void ProxyHeader::read_block_address() {
  const char* const address = held_.data() + kBlockStart;
  source_ = address_size_ == 12 ? Address::v4(address, number(kBlockStart + 8))
                                : Address::v6(address, number(kBlockStart + 32));
}

std::uint8_t ProxyHeader::octet(std::size_t index) const noexcept {
  return static_cast<std::uint8_t>(held_[index]);
}

std::uint16_t ProxyHeader::number(std::size_t index) const noexcept {
  return static_cast<std::uint16_t>(octet(index) << 8 | octet(index + 1));
}

}  // namespace airlane
