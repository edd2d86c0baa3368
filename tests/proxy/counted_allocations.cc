#include "tests/proxy/counted_allocations.h"

#include <pthread.h>

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

std::atomic<bool> counting = false;
std::atomic<int> calls = 0;

bool is_worker() {
  char name[16] = {};
  pthread_getname_np(pthread_self(), name, sizeof name);
  return std::strncmp(name, "worker", 6) == 0;
}

}  // namespace

void* operator new(std::size_t size) {
  if (counting && is_worker()) ++calls;
  if (void* memory = std::malloc(size)) return memory;
  std::abort();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

int airlane::test::count_allocations(bool begin) {
  counting = begin;
  return begin ? calls.exchange(0) : calls.load();
}
