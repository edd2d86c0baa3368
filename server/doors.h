// The listening sockets of the APIs: TCP addresses and the admin socket's file. They outlive the
// APIs behind them, so that clients wait in their queue while one process takes over from another.
//
// Inherited ones are the predecessor's, too, until it has been told that we serve: settle(). Owned
// by the server. Control thread only. The file of the admin socket that is ours goes with it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "conf/config.h"
#include "control/api/api.h"

namespace airlane {

class Doors {
 public:
  // Takes what fits from those of a predecessor and opens the rest.
  static Outcome<Doors> open(const Config::Control& config, std::vector<UniqueFd> inherited = {});
  Doors() = default;
  Doors(Doors&& other) noexcept { *this = std::move(other); }
  Doors& operator=(Doors&& other) noexcept;
  ~Doors();

  [[nodiscard]] std::vector<int> fds() const;
  // The same sockets for an API, which closes what it gets.
  [[nodiscard]] Outcome<std::vector<Api::Door>> copies() const;
  // What was inherited is ours alone; what the configuration does not want any more is closed.
  void settle();
  // Somebody else listens here now.
  void leave() { is_ours_ = false; }

 private:
  Outcome<Done> open_tcp(const Address& address, bool is_tls, std::vector<UniqueFd>& inherited);

  std::vector<Api::Door> fds_;
  std::vector<UniqueFd> unwanted_;
  std::string path_;  // Of the admin socket.
  bool is_ours_ = true;
};

}  // namespace airlane
