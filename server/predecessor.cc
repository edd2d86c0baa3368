#include "server/predecessor.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>

#include "base/spawn.h"

#include "server/program.h"

namespace airlane {
namespace {

constexpr std::chrono::seconds kPreparing{10};
constexpr std::chrono::seconds kLettingGo{60};  // A rotation may have to be undone first.
constexpr std::size_t kPortsMost = 2000;        // In one message.

Failure unexpected() {
  return {Failure::Kind::kInternal, "The process that hands over speaks another language."};
}

Failure gone(const Failure& failure) {
  return {Failure::Kind::kUnavailable, "The process that hands over: " + failure.text + "."};
}

// A number of this process only.
int variable(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr) return -1;
  const std::string_view text(value);
  int number = -1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  unsetenv(name);
  return number;
}

void append(std::vector<UniqueFd>& to, std::vector<UniqueFd>&& from) {
  std::move(from.begin(), from.end(), std::back_inserter(to));
}

}  // namespace

Outcome<std::unique_ptr<Predecessor>> Predecessor::from_environment() {
  const int fd = variable(kVariable);
  if (fd < 0) return std::unique_ptr<Predecessor>();
  const int moved = fcntl(fd, F_DUPFD_CLOEXEC, kSpawnSlot + 1);  // It came by the slot.
  if (moved < 0) {
    return Failure{Failure::Kind::kInvalid,
                   std::string(kVariable) + " is for the process that is being upgraded only."};
  }
  close(fd);
  auto predecessor = std::make_unique<Predecessor>(Channel(UniqueFd(moved)));
  if (const auto free = detach(); !free) return free.error();
  return predecessor;
}

Outcome<Predecessor::Gifts> Predecessor::receive_gifts() {
  Gifts gifts;
  std::vector<UniqueFd> locks;
  for (;;) {
    auto message = channel_.receive(kPreparing);
    if (!message) return gone(message.error());
    if (message->word() == "prepared?") break;
    if (message->word() == "locks") append(locks, std::move(message->fds));
    if (message->word() == "doors") append(gifts.doors, std::move(message->fds));
    if (message->word() == "prepare") {
      const auto pid = message->rest();
      std::from_chars(pid.data(), pid.data() + pid.size(), pid_);
    }
  }
  if (locks.size() != 2 || pid_ <= 1) return unexpected();
  gifts.state_folder = std::move(locks[0]);
  gifts.network = std::move(locks[1]);
  return gifts;
}

Outcome<std::vector<UniqueFd>> Predecessor::take_over() {
  const auto hello = "hello " + std::to_string(kVersion) + " " + std::to_string(getpid());
  if (const auto sent = channel_.send(hello); !sent) return gone(sent.error());
  std::vector<UniqueFd> listeners;
  for (;;) {
    auto message = channel_.receive(kLettingGo);
    if (!message) return gone(message.error());
    if (message->word() == "yours") return listeners;
    if (message->word() != "listeners") return unexpected();
    append(listeners, std::move(message->fds));
  }
}

Outcome<Done> Predecessor::say_serving() const {
  if (const auto sent = channel_.send("serving"); !sent) return gone(sent.error());
  return Done{};
}

void Predecessor::fail(std::string_view why) const {
  // When it does not listen any more, its log says that we have ended.
  (void)channel_.send("failed " + std::string(why.substr(0, Channel::kTextMost / 2)));
}

void Predecessor::watch(Loop& loop, std::function<void()> ended) {
  ended_ = std::move(ended);
  readable_.emplace(loop, channel_.fd(), FdEvent::When::kReadable,
                    Callback<void()>::to<&Predecessor::on_message>(*this));
  readable_->arm();
}

void Predecessor::on_message() {
  if (channel_.receive(std::chrono::milliseconds(0))) return;
  readable_->disarm();
  ended_();  // May destroy this.
}

void Predecessor::say_lost(std::span<const std::uint16_t> ports) const {
  while (!ports.empty()) {
    const auto some = ports.first(std::min(ports.size(), kPortsMost));
    std::string text = "lost";
    for (const auto port : some) text += " " + std::to_string(port);
    if (!channel_.send(text)) return;  // It has ended, or is about to.
    ports = ports.subspan(some.size());
  }
}

}  // namespace airlane
