#include "proxy/protocol/dns_answer.h"

#include <algorithm>

namespace airlane {
namespace {

constexpr std::uint16_t kTypeA = 1;
constexpr std::uint16_t kTypeAlias = 5;      // CNAME
constexpr std::uint16_t kTypeAuthority = 6;  // SOA
constexpr std::uint16_t kTypeAaaa = 28;
constexpr std::uint16_t kClassInternet = 1;
constexpr std::uint32_t kForever = UINT32_MAX;

// Once it has run over the end it only gives zeros and empty spans.
class Reader {
 public:
  explicit Reader(std::span<const std::uint8_t> bytes) : rest_(bytes) {}

  [[nodiscard]] bool good() const noexcept { return good_; }
  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

  std::span<const std::uint8_t> take(std::size_t size) {
    good_ = good_ && size <= rest_.size();
    if (!good_) return {};
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  std::uint32_t number(std::size_t size) {
    std::uint32_t value = 0;
    for (const auto byte : take(size)) value = value << 8 | byte;
    return value;
  }
  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return number(4); }

  void skip_name() {
    while (good_) {
      const auto length = number(1);
      if (length == 0) return;
      if ((length & 0xc0) == 0xc0) {  // The rest stands elsewhere.
        take(1);
        return;
      }
      good_ = good_ && (length & 0xc0) == 0;
      take(length);
    }
  }

 private:
  std::span<const std::uint8_t> rest_;
  bool good_ = true;
};

struct Record {
  std::uint16_t type = 0;
  std::uint16_t of_class = 0;
  std::uint32_t ttl = 0;
  std::span<const std::uint8_t> data;
};

Record read_record(Reader& message) {
  Record record;
  message.skip_name();
  record.type = message.u16();
  record.of_class = message.u16();
  record.ttl = message.u32();
  if (record.ttl > INT32_MAX) record.ttl = 0;  // RFC 2181, section 8.
  record.data = message.take(message.u16());
  return record;
}

std::uint32_t negative_ttl(const Record& authority) {
  Reader data(authority.data);
  data.skip_name();
  data.skip_name();
  for (int skipped = 0; skipped < 4; ++skipped) data.u32();
  const auto minimum = data.u32();
  return data.good() && data.at_end() ? std::min(authority.ttl, minimum) : 0;
}

}  // namespace

std::optional<DnsAnswer> read_dns_answer(std::span<const std::uint8_t> message, int family) {
  Reader reader(message);
  reader.u32();  // The id and the flags, which whoever asked has looked at.
  const auto questions = reader.u16();
  const auto answers = reader.u16();
  const auto authorities = reader.u16();
  reader.u16();
  for (int i = 0; i < questions && reader.good(); ++i) {
    reader.skip_name();
    reader.u32();
  }
  const bool wants_v4 = family == AF_INET;
  DnsAnswer found;
  std::uint32_t ttl = kForever;
  for (int i = 0; i < answers && reader.good(); ++i) {
    const auto record = read_record(reader);
    if (!reader.good() || record.of_class != kClassInternet) continue;
    const bool is_address = record.type == (wants_v4 ? kTypeA : kTypeAaaa);
    if (is_address || record.type == kTypeAlias) ttl = std::min(ttl, record.ttl);
    if (!is_address || found.addresses.size() == DnsAnswer::kAddressesMost) continue;
    if (record.data.size() != (wants_v4 ? 4 : 16)) return std::nullopt;
    found.addresses.push_back(wants_v4 ? Address::v4(record.data.data(), 0)
                                       : Address::v6(record.data.data(), 0));
  }
  if (found.addresses.empty()) {
    std::uint32_t negative = 0;
    for (int i = 0; i < authorities && reader.good(); ++i) {
      const auto record = read_record(reader);
      if (record.type == kTypeAuthority) negative = negative_ttl(record);
    }
    ttl = std::min(ttl, negative);
  }
  if (!reader.good()) return std::nullopt;
  found.ttl = ttl;
  return found;
}

}  // namespace airlane
