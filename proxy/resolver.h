// Names, asked through one dongle: its name servers, over sockets bound to its interface. With
// resolver.cc the only door to c-ares.
//
// Fails closed: a socket that cannot be bound is an error, never a question over another interface.
// Neither /etc/hosts nor /etc/resolv.conf plays a part.
//
// Owned by a Worker (one per dongle that it serves) or by whoever runs its reactor; that thread
// only.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/address.h"
#include "base/callback.h"
#include "base/event/alarm.h"
#include "base/event/reactor.h"
#include "base/handle.h"
#include "base/result.h"

struct ares_channeldata;
extern "C" void ares_destroy(ares_channeldata* channel);

namespace airlane {

class Resolver {
 public:
  using Answer = Result<std::vector<Address>>;  // With the port that was asked for; never empty.

  // One question and, later, its answer. Destroying it withdraws the question.
  class Query {
   public:
    explicit Query(Callback<void()> on_answer) : on_answer_(on_answer) {}
    Query(Query&&) = delete;
    ~Query();

    // Null until the answer is there.
    [[nodiscard]] const Answer* answer() const noexcept { return answer_.get(); }

   private:
    friend class Resolver;
    struct Pending;  // What c-ares holds; outlives the Query if need be.

    Callback<void()> on_answer_;
    Pending* pending_ = nullptr;
    std::unique_ptr<Answer> answer_;
  };

  static Result<std::unique_ptr<Resolver>> make(Reactor& reactor, std::string interface,
                                                const std::vector<Address>& servers);
  Resolver(Resolver&&) = delete;
  ~Resolver();  // Questions still open are answered with kNoEgress.

  // May call the query's on_answer before it returns.
  void ask(Query& query, const std::string& host, std::uint16_t port, bool want_v6);

 private:
  struct Socket;  // One of c-ares' own.

  Resolver(Reactor& reactor, std::string interface);
  Status open(const std::vector<Address>& servers);
  static int bind_socket(int fd, int type, void* self) noexcept;
  void watch(int fd, bool readable, bool writable);
  void on_time();
  void restart_alarm();

  Reactor& reactor_;
  std::string interface_;
  bool bound_ = true;  // Whether the last socket could be bound to it.
  Alarm alarm_;
  std::map<int, std::unique_ptr<Socket>> sockets_;
  Handle<ares_channeldata, ares_destroy> channel_;
};

}  // namespace airlane
