#include "proxy/udp_batch.h"

#include <netinet/udp.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace airlane {
namespace {

bool is_full(int error) { return error == EAGAIN || error == ENOBUFS; }

}  // namespace

DatagramReader::DatagramReader() : slots_(new char[kSlot * kMost]) {
  for (unsigned i = 0; i < kMost; ++i) {
    parts_[i] = {slots_.get() + i * kSlot, std::size_t{64} << 10};
    auto& header = headers_[i].msg_hdr;
    header.msg_name = &sources_[i];
    header.msg_iov = &parts_[i];
    header.msg_iovlen = 1;
    header.msg_control = controls_[i].bytes.data();
  }
}

unsigned DatagramReader::receive(int fd, unsigned most) noexcept {
  for (auto& header : headers_) {
    header.msg_hdr.msg_namelen = sizeof(sockaddr_in6);
    header.msg_hdr.msg_controllen = sizeof(Control);
  }
  // An error is that of an earlier datagram, which an ICMP message has answered (connected sockets
  // hear of it): it says nothing of those that wait.
  for (int tries = 0; tries < 4; ++tries) {
    const int count = recvmmsg(fd, headers_.data(), most, MSG_DONTWAIT, nullptr);
    if (count >= 0) return static_cast<unsigned>(count);
    if (errno == EAGAIN) break;
  }
  return 0;
}

DatagramReader::Message DatagramReader::message(unsigned i) const noexcept {
  const auto& header = headers_[i].msg_hdr;
  const std::size_t size = headers_[i].msg_len;
  Message message{Address::from_sockaddr(reinterpret_cast<const sockaddr*>(&sources_[i])),
                  {static_cast<const char*>(parts_[i].iov_base), size},
                  size};
  const auto* const control = CMSG_FIRSTHDR(&header);
  if (control != nullptr && control->cmsg_level == SOL_UDP && control->cmsg_type == UDP_GRO) {
    int segment = 0;
    std::memcpy(&segment, CMSG_DATA(control), sizeof segment);
    if (segment > 0) message.segment = static_cast<std::size_t>(segment);
  }
  return message;
}

void DatagramWriter::begin(int fd, SegmentLimits& limits, const Sent* sent) noexcept {
  fd_ = fd;
  sent_ = sent;
  limits_ = &limits;
  count_ = part_count_ = 0;
  bytes_sent_ = dropped_ = crowded_out_ = 0;
}

void DatagramWriter::add(const Address* to, std::span<const char> header,
                         std::span<const char> payload) noexcept {
  if (part_count_ + 2 > kParts) flush();
  if (count_ > 0 && join(to, header, payload)) return;
  if (count_ == kMessages) flush();
  auto& message = messages_[count_];
  message.header_size = static_cast<std::uint16_t>(header.size());
  std::copy(header.begin(), header.end(), message.header.begin());
  message.segment = static_cast<std::uint32_t>(header.size() + payload.size());
  message.segments = 0;
  message.whole = true;
  message.size = message.payload = 0;
  auto& out = headers_[count_].msg_hdr;
  out = {};
  if (to != nullptr) {
    message.to = *to;
    out.msg_name = &addresses_[count_];
    out.msg_namelen = to->to_sockaddr(addresses_[count_]);
  }
  out.msg_iov = &parts_[part_count_];
  ++count_;
  append(message, payload);
}

// To the message before, if the kernel can cut the two apart again.
bool DatagramWriter::join(const Address* to, std::span<const char> header,
                          std::span<const char> payload) noexcept {
  auto& last = messages_[count_ - 1];
  const auto size = header.size() + payload.size();
  const bool fits = last.whole && size <= last.segment && last.segment <= limits_->size &&
                    size > 0 && last.segments < kSegments && last.size + size <= kMessageMost;
  if (!fits || (to != nullptr && *to != last.to)) return false;
  if (!std::equal(header.begin(), header.end(), last.header.begin(),
                  last.header.begin() + last.header_size)) {
    return false;
  }
  last.whole = size == last.segment;
  append(last, payload);
  return true;
}

void DatagramWriter::append(Message& message, std::span<const char> payload) noexcept {
  auto& out = headers_[count_ - 1].msg_hdr;
  if (message.header_size > 0) {
    parts_[part_count_++] = {message.header.data(), message.header_size};
    ++out.msg_iovlen;
  }
  parts_[part_count_++] = {const_cast<char*>(payload.data()), payload.size()};
  ++out.msg_iovlen;
  ++message.segments;
  message.size += message.header_size + payload.size();
  message.payload += payload.size();
}

void DatagramWriter::flush() noexcept {
  mark_segments();
  send(0);
  count_ = part_count_ = 0;
}

void DatagramWriter::mark_segments() noexcept {
  for (unsigned i = 0; i < count_; ++i) {
    if (messages_[i].segments < 2) continue;
    auto& out = headers_[i].msg_hdr;
    out.msg_control = controls_[i].bytes.data();
    out.msg_controllen = sizeof(Control);
    auto* const control = CMSG_FIRSTHDR(&out);
    control->cmsg_level = SOL_UDP;
    control->cmsg_type = UDP_SEGMENT;
    control->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
    const auto segment = static_cast<std::uint16_t>(messages_[i].segment);
    std::memcpy(CMSG_DATA(control), &segment, sizeof segment);
  }
}

// Of one datagram.
void DatagramWriter::note_failure(int error) noexcept {
  ++(is_full(error) ? crowded_out_ : dropped_);
}

void DatagramWriter::send(unsigned from) noexcept {
  bool repeated = false;
  while (from < count_) {
    const int sent = sendmmsg(fd_, &headers_[from], count_ - from, MSG_DONTWAIT | MSG_NOSIGNAL);
    const int error = errno;
    if (sent > 0) {
      note_sent(from, static_cast<unsigned>(sent));
      from += static_cast<unsigned>(sent);
      repeated = false;
    } else if (is_full(error)) {
      while (from < count_) crowded_out_ += messages_[from++].segments;
    } else if (!std::exchange(repeated, true)) {
      continue;  // It may be the echo of an earlier datagram, as in receive().
    } else {
      messages_[from].segments > 1 ? send_apart(from, error) : note_failure(error);
      ++from;
      repeated = false;
    }
  }
}

void DatagramWriter::note_sent(unsigned from, unsigned count) noexcept {
  for (unsigned i = from; i < from + count; ++i) bytes_sent_ += messages_[i].payload;
  if (sent_ == nullptr) return;
  for (unsigned i = from; i < from + count; ++i) (*sent_)(messages_[i].to, messages_[i].payload);
}

// The kernel would not cut this message. Either it never does on this way (EIO: an interface
// without checksums, before Linux 6.11), or its datagrams are larger than the way lets pass.
void DatagramWriter::send_apart(unsigned index, int error) noexcept {
  const auto& message = messages_[index];
  const auto whole = headers_[index].msg_hdr;
  const unsigned step = message.header_size > 0 ? 2 : 1;
  bool any = false;
  for (std::size_t at = 0; at < whole.msg_iovlen; at += step) {
    msghdr one = whole;
    one.msg_iov = whole.msg_iov + at;
    one.msg_iovlen = step;
    one.msg_control = nullptr;
    one.msg_controllen = 0;
    if (sendmsg(fd_, &one, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
      note_failure(errno);
    } else {
      bytes_sent_ += one.msg_iov[step - 1].iov_len;
      if (sent_ != nullptr) (*sent_)(message.to, one.msg_iov[step - 1].iov_len);
      any = true;
    }
  }
  if (!any) return;
  // Apart they can go: joined, they need not be tried again.
  limits_->size = error == EIO ? 0 : std::min(limits_->size, message.segment - 1);
}

}  // namespace airlane
