// One rtnetlink message: built attribute by attribute, and read the same way.
//
// Values without I/O; the socket is in rtnl_socket.h. Messages come from the kernel and are trusted
// to be well-formed, but never read beyond their length. Nothing of ours in this folder may have
// the name of a header of libnl (socket.h, addr.h, ...): both are found as <netlink/...>.
#pragma once

#include <netlink/attr.h>
#include <netlink/msg.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <string>

#include "base/address.h"
#include "base/handle.h"

namespace airlane {

using NlMessage = Handle<nl_msg, nlmsg_free>;

// `header` is the structure that the kind of message begins with: ifinfomsg, rtmsg ...
template <class Header>
NlMessage make_message(int type, int flags, Header header) {
  NlMessage message(nlmsg_alloc_simple(type, flags));
  if (!message || nlmsg_append(message.get(), &header, sizeof header, NLMSG_ALIGNTO) < 0) {
    throw std::bad_alloc();
  }
  return message;
}

// A message holds a page, ours need a few hundred bytes: adding cannot fail for want of room.
inline void add(nl_msg& message, int type, std::uint32_t value) {
  nla_put_u32(&message, type, value);
}
inline void add(nl_msg& message, int type, const std::string& value) {
  nla_put_string(&message, type, value.c_str());
}
inline void add(nl_msg& message, int type, const Address& value) {
  nla_put(&message, type, static_cast<int>(value.size()), value.bytes());
}

// The structure at the beginning of a received message.
template <class Header>
std::optional<Header> header_of(const nlmsghdr& message) {
  Header header{};
  if (nlmsg_datalen(&message) < static_cast<int>(sizeof header)) return std::nullopt;
  std::memcpy(&header, nlmsg_data(&message), sizeof header);
  return header;
}

// The attributes behind it, up to type `Most`. Borrows the message.
template <class Header, int Most>
class Attributes {
 public:
  explicit Attributes(nlmsghdr& message) {
    nlmsg_parse(&message, sizeof(Header), found_.data(), Most, nullptr);
  }

  [[nodiscard]] bool has(int type) const { return at(type) != nullptr; }

  [[nodiscard]] std::optional<std::uint32_t> number(int type) const {
    const auto* attribute = at(type);
    if (attribute == nullptr || nla_len(attribute) < 4) return std::nullopt;
    return nla_get_u32(attribute);
  }

  [[nodiscard]] std::string text(int type) const {
    const auto* attribute = at(type);
    if (attribute == nullptr) return {};
    const auto* start = static_cast<const char*>(nla_data(attribute));
    return {start, strnlen(start, static_cast<std::size_t>(nla_len(attribute)))};
  }

  [[nodiscard]] std::optional<Address> address(int type) const {
    const auto* attribute = at(type);
    if (attribute == nullptr) return std::nullopt;
    if (nla_len(attribute) == 4) return Address::v4(nla_data(attribute), 0);
    if (nla_len(attribute) == 16) return Address::v6(nla_data(attribute), 0);
    return std::nullopt;
  }

  [[nodiscard]] const nlattr* at(int type) const { return found_[static_cast<std::size_t>(type)]; }

 private:
  std::array<nlattr*, std::size_t{Most} + 1> found_{};
};

}  // namespace airlane
