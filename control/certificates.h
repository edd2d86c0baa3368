// The certificates that clients who come by TLS are shown, read again when one of their files has
// changed: whoever renews them has nothing to tell us, and may say it with SIGHUP.
//
// Files that cannot be used (a key that is still the old one's, a file half written) change nothing
// and are said once in the log; they are looked at again when they change again.
//
// Owned by the farm for the proxy ports, and by the API for its own. Control thread only.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <ctime>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/callback.h"
#include "base/event/loop.h"
#include "base/event/timer.h"
#include "base/result.h"
#include "base/tls/server_context.h"

namespace airlane {

class Certificates {
 public:
  static constexpr std::chrono::seconds kLook{2};

  // `protocols`: for ALPN; not copied. `on_change`: current() is another one.
  Certificates(Loop& control, std::vector<CertificateFiles> files,
               std::span<const std::string_view> protocols, Callback<void()> on_change);
  Certificates(Certificates&&) = delete;

  Outcome<Done> load();  // Once, at the start, where files that cannot be used are a failure.
  void reload();         // Now, whether they have changed or not.
  // Null when none are configured.
  [[nodiscard]] const std::shared_ptr<const TlsServerContext>& current() const { return current_; }

 private:
  struct Stamp {  // Of a file: what changes when its content does.
    ino_t inode = 0;
    off_t size = 0;
    std::time_t seconds = 0;
    long nanoseconds = 0;
    bool operator==(const Stamp&) const = default;
  };
  [[nodiscard]] std::vector<Stamp> stamps() const;
  void look();

  const std::vector<CertificateFiles> files_;
  const std::span<const std::string_view> protocols_;
  Callback<void()> on_change_;
  std::vector<Stamp> seen_;
  std::shared_ptr<const TlsServerContext> current_;
  Timer timer_;
};

}  // namespace airlane
