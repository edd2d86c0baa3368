#include "server/successor.h"

#include <sys/wait.h>

#include <charconv>
#include <csignal>
#include <utility>

#include "base/clock.h"
#include "server/predecessor.h"

namespace airlane {
namespace {

constexpr std::chrono::seconds kPreparing{30};
constexpr std::chrono::seconds kTakingOver{60};  // Among others for the check of a large database.
constexpr std::chrono::seconds kEnding{10};

Failure failure(std::string text) { return {Failure::Kind::kUnavailable, std::move(text)}; }

template <class Number>
std::optional<Number> take_number(std::string_view& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.starts_with(' ')) text.remove_prefix(1);
  return number;
}

}  // namespace

Outcome<std::unique_ptr<Successor>> Successor::start(Loop& loop, const ThisProgram& program,
                                                     std::span<const int> locks,
                                                     std::span<const int> doors, Hooks hooks) {
  auto ends = Channel::make_pair();
  if (!ends) return ends.error();
  auto& [ours, theirs] = *ends;
  // It reads these when it runs; a pair of sockets holds that much.
  if (auto sent = ours.send("prepare " + std::to_string(getpid())); !sent) return sent.error();
  if (auto sent = ours.send_all("locks", locks); !sent) return sent.error();
  if (auto sent = ours.send_all("doors", doors); !sent) return sent.error();
  if (auto sent = ours.send("prepared?"); !sent) return sent.error();
  const auto child = start_again(program, Predecessor::kVariable, theirs.fd());
  if (!child) return child.error();
  return std::unique_ptr<Successor>(new Successor(loop, std::move(ours), *child, std::move(hooks)));
}

Successor::Successor(Loop& loop, Channel channel, pid_t child, Hooks hooks)
    : channel_(std::move(channel)),
      child_(child),
      hooks_(std::move(hooks)),
      readable_(loop, channel_.fd(), FdEvent::When::kReadable,
                Callback<void()>::to<&Successor::on_message>(*this)),
      silence_(loop, Callback<void()>::to<&Successor::on_silence>(*this)) {
  readable_.arm();
  silence_.start(kPreparing);
}

Successor::~Successor() {
  if (!serves_) end();
}

void Successor::on_message() {
  auto message = channel_.receive(std::chrono::milliseconds(0));
  if (message && message->word() == "hello" && pid_ == 0) return on_hello(*message);
  if (message && message->word() == "lost" && serves_) return on_lost(message->rest());
  readable_.disarm();
  silence_.cancel();
  if (serves_) return;  // It has ended; what is left here drains as it is.
  if (message && message->word() == "failed") {
    return hooks_.failed(failure(std::string(message->rest())));
  }
  if (message) return hooks_.failed(failure("it speaks another language"));
  hooks_.failed(explain(message.error()));
}

void Successor::on_hello(const Message& hello) {
  auto rest = hello.rest();
  const auto version = take_number<int>(rest);
  const auto pid = take_number<pid_t>(rest);
  readable_.disarm();
  silence_.cancel();
  if (version != Predecessor::kVersion || !pid || *pid <= 1) {
    return hooks_.failed(failure("it wants to be handed over to in another way"));
  }
  pid_ = *pid;
  hooks_.ready();
}

void Successor::on_lost(std::string_view ports) {
  std::vector<std::uint16_t> lost;
  while (const auto port = take_number<std::uint16_t>(ports)) lost.push_back(*port);
  hooks_.lost(lost);
}

void Successor::on_silence() {
  readable_.disarm();
  hooks_.failed(failure("it was not ready within " + std::to_string(kPreparing.count()) + " s"));
}

Outcome<Done> Successor::hand_over(std::span<const int> listeners) {
  auto sent = channel_.send_all("listeners", listeners);
  if (sent) sent = channel_.send("yours");
  if (!sent) {
    end();
    return sent;
  }
  const auto answer = channel_.receive(kTakingOver);
  if (answer && answer->word() == "serving") {
    serves_ = true;
    if (child_ > 0) reap(std::exchange(child_, 0));
    readable_.arm();
    return Done{};
  }
  const bool said_why = answer && answer->word() == "failed";
  auto why = answer ? failure(said_why ? std::string(answer->rest()) : "it speaks another language")
                    : explain(answer.error());
  end();
  return why;
}

// A process that says nothing and ends has a reason, too.
Failure Successor::explain(const Failure& why) {
  if (why.kind != Failure::Kind::kNotFound || child_ <= 0) return failure(why.text);
  const int status = reap(std::exchange(child_, 0));
  if (status == 0) return failure("it ended without a word");
  return failure("it ended with status " + std::to_string(status));
}

// The database and the locks are free again when the other end of the channel is closed.
void Successor::end() {
  readable_.disarm();
  if (child_ > 0) kill(child_, SIGKILL);
  if (pid_ > 0 && pid_ != child_) {
    kill(pid_, SIGKILL);
  }
  if (child_ > 0) reap(std::exchange(child_, 0));
  const auto until = Monotonic::now() + kEnding;
  while (pid_ > 0 && Monotonic::now() < until && channel_.receive(kEnding)) {
  }
}

}  // namespace airlane
