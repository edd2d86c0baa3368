#include "base/spawn.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <mutex>

#ifdef __SANITIZE_THREAD__
// NOLINTNEXTLINE: the name is the C library's.
extern "C" int __clone(int (*)(void*), void*, int, void*, ...) noexcept;
#endif

namespace airlane {
namespace {

// ThreadSanitizer's own clone(2) takes every child for one with a memory of its own, and forgets in
// ours that the other threads are there. The C library has it by a second name.
#ifdef __SANITIZE_THREAD__
constexpr auto* kClone = &::__clone;
#else
constexpr auto* kClone = &::clone;
#endif

std::mutex one_at_a_time;
int blank = -1;  // Keeps the place of the slot.
int slot = -1;
alignas(64) std::array<char, std::size_t{64} * 1024> stack;  // Of the child, until its exec.

struct Child {
  const char* path;
  char* const* words;
  char* const* environment;
  int slot;
  bool as_output;
  volatile int error;
};

// Neither of these two returns when all is well, so AddressSanitizer would take what they leave on
// the stack for use after scope.
[[gnu::no_sanitize_address, gnu::no_sanitize_thread]] bool take_output(int fd) {
  constexpr int kFirstSignal = 1;
  for (int signal = kFirstSignal; signal < NSIG; ++signal) ::signal(signal, SIG_DFL);
  const int null = open("/dev/null", O_RDONLY);
  return null >= 0 && dup2(null, 0) >= 0 && dup2(fd, 1) >= 0 && dup2(fd, 2) >= 0 &&
         setpgid(0, 0) == 0;
}

// Runs in our memory while our thread waits: system calls only. Until the descriptors are its own,
// it may not change any.
[[gnu::no_sanitize_address, gnu::no_sanitize_thread]] int run_child(void* argument) {
  auto& child = *static_cast<Child*>(argument);
  const auto above = static_cast<unsigned>(child.slot) + 1;
  const bool own = syscall(SYS_close_range, above, ~0U, CLOSE_RANGE_UNSHARE) == 0;
  if (own && (!child.as_output || take_output(child.slot))) {
    // What is there without close-on-exec is not for others either.
    syscall(SYS_close_range, 3U, child.as_output ? ~0U : above - 2U, 0U);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    execve(child.path, child.words, child.environment);
  }
  child.error = errno;
  _exit(127);
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> all;
  all.reserve(strings.size() + 1);
  for (auto& string : strings) all.push_back(string.data());
  all.push_back(nullptr);
  return all;
}

// Everything below the slot is taken, too: the kernel copies descriptors by the word of their
// bitmap, those above the slot included, and closes these a moment later.
void reserve() {
  constexpr int kFirst = 3;
  constexpr int kLast = kSpawnSlot;
  if (slot >= 0) return;
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  blank = fcntl(null, F_DUPFD_CLOEXEC, kFirst);
  close(null);
  do {
    slot = fcntl(blank, F_DUPFD_CLOEXEC, kFirst);
  } while (slot >= 0 && slot < kLast);
}

}  // namespace

void reserve_spawn_slot() {
  const std::lock_guard lock(one_at_a_time);
  reserve();
}

int spawn_slot() {
  reserve_spawn_slot();
  return slot;
}

Result<pid_t, std::error_code> spawn(SpawnRequest request) {
  const auto words = pointers(request.words);
  const auto environment = pointers(request.environment);
  const std::lock_guard lock(one_at_a_time);
  reserve();
  if (slot < 0 || dup2(request.fd, slot) < 0)
    return std::error_code(errno, std::system_category());  // Without close-on-exec.
  Child child{request.path.c_str(), words.data(), environment.data(), slot, request.as_output, 0};
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  const pid_t pid = kClone(run_child, stack.data() + stack.size(),
                           CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, &child);
  const int error = pid < 0 ? errno : child.error;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  dup3(blank, slot, O_CLOEXEC);
  if (error == 0) return pid_t{pid};
  return std::error_code(error, std::system_category());
}

}  // namespace airlane
