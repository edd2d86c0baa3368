// Names, asked through one dongle: its name servers, over sockets bound to its interface. With
// resolver.cc the only door to c-ares.
//
// Fails closed: a socket that cannot be bound is an error, never a question over another interface.
// Neither /etc/hosts nor /etc/resolv.conf plays a part, nor does the environment.
//
// Who asks for what is known is answered from memory (name_cache.h); who asks for what is being
// asked joins in, and may leave again without a loss for the others. Nothing outlives the resolver,
// and a dongle that rotates gets a new one (resolvers.h).
//
// Owned by Resolvers (one per dongle that a worker serves) or by whoever runs its reactor; that
// thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/address.h"
#include "base/callback.h"
#include "base/event/alarm.h"
#include "base/event/reactor.h"
#include "base/handle.h"
#include "base/result.h"
#include "proxy/looks.h"
#include "proxy/name_cache.h"

struct ares_channeldata;
extern "C" void ares_destroy(ares_channeldata* channel);

namespace airlane {

class Resolver {
 public:
  using Answer = NameAnswer;

  // One question for the addresses of one family and, later, its answer. Destroying it withdraws
  // the question.
  class Query {
   public:
    explicit Query(Callback<void()> on_answer) : on_answer_(on_answer) {}
    Query(Query&&) = delete;
    ~Query() { leave(); }

    // Null until the answer is there.
    [[nodiscard]] const Answer* answer() const noexcept { return answer_.get(); }

   private:
    friend class Resolver;
    void join(Query*& askers) noexcept;
    void leave() noexcept;

    Callback<void()> on_answer_;
    Query* next_ = nullptr;   // Of those who ask the same.
    Query** self_ = nullptr;  // What points to this one; null when it waits for nothing.
    std::shared_ptr<const Answer> answer_;
  };

  // `names_most` bounds what is remembered, and also what is being asked. The questions are
  // `looks`'.
  static Result<std::unique_ptr<Resolver>> make(Reactor& reactor, std::string interface,
                                                const std::vector<Address>& servers,
                                                std::size_t names_most, const Looks& looks = {});
  Resolver(Resolver&&) = delete;
  // Open questions are answered with kNoEgress. Not from inside a query's on_answer.
  ~Resolver();

  // AF_INET or AF_INET6. What is known already is answered when this returns, without on_answer;
  // which is otherwise called in a later turn.
  void ask(Query& query, std::string_view host, int family);

  [[nodiscard]] std::size_t remembered() const noexcept { return cache_.size(); }
  [[nodiscard]] std::size_t asking() const noexcept { return open_.size(); }

 private:
  struct Question;  // What c-ares holds: one name, and all who want to know.
  struct Socket;    // One of c-ares' own.

  Resolver(Reactor& reactor, std::string interface, const std::vector<Address>& servers,
           std::size_t names_most, const Looks& looks);
  Status open();
  Status use_servers();
  static int bind_socket(int fd, int type, void* self) noexcept;
  void watch(int fd, bool readable, bool writable);
  void on_time();
  void restart_alarm();

  void begin(Question& question);
  void on_message(Question& question, int status, int timeouts, const unsigned char* message,
                  int size);
  std::chrono::seconds read(Question& question, int status, const unsigned char* message, int size);
  void deliver();

  Reactor& reactor_;
  const std::string interface_;
  const std::size_t names_most_;
  const Looks looks_;
  std::vector<Address> servers_;  // The first one is asked first.
  bool pass_over_first_ = false;  // It let us wait, and another one answered.
  bool bound_ = true;             // Whether the last socket could be bound to the interface.
  NameCache cache_;
  std::unordered_map<std::string_view, std::unique_ptr<Question>> open_;  // By its own key.
  std::vector<std::unique_ptr<Question>> answered_;  // Told to their askers when c-ares is done.
  Alarm alarm_;
  std::map<int, std::unique_ptr<Socket>> sockets_;
  Handle<ares_channeldata, ares_destroy> channel_;
};

}  // namespace airlane
