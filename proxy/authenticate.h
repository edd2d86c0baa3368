// The second stage: the client says what it wants and shows that it may. Rental window, source and
// credentials are asked in this order (admission.h), each refusal in the client's own protocol.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "proxy/admission.h"
#include "proxy/flow.h"

namespace airlane {

class Authenticate {
 public:
  static constexpr std::string_view kName = "authenticate";

  explicit Authenticate(Flow& flow) : flow_(flow) {}
  Authenticate(Authenticate&&) = delete;

  Result<Step> advance();
  std::string refusal(const Error& error);

 private:
  Result<bool> feed(std::span<const char>& input);  // Whether the request is complete.
  Result<bool> feed_socks5(std::span<const char>& input);
  Status choose_socks5_method();
  Status check_socks5_credentials();
  Status take_socks5_request();
  Result<bool> feed_socks4(std::span<const char>& input);
  Status take_socks4_request();
  Result<bool> feed_http(std::span<const char>& input);
  Status take_http_request();
  Status admit_client();
  // Of a client that must bring a user name and password, whose they are.
  Status identify(std::string_view username, std::string_view password);
  // Of one that need not: a credential's, perhaps.
  void recognize(std::string_view username, std::string_view password);
  [[nodiscard]] bool has_credentials() const { return !flow_.proxy->credentials.empty(); }
  Status take_place();  // Among the proxy's connections; once for each of them.
  Status take_place_of_credential();

  Flow& flow_;
  bool open_ = false;      // The source needs no password.
  Credential credential_;  // By which the client comes in; null: the proxy's own user name.
};

}  // namespace airlane
